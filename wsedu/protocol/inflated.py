"""What permessage-deflate makes of frames that somebody has found, with or without its handshake (RFC 7692 §6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .deflate import Agreed, PerMessageDeflate
from .rules import ProtocolViolation
from .types import Opcode, Role

if TYPE_CHECKING:
    from .dissection import DissectedFrame

MAX_INFLATED = 1 << 26
"""Bytes of a message that are inflated at most: a short frame may stand for gigabytes."""


def extension_of(reader: Role) -> PerMessageDeflate:
    """permessage-deflate as its default parameters have it, at the endpoint that reads."""
    return PerMessageDeflate(reader, Agreed())


def inflate_frames(frames: Iterable[DissectedFrame]) -> dict[int, bytes]:
    """The payloads of compressed messages before they were compressed, by the number of their frame.

    Arguments:
        frames: of one direction, from the beginning of a message on; they need not come from a connection that
            agreed on the extension. Nothing is inflated behind what cannot be.
    """
    found: dict[int, bytes] = {}
    extension = extension_of(Role.SERVER)
    compressed = False
    for number, _, _, missing, frame in frames:
        if frame is None or missing or frame.opcode not in (Opcode.CONTINUATION, Opcode.TEXT, Opcode.BINARY):
            continue
        if frame.opcode != Opcode.CONTINUATION:
            compressed = frame.rsv1
        try:
            plain = extension.decode(frame, max_size=MAX_INFLATED).payload
        except ProtocolViolation:
            break
        if compressed:
            found[number] = plain
    return found


def first_message(frames: Sequence[DissectedFrame], inflated: Mapping[int, bytes]) -> tuple[int, bytes] | None:
    """The first whole message that is marked as compressed and inflates: its opcode and its data; None if none does.

    Arguments:
        frames: as for `inflate_frames`.
        inflated: what that made of them.
    """
    opcode, data = 0, b""
    for number, _, _, _, frame in frames:
        if number not in inflated or frame is None or frame.rsv2 or frame.rsv3:
            continue
        if frame.opcode != Opcode.CONTINUATION:
            opcode, data = frame.opcode, b""
        data += inflated[number]
        if frame.fin:
            return (opcode, data) if data and (opcode != Opcode.TEXT or _is_utf8(data)) else None
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
