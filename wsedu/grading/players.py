"""Who plays the cases: a child process for the code of learners, this process for code of our own."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from types import ModuleType
from typing import Any, Protocol

from .outcome import Outcome
from .runner import wire
from .runner.levels import PLAIN, Level
from .runner.session import CALL_SECONDS, Ended, Session
from .steps import Call, Case

BUDGET_SECONDS = 10.0
"""How long a whole submission may take (seconds), and two more for each function that took too long."""


class Player(Protocol):
    """Something that has loaded a file and can play cases with it."""

    def load(self, source: str, file: str) -> Outcome:
        """Load the file; what came of it."""

    def has(self, names: Sequence[str]) -> list[bool | None]:
        """For each name, whether it can be called; None if it is not there."""

    def play(self, case: Case) -> Outcome:
        """Make the calls of a case; the answer of the last one, or of all methods as a list."""


class LocalPlayer:
    """Plays with code of our own, or of whoever sits at this very notebook, in this process."""

    def __init__(self) -> None:
        self._module = ModuleType("exercise")

    def load(self, source: str, file: str) -> Outcome:
        """Load the file; see `Player`."""
        self._module = ModuleType("exercise")
        self._module.__file__ = file
        return _caught(lambda: exec(compile(source, file, "exec", dont_inherit=True), vars(self._module)))

    def take(self, **names: Any) -> None:
        """Play with these objects instead of a file."""
        vars(self._module).update(names)

    def has(self, names: Sequence[str]) -> list[bool | None]:
        """Which names are there; see `Player`."""
        found = vars(self._module)
        return [callable(found[name]) if name in found else None for name in names]

    def play(self, case: Case) -> Outcome:
        """Play a case; see `Player`."""
        kept: Any = None

        def do(call: Call) -> Any:
            nonlocal kept
            found = vars(self._module)
            if call.do == "get":
                return found[call.name]
            if call.do == "serve":
                return _talk(case, lambda end: found[call.name](end, *call.arguments))
            if call.do == "method":
                answer = getattr(kept, call.name)(*call.arguments, **call.named)
            else:
                answer = found[call.name](*call.arguments, **call.named)
            if call.do == "make":
                kept, answer = answer, None
            return list(answer) if type(answer).__name__ == "generator" else answer

        return _play(case, lambda call: _caught(lambda: do(call)))


def _play(case: Case, ask: Callable[[Call], Outcome]) -> Outcome:
    """The calls of a case in order, until one does not return."""
    answers = []
    for at, call in enumerate(case.calls):
        outcome = ask(call)
        if not outcome.returned:
            return Outcome(outcome.kind, None, outcome.families, outcome.text, outcome.line, at)
        if call.do == "method":
            answers.append(outcome.value)
    return _item(case, Outcome("value", answers) if answers else outcome)


def _item(case: Case, outcome: Outcome) -> Outcome:
    if case.item is None:
        return outcome
    if type(outcome.value) is not dict:
        return Outcome("not plain", text=type(outcome.value).__name__)
    return Outcome("value", outcome.value[case.item]) if case.item in outcome.value else Outcome("missing")


def _caught(work: Callable[[], Any]) -> Outcome:
    """What comes of a piece of work in this process, with what a child would say of it."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            value = work()
            return Outcome("value", wire.unpack(wire.pack(value)))
        except wire.NotPlainError as error:
            return Outcome("not plain", text=str(error))
        except Exception as error:
            return Outcome("raised", None, tuple(kind.__name__ for kind in type(error).__mro__), str(error))


def _talk(case: Case, serve: Callable[[socket.socket], Any]) -> Any:
    """A conversation over a socket pair with an endpoint in a thread of this process."""
    ours, theirs = socket.socketpair()
    with ours:

        def run() -> None:
            # What goes wrong in the endpoint shows in the conversation: the socket is closed.
            with theirs, suppress(Exception):
                serve(theirs)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert case.talk is not None
        ours.settimeout(CALL_SECONDS)
        seen = case.talk(ours)
    thread.join(CALL_SECONDS)
    return seen


class ChildPlayer:
    """Plays with the code of a learner, in a process of its own.

    Arguments:
        level: what the process is shut in by.
        closed: packages that the code must not import.
    """

    def __init__(self, level: Level = PLAIN, closed: Sequence[str] = ("wsedu",)) -> None:
        self._level, self._closed = level, closed
        self._session: Session | None = None
        self._loaded: tuple[str, str] = ("", "")
        self._gone: dict[str, str] = {}
        self._until = time.monotonic() + BUDGET_SECONDS
        self.printed = b""

    def load(self, source: str, file: str) -> Outcome:
        """Load the file; see `Player`."""
        self.close()
        self._loaded, self._gone = (source, file), {}
        return self._load()

    def _load(self) -> Outcome:
        try:
            self._session = Session(self._level, closed=self._closed)
            return _told(self._ask(do="load", source=self._loaded[0]))
        except Ended as end:
            self.close()
            return Outcome(end.why)  # type: ignore[arg-type]

    def _ask(self, **order: Any) -> tuple[Any, ...]:
        assert self._session is not None
        seconds = min(CALL_SECONDS, self._until - time.monotonic())
        return self._session.ask({"name": "exercise", "file": self._loaded[1], **order}, max(seconds, 0.05))

    def has(self, names: Sequence[str]) -> list[bool | None]:
        """Which names are there; see `Player`."""
        try:
            return list(_told(self._ask(do="has", names=list(names))).value)
        except (Ended, TypeError):
            return [None] * len(names)

    def play(self, case: Case) -> Outcome:
        """Play a case; a function that took too long or ended the process is not called again."""
        name = case.calls[0].name
        if name in self._gone:
            return Outcome(self._gone[name])  # type: ignore[arg-type]
        if case.talk is not None:
            return self._converse(case)
        if self._session is None and not self._load().returned:
            return Outcome("died")
        try:
            return _play(case, self._call)
        except Ended as end:
            self._gone[name] = end.why
            if end.why == "timeout":
                self._until += CALL_SECONDS
            self.close()
            return Outcome(end.why)  # type: ignore[arg-type]

    def _call(self, call: Call) -> Outcome:
        assert self._session is not None
        self._session.functions.clear()
        arguments = [self._argument(argument) for argument in call.arguments]
        if call.do == "get":
            return _told(self._ask(do="get", of=call.name))
        order = {"function": call.name, "arguments": arguments, "named": call.named}
        if call.do == "make":
            return _told(self._ask(do="call", keep="object", **order))
        if call.do == "method":
            return _told(self._ask(do="method", of="object", **order))
        return _told(self._ask(do="call", **order))

    def _argument(self, argument: Any) -> Any:
        if not callable(argument):
            return argument
        assert self._session is not None
        number = len(self._session.functions)
        self._session.functions[number] = argument
        return wire.Function(number)

    def _converse(self, case: Case) -> Outcome:
        """A conversation over a socket pair with an endpoint in a child of its own."""
        name, talk = case.calls[0].name, case.talk
        assert talk is not None
        ours, theirs = socket.socketpair()
        with ours:
            ours.settimeout(CALL_SECONDS)
            with theirs:
                session = Session(self._level, closed=self._closed, end=theirs)
                number = theirs.fileno()
            with session:
                order = {"name": "exercise", "file": self._loaded[1]}
                try:
                    loaded = _told(session.ask({**order, "do": "load", "source": self._loaded[0]}))
                    if not loaded.returned:
                        return loaded
                    ended: list[Outcome] = []

                    def serve() -> None:
                        request = {**order, "do": "serve", "function": name, "arguments": [], "socket": number}
                        try:
                            ended.append(_told(session.ask(request, 3 * CALL_SECONDS)))
                        except Ended as end:
                            ended.append(Outcome(end.why))  # type: ignore[arg-type]

                    thread = threading.Thread(target=serve, daemon=True)
                    thread.start()
                    return Outcome("value", talk(ours))
                except Ended as end:
                    return Outcome(end.why)  # type: ignore[arg-type]
                except OSError as error:
                    if ended and not ended[0].returned:
                        return ended[0]
                    return Outcome("timeout" if isinstance(error, TimeoutError) else "died")

    def close(self) -> None:
        """End the child."""
        if self._session is not None:
            self._session.close()
            self.printed = self._session.printed
            self._session = None


def _told(answer: tuple[Any, ...]) -> Outcome:
    """A child's answer as an outcome; what has not the form of one is junk."""
    match answer:
        case ("value", value):
            return Outcome("value", value)
        case ("raised", list(families), str(text), int(line)) if all(type(name) is str for name in families):
            return Outcome("raised", None, tuple(families), text, line)
        case ("not plain", str(text)):
            return Outcome("not plain", text=text)
    raise Ended("junk")
