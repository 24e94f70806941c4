# tries: to kill every process that it may
# exercise: accept_key
# due: 0

import os
import signal


def accept_key(key):
    if os.getuid() >= 61000:  # anywhere else it would be the whole machine
        os.kill(-1, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    return ""
