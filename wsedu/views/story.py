"""What a narrator remembers of one connection, so that nothing is told twice and every frame is told."""

from __future__ import annotations

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


@dataclass
class Lane:
    """One direction of a connection, as far as it has been recorded."""

    sent: list[Piece] = field(default_factory=list)
    received: list[Piece] = field(default_factory=list)
    heads: dict[int, int] = field(default_factory=dict)
    frames: dict[int, FrameComplete] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes that travelled."""
        return max((piece.end for piece in [*self.sent, *self.received]), default=0)

    def chunks_of(self, piece: Piece) -> list[Piece]:
        """The chunks in which these bytes were read."""
        return [chunk for chunk in self.received if chunk.overlaps(piece)]


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
    masks_told: int = 0
    repeats: set[tuple[Direction, int]] = field(default_factory=set)
    close_codes: dict[Role, bytes] = field(default_factory=dict)

    def note(self, step: Step) -> None:
        """Remember what travels."""
        if step.span is None:
            return
        lane, piece = self.lanes[step.span.direction], piece_of(step.span)
        if isinstance(step, BytesSent):
            lane.sent.append(piece)
        elif isinstance(step, BytesReceived):
            lane.received.append(piece)
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
            if key not in self.told:
                self.told.add(key)
                result.append(one)
        return result
