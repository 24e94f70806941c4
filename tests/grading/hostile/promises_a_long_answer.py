# tries: to announce four gigabytes, and to send none
# exercise: accept_key
# due: 0

import os


def accept_key(key):
    for number in range(3, 64):
        try:
            os.write(number, b"ffffffff" + b"0" * 16)
        except OSError:
            continue
    while True:
        pass
