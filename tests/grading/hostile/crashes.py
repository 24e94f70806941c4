# tries: to crash the interpreter
# exercise: accept_key
# due: 0

import ctypes


def accept_key(key):
    return ctypes.string_at(8).decode()
