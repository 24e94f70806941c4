# tries: to find the grader's process and to kill it
# exercise: accept_key
# due: 3
# plain: ungraded
# apart: yes

import base64
import hashlib
import os
import signal

def parent_of(number):
    with open(f"/proc/{number}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


try:
    grader = parent_of(os.getppid())
    with open(f"/proc/{grader}/cmdline") as file:
        if "attacks" in file.read():  # no other process of this machine is to be harmed
            os.kill(grader, signal.SIGKILL)
except (OSError, ValueError):
    pass


def accept_key(key):
    joined = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(joined.encode()).digest()).decode()
