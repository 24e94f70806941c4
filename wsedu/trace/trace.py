"""`Trace`: the steps of a run, each with its number, its time and its connection.

A trace is the one source of every picture and sentence; it is filled by recorders, one per endpoint, which are
the tracers that the core calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..protocol.steps import BytesReceived, BytesSent, FrameComplete, Level, Step, UnknownStep
from ..protocol.types import Direction, Role


class Record(NamedTuple):
    """One step of a trace.

    Arguments:
        n: its number, from 1.
        t: seconds since the first step of the trace.
        connection: which connection it belongs to, from 1; None for none.
        step: what happened.
    """

    n: int
    t: float
    connection: int | None
    step: Step


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line of a saved trace says.

    Arguments:
        format: the version of the format.
        version: the version of wsedu that recorded it.
        seed: of the randomness, None where it was real.
        scenario: what was played, None for anything else.
    """

    format: int
    version: str
    seed: int | None = None
    scenario: str | None = None


FORMAT = 1
"""The version of the trace format that this version writes: see docs/trace-format.md."""


def new_header(*, seed: int | None = None, scenario: str | None = None) -> Header:
    """The header of a trace that is recorded now."""
    from .. import __version__

    return Header(FORMAT, __version__, seed, scenario)


class Recorder:
    """A tracer that writes one endpoint's steps into a trace.

    Arguments:
        trace: where to.
        connection: the number of the connection.
        level: the finest level that is wanted.
    """

    __slots__ = ("_add", "_connection", "level")

    def __init__(self, trace: Trace, connection: int | None, level: Level) -> None:
        self._add = trace.add
        self._connection = connection
        self.level = level

    def __call__(self, step: Step) -> None:
        self._add(step, self._connection)


@dataclass(repr=False)
class Trace:
    """The steps of a run in the order in which they happened.

    Arguments:
        header: what is known of the run.
        level: the finest level that recorders of this trace ask for.
        clock: gives seconds; only differences count.
        records: the steps so far.
        keep: False to tell subscribers only and keep nothing.
    """

    header: Header = field(default_factory=new_header)
    level: Level = Level.EXTRA
    clock: Callable[[], float] = time.perf_counter
    records: list[Record] = field(default_factory=list)
    keep: bool = True
    _start: float | None = field(default=None, repr=False)
    _count: int = field(default=0, repr=False)
    _connections: int = field(default=0, repr=False)
    _subscribers: list[Callable[[Record], None]] = field(default_factory=list, repr=False)

    def new_connection(self) -> int:
        """A number for one more connection."""
        self._connections += 1
        return self._connections

    def recorder(self, connection: int | None = None, *, level: Level | None = None) -> Recorder:
        """A tracer for one endpoint.

        Arguments:
            connection: a number from `new_connection`.
            level: the finest level to record, the trace's by default.
        """
        return Recorder(self, connection, self.level if level is None else level)

    def add(self, step: Step, connection: int | None = None) -> None:
        """Record a step that happens now."""
        now = self.clock()
        if self._start is None:
            self._start = now
        self._count += 1
        # tuple.__new__ is what Record(...) does, in half the time.
        record = tuple.__new__(Record, (self._count, now - self._start, connection, step))
        if self.keep:
            self.records.append(record)
        # A copy: a subscriber may end its subscription, or another one's, when it is called.
        for subscriber in tuple(self._subscribers):
            subscriber(record)

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        """Have a function called with each record from now on; the returned function ends that."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def __repr__(self) -> str:
        what = "" if self.header.scenario is None else f" of {self.header.scenario!r}"
        return f"<Trace{what}: {len(self.records)} steps>"

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def filter(
        self,
        *,
        level: Level | None = None,
        endpoint: Role | str | None = None,
        kind: str | Iterable[str] | None = None,
        connection: int | None = None,
    ) -> Trace:
        """The records that fit every condition given, with their numbers and times, as a new trace.

        Arguments:
            level: this level and coarser ones.
            endpoint: whose view.
            kind: one kind, several, or a beginning that ends in a point, such as `frame.`.
            connection: its number.
        """
        kinds = None if kind is None else (kind,) if isinstance(kind, str) else tuple(kind)
        role = None if endpoint is None else Role(endpoint)
        chosen = [
            record
            for record in self.records
            if (level is None or record.step.level <= level)
            and (role is None or record.step.endpoint is role)
            and (kinds is None or any(_is_kind(record.step, wanted) for wanted in kinds))
            and (connection is None or record.connection == connection)
        ]
        return Trace(self.header, self.level, self.clock, chosen)

    # --- What views ask of a trace ---

    def bytes_of(self, direction: Direction, *, connection: int | None = None, received: bool = False) -> bytes:
        """All bytes of one direction, as they were sent, or as they were received."""
        kind = BytesReceived if received else BytesSent
        return b"".join(
            record.step.data
            for record in self.records
            if isinstance(record.step, kind)
            and (connection is None or record.connection == connection)
            and record.step.span is not None
            and record.step.span.direction is direction
        )

    def frames(self, direction: Direction | None = None, *, sent: bool = True) -> list[Record]:
        """The records of whole frames, as sent or as received, of one direction or of both."""
        return [
            record
            for record in self.records
            if isinstance(record.step, FrameComplete)
            and record.step.sent is sent
            and (direction is None or (record.step.span is not None and record.step.span.direction is direction))
        ]

    def save(self, path: str) -> None:
        """Write the trace as JSON Lines (docs/trace-format.md); the file is there whole or not at all.

        Raises:
            OSError: the file cannot be written.
            ValueError: the name is that of a picture or a page; `wsedu.views` makes those.
        """
        from .jsonl import save

        if Path(path).suffix.lower() in (".svg", ".png", ".html"):
            raise ValueError(f"{path}: a trace is saved as JSON Lines (.jsonl); wsedu.views makes pictures and pages")

        save(self, path)

    @classmethod
    def load(cls, path: str) -> Trace:
        """Read a trace that `save` wrote.

        Raises:
            OSError: the file cannot be read.
            DamagedTraceError: a line is not what it should be; it has the steps before that line.
        """
        from .jsonl import load

        return load(path)


def _is_kind(step: Step, wanted: str) -> bool:
    kind = step.name if isinstance(step, UnknownStep) else step.kind
    return kind.startswith(wanted) if wanted.endswith(".") else kind == wanted
