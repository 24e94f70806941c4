# tries: to ask for functions of the parent that were not given to it
# exercise: accept_key
# due: 0

import sys


def accept_key(key):
    frame = sys._getframe()
    while "pipe" not in frame.f_locals:
        frame = frame.f_back
    pipe, pack = frame.f_locals["pipe"], sys.modules["wire"].pack
    for number in (0, 1, -1, "__class__", None):
        pipe.give(pack(("ask", number, [key], {})))
        if pipe.take()[0] == "value":
            return "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    return ""
