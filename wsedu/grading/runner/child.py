"""What runs beside the learner's code: it loads files, calls functions, and says what they returned.

It is started with `python -I -S`, reads what to do from the pipe that was its standard input, and answers on the one
that was its standard output. Everything that the learner's code can change, it can change here too: it decides
nothing, and knows no right answer.
"""

import os
import sys

import wire


def main():
    orders, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what the learner's code prints goes where its errors go, and is read by the parent
    pipe = _Pipe(orders, answers)
    token, order = pipe.take()
    _shut_in(order)
    pipe.give(token, ("ready",))
    files, kept = {}, {}
    while True:
        token, order = pipe.take()
        try:
            answer = _obey(order, files, kept, pipe, token)
        except wire.NotPlainError as error:
            answer = ("not plain", str(error))
        except BaseException as error:
            answer = _raised(error, order)
        _flush()
        pipe.give(token, answer)


class _Pipe:
    """Messages of a size, a token and a value; the answer bears the token of its order."""

    def __init__(self, orders, answers):
        self._orders, self._answers = orders, answers

    def take(self):
        size = int(self._read(8), 16)
        return self._read(16), wire.unpack(self._read(size))

    def _read(self, size):
        parts = []
        while size:
            part = os.read(self._orders, size)
            if not part:
                os._exit(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def give(self, token, value):
        data = wire.pack(value)
        if len(data) > wire.MAX_BYTES:
            data = wire.pack(("not plain", "long"))
        view = memoryview(b"%08x" % len(data) + token + data)
        while view:
            view = view[os.write(self._answers, view) :]


def _shut_in(order):
    """Give up what the learner's code must not have, in the order in which it can be given up."""
    if "jail" in order:
        os.chroot(order["jail"])
        os.chdir("/")
    if "user" in order:
        os.setgroups([])
        os.setresgid(order["user"], order["user"], order["user"])
        os.setresuid(order["user"], order["user"], order["user"])
    for name, value in order.get("limits", {}).items():
        import resource

        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (ValueError, OSError, AttributeError):
            continue  # a system that has no such limit, or a lower one already
    sys.path[:] = [*order.get("path", ()), *(place for place in sys.path if place != order.get("own"))]
    sys.setrecursionlimit(1000)
    sys.meta_path.insert(0, _Closed(order["closed"]))


class _Closed:
    """The packages that an answer must not be made with."""

    def __init__(self, names):
        self._names = names

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self._names:
            raise ImportError(f"{name} cannot be used in an exercise", name=name)


def _obey(order, files, kept, pipe, token):
    """Do one thing that the parent asks for, and return what to answer."""
    what = order["do"]
    if what == "load":
        import types

        module = types.ModuleType(order["name"])
        module.__file__ = order["file"]
        sys.modules[order["name"]] = module
        files[order["name"]] = module.__dict__
        exec(compile(order["source"], order["file"], "exec", dont_inherit=True), module.__dict__)
        return ("value", None)
    if what == "has":
        found = files[order["name"]]
        return ("value", [callable(found[name]) if name in found else None for name in order["names"]])
    if what == "get":
        return ("value", files[order["name"]][order["of"]])
    arguments = [_argument(value, pipe, token) for value in order["arguments"]]
    if what == "call":
        target = files[order["name"]][order["function"]]
    elif what == "method":
        target = getattr(kept[order["of"]], order["function"])
    elif what == "serve":
        import socket

        with socket.socket(fileno=order["socket"]) as end:
            files[order["name"]][order["function"]](end, *arguments)
        return ("value", None)
    answer = target(*arguments, **order.get("named", {}))
    if "keep" in order:
        kept[order["keep"]] = answer
        return ("value", None)
    if type(answer).__name__ == "generator":
        answer = list(answer)
    return ("value", answer)


def _argument(value, pipe, token):
    """An argument as the learner's function gets it; a function of the parent's becomes one that asks the parent."""
    if type(value) is not wire.Function:
        return value
    number = value.number

    def ask(*arguments, **named):
        pipe.give(token, ("ask", number, list(arguments), named))
        _, answer = pipe.take()
        if answer[0] == "value":
            return answer[1]
        import builtins

        raise getattr(builtins, answer[1], RuntimeError)(answer[2])

    return ask


def _raised(error, order):
    """What was raised: its type, its text, the line of the learner's file, and whether it is an AssertionError."""
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == order.get("file"):
            line = step.tb_lineno
        step = step.tb_next
    if isinstance(error, SyntaxError) and error.filename == order.get("file"):
        line = error.lineno or 0
    try:
        text = str(error)[:500]
    except BaseException:
        text = ""
    families = [kind.__name__ for kind in type(error).__mro__][:8]
    return ("raised", families, text, line if type(line) is int else 0)


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue


if __name__ == "__main__":
    main()
