"""What travels in a trace: heads, frames, other bytes and ends of TCP, each with its departure and its arrival.

A unit is found by its place in the byte stream of its direction, so it does not matter which of the two
endpoints was recorded, nor in which chunks the bytes were read.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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
from ..trace.worldsteps import FaultHappened
from .ladder_streams import Passage, Stretch, stretch_of


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
        stretch: its bytes in that direction's stream as it was sent; empty for the end of TCP.
        landing: the same in the stream as it is received; None if the network lost all of them.
        added: nobody sent it: it comes out of the network.
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
    landing: Stretch | None = None
    added: bool = False
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
        passage = Passage(records, direction)
        found = _heads_and_frames(own, direction)
        found += _other_bytes(own, found, direction)
        _land(found, passage)
        found += _added(found, passage, direction)
        _meet(found, own)
        found.sort(key=lambda unit: (unit.stretch.first, unit.landing or unit.stretch))
        _number_fragments(found)
        _follow(found, own)
        found += _ends(own, direction, torn=passage.torn)
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


def _direction(step: Step) -> Direction | None:
    return None if step.span is None else step.span.direction


def _heads_and_frames(records: Sequence[Record], direction: Direction) -> list[Unit]:
    """One unit per head and frame, as its sender recorded it; as its receiver did, if that is all there is."""
    recorded = [record for record in records if isinstance(record.step, _HEADS_AND_FRAMES)]
    wrote = any(isinstance(record.step, BytesSent) or _is_sent(record.step) for record in records)
    found: dict[Stretch, Unit] = {}
    for record in recorded:
        if _is_sent(record.step):
            place = stretch_of(record.step)
            found.setdefault(place, Unit(direction, place, record.step)).sent = record
        elif not wrote:
            place = stretch_of(record.step)
            found.setdefault(place, Unit(direction, place, record.step)).arrived = record
    return list(found.values())


def _is_sent(step: Step) -> bool:
    return isinstance(step, _HEADS_AND_FRAMES) and step.sent


def _land(units: Iterable[Unit], passage: Passage) -> None:
    """Find where each unit that was sent arrives."""
    for unit in units:
        parts = passage.landings(unit.stretch)
        unit.landing = Stretch(parts[0].first, parts[-1].end) if parts else None


def _added(units: Sequence[Unit], passage: Passage, direction: Direction) -> list[Unit]:
    """What the network doubled, and what it slipped in."""
    found: list[Unit] = []
    for landed, piece in passage.landed():
        if piece.cause is None:
            continue
        if piece.sent is None:
            fault = piece.cause.step
            data = fault.data if isinstance(fault, FaultHappened) else b""
            place = stretch_of(fault).end
            found.append(Unit(direction, Stretch(place, place), None, landed, added=True, data=data))
            continue
        for unit in units:
            if unit.stretch.first >= piece.sent.first and unit.stretch.end <= piece.sent.end:
                first = landed.first + unit.stretch.first - piece.sent.first
                copy = Stretch(first, first + unit.stretch.size)
                found.append(Unit(direction, unit.stretch, unit.step, copy, added=True, data=unit.data))
    return found


def _meet(units: Iterable[Unit], records: Iterable[Record]) -> None:
    """Give each unit what its receiver recorded of it."""
    places = {unit.landing: unit for unit in units if unit.landing is not None}
    for record in records:
        step = record.step
        if isinstance(step, _HEADS_AND_FRAMES) and not step.sent:
            unit = places.get(stretch_of(step))
            if unit is not None:
                unit.arrived = record
                unit.step = unit.step or step


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
                rest.append(Unit(direction, gap, data=data, sent=record if kind is BytesSent else None))
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
        here = unit.landing
        if here is not None:
            unit.chunks = _chunks_of(here, chunks)
            unit.violations = [fault for fault in faults if stretch_of(fault).meets(here)]
            unit.ignored = _ignored(unit, here, ignored, faults)
        whole = here is not None and (unit.added or here.size >= unit.stretch.size or _is_head(unit))
        if here is not None and unit.chunks and unit.chunks[-1].stretch.end >= here.end and whole:
            unit.arrived = unit.chunks[-1].record
        elif unit.arrived is None:
            unwritten = not unit.added and bool(written) and unit.stretch.first >= max(written)
            unit.fate = Fate.PARTLY if unit.chunks else Fate.UNSENT if unwritten else Fate.UNREAD


def _is_head(unit: Unit) -> bool:
    return isinstance(unit.step, (HandshakeRequest, HandshakeResponse))


def _ignored(unit: Unit, here: Stretch, ignored: Iterable[Stretch], faults: Iterable[Violation]) -> int:
    """How many bytes of a unit were thrown away: all, if a rule was broken before it (§7.1.7)."""
    if unit.chunks and any(fault.span is not None and stretch_of(fault).end <= here.first for fault in faults):
        return here.size
    parts = [part for part in ignored if part.meets(here)]
    return sum(min(part.end, here.end) - max(part.first, here.first) for part in parts)


def _chunks_of(stretch: Stretch, chunks: Sequence[Chunk]) -> list[Chunk]:
    first = bisect_right(chunks, stretch.first, key=lambda chunk: chunk.stretch.end)
    end = bisect_left(chunks, stretch.end, key=lambda chunk: chunk.stretch.first)
    return list(chunks[first:end])


def _ends(records: Sequence[Record], direction: Direction, *, torn: bool) -> list[Unit]:
    """The end of the direction's TCP stream, if there is one in the trace."""
    sent = next((record for record in records if isinstance(record.step, EndSent)), None)
    arrived = next((record for record in records if isinstance(record.step, EndReceived)), None)
    # RST that the peer has not sent comes out of the network; what the peer ends after that is not there any more.
    broken = arrived is not None and isinstance(arrived.step, EndReceived) and not arrived.step.clean
    # Nor does what the peer sends later arrive earlier: this end was the first, and has cut TCP itself.
    added = broken and (torn or (sent is not None and arrived is not None and arrived.n < sent.n))
    if added:
        sent = None
    found = arrived if added else sent or arrived
    if found is None:
        return []
    place = stretch_of(found.step).first
    fate = Fate.ARRIVED if arrived else Fate.UNREAD
    step = arrived.step if arrived is not None else found.step
    here = Stretch(place, place)
    return [Unit(direction, here, step, here, added=added, sent=sent, arrived=arrived, fate=fate)]


def _number_fragments(units: Iterable[Unit]) -> None:
    """Number the frames of each fragmented message (§5.4), in the order of the stream."""
    message: list[Unit] = []
    for unit in units:
        if not isinstance(unit.step, FrameComplete) or unit.step.frame.is_control or unit.added:
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
