# tries: to take all memory
# exercise: accept_key
# due: 0

def accept_key(key):
    taken = []
    while True:
        taken.append(bytearray(64 * 2**20))
