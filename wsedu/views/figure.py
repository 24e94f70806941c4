"""The figure of RFC 6455 §5.2, 32 bits in a row, filled in with the bytes of one frame.

It is made of plain ASCII lines, as in the RFC; each bit has two cells, the second one for the line after it. Where
a window has no room for 32 bits, a row has 16 of them. `figure` gives it with the fill of each field,
`frame_figure` as plain text, `fitted_figure` for any window.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.console import RenderableType
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.words import field_label
from ..protocol.layout import Field, lay_out_header, lay_out_payload, waiting_for
from .cells import centred, fitted, width_of
from .prose import ByWidth, wrapped
from .styles import MUTED, field_style

ROW_BITS = 32
WIDTH = 2 * ROW_BITS + 1
"""Cells of the figure."""

NARROW_BITS = 16
"""Bits of a row where there is no room for the RFC's 32."""

PAYLOAD_ROWS = 3
"""Rows of payload that are drawn before the rest is only counted."""

_UPRIGHT = 4
"""Lines of a name that is written downwards in a field of one bit: RSV1, MASK."""

_BYTE_CELLS = 16


class Segment(NamedTuple):
    """The part of one field that lies in one row of the figure.

    Arguments:
        field: the whole field.
        row: from 0.
        column: its first bit in the row.
        bits: how many.
        first: index of its first bit in the field.
    """

    field: Field
    row: int
    column: int
    bits: int
    first: int

    @property
    def room(self) -> int:
        """Cells between its two border lines."""
        return 2 * self.bits - 1

    @property
    def last(self) -> bool:
        """Whether the field ends here."""
        return self.first + self.bits == self.field.bits


def fitted_figure(data: bytes, *, language: str, payload_rows: int = PAYLOAD_ROWS) -> RenderableType:
    """The figure with as many bits in a row as its window has room for: 32 or 16 (RFC 6455 §5.2).

    Arguments:
        data: one frame, perhaps cut short or illegal.
        language: `en` or `zh`.
        payload_rows: rows of payload, of 32 bits each, that are drawn before the rest is only counted.
    """
    wide = figure(data, language=language, payload_rows=payload_rows)
    rows = payload_rows * ROW_BITS // NARROW_BITS
    return ByWidth(WIDTH, wide, figure(data, language=language, payload_rows=rows, row_bits=NARROW_BITS))


def frame_figure(data: bytes, *, language: str, start: int = 0) -> str:
    """The figure as plain text, one line after the other (RFC 6455 §5.2).

    Arguments:
        data: bytes of one direction; the frame may be cut short or illegal.
        language: `en` or `zh`.
        start: index of the frame's first byte; at least that byte must be there.
    """
    return figure(data, language=language, start=start).plain


def figure(
    data: bytes, *, language: str, start: int = 0, payload_rows: int = PAYLOAD_ROWS, row_bits: int = ROW_BITS
) -> Text:
    """The figure with the fill of each field (RFC 6455 §5.2).

    Arguments:
        data: bytes of one direction; the frame may be cut short or illegal.
        language: `en` or `zh`.
        start: index of the frame's first byte; at least that byte must be there.
        payload_rows: rows of payload that are drawn before the rest is only counted.
        row_bits: bits of a row, 16 or 32.
    """
    fields, head = lay_out_header(data, start)
    if not head.missing:
        fields += lay_out_payload(data, start, head)
    size = sum(field.bits for field in fields) // 8
    missing = waiting_for(head, len(data) - start)
    segments = list(_segments(fields, start, (8 * head.size) // row_bits + payload_rows, row_bits))
    drawn = sum(segment.bits for segment in segments) // 8
    say = catalogue(language).say
    notes = []
    if size > drawn:
        notes.append(say("view.figure.more", count=size - drawn))
    if missing:
        notes.append(say("view.figure.missing", count=missing))
    lines = [*_ruler(row_bits), *_body(segments, language)]
    if notes:
        width = 2 * row_bits + 1
        lines = [*lines[:-1], _wide(lines[-1].plain, width), *_notes(notes, width)]
    return Text("\n", no_wrap=True).join(lines)


def _segments(fields: list[Field], start: int, rows: int, row_bits: int) -> Iterator[Segment]:
    """The parts of the fields that lie in the first rows."""
    for field in fields:
        first = 0
        while first < field.bits:
            row, column = divmod(field.first_bit - 8 * start + first, row_bits)
            bits = min(row_bits - column, field.bits - first)
            if row >= rows:
                return
            yield Segment(field, row, column, bits, first)
            first += bits


def _ruler(row_bits: int) -> list[Text]:
    """The numbers of the bits, tens over ones."""
    tens = "".join(f" {bit // 10 if bit % 10 == 0 else ' '}" for bit in range(row_bits))
    ones = "".join(f" {bit % 10}" for bit in range(row_bits))
    return [Text(tens.rstrip(), style=MUTED), Text(ones, style=MUTED)]


def _body(segments: list[Segment], language: str) -> list[Text]:
    rows: dict[int, list[Segment]] = {}
    for segment in segments:
        rows.setdefault(segment.row, []).append(segment)
    lines = []
    above: list[Segment] = []
    for row in rows.values():
        lines.append(_border(above, row))
        lines += _row(row, language)
        above = row
    return [*lines, _border(above, [])]


def _border(above: list[Segment], below: list[Segment]) -> Text:
    parts = [*above, *below]
    corners = {2 * part.column for part in parts} | {2 * (part.column + part.bits) for part in parts}
    return Text("".join("+" if cell in corners else "-" for cell in range(max(corners) + 1)))


def _row(row: list[Segment], language: str) -> list[Text]:
    """The lines between two borders: names, then bits or hex, then what they say where that is short."""
    upright = any(segment.field.bits == 1 for segment in row)
    names = [_upright(segment, language) if upright else [_name(segment, language)] for segment in row]
    values = [[_value(segment), _reading(segment, language)] for segment in row]
    cells = [[*above, *below] for above, below in zip(names, values, strict=True)]
    lines = []
    for number in range(len(cells[0])):
        texts = [column[number] for column in cells]
        if any(text.strip() for text in texts):
            lines.append(_line(row, texts))
    return lines


def _line(row: list[Segment], texts: list[str]) -> Text:
    line = Text("|")
    for segment, text in zip(row, texts, strict=True):
        line.append(fitted(text, segment.room), field_style(segment.field.name))
        line.append("|")
    return line


def _upright(segment: Segment, language: str) -> list[str]:
    """The name over several lines, as the first row of the RFC's figure has it."""
    if segment.field.bits == 1:
        return list(segment.field.name.upper().ljust(_UPRIGHT))
    # A field that is cut short has the size that it was going to have.
    bits = f"({segment.field.bits + 8 * segment.field.facts.get('missing', 0)})"
    return [_name(segment, language), centred(bits, segment.room), *[""] * (_UPRIGHT - 2)]


def _name(segment: Segment, language: str) -> str:
    label = field_label(segment.field.name, language)
    if segment.first:
        continued = catalogue(language).say("view.figure.continued", label=label)
        label = continued if width_of(continued) <= segment.room else label
    return centred(label, segment.room)


def _raw(segment: Segment) -> bytes:
    """The bytes of a segment of a field that consists of whole bytes, as on the wire."""
    value = segment.field.value
    whole = value if isinstance(value, bytes) else value.to_bytes(segment.field.bits // 8, "big")
    return whole[segment.first // 8 : (segment.first + segment.bits) // 8]


def _value(segment: Segment) -> str:
    """Bits, one under each number, of what is a number; hex, one byte under eight numbers, of everything else."""
    value = segment.field.value
    if isinstance(value, int):
        shift = segment.field.bits - segment.first - segment.bits
        part = value >> shift & (1 << segment.bits) - 1
        return " ".join(f"{part:0{segment.bits}b}")
    return _bytewise([f"{byte:02x}" for byte in _raw(segment)])


def _bytewise(texts: list[str]) -> str:
    return "".join(centred(text, _BYTE_CELLS - 1) + " " for text in texts)[:-1]


def _reading(segment: Segment, language: str) -> str:
    """What the bits say: a number, the name of an opcode, K0 to K3, a payload byte unmasked."""
    name, facts = segment.field.name, segment.field.facts
    if name == "opcode":
        return centred(catalogue(language).say(f"view.figure.{segment.field.meaning}"), segment.room)
    if name in ("payload_length", "extended_payload_length"):
        value = segment.field.value
        whole = segment.last and not facts.get("missing", 0)
        return centred(f"= {value:,}", segment.room) if whole and isinstance(value, int) else ""
    if name == "masking_key":
        first = segment.first // 8
        return _bytewise([f"K{first + index}" for index in range(segment.bits // 8)])
    if name == "status_code" and segment.bits == segment.field.bits == ROW_BITS // 2:
        plain = facts["plain"].hex(" ")
        wire = _raw(segment).hex(" ")
        number = f"= {facts['code']}"
        return centred(number if plain == wire else f"= {plain} {number}", segment.room)
    return _plain_bytes(segment) if "plain" in facts else ""


def _plain_bytes(segment: Segment) -> str:
    """Under each byte what it is once unmasked, and its character where ASCII has one."""
    first = segment.first // 8
    plain = segment.field.facts["plain"][first : first + segment.bits // 8]
    texts = []
    for wire, byte in zip(_raw(segment), plain, strict=True):
        letter = f"'{chr(byte)}'" if 0x20 <= byte < 0x7F else ""
        texts.append(letter if wire == byte else f"= {byte:02x} {letter}".rstrip())
    return _bytewise(texts)


def _notes(notes: list[str], width: int) -> list[Text]:
    """Rows over the whole width for bytes that are not drawn or not there."""
    rows = [row for note in notes for row in wrapped(note, width - 4)]
    lines = [Text("|").append(fitted(f" {row}", width - 2)).append("|") for row in rows]
    return [*lines, _wide("+", width)]


def _wide(border: str, width: int) -> Text:
    """A border line made as wide as the figure."""
    return Text(border if len(border) == width else border.ljust(width - 1, "-") + "+")
