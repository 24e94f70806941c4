# tries: to let wsedu answer
# exercise: accept_key
# due: 0

from wsedu.protocol.handshake import accept_key
