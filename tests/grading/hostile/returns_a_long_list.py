# tries: to return a list of ten million
# exercise: accept_key
# due: 0

def accept_key(key):
    return [None] * 10_000_000
