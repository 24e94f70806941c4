"""Tables for a terminal: the fields of a frame, and rows of sentences beside the endpoint that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.shown import bytes_hex
from ..explain.words import field_label, field_meaning
from ..protocol.layout import Field
from ..protocol.types import Role
from .palette import MARKS
from .prose import ByWidth, Prose
from .styles import MUTED, STRONG, field_style

_SHOWN = 6
"""Bytes of a value that a table shows; all others are counted."""

_WIDE = 64
"""Cells from which on a meaning has room beside its field."""

_RESERVED = ("rsv1", "rsv2", "rsv3")


def plain_table(*, header: bool = True, expand: bool = False) -> Table:
    """A table without lines, so that every cell of the width is for words.

    Arguments:
        header: whether the columns have names.
        expand: whether it takes the whole width.
    """
    return Table(box=None, show_header=header, pad_edge=False, padding=(0, 1, 0, 0), header_style=STRONG, expand=expand)


def field_table(fields: Sequence[Field], language: str, *, full: bool = True) -> RenderableType:
    """A row for each field of one frame: letter, name, bits, value, meaning, section.

    Three reserved bits that are all 0 share one row. In a narrow window the meaning stands below the rest.

    Arguments:
        fields: of one frame, in order, their bits counted from its first bit.
        language: `en` or `zh`.
        full: whether the columns have names and the numbers of the bits are shown, which a figure shows as well.
    """
    rows = [_field_row(group, language) for group in _groups(fields)]
    return ByWidth(_WIDE, _wide_fields(rows, language, full), _narrow_fields(rows, full))


def _wide_fields(rows: Iterable[tuple[Text, ...]], language: str, full: bool) -> Table:
    say = catalogue(language).say
    table = plain_table(header=full, expand=True)
    table.add_column("", no_wrap=True)
    table.add_column(say("view.column.field"), min_width=8, max_width=15)
    if full:
        table.add_column(say("view.column.bits"), no_wrap=True)
    table.add_column(say("view.column.value"), max_width=18, overflow="fold")
    table.add_column(say("view.column.meaning"), ratio=1, overflow="fold")
    table.add_column("", no_wrap=True)
    for letter, label, bits, value, meaning, section in rows:
        shown = (bits,) if full else ()
        table.add_row(letter, Prose(label), *shown, value, Prose(meaning), section)
    return table


def _narrow_fields(rows: Iterable[tuple[Text, ...]], full: bool) -> Table:
    table = plain_table(header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for letter, label, bits, value, meaning, section in rows:
        parts = [label, *([bits] if full else []), value, section]
        table.add_row(letter, Prose(Text("\n").join([Text("  ").join(parts), meaning])))
    return table


def _groups(fields: Sequence[Field]) -> Iterator[list[Field]]:
    """One field each, but the three reserved bits together when they are all clear."""
    clear = [field for field in fields if field.name in _RESERVED and not field.value]
    merged = len(clear) == len(_RESERVED)
    for field in fields:
        if not merged or field not in clear:
            yield [field]
        elif field is clear[0]:
            yield clear


def _field_row(group: list[Field], language: str) -> tuple[Text, ...]:
    field, say = group[0], catalogue(language).say
    merged = len(group) > 1
    letter = "R" if merged else MARKS[field.name].letter
    label = say("view.reserved") if merged else field_label(field.name, language)
    value = " ".join(str(one.value) for one in group) if merged else _value(field)
    meaning = field_meaning(field, language)
    return (
        Text(letter.center(len(letter) + 2), field_style(field.name)),
        Text(label),
        Text(_positions(group), MUTED),
        Text(value),
        Text(meaning),
        Text(f"§{field.section}", MUTED),
    )


def _positions(group: list[Field]) -> str:
    first = group[0].first_bit
    last = group[-1].first_bit + group[-1].bits - 1
    return str(first) if first == last else f"{first}-{last}"


def _value(field: Field) -> str:
    if isinstance(field.value, bytes):
        return bytes_hex(field.value, _SHOWN)
    if field.bits == 1:
        return str(field.value)
    if field.bits % 8:
        number = f"0x{field.value:x}" if field.name == "opcode" else f"{field.value}"
        return f"{field.value:0{field.bits}b} = {number}"
    return field.value.to_bytes(field.bits // 8, "big").hex(" ") + f" = {field.value:,}"


def told_by(rows: Iterable[tuple[Role | None, Text]], language: str) -> Table:
    """Sentences, each beside the endpoint whose view it is, or the network; the name stands once over a run of them."""
    table = plain_table(header=False)
    table.add_column(no_wrap=True, min_width=8)
    table.add_column(ratio=1, overflow="fold")
    before = ""
    for role, text in rows:
        name = role_name(role, language)
        table.add_row(Text("" if name == before else name, STRONG), Prose(text))
        before = name
    return table


def role_name(role: Role | None, language: str) -> str:
    """The word for an endpoint, or for the network between the two, which is None."""
    return catalogue(language).say("picture.network" if role is None else f"role.{role.value}")
