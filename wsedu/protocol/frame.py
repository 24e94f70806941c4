"""`Frame`: what was, or will be, on the wire, illegal values included (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import NamedTuple

from .types import Opcode, as_bytes, opcode_name


class Frame(NamedTuple):
    """One frame, exactly as on the wire; nothing is judged here.

    Arguments:
        opcode: 0 to 15; an `Opcode` where the RFC defines one.
        payload: application data, unmasked (and still compressed if RSV1 says so).
        fin: the last frame of its message.
        rsv1: reserved bit 1 (0x40 of the first byte).
        rsv2: reserved bit 2 (0x20).
        rsv3: reserved bit 3 (0x10).
        masking_key: the 4 bytes of the key if the frame is masked, else None.
        length_form: 7, 16 or 64: the bits in which the length is written; None for the fewest that hold it.
    """

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv1: bool = False
    rsv2: bool = False
    rsv3: bool = False
    masking_key: bytes | None = None
    length_form: int | None = None

    @classmethod
    def text(cls, text: str, *, fin: bool = True, masking_key: bytes | None = None) -> Frame:
        """A text frame; `text` is sent as UTF-8 (§5.6)."""
        return cls(Opcode.TEXT, text.encode(), fin, masking_key=masking_key)

    @classmethod
    def binary(cls, data: bytes, *, fin: bool = True, masking_key: bytes | None = None) -> Frame:
        """A binary frame (§5.6)."""
        return cls(Opcode.BINARY, as_bytes(data), fin, masking_key=masking_key)

    @classmethod
    def continuation(cls, data: bytes, *, fin: bool = True, masking_key: bytes | None = None) -> Frame:
        """A further frame of a fragmented message (§5.4)."""
        return cls(Opcode.CONTINUATION, as_bytes(data), fin, masking_key=masking_key)

    @classmethod
    def ping(cls, payload: bytes = b"", *, masking_key: bytes | None = None) -> Frame:
        """A Ping (§5.5.2)."""
        return cls(Opcode.PING, as_bytes(payload), masking_key=masking_key)

    @classmethod
    def pong(cls, payload: bytes = b"", *, masking_key: bytes | None = None) -> Frame:
        """A Pong (§5.5.3)."""
        return cls(Opcode.PONG, as_bytes(payload), masking_key=masking_key)

    @classmethod
    def close(cls, code: int | None = None, reason: str = "", *, masking_key: bytes | None = None) -> Frame:
        """A Close frame; without a code its body is empty (§5.5.1). Codes are not judged here."""
        body = b"" if code is None else code.to_bytes(2, "big") + reason.encode()
        return cls(Opcode.CLOSE, body, masking_key=masking_key)

    @property
    def name(self) -> str:
        """The opcode's name in the RFC, in lower case, or `reserved`."""
        return opcode_name(self.opcode)

    @property
    def is_control(self) -> bool:
        """Opcodes 8 to 15 are control frames (§5.5)."""
        return self.opcode & 0x8 != 0

    @property
    def form(self) -> int:
        """The bits in which the length is written: 7, 16 or 64."""
        return minimal_form(len(self.payload)) if self.length_form is None else self.length_form

    @property
    def header_size(self) -> int:
        """Bytes before the payload: 2, 4 or 10, and 4 more for the masking key."""
        return 2 + EXTENDED_SIZE[self.form] + (0 if self.masking_key is None else 4)

    def same_as(self, other: Frame) -> bool:
        """Whether both are the same bytes on the wire: `length_form` None equals the minimal form."""
        return self._replace(length_form=self.form) == other._replace(length_form=other.form)


EXTENDED_SIZE = {7: 0, 16: 2, 64: 8}
"""Bytes of extended payload length for each form of the length (§5.2)."""


def minimal_form(length: int) -> int:
    """The fewest bits that hold a payload length in bytes: 7, 16 or 64 (§5.2)."""
    if length <= 125:
        return 7
    return 16 if length <= 0xFFFF else 64
