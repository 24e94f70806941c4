"""Where the bytes of one direction arrive, when the network between loses, doubles or adds some of them.

The sender counts the bytes that it has written, the receiver those that it has read. Both counts are the same
unless a fault or a middlebox has changed the stream; its steps tell how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..protocol.steps import HandshakeRequest, Step
from ..protocol.types import Direction
from ..trace.trace import Record
from ..trace.worldsteps import FaultHappened, MiddleboxActed, WorldStep


class Stretch(NamedTuple):
    """A part of one direction's byte stream.

    Arguments:
        first: its first byte, from 0.
        end: the byte after its last one.
    """

    first: int
    end: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.end - self.first

    def meets(self, other: Stretch) -> bool:
        """Whether both have a byte in common."""
        return self.first < other.end and other.first < self.end


def stretch_of(step: Step) -> Stretch:
    """The bytes that a step is about; a part of a byte counts as the byte."""
    if step.span is None:
        return Stretch(0, 0)
    first, end = step.span.first_bit, step.span.first_bit + step.span.bits
    return Stretch(first // 8, -(-end // 8))


class Piece(NamedTuple):
    """Bytes that go through in one piece.

    Arguments:
        sent: where they lie in the stream as it was sent; None for bytes that the network added.
        size: how many arrive.
        cause: the record of the fault that added or doubled them, None for those that were sent once.
    """

    sent: Stretch | None
    size: int
    cause: Record | None = None


class Passage:
    """How the stream of one direction passed the network.

    Arguments:
        records: of one connection, in order.
        direction: of the stream.

    Attributes:
        pieces: what arrives, in order; empty if the stream arrives as it was sent.
        torn: whether the network has ended TCP by RST.
    """

    def __init__(self, records: Sequence[Record], direction: Direction) -> None:
        world = [record for record in records if isinstance(record.step, WorldStep)]
        self.torn = any(_tears(record.step) for record in world)
        steps = [one for one in world if one.step.span is not None and one.step.span.direction is direction]
        faults = [one for one in steps if isinstance(one.step, FaultHappened)]
        boxes = [one.step for one in steps if isinstance(one.step, MiddleboxActed)]
        self.pieces: list[Piece] = []
        self._same = not any(_moves(record.step) for record in steps)
        if not self._same:
            self.pieces = _without(_through_faults(faults), boxes, _head_size(records))

    def landings(self, sent: Stretch) -> list[Stretch]:
        """Where bytes arrive that were sent once: in order, none if they are lost; a copy is not among them.

        Arguments:
            sent: where they lie in the stream as it was sent.
        """
        if self._same:
            return [sent]
        found: list[Stretch] = []
        for landed, piece in self.landed():
            if piece.cause is None and piece.sent is not None and piece.sent.meets(sent):
                part = _part(landed, piece.sent, sent)
                if found and found[-1].end == part.first:
                    part = Stretch(found.pop().first, part.end)
                found.append(part)
        return found

    def landed(self) -> Iterable[tuple[Stretch, Piece]]:
        """Every piece and where it arrives."""
        place = 0
        for piece in self.pieces:
            yield Stretch(place, place + piece.size), piece
            place += piece.size


def _moves(step: Step) -> bool:
    """Whether a step makes the two counts of a stream differ."""
    if isinstance(step, FaultHappened):
        return step.fault in ("drop", "duplicate", "inject")
    return isinstance(step, MiddleboxActed) and step.action in ("swallowed", "stripped")


def _tears(step: Step) -> bool:
    if isinstance(step, FaultHappened):
        return step.fault == "cut"
    return isinstance(step, MiddleboxActed) and step.action == "reset"


_ENDLESS = 1 << 62


def _through_faults(records: Iterable[Record]) -> list[Piece]:
    """The stream after the faults, which come before all middleboxes."""
    faults = [(record, stretch_of(record.step)) for record in records if _moves(record.step)]
    cuts = sorted({0, _ENDLESS, *(place for _, stretch in faults for place in stretch)})
    pieces: list[Piece] = []
    for first, end in pairwise(cuts):
        here = Stretch(first, end)
        if not any(_kind(record) == "drop" and stretch.meets(here) for record, stretch in faults):
            pieces.append(Piece(here, here.size))
        for record, stretch in faults:
            if stretch.end != end:
                continue
            if _kind(record) == "duplicate":
                pieces.append(Piece(stretch, stretch.size, record))
            elif _kind(record) == "inject":
                pieces.append(Piece(None, _added(record), record))
    return pieces


def _kind(record: Record) -> str:
    return record.step.fault if isinstance(record.step, FaultHappened) else ""


def _added(record: Record) -> int:
    return len(record.step.data) if isinstance(record.step, FaultHappened) else 0


def _without(pieces: Iterable[Piece], boxes: Iterable[MiddleboxActed], head: int) -> list[Piece]:
    """What middleboxes leave of a stream; they count what comes to them."""
    boxes = list(boxes)
    gone = [stretch_of(step) for step in boxes if step.action == "swallowed"]
    if any(step.action == "stripped" for step in boxes):
        first, *rest = pieces
        size = next(step.length for step in boxes if step.action == "stripped")
        assert first.sent is not None
        pieces = [Piece(Stretch(0, size), head), Piece(Stretch(size, first.sent.end), first.size - size), *rest]
    left: list[Piece] = []
    place = 0
    for piece in pieces:
        here = Stretch(place, place + piece.size)
        place = here.end
        cuts = sorted({*here, *(min(max(one, here.first), here.end) for stretch in gone for one in stretch)})
        for first_cut, last_cut in pairwise(cuts):
            part = Stretch(first_cut, last_cut)
            if any(stretch.meets(part) for stretch in gone):
                continue
            if part == here:
                left.append(piece)
            else:
                start = None if piece.sent is None else piece.sent.first + part.first - here.first
                left.append(Piece(None if start is None else Stretch(start, start + part.size), part.size, piece.cause))
    return left


def _head_size(records: Iterable[Record]) -> int:
    """Bytes of the request as it came to the server; 0 if it never did."""
    requests = (record.step for record in records if isinstance(record.step, HandshakeRequest))
    return next((stretch_of(step).size for step in requests if not step.sent), 0)


def _part(landed: Stretch, whole: Stretch, wanted: Stretch) -> Stretch:
    """The part of a landed piece in which the wanted bytes lie; all of it if its size was changed on the way."""
    if landed.size != whole.size:
        return landed
    shift = landed.first - whole.first
    return Stretch(max(wanted.first, whole.first) + shift, min(wanted.end, whole.end) + shift)
