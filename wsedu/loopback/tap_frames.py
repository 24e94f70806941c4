"""Frames of a stream that is passed on: where each one ends, its bytes as they came, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..protocol.frame import Frame
from ..protocol.frames import FrameDecoder
from ..protocol.layout import Head, lay_out_header
from ..protocol.masking import unmask_slice
from ..protocol.passive import UNLIMITED_SIZE

MAX_RULED = 1 << 20
"""Bytes of a frame up to which it is held until it is whole, so that a rule can be about what it says."""

MAX_HEADER = 14
"""Bytes of the longest header (RFC 6455 §5.2)."""


class Cut(NamedTuple):
    """A part of the stream.

    Arguments:
        seen: the bytes of this input that it ends with.
        data: all of its bytes; empty while a frame is held.
        frame: a whole frame, or the header of a long one with the payload of this part; None for bytes that no rule
            is about.
        size: payload bytes of the whole frame, by its header.
        first: whether the frame begins here.
        last: whether it ends here.
    """

    seen: bytes
    data: bytes
    frame: Frame | None = None
    size: int = 0
    first: bool = True
    last: bool = True


class FrameCutter:
    """Cuts a stream of frames, legal or not, at their ends; frames longer than `MAX_RULED` go on in parts.

    Attributes:
        inside: whether a frame has been passed on in part, so that nothing may be put in.
        lost: whether a length cannot be believed: where the next frame begins is unknown.
    """

    def __init__(self) -> None:
        self.lost = False
        self._held = bytearray()
        self._long: Frame | None = None  # the header of a frame that goes on in parts
        self._size = self._have = 0  # bytes of its payload: all, and so far

    @property
    def inside(self) -> bool:
        """Whether a frame has been passed on in part, so that nothing may be put in."""
        return self._long is not None or self.lost

    def feed(self, data: bytes) -> Iterator[Cut]:
        """Take the next bytes; every one of them is in the `seen` of one part."""
        while data:
            if self.lost:
                yield Cut(data, data)
                return
            if self._long is not None:
                part, data = data[: self._size - self._have], data[self._size - self._have :]
                yield self._part(self._long, part, part, part, first=False)
                continue
            before = len(self._held)
            self._held += data
            _, head = lay_out_header(bytes(self._held[:MAX_HEADER]), 0)
            need = head.size + (head.length or 0)
            if head.missing or len(self._held) < need:
                yield self._unfinished(data, head)
                return
            whole = bytes(self._held[:need])
            self._held.clear()
            seen, data = data[: need - before], data[need - before :]
            yield Cut(seen, whole, _read(whole), need - head.size)

    def rest(self) -> bytes:
        """What is held of a frame that will not be whole any more."""
        held, self._held = bytes(self._held), bytearray()
        return held

    def _unfinished(self, data: bytes, head: Head) -> Cut:
        if head.missing or head.length is None or head.size + head.length <= MAX_RULED:
            return Cut(data, b"")
        held = self.rest()
        if head.length >= UNLIMITED_SIZE:
            self.lost = True
            return Cut(data, held)
        first = held[0]
        fin, rsv1, rsv2, rsv3 = (bool(first & bit) for bit in (0x80, 0x40, 0x20, 0x10))
        self._long = Frame(first & 0x0F, b"", fin, rsv1, rsv2, rsv3, head.masking_key, 64)
        self._size, self._have = head.length, 0
        return self._part(self._long, data, held, held[head.size :], first=True)

    def _part(self, header: Frame, seen: bytes, data: bytes, payload: bytes, *, first: bool) -> Cut:
        if header.masking_key is not None:
            payload = unmask_slice(payload, 0, len(payload), header.masking_key, self._have % 4)
        self._have += len(payload)
        last = self._have == self._size
        if last:
            self._long = None
        return Cut(seen, data, header._replace(payload=payload), self._size, first, last)


def _read(data: bytes) -> Frame | None:
    """What is in one whole frame."""
    frames = FrameReader().feed(data)
    return frames[0] if frames else None


class FrameReader(FrameDecoder):
    """A decoder that judges nothing."""

    def _judge_first(self, first: int, offset: int) -> None:
        return

    def _judge_second(self, first: int, second: int, offset: int) -> None:
        return

    def _judge_length(self, form: int, length: int, offset: int) -> None:
        return
