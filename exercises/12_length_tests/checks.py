"""What `test_lengths` has to do: let right encoders pass, and notice each wrong one."""

import struct
from collections.abc import Callable
from random import Random

from wsedu.grading.steps import Case, Step, call, holds, judged, raises, step
from wsedu.protocol.frames import frame_header

Encode = Callable[[int, bool], bytes]


def steps(random: Random) -> list[Step]:
    """Right encoders in several styles, then wrong ones, a family per step; the rarer ones are not announced."""
    return [
        step("right", *(_passes(encode) for encode in (from_core, with_struct, with_text))),
        step("mask", *map(_noticed, (_mask_forgotten, _mask_always, _mask_lowest, _mask_in_seven_only))),
        step("seven", *(_noticed(_with_limits(seven=limit)) for limit in (124, 126, 127))),
        step("sixteen", *(_noticed(_with_limits(sixteen=limit)) for limit in (65_534, 65_536, 32_767))),
        step("order", *(_noticed(_in_order(two, eight)) for two, eight in (("<", "<"), ("<", "!"), ("!", "<")))),
        step("width", *(_noticed(_with_widths(*widths)) for widths in ((2, 4), (4, 8), (1, 8), (8, 8), (2, 2)))),
        step("count", *(_noticed(_counting(more)) for more in (_key, _header, _start_of_form))),
        step("rare", *(_noticed(_counting(more)) for more in (_above_32_bits, _above_24_bits)), public=False),
    ]


def _passes(encode: Encode) -> Case:
    return judged(call("test_lengths", encode), holds(lambda _: True, "passes"))


def _noticed(encode: Encode) -> Case:
    return raises(call("test_lengths", encode), "AssertionError")


# --- Right ---


def from_core(size: int, masked: bool) -> bytes:
    """What wsedu itself writes."""
    return frame_header(0x82, size, 0x80 if masked else 0)[1:]


def with_struct(size: int, masked: bool) -> bytes:
    """Packed by format."""
    bit = masked << 7
    if size < 126:
        return struct.pack("!B", bit | size)
    return struct.pack("!BH", bit | 126, size) if size < 65_536 else struct.pack("!Bq", bit | 127, size)


def with_text(size: int, masked: bool) -> bytes:
    """Written as digits of 0 and 1 first."""
    digits = f"{size:07b}" if size < 126 else f"{126:07b}{size:016b}" if size < 65_536 else f"{127:07b}{size:064b}"
    return int("01"[masked] + digits, 2).to_bytes((1 + len(digits)) // 8, "big")


# --- Wrong ---


def _mask_forgotten(size: int, masked: bool) -> bytes:
    return from_core(size, False)


def _mask_always(size: int, masked: bool) -> bytes:
    return from_core(size, True)


def _mask_lowest(size: int, masked: bool) -> bytes:
    field = from_core(size, False)
    return bytes([field[0] << 1 | masked]) + field[1:]


def _mask_in_seven_only(size: int, masked: bool) -> bytes:
    return from_core(size, masked and size <= 125)


def _with_limits(seven: int = 125, sixteen: int = 65_535) -> Encode:
    """The largest lengths of the two shorter forms are others."""

    def encode(size: int, masked: bool) -> bytes:
        mark = 0x80 if masked else 0
        if size <= seven:
            return bytes([mark + size])
        if size <= sixteen:
            return bytes([mark + 126]) + (size % 65_536).to_bytes(2, "big")
        return bytes([mark + 127]) + size.to_bytes(8, "big")

    return encode


def _in_order(two: str, eight: str) -> Encode:
    """The extended lengths are in one of struct's orders."""

    def encode(size: int, masked: bool) -> bytes:
        field = from_core(size, masked)
        if len(field) == 1:
            return field
        return field[:1] + (struct.pack(f"{two}H", size) if len(field) == 3 else struct.pack(f"{eight}Q", size))

    return encode


def _with_widths(two: int, eight: int) -> Encode:
    """The extended lengths have other widths; 8 and 8 is a form that is left out."""

    def encode(size: int, masked: bool) -> bytes:
        field = from_core(size, masked)
        if len(field) == 1:
            return field
        width = two if len(field) == 3 else eight
        mark = field[0] | 1 if two == 8 else field[0]
        return bytes([mark]) + (size % 256**width).to_bytes(width, "big")

    return encode


def _counting(more: Callable[[int, bool], int]) -> Encode:
    """Another number stands in the form that the length has."""

    def encode(size: int, masked: bool) -> bytes:
        wrong = more(size, masked)
        field = from_core(size, masked)
        if len(field) == 1:
            return from_core(wrong, masked)
        return field[:1] + (wrong % 256 ** (len(field) - 1)).to_bytes(len(field) - 1, "big")

    return encode


def _key(size: int, masked: bool) -> int:
    return size + (4 if masked else 0)


def _header(size: int, masked: bool) -> int:
    return size + (6 if masked else 2)


def _start_of_form(size: int, masked: bool) -> int:
    return size if size < 126 else size - 126 if size < 65_536 else size - 65_536


def _above_32_bits(size: int, masked: bool) -> int:
    return size % 2**32


def _above_24_bits(size: int, masked: bool) -> int:
    return size if size < 65_536 else max(size % 2**24, 65_536)
