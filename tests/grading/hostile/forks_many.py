# tries: to be so many processes that the machine stands still (here no more than 60)
# exercise: accept_key
# due: 0-3

import base64
import hashlib
import os
import time

for _ in range(60):
    try:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
    except OSError:
        break


def accept_key(key):
    joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(joined.encode()).digest()).decode()
