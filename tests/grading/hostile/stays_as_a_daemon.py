# tries: to leave a process behind: a fork, a session of its own, another fork, everything closed
# exercise: accept_key
# due: 3

import base64
import hashlib
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 64)
        time.sleep(30)
    os._exit(0)
os.wait()


def accept_key(key):
    joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(joined.encode()).digest()).decode()
