# tries: to return 200 megabytes
# exercise: accept_key
# due: 0

def accept_key(key):
    return "A" * 200_000_000
