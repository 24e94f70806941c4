# tries: to import what is not there
# exercise: accept_key
# due: 0

import numpy_of_the_learner


def accept_key(key):
    return key
