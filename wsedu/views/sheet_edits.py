"""Changes of the first frame in some bytes, as somebody makes them who edits its fields; nothing is judged."""

from __future__ import annotations

from typing import Any

from ..protocol.dissection import DissectedFrame, dissect
from ..protocol.frame import EXTENDED_SIZE, Frame, minimal_form
from ..protocol.frames import encode_frame
from ..protocol.layout import BIT_FIELDS
from ..protocol.rules import LocalViolation

LADDER = (0, 5, 125, 126, 127, 65535, 65536)
"""Payload lengths in bytes where the header's form changes, and some between (RFC 6455 §5.2)."""

FILLER = b"*"
"""What makes a payload longer."""


class EditError(ValueError):
    """An edit has no frame to work on, or no room.

    Attributes:
        problem: `header`, `room`, `code` or `reason`, for the catalogue.
        facts: what its sentence needs, by name.
    """

    def __init__(self, problem: str, **facts: Any) -> None:
        super().__init__(problem)
        self.problem = problem
        self.facts = facts


def first_frame(data: bytes) -> tuple[DissectedFrame, Frame]:
    """The first frame with as much of its payload as there is.

    Raises:
        EditError: its header is not complete.
    """
    frames = dissect(data, most=1).frames
    frame = frames[0].frame if frames else None
    if frame is None:
        raise EditError("header")
    return frames[0], frame


def set_bits(data: bytes, name: str, value: int) -> bytes:
    """The first frame with one of its bit fields set, and nothing else changed.

    Arguments:
        data: of which the byte of the field must be there.
        name: of `layout.BIT_FIELDS`.
        value: what fits into the field.

    Raises:
        EditError: that byte is not there, or the value does not fit.
    """
    byte, shift, bits = next((byte, shift, bits) for known, byte, shift, bits, _ in BIT_FIELDS if known == name)
    if byte >= len(data):
        raise EditError("header")
    if not 0 <= value < 1 << bits:
        raise EditError("room", value=value, bits=bits)
    changed = bytearray(data)
    changed[byte] = changed[byte] & ~((1 << bits) - 1 << shift) & 0xFF | value << shift
    return bytes(changed)


def rebuilt(data: bytes, **changes: Any) -> bytes:
    """The first frame encoded anew with some fields changed; what follows it stays.

    Arguments:
        data: of which the first header is complete.
        changes: fields of `Frame` by name.

    Raises:
        EditError: the header is not complete, or the form of the length has no room.
    """
    place, frame = first_frame(data)
    if "length_form" not in changes:
        # A longer form than needed is somebody's wish; the shortest follows the payload.
        payload = changes.get("payload", frame.payload)
        wished = frame.form != minimal_form(len(frame.payload) + place.missing) and frame.form
        changes["length_form"] = max(wished, minimal_form(len(payload))) if wished else None
    new = frame._replace(**changes)
    try:
        encoded = encode_frame(new)
    except LocalViolation:
        raise EditError("room", value=len(new.payload), bits=new.form) from None
    return encoded + data[place.size :]


def announce(data: bytes, length: int) -> bytes:
    """The first header with another payload length written in its form; the payload stays as it is.

    Arguments:
        data: of which the first header is complete.
        length: in bytes.

    Raises:
        EditError: the header is not complete, or its form has no room.
    """
    _, frame = first_frame(data)
    size = EXTENDED_SIZE[frame.form]
    if frame.form == 7 and 0 <= length <= 125:
        return set_bits(data, "payload_length", length)
    if frame.form == 7 or not 0 <= length < 1 << 8 * size:
        raise EditError("room", value=length, bits=frame.form)
    return data[:2] + length.to_bytes(size, "big") + data[2 + size :]


def resized(payload: bytes, length: int) -> bytes:
    """A payload cut, between characters where it is text, or filled up to a length in bytes."""
    start = payload[:length]
    if len(payload) > length:
        start = start.decode("utf-8", "ignore").encode() if _is_text(payload) else start
    return start + FILLER * (length - len(start))


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def close_body(code: str, reason: str) -> bytes:
    """The body of a Close frame (§5.5.1).

    Arguments:
        code: decimal digits, or nothing for an empty body.
        reason: UTF-8 text.

    Raises:
        EditError: the code is no number of 16 bits, or there is a reason without one.
    """
    if not code.strip():
        if reason:
            raise EditError("reason")
        return b""
    if not (code.strip().isdecimal() and code.strip().isascii()) or int(code) > 0xFFFF:
        raise EditError("code", found=code[:20])
    return int(code).to_bytes(2, "big") + reason.encode()
