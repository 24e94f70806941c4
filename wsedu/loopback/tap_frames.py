"""Frames of a stream that is passed on: where each one ends, its bytes as they came, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..protocol.frame import Frame
from ..protocol.frames import FrameDecoder
from ..protocol.layout import lay_out_header
from ..protocol.passive import UNLIMITED_SIZE

MAX_RULED = 1 << 20
"""Bytes of payload up to which a frame is held until it is whole, so that a rule can be about it."""


class Cut(NamedTuple):
    """A part of the stream.

    Arguments:
        seen: the bytes of this input that it ends with.
        data: all of its bytes; empty while the frame is not whole.
        frame: what is in it; None for bytes that no rule is about.
    """

    seen: bytes
    data: bytes
    frame: Frame | None


class FrameCutter:
    """Cuts a stream of frames, legal or not, at their ends.

    Attributes:
        inside: whether a frame has been passed on in part.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._pass = 0  # bytes of a frame that is too long to be held
        self._lost = False

    @property
    def inside(self) -> bool:
        """Whether a frame has been passed on in part, so that nothing may be put in."""
        return self._pass > 0 or self._lost

    def feed(self, data: bytes) -> Iterator[Cut]:
        """Take the next bytes; every one of them is in the `seen` of one part."""
        while data:
            if self._lost:
                yield Cut(data, data, None)
                return
            if self._pass:
                part, data = data[: self._pass], data[self._pass :]
                self._pass -= len(part)
                yield Cut(part, part, None)
                continue
            before = len(self._held)
            self._held += data
            need = self._size()
            if need is None or len(self._held) < need:
                yield from self._unfinished(data, need)
                return
            whole = bytes(self._held[:need])
            self._held.clear()
            seen, data = data[: need - before], data[need - before :]
            yield Cut(seen, whole, _read(whole))

    def rest(self) -> bytes:
        """What is held of a frame that will not be whole any more."""
        held, self._held = bytes(self._held), bytearray()
        return held

    def _unfinished(self, data: bytes, need: int | None) -> Iterator[Cut]:
        if need is not None and need > MAX_RULED:
            # The layout is told from the header alone; what follows is only counted.
            self._lost = need >= UNLIMITED_SIZE
            self._pass = need - len(self._held)
            yield Cut(data, self.rest(), None)
        else:
            yield Cut(data, b"", None)

    def _size(self) -> int | None:
        """The bytes of the frame that is held, None while its header is not whole."""
        _, head = lay_out_header(bytes(self._held[:14]), 0)
        if head.missing:
            return None
        return head.size + (head.length or 0)


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
