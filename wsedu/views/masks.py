"""Masking byte by byte: payload byte, key byte, and what their XOR gives, bit under bit (RFC 6455 §5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..explain.catalogue import catalogue
from ..protocol.steps import MaskByte
from .prose import ByWidth
from .styles import MUTED, field_style
from .tables import plain_table

_WIDE = 56
"""Cells of a row with the bits beside the hex."""


def render_mask(
    steps: Sequence[MaskByte],
    language: str,
    *,
    limit: int = 8,
    total: int | None = None,
    unmasking: bool = False,
    header: bool = True,
) -> RenderableType:
    """A row for each byte: its index, the byte given, the byte of the key with its number, and the result.

    Arguments:
        steps: of one payload, in order.
        language: `en` or `zh`.
        limit: rows that are shown before the rest is only counted.
        total: bytes of the payload, where `steps` holds only the first of them.
        unmasking: the bytes given were masked; the result is the payload.
        header: whether the columns have names.
    """
    count = len(steps) if total is None else total
    # One row takes no more room than the note that there is one more.
    shown = steps[: limit + 1] if count == limit + 1 else steps[:limit]
    wide, narrow = (_table(shown, language, unmasking, header, gap) for gap in (" ", "\n"))
    table = ByWidth(_WIDE, wide, narrow)
    more = count - len(shown)
    if more <= 0:
        return table
    return Group(table, Text("  " + catalogue(language).say("view.mask.more", count=more), MUTED))


def _table(steps: Sequence[MaskByte], language: str, unmasking: bool, header: bool, gap: str) -> Table:
    """The rows, with that between the hex of a byte and its bits: in a narrow window they stand below it."""
    say = catalogue(language).say
    plain, wire = say("view.mask.plain"), say("view.mask.wire")
    given, result = (wire, plain) if unmasking else (plain, wire)
    table = plain_table(header=header)
    table.add_column(say("view.mask.index"), justify="right")
    for name in (given, "", say("view.mask.key"), "", result):
        table.add_column(name, no_wrap=gap == " ")
    for step in steps:
        before, after = _byte(step.given, not unmasking, gap), _byte(step.result, unmasking, gap)
        table.add_row(Text(str(step.index), MUTED), before, Text("⊕"), _key(step, gap), Text("="), after)
    return table


def _bits(byte: int) -> str:
    return f"{byte >> 4:04b} {byte & 0xF:04b}"


def _byte(byte: int, plain: bool, gap: str) -> Text:
    """A payload byte in hex and bits; unmasked ones with their character, where ASCII has one."""
    character = f" '{chr(byte)}'" if 0x20 <= byte < 0x7F else "    "
    hexadecimal, bits = f"{byte:02x}", _bits(byte)
    if not plain:
        return Text(hexadecimal + gap + bits, field_style("payload"))
    if gap == " ":
        return Text(f"{hexadecimal} {bits}", field_style("payload")).append(character)
    return Text(hexadecimal, field_style("payload")).append(character).append(gap + bits)


def _key(step: MaskByte, gap: str) -> Text:
    return Text(f"K{step.index % 4} {step.key_byte:02x}{gap}{_bits(step.key_byte)}", field_style("masking_key"))
