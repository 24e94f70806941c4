# tries: to return a number of 300,000 digits
# exercise: accept_key
# due: 0

def accept_key(key):
    return 10**300_000
