# tries: to return a generator that never ends
# exercise: accept_key
# due: 0

def accept_key(key):
    while True:
        yield key
