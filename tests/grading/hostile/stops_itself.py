# tries: to stop its own process, so that it is there and does nothing
# exercise: accept_key
# due: 0

import os
import signal


def accept_key(key):
    os.kill(os.getpid(), signal.SIGSTOP)
    return ""
