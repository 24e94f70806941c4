# tries: to look like Ctrl-C
# exercise: accept_key
# due: 0

def accept_key(key):
    raise KeyboardInterrupt
