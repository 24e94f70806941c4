"""Bytes with a letter under each that says which field it belongs to, and a frame as one line of bits."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ..explain.catalogue import catalogue
from ..protocol.layout import Field
from .palette import MARKS
from .styles import MUTED, field_style

PER_LINE = 16
"""Bytes in one line of a dump."""

_GAP = "  "


def hex_dump(
    data: bytes,
    fields: Sequence[Field],
    *,
    language: str,
    offset: int = 0,
    limit: int | None = 64,
) -> Text:
    """Bytes in hex, 16 in a line, and under each the letter of its field.

    A byte that holds several fields has the letters of the first and the last one: `FO`, `ML`.

    Arguments:
        data: the bytes.
        fields: whose bits are counted from the first of these bytes.
        language: `en` or `zh`.
        offset: the number that is written before the first line.
        limit: bytes that are shown before the rest is only counted; None for all.
    """
    shown = data if limit is None else data[:limit]
    owners = _owners(fields, len(shown))
    lines = []
    for start in range(0, len(shown), PER_LINE):
        piece = shown[start : start + PER_LINE]
        lines.append(_hex_line(offset + start, piece, owners[start : start + PER_LINE]))
        lines.append(_letter_line(owners[start : start + PER_LINE]))
    if len(data) > len(shown):
        lines.append(Text(" " * 8 + catalogue(language).say("view.more.bytes", count=len(data) - len(shown)), MUTED))
    return Text("\n").join(lines)


def _owners(fields: Sequence[Field], size: int) -> list[list[str]]:
    """For each byte the names of the fields that have bits in it, in order."""
    owners: list[list[str]] = [[] for _ in range(size)]
    for field in fields:
        last = (field.first_bit + field.bits - 1) // 8
        for index in range(field.first_bit // 8, min(size, last + 1)):
            owners[index].append(field.name)
    return owners


def _hex_line(offset: int, piece: bytes, owners: list[list[str]]) -> Text:
    line = Text().append(f"{offset:6d}  ", MUTED)
    for byte, names in zip(piece, owners, strict=True):
        first, last = (names[0], names[-1]) if names else ("", "")
        line.append(f"{byte:02x}"[0], field_style(first))
        line.append(f"{byte:02x}"[1], field_style(last))
        line.append(" ")
    line.right_crop(1)
    return line


def _letter_line(owners: list[list[str]]) -> Text:
    letters = []
    for names in owners:
        ends = names if len(names) < 2 else [names[0], names[-1]]
        letters.append("".join(MARKS[name].letter for name in ends).ljust(2))
    return Text((" " * 8 + " ".join(letters)).rstrip())


def bit_strip(fields: Sequence[Field], *, language: str, width: int = 76) -> Text:
    """A frame on two lines: what is less than a byte in bits, the rest in hex, and the letter of each field below.

    Arguments:
        fields: of one frame.
        language: `en` or `zh`.
        width: cells; payload that has no room is only counted.
    """
    values, letters = Text(), ""
    for field in fields:
        shown, cut = _shown(field, width - len(letters), language)
        letter = MARKS[field.name].letter
        room = max(len(shown), len(letter))
        values.append(shown.ljust(room), field_style(field.name)).append(cut, MUTED).append(_GAP)
        letters += letter.ljust(room + len(cut)) + _GAP
    values.rstrip()
    return Text("\n").join([values, Text(letters.rstrip())])


def _shown(field: Field, room: int, language: str) -> tuple[str, str]:
    """The value of a field, and a note on what of it has no room."""
    value = field.value
    if isinstance(value, int):
        if field.bits % 8:
            return f"{value:0{field.bits}b}", ""
        value = value.to_bytes(field.bits // 8, "big")
    whole = value.hex(" ")
    if len(whole) <= room:
        return whole, ""
    note = " " + catalogue(language).say("view.more.bytes", count=len(value))
    count = max(1, (room - len(note)) // 3)
    return value[:count].hex(" "), " " + catalogue(language).say("view.more.bytes", count=len(value) - count)
