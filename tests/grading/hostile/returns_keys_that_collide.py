# tries: to return a dict whose keys all have the same hash
# exercise: accept_key
# due: 0

def accept_key(key):
    return {number * (2**61 - 1): None for number in range(900)}
