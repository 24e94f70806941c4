"""Code of whoever sits at this very notebook is played in this process, and nothing that it does can hang it.

A call runs in a thread of its own. What takes too long gets an exception from outside; what does not heed it, since
it sleeps or waits for a socket, is left behind.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from .outcome import Outcome
from .players import BUDGET_SECONDS, LocalPlayer, Player
from .runner.session import CALL_SECONDS
from .steps import Case

GRACE_SECONDS = 0.3
"""How long code may take to end after it was stopped (seconds)."""

_AGAIN_SECONDS = 0.05

T = TypeVar("T")


class TooLongError(BaseException):
    """Raised in the thread of a call that takes too long; no `except Exception` catches it."""


class TakenPlayer(LocalPlayer):
    """Plays with objects that are there already, instead of with a file."""

    def load(self, source: str, file: str) -> Outcome:
        """There is nothing to load."""
        return Outcome("value")


class TimedPlayer:
    """Plays with another player, for no longer than a call and a check may take.

    Arguments:
        inner: plays in this process.
    """

    def __init__(self, inner: Player) -> None:
        self._inner = inner
        self._gone: set[str] = set()
        self._until = time.monotonic() + BUDGET_SECONDS

    def load(self, source: str, file: str) -> Outcome:
        """Load the file; see `Player`."""
        return self._timed(lambda: self._inner.load(source, file), CALL_SECONDS) or Outcome("timeout")

    def has(self, names: Sequence[str]) -> list[bool | None]:
        """Which names are there; see `Player`."""
        return self._inner.has(names)

    def alone(self) -> bool:
        """Always: the code is that of one notebook."""
        return True

    def play(self, case: Case) -> Outcome:
        """Play a case; a function that took too long is not called again."""
        name = case.calls[0].name
        if name in self._gone:
            return Outcome("timeout")
        # A conversation has deadlines of its own, for each thing that is waited for.
        seconds = CALL_SECONDS if case.talk is None else 3 * CALL_SECONDS
        outcome = self._timed(lambda: self._inner.play(case), seconds)
        if outcome is None:
            self._gone.add(name)
            self._until += CALL_SECONDS
            return Outcome("timeout")
        return outcome

    def _timed(self, work: Callable[[], T], seconds: float) -> T | None:
        """What comes of it; None if it takes too long. The exception of whoever interrupts us ends it as well."""
        thread = _Thread(work)
        with _own_streams(), _no_input():
            try:
                thread.start()
                thread.join(max(0.05, min(seconds, self._until - time.monotonic())))
            finally:
                thread.stop()
        return thread.answer[0] if thread.answer else None


class _Thread(threading.Thread):
    """Some work in a thread that can be stopped.

    Arguments:
        work: what to do.
    """

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.answer: list[Any] = []

    def run(self) -> None:
        """Do the work."""
        # What stops it may come at any moment, even after the work is done.
        with contextlib.suppress(TooLongError):
            self.answer.append(self._work())

    def stop(self) -> None:
        """Stop it, and wait a little for it to end."""
        until = time.monotonic() + GRACE_SECONDS
        while self.is_alive() and time.monotonic() < until:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), ctypes.py_object(TooLongError))
            self.join(_AGAIN_SECONDS)


@contextlib.contextmanager
def _own_streams() -> Iterator[None]:
    """What a thread that is left behind has done to the output of this process is undone."""
    kept = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept


@contextlib.contextmanager
def _no_input() -> Iterator[None]:
    """A question of the code that is checked has nobody to answer it: it raises EOFError."""

    def ask(prompt: object = "") -> str:
        raise EOFError("input() has nobody to ask in a check")

    kept = builtins.input
    builtins.input = ask
    try:
        yield
    finally:
        builtins.input = kept
