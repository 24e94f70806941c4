"""What a narrator remembers of one connection, so that nothing is told twice and every frame is told."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from ..protocol.frame import Frame
from ..protocol.layout import Field
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    Span,
    Step,
)
from ..protocol.types import Direction, Opcode, Role

MAX_TOLD = 1000
"""Fields that are remembered as told; of more than these the ones that did not come for the longest time may be told
again."""

MAX_CHUNKS = 1 << 16
"""Chunks of one direction that are remembered until they are told."""


class Shape(NamedTuple):
    """Frames of one shape have the same fields in the same places: the figure is drawn for the first of them.

    Arguments:
        masked: whether there is a masking key.
        form: the bits in which the length is written: 7, 16 or 64.
    """

    masked: bool
    form: int


def shape_of(frame: Frame) -> Shape:
    """The shape of a frame."""
    return Shape(frame.masking_key is not None, frame.form)


class Piece(NamedTuple):
    """Bytes of one direction.

    Arguments:
        start: offset of the first one.
        end: offset after the last one.
    """

    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.end - self.start

    def overlaps(self, other: Piece) -> bool:
        """Whether both have bytes in common."""
        return self.start < other.end and other.start < self.end


def piece_of(span: Span) -> Piece:
    """The bytes that a span touches."""
    return Piece(span.first_bit // 8, -(-(span.first_bit + span.bits) // 8))


class FrameCounts(NamedTuple):
    """How many frames, and what they are made of.

    Arguments:
        frames: all of them, control frames among them.
        control: control frames.
        headers: bytes of headers, masking keys included.
        payload: bytes of application data, and of the bodies of control frames.
    """

    frames: int
    control: int
    headers: int
    payload: int


NOTHING = FrameCounts(0, 0, 0, 0)
"""Of no frames."""


def count_of(frame: Frame) -> FrameCounts:
    """The counts of one frame."""
    return FrameCounts(1, int(frame.is_control), frame.header_size, len(frame.payload))


def add(*counts: FrameCounts) -> FrameCounts:
    """The sums of counts."""
    return FrameCounts(*(sum(column) for column in zip(*counts, strict=True)))


@dataclass
class Lane:
    """One direction of a connection, as far as it has been recorded and later lines need it.

    Arguments:
        size: bytes that travelled.
        received: the chunks in which bytes were read that are not told yet.
        heads: sizes of the heads of the opening handshake, by first byte.
        frames: frames that somebody may still ask for, by first byte, as they were recorded first.
        counts: of all frames that travelled and are not in `frames` any more.
    """

    size: int = 0
    received: deque[Piece] = field(default_factory=deque)
    heads: dict[int, int] = field(default_factory=dict)
    frames: dict[int, FrameComplete] = field(default_factory=dict)
    counts: FrameCounts = NOTHING

    def chunks_of(self, piece: Piece) -> list[Piece]:
        """The chunks in which these bytes were read."""
        return [chunk for chunk in self.received if chunk.overlaps(piece)]

    def travelled(self, step: FrameComplete) -> bool:
        """Whether all bytes of a frame have been written, or read."""
        return step.span is not None and piece_of(step.span).end <= self.size

    def count(self) -> FrameCounts:
        """The counts of every frame that travelled."""
        return add(self.counts, *(count_of(step.frame) for step in self.frames.values() if self.travelled(step)))

    def forget(self, before: int) -> None:
        """Keep only the counts of the frames that begin before this byte, and nothing of chunks that end there."""
        while self.frames:
            start = next(iter(self.frames))
            if start >= before or not self.travelled(self.frames[start]):
                break
            self.counts = add(self.counts, count_of(self.frames.pop(start).frame))
        while self.received and self.received[0].end <= before:
            self.received.popleft()


@dataclass
class Story:
    """What has happened on one connection, and what of it has been told.

    Arguments:
        language: `en` or `zh`.
        width: cells of a line.
    """

    language: str
    width: int
    lanes: dict[Direction, Lane] = field(default_factory=lambda: {way: Lane() for way in Direction})
    shapes: set[Shape] = field(default_factory=set)
    told: set[tuple[object, ...]] = field(default_factory=set)
    fields: dict[tuple[object, ...], None] = field(default_factory=dict)
    recorded: set[Role] = field(default_factory=set)
    masks_told: int = 0
    repeats: set[tuple[Direction, int]] = field(default_factory=set)
    close_codes: dict[Role, bytes] = field(default_factory=dict)

    def note(self, step: Step) -> None:
        """Remember what travels."""
        if step.endpoint is not None:
            self.recorded.add(step.endpoint)
        if step.span is None:
            return
        lane, piece = self.lanes[step.span.direction], piece_of(step.span)
        if isinstance(step, (BytesSent, BytesReceived)):
            lane.size = max(lane.size, piece.end)
            if isinstance(step, BytesReceived):
                lane.received.append(piece)
                if len(lane.received) > MAX_CHUNKS:
                    lane.received.popleft()
        elif isinstance(step, FrameComplete):
            lane.frames.setdefault(piece.start, step)
            self._note_close(step, (step.span.direction, piece.start))
        elif isinstance(step, (HandshakeRequest, HandshakeResponse)):
            lane.heads.setdefault(piece.start, piece.size)

    def _note_close(self, step: FrameComplete, place: tuple[Direction, int]) -> None:
        """Remember which Close frames only repeat the status code of the one that they answer."""
        code = step.frame.payload[:2]
        if step.endpoint is None or step.frame.opcode != Opcode.CLOSE or not code:
            return
        if not step.sent:
            self.close_codes.setdefault(step.endpoint, code)
        elif self.close_codes.get(step.endpoint) == code:
            self.repeats.add(place)

    def settled(self, step: FrameComplete) -> bool:
        """Whether nobody will record a frame before this one any more: its reader has it, or is not recorded."""
        return not step.sent or step.endpoint is None or step.endpoint.peer not in self.recorded

    def was_told(self, step: FrameComplete) -> None:
        """Forget what was kept for a frame that is told now, and for those before it."""
        if step.span is not None and self.settled(step):
            self.lanes[step.span.direction].forget(piece_of(step.span).start)

    def repeats_code(self, step: FrameComplete) -> bool:
        """Whether a Close frame was sent as an answer, with the status code that it answers."""
        return step.span is not None and (step.span.direction, piece_of(step.span).start) in self.repeats

    def first_time(self, what: str) -> bool:
        """Whether something is told for the first time; from now on it is not."""
        new = (what,) not in self.told
        self.told.add((what,))
        return new

    def first_record_of(self, step: FrameComplete) -> bool:
        """Whether nobody has told of this frame before: it is as sent, or its sender was not recorded."""
        if step.span is None:
            return True
        return self.lanes[step.span.direction].frames[piece_of(step.span).start] is step

    def new_shape(self, frame: Frame) -> bool:
        """Whether this is the first frame of its shape; from now on it is not."""
        shape = shape_of(frame)
        new = shape not in self.shapes
        self.shapes.add(shape)
        return new

    def untold(self, fields: list[Field]) -> list[Field]:
        """The fields that say what has not been said before; from now on it has."""
        result = []
        for one in fields:
            value = one.value if isinstance(one.value, int) or one.name in ("status_code", "reason") else None
            key = (one.name, one.meaning, value)
            if key not in self.fields:
                result.append(one)
            self.fields.pop(key, None)
            self.fields[key] = None
        while len(self.fields) > MAX_TOLD:
            del self.fields[next(iter(self.fields))]
        return result
