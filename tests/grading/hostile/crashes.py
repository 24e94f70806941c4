# tries: to crash the interpreter
# exercise: accept_key
# due: 0

import sys


def accept_key(key):
    sys.setrecursionlimit(10**9)

    class Deep:
        def __repr__(self):
            return repr(self)

    return repr(Deep())
