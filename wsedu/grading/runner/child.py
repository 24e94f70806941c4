"""What runs beside the learner's code: it loads files, calls functions, and says what they returned.

It is started with `python -I -S`, reads what to do from the pipe that was its standard input, and answers on the one
that was its standard output. Everything that the learner's code can change, it can change here too: it decides
nothing, and knows no right answer.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from . import keeper, wire
else:
    import keeper
    import wire

GENERATOR = type(None for _ in ())


def main() -> NoReturn:
    """Give up what the first order says, then do what the others say until there are no more."""
    pipe = _Pipe(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what the learner's code prints goes where its errors go, and is read by the parent
    order = pipe.take()
    if order.get("keep"):
        keeper.part(pipe.orders, nothing, order.get("user"))
    _shut_in(order)
    sys.meta_path.insert(0, _Closed(pipe, order["closed"]))
    sys.addaudithook(_watching(pipe, order.get("hidden", ()), order["own"]))
    pipe.give(wire.pack(("ready",)))
    work = _Work(pipe)
    while True:
        order = pipe.take()
        pipe.file = order["file"]
        try:
            answer = wire.pack(work.answer(order))
        except wire.NotPlainError as error:
            answer = wire.pack(("not plain", str(error)))
        except BaseException as error:
            answer = _raised(error, order)
        _flush()
        pipe.give(answer)


class _Pipe:
    """Messages of a size, a token and a value; an answer bears the token of its order."""

    def __init__(self, orders: int, answers: int) -> None:
        self.orders, self.answers = orders, answers
        self.file = ""
        self._token = b""

    def take(self) -> Any:
        size = int(self._read(8), 16)
        self._token = self._read(16)
        return wire.unpack(self._read(size))

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self.orders, size)
            if not part:
                os._exit(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def give(self, data: bytes) -> None:
        if len(data) > wire.MAX_BYTES:
            data = wire.pack(("not plain", "long"))
        view = memoryview(b"%08x" % len(data) + self._token + data)
        while view:
            view = view[os.write(self.answers, view) :]


def _shut_in(order: dict[str, Any]) -> None:
    """Give up what the learner's code must not have, in the order in which it can be given up."""
    for name in order.get("ready", ()):
        __import__(name)
    limits = order["limits"]
    if "jail" in order:
        os.chroot(order["jail"])
        os.chdir("/")
    if limits and os.name == "posix":
        import resource

        for name, value in limits.items():
            try:
                resource.setrlimit(getattr(resource, name), (value, value))
            except (ValueError, OSError, AttributeError):
                continue  # a system that has no such limit, or a lower one already
    if "user" in order:
        os.setgroups([])
        os.setresgid(order["user"], order["user"], order["user"])
        os.setresuid(order["user"], order["user"], order["user"])
    sys.path[:] = [place for place in sys.path if place != order["own"]]


class _Closed:
    """Packages that an answer must not be made with: who imports one is told so, and its process ends."""

    def __init__(self, pipe: _Pipe, names: list[str]) -> None:
        self._pipe, self._names = pipe, names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in self._names:
            _end_as_closed(self._pipe, name.partition(".")[0])


def _watching(pipe: _Pipe, hidden: list[str], own: str) -> Callable[[str, tuple[Any, ...]], None]:
    """A hook that ends the process when a file in a hidden folder is opened. It cannot be taken out again.

    This very program lies in one, and may be read: Python does so to show where an exception came from.
    """
    real, separator = os.path.realpath, os.sep

    def hook(event: str, facts: tuple[Any, ...]) -> None:
        if event == "open" and type(facts[0]) in (str, bytes) and hidden:
            path = real(os.fsdecode(facts[0]))
            if any(path.startswith(folder + separator) for folder in hidden) and not path.startswith(own + separator):
                _end_as_closed(pipe, path[-80:])

    return hook


def _end_as_closed(pipe: _Pipe, what: str) -> NoReturn:
    frame, line = sys._getframe(), 0
    while frame.f_back is not None and line == 0:
        frame = frame.f_back
        line = frame.f_lineno if frame.f_code.co_filename == pipe.file else 0
    pipe.give(wire.pack(("closed", what, line)))
    os._exit(0)


class _Work:
    """The loaded files, the objects that were kept, and what can be asked of them."""

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe
        self._files: dict[str, dict[str, Any]] = {}
        self._kept: Any = None

    def answer(self, order: dict[str, Any]) -> tuple[str, Any]:
        """Do one thing that the parent asks for, and return what to answer."""
        do = order["do"]
        if do == "load":
            self._load(order)
            return ("value", None)
        found = self._files[order["name"]]
        if do == "has":
            return ("value", [callable(found[name]) if name in found else None for name in order["names"]])
        if do == "get":
            return ("value", found[order["of"]])
        if do == "serve":
            _serve(found[order["of"]], order["socket"])
            return ("value", None)
        target = getattr(self._kept, order["of"]) if do == "method" else found[order["of"]]
        answer = target(*map(self._argument, order["arguments"]), **order["named"])
        if do == "make":
            self._kept, answer = answer, None
        return ("value", list(answer) if type(answer) is GENERATOR else answer)

    def _load(self, order: dict[str, Any]) -> None:
        module = type(sys)(order["name"])
        module.__file__ = order["file"]
        sys.modules[order["name"]] = module
        self._files[order["name"]] = module.__dict__
        exec(compile(order["source"], order["file"], "exec", dont_inherit=True), module.__dict__)

    def _argument(self, value: object) -> object:
        """An argument as the learner's function gets it; a function of the parent's becomes one that asks for it."""
        if type(value) is not wire.Function:
            return value
        number, pipe = value.number, self._pipe

        def ask(*arguments: object, **named: object) -> object:
            pipe.give(wire.pack(("ask", number, list(arguments), named)))
            kind, *rest = pipe.take()
            if kind == "value":
                return rest[0]
            import builtins

            raise getattr(builtins, rest[0], RuntimeError)(rest[1])

        return ask


def _serve(function: Callable[..., object], shared: Any) -> None:
    import socket

    if sys.platform == "win32":
        end = socket.fromshare(shared)
    else:
        with socket.socket(fileno=os.dup(shared)) as channel:
            end = socket.socket(fileno=socket.recv_fds(channel, 1, 1)[1][0])
    with end:
        function(end)


def _raised(error: BaseException, order: dict[str, Any]) -> bytes:
    """What was raised: the names of its classes, its text, and the line of the learner's file."""
    try:
        line, step = 0, error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == order["file"]:
                line = step.tb_lineno
            step = step.tb_next
        if isinstance(error, SyntaxError) and error.filename == order["file"]:
            line = error.lineno or 0
        try:
            text = str.__getitem__(str(error), slice(500))
        except BaseException:
            text = ""
        return wire.pack(("raised", [kind.__name__ for kind in type(error).__mro__][:8], text, line))
    except BaseException:
        return wire.pack(("raised", ["BaseException"], "", 0))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
