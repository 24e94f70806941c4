"""The fields of a frame, bit by bit: the figure of RFC 6455 §5.2 as a table.

`lay_out` never judges and never fails: illegal values, and input that ends too early, have fields too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .frame import EXTENDED_SIZE, minimal_form
from .masking import apply_mask
from .types import Opcode, opcode_name


class Field(NamedTuple):
    """One field of a frame: where it is, what is in it, what that means.

    Arguments:
        name: such as `fin`, `opcode`, `payload_length`, `masking_key`, `payload`.
        first_bit: counted from 0 at the first bit of the input, most significant bit first.
        bits: how many of its bits are in the input.
        value: an integer for header fields; bytes for the key and the payload, as on the wire.
        meaning: the key of its meaning in the catalogues of `wsedu.explain`, such as `opcode.text`.
        facts: what the sentence of that meaning needs, by name.
        section: of RFC 6455.
        frame: the number of the frame that it belongs to, from 0.
    """

    name: str
    first_bit: int
    bits: int
    value: int | bytes
    meaning: str
    facts: dict[str, Any]
    section: str
    frame: int = 0


# The bits of the first two bytes, in the order of the figure: name, byte, shift, number of bits, section.
BIT_FIELDS = (
    ("fin", 0, 7, 1, "5.2"),
    ("rsv1", 0, 6, 1, "5.2"),
    ("rsv2", 0, 5, 1, "5.2"),
    ("rsv3", 0, 4, 1, "5.2"),
    ("opcode", 0, 0, 4, "5.2"),
    ("mask", 1, 7, 1, "5.1"),
    ("payload_length", 1, 0, 7, "5.2"),
)

RSV1 = 0x40
"""Set in the first byte of a message that an extension has changed, as permessage-deflate does (RFC 7692 §7.2.1)."""

EXTENDED_MARK = {126: 2, 127: 8}
"""Bytes of extended payload length announced by the two marks of the 7-bit field (§5.2)."""


def bit_meaning(name: str, value: int) -> str:
    """The key of what a value of one of the fields of `BIT_FIELDS` means."""
    match name:
        case "fin":
            return "fin.final" if value else "fin.more"
        case "opcode":
            return f"opcode.{opcode_name(value)}"
        case "mask":
            return "mask.set" if value else "mask.clear"
        case "payload_length":
            return {126: "length.16", 127: "length.64"}.get(value, "length.7")
        case _:
            return "rsv.set" if value else "rsv.clear"


class Head(NamedTuple):
    """The header of a frame as far as it could be read.

    Arguments:
        size: bytes of the header that are in the input.
        missing: bytes of the header that are not.
        length: payload bytes announced, None while that is not known.
        masking_key: the key, None when there is none or it is cut short.
    """

    size: int
    missing: int
    length: int | None
    masking_key: bytes | None


def lay_out_header(data: bytes, start: int, frame: int = 0) -> tuple[list[Field], Head]:
    """The fields of the frame header that begins at byte `start`, and what it says of the rest of the frame.

    Arguments:
        data: bytes of one direction.
        start: index of the frame's first byte; at least one byte must be there.
        frame: the number that the fields carry.
    """
    fields = list(_bit_fields(data, start, frame))
    position = start + 2
    if len(data) < position:
        return fields, Head(1, 1, None, None)
    length: int | None = data[start + 1] & 0x7F
    masked = data[start + 1] & 0x80 != 0
    missing = 0
    size = EXTENDED_MARK.get(data[start + 1] & 0x7F, 0)
    if size:
        raw = data[position : position + size]
        missing = size - len(raw)
        length = None if missing else int.from_bytes(raw, "big")
        if raw:
            fields.append(_extended_field(raw, 8 * position, missing, size, frame))
        position += len(raw)
    key = None
    if masked:
        raw = b"" if missing else data[position : position + 4]
        missing += 4 - len(raw)
        key = None if missing else raw
        if raw:
            meaning = "key.cut" if missing else "key"
            fields.append(
                Field("masking_key", 8 * position, 8 * len(raw), raw, meaning, {"missing": missing}, "5.3", frame)
            )
        position += len(raw)
    return fields, Head(position - start, missing, length, key)


def extent(data: bytes, start: int) -> int:
    """Where the frame that begins at byte `start` ends, as far as its header is there to say so.

    Arguments:
        data: bytes of one direction.
        start: index of the frame's first byte; at least one byte must be there.

    Returns:
        the index behind its last byte, beyond the data if the frame is cut short.
    """
    if start + 2 > len(data):
        return start + 2
    second = data[start + 1]
    key = 4 if second & 0x80 else 0
    length = second & 0x7F
    size = EXTENDED_MARK.get(length, 0)
    if size:
        raw = data[start + 2 : start + 2 + size]
        length = int.from_bytes(raw, "big") if len(raw) == size else 0
    return start + 2 + size + key + length


def _bit_fields(data: bytes, start: int, frame: int) -> Iterator[Field]:
    for name, byte, shift, bits, section in BIT_FIELDS:
        if start + byte < len(data):
            value = data[start + byte] >> shift & (1 << bits) - 1
            first_bit = 8 * (start + byte) + 8 - shift - bits
            meaning = bit_meaning(name, value)
            if name == "opcode" and value == Opcode.TEXT and data[start] & RSV1:
                meaning = "opcode.text.rsv1"
            yield Field(name, first_bit, bits, value, meaning, {"value": value}, section, frame)


def _extended_field(raw: bytes, first_bit: int, missing: int, size: int, frame: int) -> Field:
    value = int.from_bytes(raw, "big")
    facts: dict[str, Any] = {"value": value, "missing": missing, "size": size}
    if missing:
        meaning = "extended.cut"
    elif size == EXTENDED_SIZE[minimal_form(value)]:
        meaning = "extended.minimal"
    else:
        meaning = "extended.longer"
        facts["minimal"] = minimal_form(value)
    return Field("extended_payload_length", first_bit, 8 * len(raw), value, meaning, facts, "5.2", frame)


def lay_out_payload(data: bytes, start: int, head: Head, frame: int = 0) -> list[Field]:
    """The fields of the payload that follows a complete header; none if it is empty or not there yet.

    The body of a Close frame is split into status code and reason (§5.5.1).

    Arguments:
        data: as for `lay_out_header`.
        start: index of the frame's first byte.
        head: what `lay_out_header` found there.
        frame: the number that the fields carry.
    """
    assert head.length is not None
    opcode = data[start] & 0x0F
    position = start + head.size
    raw = data[position : position + head.length]
    plain = raw if head.masking_key is None else apply_mask(raw, head.masking_key)
    facts: dict[str, Any] = {"length": head.length, "missing": head.length - len(raw), "plain": plain}
    if not raw:
        return []
    if opcode != Opcode.CLOSE:
        meaning = "payload.cut" if facts["missing"] else f"payload.{opcode_name(opcode)}"
        if data[start] & RSV1 and opcode in (Opcode.TEXT, Opcode.BINARY) and not facts["missing"]:
            meaning = "payload.rsv1"
        return [Field("payload", 8 * position, 8 * len(raw), raw, meaning, facts, "5.2", frame)]
    return _close_fields(raw, plain, position, facts["missing"], frame)


def _close_fields(raw: bytes, plain: bytes, position: int, missing: int, frame: int) -> list[Field]:
    code = {"plain": plain[:2], "code": int.from_bytes(plain[:2], "big"), "missing": max(0, 2 - len(raw))}
    meaning = "close.code" if len(raw) >= 2 else "close.code.cut"
    fields = [Field("status_code", 8 * position, 8 * len(raw[:2]), raw[:2], meaning, code, "5.5.1", frame)]
    if raw[2:]:
        reason = {"plain": plain[2:], "missing": missing}
        meaning = "payload.cut" if missing else "close.reason"
        fields.append(Field("reason", 8 * (position + 2), 8 * len(raw[2:]), raw[2:], meaning, reason, "5.5.1", frame))
    return fields


def waiting_for(head: Head, available: int) -> int:
    """How many more bytes the frame is known to need; 1 where not even its length is known.

    Arguments:
        head: what `lay_out_header` found.
        available: bytes of the input from the frame's first byte on.
    """
    if head.missing:
        return head.missing + (head.length or 0)
    assert head.length is not None
    return max(0, head.size + head.length - available)
