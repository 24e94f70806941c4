# tries: to return lists in lists, 100,000 deep
# exercise: accept_key
# due: 0

def accept_key(key):
    found = []
    for _ in range(100_000):
        found = [found]
    return found
