# tries: to be deaf to every signal, and to loop
# exercise: accept_key
# due: 0

import signal


def accept_key(key):
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass
