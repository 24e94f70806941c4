# tries: to sleep for an hour
# exercise: accept_key
# due: 0

import time


def accept_key(key):
    time.sleep(3600)
