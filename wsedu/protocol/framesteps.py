"""Steps of frames and messages (RFC 6455 §5, §6), and of their compression (RFC 7692)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .frame import Frame
from .step import Level, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameField(Step):
    """One field of a frame header, as read or as written: its bits are the span."""

    kind: ClassVar[str] = "frame.field"
    section: ClassVar[str | None] = "5.2"
    sent: bool
    name: str
    value: int | bytes
    meaning: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameComplete(Step):
    """A whole frame, as sent or as received."""

    kind: ClassVar[str] = "frame.complete"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "5.2"
    sent: bool
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskByte(Step):
    """One byte of payload was XORed with one byte of the key, at byte `index` of the payload.

    `sent` is False where the payload was received: it is unmasked then.
    """

    kind: ClassVar[str] = "mask.byte"
    level: ClassVar[Level] = Level.EXTRA
    section: ClassVar[str | None] = "5.3"
    index: int
    given: int
    key_byte: int
    result: int
    sent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFragment(Step):
    """A frame that does not end its message: fragment `number` (from 1), `size` bytes so far."""

    kind: ClassVar[str] = "message.fragment"
    section: ClassVar[str | None] = "5.4"
    opcode: int
    number: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageComplete(Step):
    """A whole message, put together from `fragments` frames, is delivered."""

    kind: ClassVar[str] = "message.complete"
    section: ClassVar[str | None] = "6.2"
    opcode: int
    fragments: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PingAnswered(Step):
    """A Ping is answered with a Pong that has the same application data."""

    kind: ClassVar[str] = "ping.answered"
    section: ClassVar[str | None] = "5.5.2"
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PongMatched(Step):
    """A Pong came in and answers this many of our Pings; none: it is unsolicited."""

    kind: ClassVar[str] = "pong.matched"
    section: ClassVar[str | None] = "5.5.3"
    payload: bytes
    answers: int


# --- permessage-deflate (RFC 7692) ---


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflateCompressed(Step):
    """A data frame was compressed (RFC 7692 §7.2.1).

    Arguments:
        plain: bytes before.
        compressed: bytes on the wire.
        window_before: bytes of earlier data that the compressor could point back to.
        window_after: bytes that it can point back to from now on.
    """

    kind: ClassVar[str] = "deflate.compressed"
    plain: int
    compressed: int
    window_before: int
    window_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflateInflated(Step):
    """A data frame was inflated (RFC 7692 §7.2.2); arguments as for `DeflateCompressed`."""

    kind: ClassVar[str] = "deflate.inflated"
    plain: int
    compressed: int
    window_before: int
    window_after: int
