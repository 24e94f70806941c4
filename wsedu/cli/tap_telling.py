"""What `tap` prints: every frame, only what is wrong, or the lines of the trace."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..protocol.closing import Phase
from ..protocol.steps import (
    CloseStatus,
    HandshakeAgreed,
    StateChanged,
    TapActed,
    TransportOpened,
    Unexplained,
    Violation,
)
from ..protocol.types import Role
from ..trace.trace import Record, Trace

if TYPE_CHECKING:
    from .context import Context

Feed = Callable[[Record], None]


def make_watcher(trace: Trace, arguments: argparse.Namespace, context: Context) -> Watcher:
    """The watcher that the options ask for, already told of what the trace gets."""
    if arguments.json:
        watcher: Watcher = Lines(context)
        from ..trace.jsonl import header_line

        context.write(header_line(trace.header))
    elif arguments.quiet:
        watcher = Quiet(context)
    else:
        watcher = Tales(context)
    trace.subscribe(watcher.take)
    return watcher


class Watcher:
    """Told of each record and of what becomes of connections; complaints go to standard error.

    Arguments:
        context: of the command.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def take(self, record: Record) -> None:
        """A step was recorded."""

    def unreachable(self, number: int, problem: Exception) -> None:
        """The server could not be reached for a connection."""
        text = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        self._context.complain("cli.tap.unreachable", number=number, problem=text)

    def passed(self, number: int) -> None:
        """Something has passed."""

    def ended(self, number: int) -> None:
        """A connection is over."""

    def broken(self, number: int, problem: Exception) -> None:
        """Explaining has failed, which is a bug."""
        self._context.complain("cli.tap.broken", number=number, problem=f"{type(problem).__name__}: {problem}")

    def close(self) -> None:
        """Nothing more will come."""


class Lines(Watcher):
    """The trace as JSON Lines, each line as soon as it is there."""

    def take(self, record: Record) -> None:
        from ..trace.jsonl import record_line

        self._context.write(record_line(record))

    def passed(self, number: int) -> None:
        sys.stdout.flush()


class Quiet(Watcher):
    """A line for each connection, and for whatever is not as it should be."""

    def take(self, record: Record) -> None:
        from ..explain.words import step_sentence

        step = record.step
        opened = isinstance(step, TransportOpened) and step.endpoint is Role.CLIENT
        if opened or isinstance(step, (Violation, Unexplained, TapActed)):
            sentence = step_sentence(step, self._context.language)
            self._context.write(self._context.say("cli.tap.line", number=record.connection, sentence=sentence))

    def passed(self, number: int) -> None:
        sys.stdout.flush()


class Tales(Watcher):
    """Every frame in full, each connection under its number.

    Arguments:
        context: of the command.
        live: whether records come while an event loop runs; without it, all is told at the end.
    """

    def __init__(self, context: Context, *, live: bool = True) -> None:
        from .live import LiveTeller

        super().__init__(context)
        self._teller = LiveTeller(
            context.language,
            context.console.width,
            lambda block, frame: self._show(block),
            lambda problem: self.broken(0, problem),
            live=live,
        )
        self._last: dict[int | None, list[Record]] = {}
        self._agreed: set[int | None] = set()

    def _show(self, block: object) -> None:
        self._context.show(block)  # type: ignore[arg-type]
        sys.stdout.flush()

    def take(self, record: Record) -> None:
        """The teller knows one endpoint; of two it is given what tells of both, and the ends together."""
        step = record.step
        if isinstance(step, HandshakeAgreed):
            self._agreed.add(record.connection)
        if isinstance(step, CloseStatus):
            self._last.setdefault(record.connection, []).append(record)
        elif not (isinstance(step, StateChanged) and step.before == Phase.CONNECTING and step.endpoint is Role.CLIENT):
            self._teller(record)

    def ended(self, number: int) -> None:
        last = self._last.pop(number, [])
        # Where there was no WebSocket connection, there is no status either.
        for record in last if number in self._agreed else []:
            self._teller(record)
        self._agreed.discard(number)
        self._teller.end(number)

    def close(self) -> None:
        self._teller.finish()
