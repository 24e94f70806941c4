"""The steps that every frame makes, at the coarsest level too, made as cheaply as Python can.

A frozen dataclass sets each of its fields by a call, several times as slow as an assignment; with two of these
steps for every frame, that is most of what tracing costs. Here a step is filled while it is still *open*, an
instance of a class with the same slots that can be written to, and then becomes an instance of its real class,
which is frozen. What comes out equals what the real class would have made.
"""

from __future__ import annotations

from typing import Any

from .frame import Frame
from .steps import BytesReceived, BytesSent, FrameComplete, Span, Step
from .types import Direction, Role

# What Span(...) does, without a call of Python's in between.
_new_tuple = tuple.__new__
_new = object.__new__


class _OpenBytes(Step):
    """A `BytesSent` or a `BytesReceived` that can still be written to."""

    __slots__ = ("data",)
    # Both: Python takes the short way to a slot only where neither of the two is overridden.
    __setattr__, __delattr__ = object.__setattr__, object.__delattr__


class _OpenFrame(Step):
    """A `FrameComplete` that can still be written to."""

    __slots__ = ("frame", "sent")
    __setattr__, __delattr__ = object.__setattr__, object.__delattr__


def bytes_step(
    kind: type[BytesSent] | type[BytesReceived],
    endpoint: Role,
    direction: Direction,
    offset: int,
    decided_by: str,
    data: bytes,
) -> BytesSent | BytesReceived:
    """The step that tells of bytes in one piece.

    Arguments:
        kind: which of the two classes.
        endpoint: whose view it is.
        direction: the stream that they belong to.
        offset: where they begin in it, in bytes.
        decided_by: the function that handed them on, as `module:qualified.name`.
        data: the bytes.
    """
    step: Any = _new(_OpenBytes)
    step.endpoint = endpoint
    step.span = _new_tuple(Span, (direction, 8 * offset, 8 * len(data)))
    step.rule = None
    step.decided_by = decided_by
    step.data = data
    step.__class__ = kind
    made: BytesSent | BytesReceived = step
    return made


def frame_step(
    endpoint: Role | None, direction: Direction, offset: int, size: int, decided_by: str, sent: bool, frame: Frame
) -> FrameComplete:
    """The step that tells of a whole frame.

    Arguments:
        endpoint: whose view it is.
        direction: the stream that it belongs to.
        offset: where it begins in it, in bytes.
        size: its bytes, header and payload.
        decided_by: the function that wrote or read it, as `module:qualified.name`.
        sent: whether this endpoint sent it.
        frame: the frame.
    """
    step: Any = _new(_OpenFrame)
    step.endpoint = endpoint
    step.span = _new_tuple(Span, (direction, 8 * offset, 8 * size))
    step.rule = None
    step.decided_by = decided_by
    step.sent = sent
    step.frame = frame
    step.__class__ = FrameComplete
    made: FrameComplete = step
    return made
