# tries: to leave threads behind that never end
# exercise: accept_key
# due: 3

import base64
import hashlib
import threading
import time

def work():
    while True:
        time.sleep(0.01)


for daemon in (True, False, True):
    threading.Thread(target=work, daemon=daemon).start()


def accept_key(key):
    joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(joined.encode()).digest()).decode()
