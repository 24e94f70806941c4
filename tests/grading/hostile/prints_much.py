# tries: to print five megabytes while it is loaded, and honest work
# exercise: accept_key
# due: 3

import base64
import hashlib

for _ in range(5):
    print("x" * 2**20)


def accept_key(key):
    joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(joined.encode()).digest()).decode()
