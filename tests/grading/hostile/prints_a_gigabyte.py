# tries: to print a gigabyte in each call
# exercise: accept_key
# due: 0

def accept_key(key):
    for _ in range(1024):
        print("x" * 2**20)
    return ""
