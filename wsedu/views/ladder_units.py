"""What travels in a trace: heads, frames, other bytes and ends of TCP, each with its departure and its arrival.

A unit is found by its place in the byte stream of its direction, so it does not matter which of the two
endpoints was recorded, nor in which chunks the bytes were read.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..protocol.steps import (
    BytesIgnored,
    BytesReceived,
    BytesSent,
    EndReceived,
    EndSent,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    Step,
    Violation,
)
from ..protocol.types import Direction, Role
from ..trace.trace import Record


class Stretch(NamedTuple):
    """A part of one direction's byte stream.

    Arguments:
        first: its first byte, from 0.
        end: the byte after its last one.
    """

    first: int
    end: int

    def meets(self, other: Stretch) -> bool:
        """Whether both have a byte in common."""
        return self.first < other.end and other.first < self.end


class Fate(enum.Enum):
    """What became of a unit."""

    ARRIVED = "arrived"
    PARTLY = "partly"  # some of its bytes were read
    UNREAD = "unread"  # none was
    UNSENT = "unsent"  # it was not even written to the transport
    UNSEEN = "unseen"  # nobody knows, since the receiver was not recorded


@dataclass
class Chunk:
    """One chunk as the receiver read it.

    Arguments:
        number: from 1, in its direction.
        record: of the reading.
        stretch: its bytes.
    """

    number: int
    record: Record
    stretch: Stretch


@dataclass
class Unit:
    """One thing that travels from one endpoint to the other.

    Arguments:
        direction: which way.
        stretch: its bytes in that direction's stream; empty for the end of TCP.
        step: what is known of it: a head, a frame, an end, or the bytes that are neither.
        data: the bytes, for bytes that are neither head nor frame.
        sent: the record of its departure, None if the sender was not recorded.
        arrived: the record of the chunk that brought its last byte, None if it never came.
        fate: what became of it.
        chunks: those that brought its bytes.
        violations: rules that its bytes broke, as the receiver found.
        ignored: how many of its bytes the receiver threw away.
        fragment: its number in a fragmented message, from 1; 0 for none.
        fragments: how many fragments that message has.
    """

    direction: Direction
    stretch: Stretch
    step: Step | None = None
    data: bytes = b""
    sent: Record | None = None
    arrived: Record | None = None
    fate: Fate = Fate.ARRIVED
    chunks: list[Chunk] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    ignored: int = 0
    fragment: int = 0
    fragments: int = 0

    @property
    def sender(self) -> Role:
        """Who sends it."""
        return Role.CLIENT if self.direction is Direction.TO_SERVER else Role.SERVER


def find_units(records: Sequence[Record]) -> list[Unit]:
    """Every unit of one connection, in the order of departure.

    Arguments:
        records: of one connection, in order.
    """
    units: list[Unit] = []
    seen = recorded_roles(records)
    for direction in Direction:
        own = [record for record in records if isinstance(record.step, _WIRE) and _direction(record.step) is direction]
        found = _heads_and_frames(own, direction)
        found += _other_bytes(own, found, direction)
        found.sort(key=lambda unit: unit.stretch.first)
        _number_fragments(found)
        _follow(found, own)
        found += _ends(own, direction)
        for unit in found:
            if unit.fate is Fate.UNREAD and unit.sender.peer not in seen:
                unit.fate = Fate.UNSEEN
        units += found
    return sorted(units, key=_order)


def recorded_roles(records: Iterable[Record]) -> set[Role]:
    """The endpoints of which there is any step."""
    return {record.step.endpoint for record in records if record.step.endpoint is not None}


_HEADS_AND_FRAMES = (HandshakeRequest, HandshakeResponse, FrameComplete)
_WIRE = (*_HEADS_AND_FRAMES, BytesSent, BytesReceived, BytesIgnored, EndSent, EndReceived, Violation)


def _order(unit: Unit) -> tuple[int, int]:
    record = unit.sent or unit.arrived
    return (record.n if record else 0, unit.stretch.first)


def find_chunks(records: Iterable[Record]) -> list[Chunk]:
    """The chunks of one direction as they were read."""
    read = [record for record in records if isinstance(record.step, BytesReceived)]
    return [Chunk(number, record, stretch_of(record.step)) for number, record in enumerate(read, 1)]


def stretch_of(step: Step) -> Stretch:
    """The bytes that a step is about; a part of a byte counts as the byte."""
    if step.span is None:
        return Stretch(0, 0)
    first, end = step.span.first_bit, step.span.first_bit + step.span.bits
    return Stretch(first // 8, -(-end // 8))


def _direction(step: Step) -> Direction | None:
    return None if step.span is None else step.span.direction


def _heads_and_frames(records: Iterable[Record], direction: Direction) -> list[Unit]:
    """One unit per head and frame; what both endpoints recorded is one."""
    found: dict[Stretch, Unit] = {}
    for record in records:
        step = record.step
        if isinstance(step, _HEADS_AND_FRAMES):
            unit = found.setdefault(stretch_of(step), Unit(direction, stretch_of(step), step))
            if step.sent:
                unit.sent, unit.step = record, step
            else:
                unit.arrived = record
    return list(found.values())


def _other_bytes(records: Sequence[Record], known: Iterable[Unit], direction: Direction) -> list[Unit]:
    """Bytes in the stream that are neither head nor frame, such as a frame that broke a rule and was not completed."""
    kind = BytesSent if any(isinstance(record.step, BytesSent) for record in records) else BytesReceived
    taken = sorted(unit.stretch for unit in known)
    rest: list[Unit] = []
    for record in records:
        if isinstance(record.step, kind):
            here = stretch_of(record.step)
            for gap in _gaps(here, taken):
                data = record.step.data[gap.first - here.first : gap.end - here.first]
                rest.append(Unit(direction, gap, None, data, record if kind is BytesSent else None))
    return rest


def _gaps(whole: Stretch, taken: Sequence[Stretch]) -> list[Stretch]:
    """The parts of a stretch that none of the others takes, which are in order and do not overlap."""
    gaps: list[Stretch] = []
    position = whole.first
    for index in range(bisect_right(taken, whole.first, key=lambda stretch: stretch.end), len(taken)):
        if taken[index].first >= whole.end:
            break
        gaps.append(Stretch(position, taken[index].first))
        position = max(position, taken[index].end)
    return [gap for gap in [*gaps, Stretch(position, whole.end)] if gap.first < gap.end]


def _follow(units: Iterable[Unit], records: Sequence[Record]) -> None:
    """Find out how the units of one direction travelled."""
    chunks = find_chunks(records)
    written = [stretch_of(record.step).end for record in records if isinstance(record.step, BytesSent)]
    faults = [record.step for record in records if isinstance(record.step, Violation) and not record.step.local]
    ignored = [stretch_of(record.step) for record in records if isinstance(record.step, BytesIgnored)]
    for unit in units:
        unit.chunks = _chunks_of(unit.stretch, chunks)
        unit.violations = [fault for fault in faults if stretch_of(fault).meets(unit.stretch)]
        unit.ignored = _ignored(unit, ignored, faults)
        if unit.chunks and unit.chunks[-1].stretch.end >= unit.stretch.end:
            unit.arrived = unit.chunks[-1].record
        elif unit.arrived is None:
            unwritten = bool(written) and unit.stretch.first >= max(written)
            unit.fate = Fate.PARTLY if unit.chunks else Fate.UNSENT if unwritten else Fate.UNREAD


def _ignored(unit: Unit, ignored: Iterable[Stretch], faults: Iterable[Violation]) -> int:
    """How many bytes of a unit were thrown away: all, if a rule was broken before it (§7.1.7)."""
    if unit.chunks and any(fault.span is not None and stretch_of(fault).end <= unit.stretch.first for fault in faults):
        return unit.stretch.end - unit.stretch.first
    parts = [part for part in ignored if part.meets(unit.stretch)]
    return sum(min(part.end, unit.stretch.end) - max(part.first, unit.stretch.first) for part in parts)


def _chunks_of(stretch: Stretch, chunks: Sequence[Chunk]) -> list[Chunk]:
    first = bisect_right(chunks, stretch.first, key=lambda chunk: chunk.stretch.end)
    end = bisect_left(chunks, stretch.end, key=lambda chunk: chunk.stretch.first)
    return list(chunks[first:end])


def _ends(records: Sequence[Record], direction: Direction) -> list[Unit]:
    """The end of the direction's TCP stream, if there is one in the trace."""
    sent = next((record for record in records if isinstance(record.step, EndSent)), None)
    arrived = next((record for record in records if isinstance(record.step, EndReceived)), None)
    found = sent or arrived
    if found is None:
        return []
    place = stretch_of(found.step).first
    fate = Fate.ARRIVED if arrived else Fate.UNREAD
    step = arrived.step if arrived is not None else found.step
    return [Unit(direction, Stretch(place, place), step, b"", sent, arrived, fate)]


def _number_fragments(units: Iterable[Unit]) -> None:
    """Number the frames of each fragmented message (§5.4), in the order of the stream."""
    message: list[Unit] = []
    for unit in units:
        if not isinstance(unit.step, FrameComplete) or unit.step.frame.is_control:
            continue
        frame = unit.step.frame
        if frame.opcode:
            message = []
        message.append(unit)
        if not frame.fin or len(message) > 1:
            for number, part in enumerate(message, 1):
                part.fragment, part.fragments = number, len(message)
        if frame.fin:
            message = []


def crossing(units: Sequence[Unit]) -> set[int]:
    """The indexes of units that meet one of the other direction under way, and of those that travel beside them.

    Arguments:
        units: in the order of departure.
    """
    spans = [_journey(unit) for unit in units]
    found = set(_overlapping(units, spans, opposite=True))
    beside = _overlapping(units, spans, opposite=False)
    while more := {other for one in found for other in beside.get(one, ()) if other not in found}:
        found |= more
    return found


def _journey(unit: Unit) -> tuple[int, int]:
    """The numbers of the records between which a unit is under way; an empty stretch if it never arrives."""
    start = unit.sent or unit.arrived
    first = start.n if start else 0
    return first, unit.arrived.n if unit.arrived else first


def _overlapping(units: Sequence[Unit], spans: Sequence[tuple[int, int]], *, opposite: bool) -> dict[int, list[int]]:
    """For the index of each unit those of the units, of the other direction or of its own, under way with it."""
    found: dict[int, list[int]] = {}
    for one, (_, end) in enumerate(spans):
        for other in range(one + 1, len(units)):
            if spans[other][0] >= end:
                break
            differ = units[one].direction is not units[other].direction
            if differ is opposite and units[other].arrived is not None:
                found.setdefault(one, []).append(other)
                found.setdefault(other, []).append(one)
    return found
