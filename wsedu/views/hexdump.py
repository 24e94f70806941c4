"""Bytes with a letter under each that says which field it belongs to, and a frame as one line of bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.words import field_label
from ..protocol.layout import Field
from .palette import MARKS
from .prose import ByWidth
from .styles import MUTED, field_style

PER_LINE = 16
"""Bytes in one line of a dump; half as many in a narrow window."""

_OFFSET = 8
"""Cells before the bytes of a line."""

_GAP = "  "


def hex_dump(
    data: bytes,
    fields: Sequence[Field],
    *,
    language: str,
    offset: int = 0,
    limit: int | None = 64,
) -> RenderableType:
    """Bytes in hex, 16 in a line or 8 where there is less room, and under each the letter of its field.

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
    more = []
    if len(data) > len(shown):
        note = catalogue(language).say("view.more.bytes", count=len(data) - len(shown))
        more.append(Text(" " * _OFFSET + note, MUTED))
    wide, narrow = (
        Text("\n").join([*_dump_lines(shown, owners, offset, size), *more]) for size in (PER_LINE, PER_LINE // 2)
    )
    return ByWidth(_OFFSET + 3 * PER_LINE - 1, wide, narrow)


def _dump_lines(data: bytes, owners: list[list[str]], offset: int, per_line: int) -> Iterator[Text]:
    for start in range(0, len(data), per_line):
        yield _hex_line(offset + start, data[start : start + per_line], owners[start : start + per_line])
        yield _letter_line(owners[start : start + per_line])


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
    return Text((" " * _OFFSET + " ".join(letters)).rstrip())


def bit_strip(fields: Sequence[Field], *, language: str, width: int = 76) -> Text:
    """A frame on two lines: what is less than a byte in bits, the rest in hex, and the letter of each field below.

    Where a line has no room for the next field, two further lines follow.

    Arguments:
        fields: of one frame.
        language: `en` or `zh`.
        width: cells; payload that has no room is only counted.
    """
    lines: list[Text] = []
    values, letters = Text(), ""
    for field in fields:
        shown, cut = _shown(field, width - len(letters), language)
        if letters and len(letters) + len(shown) + cell_len(cut) > width:
            lines += _strip_lines(values, letters)
            values, letters = Text(), ""
            shown, cut = _shown(field, width, language)
        letter = MARKS[field.name].letter
        room = max(len(shown), len(letter))
        values.append(shown.ljust(room), field_style(field.name)).append(cut, MUTED).append(_GAP)
        letters += letter.ljust(room + cell_len(cut)) + _GAP
    return Text("\n").join([*lines, *_strip_lines(values, letters)])


def _strip_lines(values: Text, letters: str) -> list[Text]:
    values.rstrip()
    return [values, Text(letters.rstrip())]


def letters_of(fields: Sequence[Field], language: str) -> str:
    """What the letters under a line of bits stand for: a sentence.

    Arguments:
        fields: of the frame that is shown.
        language: `en` or `zh`.
    """
    say = catalogue(language).say
    names = [
        say("view.letters.one", letter=MARKS[field.name].letter, field=field_label(field.name, language))
        for field in fields
    ]
    return say("view.letters", letters=say("view.letters.comma").join(names))


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
    count = max(1, (room - cell_len(note)) // 3)
    return value[:count].hex(" "), " " + catalogue(language).say("view.more.bytes", count=len(value) - count)
