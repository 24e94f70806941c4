# tries: to be no Python
# exercise: accept_key
# due: 0

def accept_key(key)
    return key
