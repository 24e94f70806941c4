# tries: to raise an exception whose text, name and line do harm
# exercise: accept_key
# due: 0

class Text(str):
    def __getitem__(self, item):
        raise SystemExit

    def __len__(self):
        return -1


class Meta(type):
    @property
    def __name__(cls):
        raise KeyboardInterrupt


class Harm(Exception, metaclass=Meta):
    def __str__(self):
        return Text("harm" * 1000)

    def __repr__(self):
        raise SystemExit

    @property
    def __traceback__(self):
        return self


def accept_key(key):
    raise Harm
