# tries: to be killed
# exercise: accept_key
# due: 0

import os
import signal


def accept_key(key):
    os.kill(os.getpid(), signal.SIGKILL)
