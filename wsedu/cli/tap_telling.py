"""What `tap` prints: every frame, only what is wrong, or the lines of the trace."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..protocol.steps import (
    CloseStatus,
    HandshakeAgreed,
    HandshakeRequest,
    HandshakeResponse,
    TapActed,
    Unexplained,
    Violation,
)
from ..trace.trace import Record, Trace

if TYPE_CHECKING:
    from .context import Context

Feed = Callable[[Record], None]

REFUSALS = ("401", "403", "421")
"""Statuses of a server that does not want this Host or this Origin."""

_OF_BOTH = ("http", "refused", "failed")
"""Reasons that are about the connection, and recorded for each of its directions."""


def make_watcher(trace: Trace, arguments: argparse.Namespace, context: Context) -> Watcher:
    """The watcher that the options ask for, already told of what the trace gets."""
    if arguments.json:
        watcher: Watcher = Lines(context)
        from ..trace.jsonl import header_line

        context.write(header_line(trace.header))
    elif arguments.quiet:
        watcher = Quiet(context)
    elif arguments.brief:
        watcher = Briefly(context)
    else:
        watcher = Tales(context)
    trace.subscribe(watcher.take)
    trace.subscribe(Refusals(watcher, rewritten=arguments.rewrite_host).take)
    return watcher


class Watcher:
    """Told of each record and of what becomes of connections; complaints go to standard error.

    Arguments:
        context: of the command.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._said: set[tuple[int | None, str]] = set()
        self._hints: dict[int | None, str] = {}  # about refusals, by connection

    def _repeats(self, record: Record) -> bool:
        """Whether a record only says of the other direction, too, why it is not explained."""
        step = record.step
        if not isinstance(step, Unexplained) or step.reason not in _OF_BOTH:
            return False
        before = (record.connection, step.reason) in self._said
        self._said.add((record.connection, step.reason))
        return before

    def take(self, record: Record) -> None:
        """A step was recorded."""

    def refused(self, number: int | None, status: str, asked: dict[str, str], *, rewritten: bool) -> None:
        """A server has refused a request of which these are the fields, their names in lower case."""
        absent = self._context.say("view.check.absent")
        facts = {"host": asked.get("host", absent), "origin": asked.get("origin", absent)}
        key = "cli.tap.refused.rewritten" if rewritten else "cli.tap.refused"
        self._hints[number] = self._context.say(key, number=number, status=status, **facts)

    def _hint(self, number: int | None) -> None:
        """Say what there is to say about a refusal."""
        from ..views.prose import Prose

        if number in self._hints:
            self._context.show(Prose(self._hints.pop(number)))
            sys.stdout.flush()

    def unreachable(self, number: int, problem: Exception) -> None:
        """The server could not be reached for a connection."""
        from .connect_failures import why_unreachable

        told = why_unreachable(problem, self._context) if isinstance(problem, OSError) else str(problem)
        self._context.complain("cli.tap.unreachable", number=number, problem=told or type(problem).__name__)

    def passed(self, number: int) -> None:
        """Something has passed."""

    def ended(self, number: int) -> None:
        """A connection is over."""
        self._hint(number)

    def broken(self, number: int, problem: Exception) -> None:
        """Explaining has failed, which is a bug."""
        self._context.complain("cli.tap.broken", number=number, problem=f"{type(problem).__name__}: {problem}")

    def close(self) -> None:
        """Nothing more will come."""


class Refusals:
    """Says what may be behind a response that refuses a request which somebody has sent through the tap.

    Arguments:
        watcher: that says it, once the connection is over.
        rewritten: whether the Host field was rewritten on the way.
    """

    def __init__(self, watcher: Watcher, *, rewritten: bool) -> None:
        self._watcher = watcher
        self._rewritten = rewritten
        self._asked: dict[int | None, dict[str, str]] = {}

    def take(self, record: Record) -> None:
        """Look for a request and the answer to it."""
        from ..explain.shown import printable

        step = record.step
        if isinstance(step, HandshakeRequest):
            self._asked[record.connection] = {name.lower(): printable(value) for name, value in step.headers}
        elif isinstance(step, HandshakeResponse):
            asked = self._asked.pop(record.connection, {})
            status = step.line.split(" ")[1:2]
            if "sec-websocket-key" in asked and status and status[0] in REFUSALS:
                self._watcher.refused(record.connection, status[0], asked, rewritten=self._rewritten)


class Lines(Watcher):
    """The trace as JSON Lines, each line as soon as it is there; nothing else goes where they go."""

    def _hint(self, number: int | None) -> None:
        if number in self._hints:
            sys.stderr.write(self._hints.pop(number) + "\n")

    def take(self, record: Record) -> None:
        from ..trace.jsonl import record_line

        self._context.write(record_line(record))

    def passed(self, number: int) -> None:
        sys.stdout.flush()


class Quiet(Watcher):
    """A line for whatever is not as it should be."""

    def take(self, record: Record) -> None:
        from ..explain.words import step_sentence

        step = record.step
        if isinstance(step, (Violation, Unexplained, TapActed)) and not self._repeats(record):
            sentence = step_sentence(step, self._context.language)
            self._context.write(self._context.say("cli.tap.line", number=record.connection, sentence=sentence))

    def passed(self, number: int) -> None:
        sys.stdout.flush()


class Briefly(Watcher):
    """A line for each head and each frame."""

    def __init__(self, context: Context) -> None:
        from .brief import Brief

        super().__init__(context)
        self._brief = Brief(context)

    def take(self, record: Record) -> None:
        if not self._repeats(record):
            self._brief.take(record)

    def passed(self, number: int) -> None:
        self._brief.flush()

    def ended(self, number: int) -> None:
        self._brief.flush()
        super().ended(number)

    def close(self) -> None:
        self._brief.flush()


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
            both=True,
        )
        self._agreed: set[int | None] = set()

    def _show(self, block: object) -> None:
        self._context.show(block)  # type: ignore[arg-type]
        sys.stdout.flush()

    def take(self, record: Record) -> None:
        step = record.step
        if isinstance(step, HandshakeAgreed):
            self._agreed.add(record.connection)
        # Where there was no WebSocket connection, there is no status either.
        unasked = isinstance(step, CloseStatus) and record.connection not in self._agreed
        if not unasked and not self._repeats(record):
            self._teller(record)

    def ended(self, number: int) -> None:
        self._agreed.discard(number)
        self._teller.end(number)
        if number in self._hints:
            self._context.write("")
        super().ended(number)

    def close(self) -> None:
        self._teller.finish()
