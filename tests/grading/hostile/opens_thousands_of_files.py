# tries: to use up all open files
# exercise: accept_key
# due: 0

import os

opened = []


def accept_key(key):
    while len(opened) < 5000:
        opened.append(os.open(os.devnull, os.O_RDONLY))
    return ""
