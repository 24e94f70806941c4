# tries: to call itself without end
# exercise: accept_key
# due: 0

def accept_key(key):
    return accept_key(key)
