# tries: to answer twice, from two processes
# exercise: accept_key
# due: 0-3

import base64
import hashlib
import os


def accept_key(key):
    os.fork()
    joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(joined.encode()).digest()).decode()
