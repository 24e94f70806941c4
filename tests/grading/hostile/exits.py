# tries: to end Python while it is loaded
# exercise: accept_key
# due: 0

import sys

sys.exit(0)
