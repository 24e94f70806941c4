# tries: to return a list that holds itself
# exercise: accept_key
# due: 0

def accept_key(key):
    found = []
    found.append(found)
    return found
