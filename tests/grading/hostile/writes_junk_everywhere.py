# tries: to write junk to every open descriptor
# exercise: accept_key
# due: 0

import os


def accept_key(key):
    for number in range(64):
        try:
            os.write(number, b"\x00\xffPASSED 100%\n" * 50)
        except OSError:
            continue
    return ""
