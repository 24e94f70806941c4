# tries: never to come back
# exercise: accept_key
# due: 0

def accept_key(key):
    while True:
        pass
