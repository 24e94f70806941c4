"""Who plays the cases: a child process for the code of learners, this process for code of our own."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from .exercise import exercises_folder
from .outcome import USES_REFERENCE, Outcome
from .runner import wire
from .runner.levels import PLAIN, Level
from .runner.session import CALL_SECONDS, Ended, NotStartedError, Session
from .steps import Call, Case

BUDGET_SECONDS = 10.0
"""How long a whole submission may take (seconds), and two more for each function that took too long."""

_ENDS = (OSError, EOFError)
"""Exceptions in which a connection may well end: they say nothing of why a conversation was wrong."""


class Player(Protocol):
    """Something that has loaded a file and can play cases with it."""

    def load(self, source: str, file: str) -> Outcome:
        """Load the file; what came of it."""

    def has(self, names: Sequence[str]) -> list[bool | None]:
        """For each name, whether it can be called; None if it is not there."""

    def play(self, case: Case) -> Outcome:
        """Make the calls of a case; the answer of the last one, or of all methods as a list."""

    def alone(self) -> bool:
        """Whether the file had its process to itself; if not, it will have when it is loaded the next time."""


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

    def alone(self) -> bool:
        """Always: what is loaded here is our own; see `Player`."""
        return True

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
    raised: list[Exception] = []
    with ours:

        def run() -> None:
            # What goes wrong in the endpoint shows in the conversation: the socket is closed.
            with theirs:
                try:
                    serve(theirs)
                except Exception as error:
                    raised.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert case.talk is not None
        ours.settimeout(CALL_SECONDS)
        seen = case.talk(ours)
    thread.join(CALL_SECONDS)
    if raised and not isinstance(raised[0], _ENDS) and case.judge(Outcome("value", seen)) is not None:
        raise raised[0]  # it tells more than what was not said
    return seen


class ChildPlayer:
    """Plays with the code of a learner, in a process of its own: one for all files of a submission.

    Arguments:
        level: what the process is shut in by.
        closed: packages that the code must not import.
        seconds: how long a call may take.
        budget: how long everything may take (seconds), besides calls that took too long. Each file has time for a
            call that takes too long, whatever those before it took.
    """

    def __init__(
        self,
        level: Level = PLAIN,
        closed: Sequence[str] = ("wsedu",),
        *,
        seconds: float = CALL_SECONDS,
        budget: float = BUDGET_SECONDS,
    ) -> None:
        self._level, self._closed, self._seconds = level, closed, seconds
        self._session: Session | None = None
        self._shared = False
        self._source, self._file = "", ""
        self._gone: dict[str, Outcome] = {}
        self._until = time.monotonic() + budget
        self._excused: set[tuple[str, str]] = set()
        self._printed = b""

    def load(self, source: str, file: str) -> Outcome:
        """Load the file; see `Player`."""
        self._source, self._file, self._gone, self._printed = source, file, {}, b""
        self._shared = self._session is not None
        self._until = max(self._until, time.monotonic() + self._seconds)  # what other files took is not its fault
        if self._session is not None:
            self._session.heard()
            self._session.printed = b""
        return self._load()

    def _load(self) -> Outcome:
        """Load the file into the process that there is, or into a new one."""
        if self._session is None:
            self._session = self._start()
        return self._ask("", do="load", source=self._source)

    def _start(self) -> Session:
        try:
            return Session(self._level, closed=self._closed, hidden=_hidden())
        except NotStartedError:  # a machine that is very busy for a moment
            return Session(self._level, closed=self._closed, hidden=_hidden())

    def _ask(self, name: str, **order: Any) -> Outcome:
        """Let the process do something for a function; what takes too long, or ends the process, is remembered."""
        assert self._session is not None
        since = time.monotonic()
        seconds = min(self._seconds, self._until - since)
        try:
            if seconds <= 0:
                raise Ended("timeout")
            outcome = _told(self._session.ask(self._order(**order), seconds))
        except Ended as end:
            outcome = _ended(end)
            if end.why == "timeout" and seconds == self._seconds and (self._file, name) not in self._excused:
                self._excused.add((self._file, name))
                self._until += time.monotonic() - since
        if not outcome.returned and (outcome.kind in ("timeout", "died", "junk") or outcome.uses_reference):
            self._gone[name] = outcome
            self.close()
        return outcome

    def _order(self, **order: Any) -> dict[str, Any]:
        return {"name": f"submitted_{self._file.removesuffix('.py')}", "file": self._file, **order}

    def has(self, names: Sequence[str]) -> list[bool | None]:
        """Which names are there; see `Player`."""
        if not self._there():
            return [None] * len(names)
        found = self._ask("(has)", do="has", names=list(names)).value
        if type(found) is not list or len(found) != len(names):
            return [False] * len(names)  # it says no answer: that shows when they are called
        return [there if type(there) is bool else None for there in found]

    def _there(self) -> bool:
        """Whether there is a process with the file; one that has ended is started again."""
        return self._session is not None or ("" not in self._gone and self._load().returned)

    def alone(self) -> bool:
        """Whether the file had its process to itself; see `Player`."""
        if self._shared:
            self.close()
        return not self._shared

    def play(self, case: Case) -> Outcome:
        """Play a case; a function that took too long or ended the process is not called again."""
        name = case.calls[0].name
        for gone in (name, ""):
            if gone in self._gone:
                return self._gone[gone]
        if not self._there():
            return self._gone.get("", Outcome("died"))
        if case.talk is not None:
            return self._converse(name, case)
        return _play(case, lambda call: self._call(name, call))

    def _call(self, name: str, call: Call) -> Outcome:
        assert self._session is not None
        self._session.functions.clear()
        arguments = [self._argument(argument) for argument in call.arguments]
        return self._ask(name, do=call.do, of=call.name, arguments=arguments, named=call.named)

    def _argument(self, argument: Any) -> Any:
        if not callable(argument):
            return argument
        assert self._session is not None
        number = len(self._session.functions)
        self._session.functions[number] = argument
        return wire.Function(number)

    def _converse(self, name: str, case: Case) -> Outcome:
        """A conversation over a socket pair with an endpoint in the process."""
        assert self._session is not None
        since = time.monotonic()
        if since >= self._until:
            return Outcome("timeout")
        ours, theirs = socket.socketpair()
        with ours:
            ours.settimeout(self._seconds)
            try:
                with theirs:
                    order = self._order(do="serve", of=name, socket=self._session.share(theirs))
            except OSError:
                order = self._order(do="serve", of=name, socket=None)
            outcome, free = _conversation(case, ours, self._session, order, self._seconds)
        if outcome.kind == "timeout" or outcome.uses_reference:
            self._gone[name] = outcome
            self._until += time.monotonic() - since
        if not free:
            self.close()
        return outcome

    @property
    def printed(self) -> bytes:
        """What the file has printed since it was loaded, the beginning of it."""
        return self._printed if self._session is None else self._printed + self._session.heard()

    def close(self) -> None:
        """End the process."""
        if self._session is not None:
            self._session.close()
            self._printed += self._session.printed
            self._session = None


def _conversation(
    case: Case, ours: socket.socket, session: Session, order: dict[str, Any], seconds: float
) -> tuple[Outcome, bool]:
    """Speak as the client while the endpoint serves; and whether the process is free again afterwards.

    Where the connection breaks, or an exception stopped a conversation that is wrong, how the endpoint ended is told.
    """
    ended: list[Outcome] = []

    def serve() -> None:
        try:
            ended.append(_told(session.ask(order, 3 * seconds)))
        except Ended as end:
            ended.append(_ended(end))
            if end.why == "timeout":  # nobody waits longer, whatever still comes
                with suppress(OSError):
                    ours.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert case.talk is not None
    broken: OSError | None = None
    try:
        outcome = Outcome("value", case.talk(ours))
    except OSError as error:
        broken = error
        outcome = Outcome("timeout" if isinstance(error, TimeoutError) else "died")
    ours.close()
    thread.join(seconds / 4)
    told = ended[0] if ended else Outcome("timeout")
    wrong = broken is not None or (_stumbled(told) and case.judge(outcome) is not None)
    if told.uses_reference or (wrong and ended and not told.returned):
        outcome = told
    return outcome, told.kind in ("value", "raised", "not plain") and not told.uses_reference


def _stumbled(outcome: Outcome) -> bool:
    """Whether an endpoint has ended by an exception that is not one of those in which a connection ends."""
    return outcome.kind == "raised" and not any(outcome.raised(end.__name__) for end in _ENDS)


def _hidden() -> tuple[str, ...]:
    """The folders of wsedu and of the exercises."""
    return tuple(str(folder.resolve()) for folder in (Path(__file__).parents[1], exercises_folder()))


def _ended(end: Ended) -> Outcome:
    return Outcome("timeout" if end.why == "timeout" else "died" if end.why == "died" else "junk")


def _told(answer: tuple[Any, ...]) -> Outcome:
    """A child's answer as an outcome; what has not the form of one is junk."""
    match answer:
        case ("value", value):
            return Outcome("value", value)
        case ("raised", list(families), str(text), int(line)) if all(type(name) is str for name in families):
            return Outcome("raised", None, tuple(families), text, line)
        case ("not plain", str(text)):
            return Outcome("not plain", text=text)
        case ("closed", str(), int(line)):
            closed = (USES_REFERENCE, "ImportError", "Exception", "BaseException", "object")
            return Outcome("raised", None, closed, "wsedu cannot be used in an exercise", line)
    return Outcome("junk")
