# tries: to let wsedu answer in another process
# exercise: accept_key
# due: 0
# plain: fooled

import os
import sys


def root():
    place = sys.modules["child"].__file__
    for _ in range(4):
        place = os.path.dirname(place)
    return place


def accept_key(key):
    import subprocess

    code = "import sys; from wsedu.protocol.handshake import accept_key; print(accept_key(sys.argv[1]))"
    command = [sys.executable, "-c", code, key]
    run = subprocess.run(command, capture_output=True, check=True, text=True, env={"PYTHONPATH": root()})
    return run.stdout.strip()
