"""What is said of an answer: marked lines, two values side by side with their first difference, a frame that was made.

A message is a list of parts. Here they become lines of plain text, which a screen reader can read, and what rich
prints; `answers_svg` makes a picture of the same parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ..explain.shown import bytes_hex, printable
from .cells import fitted
from .figure import fitted_figure
from .prose import ByWidth, Prose
from .styles import BAD, CHECK, CROSS, GOOD, LATER, MUTED, NONE, STRONG

Tone = Literal["plain", "strong", "muted", "good", "bad"]
_STYLES = {"plain": NONE, "strong": STRONG, "muted": MUTED, "good": GOOD, "bad": BAD}

WIDE, NARROW = 16, 8
"""Bytes of a line where there is room, and where there is little."""

TEXT_CELLS = {WIDE: 60, NARROW: 32}
"""Characters of a text that are shown around its first difference, where that many bytes would be."""

_NOTE_CELLS = {WIDE: 76, NARROW: 48}
"""Cells of a line with a caret that its note has room in; else the note has a line of its own."""


class Line(NamedTuple):
    """A sentence.

    Arguments:
        text: of one paragraph.
        tone: how it looks; never the only bearer of a meaning.
        passed: puts a check mark or a cross before it; None for neither.
        indent: steps to the right.
        code: shown as it is, in the font of code.
        later: belongs to what is told another time: a dash stands in the place of the cross.
    """

    text: str
    tone: Tone = "plain"
    passed: bool | None = None
    indent: int = 0
    code: bool = False
    later: bool = False

    @property
    def mark(self) -> str:
        """What stands before it; empty for nothing."""
        if self.passed is None:
            return ""
        return CHECK if self.passed else LATER if self.later else CROSS


class Row(NamedTuple):
    """One of two values: its label, its units as written, and the same as text."""

    label: str
    units: tuple[str, ...]
    aside: str = ""


class Beside(NamedTuple):
    """Two values side by side.

    Arguments:
        labels: of the right one and of the one that came.
        expected: the right one.
        got: the other, of the same type.
        at: the first byte or character that differs.
        note: says so in words.
    """

    labels: tuple[str, str]
    expected: bytes | str
    got: bytes | str
    at: int
    note: str

    def rows(self, per_line: int = WIDE) -> tuple[Row, Row, int]:
        """Both rows around the first difference, and which of their units it is."""
        if isinstance(self.expected, bytes) and isinstance(self.got, bytes):
            start = self.at // per_line * per_line
            pieces = [value[start : start + per_line] for value in (self.expected, self.got)]
            one, two = (
                Row(label, tuple(f"{byte:02x}" for byte in piece), _ascii(piece))
                for label, piece in zip(self.labels, pieces, strict=True)
            )
            return one, two, self.at - start
        start, end = self._window(TEXT_CELLS[per_line])
        one, two = (
            Row(label, tuple(printable(char) for char in str(value)[start:end]))
            for label, value in zip(self.labels, (self.expected, self.got), strict=True)
        )
        return one, two, self.at - start

    def _window(self, cells: int) -> tuple[int, int]:
        """The part of two texts that is shown: the line with the difference, and of it what has room."""
        text = str(self.expected)
        start = text.rfind("\n", 0, self.at) + 1
        if self.at - start > cells * 2 // 3:
            start = self.at - cells // 2
        end = text.find("\n", self.at) + 1
        return start, min(end or start + cells, start + cells)

    def before(self, at: int, per_line: int = WIDE) -> int:
        """Cells before a unit of the rows."""
        return sum(cell_len(unit + self.joint) for unit in self._under(per_line)[:at])

    def caret(self, at: int, per_line: int = WIDE) -> int:
        """Cells of a caret below a unit: those of a character of Chinese are two."""
        return max(1, cell_len("".join(self._under(per_line)[at : at + 1])))

    def _under(self, per_line: int) -> tuple[str, ...]:
        """The units of the answer that came, and where it ends, of the right one: what the caret is under."""
        one, two, _ = self.rows(per_line)
        return two.units + one.units[len(two.units) :]

    @property
    def joint(self) -> str:
        """What stands between two units."""
        return " " if isinstance(self.expected, bytes) else ""


class Drawn(NamedTuple):
    """A frame to be drawn, with a sentence before it; the language is that of its labels."""

    data: bytes
    caption: str
    language: str


Part = Line | Beside | Drawn


def _ascii(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)


# --- Plain lines ---


def plain_lines(parts: Iterable[Part]) -> list[str]:
    """The parts as lines of plain text, without drawings, one thing a line."""
    lines: list[str] = []
    for part in parts:
        if isinstance(part, Line):
            mark = f"{part.mark} " if part.mark else ""
            lines.append(f"{'  ' * part.indent}{mark}{part.text}".rstrip())
        elif isinstance(part, Beside):
            one, two, _ = part.rows()
            width = max(map(cell_len, part.labels))
            lines += [f"    {fitted(row.label, width)} {part.joint.join(row.units)}".rstrip() for row in (one, two)]
            lines.append(f"    {part.note}")
        else:
            space = "" if part.caption.endswith("：") else " "
            lines.append(f"    {part.caption}{space}{bytes_hex(part.data, WIDE)}")
    return lines


# --- rich ---


def render_parts(parts: Sequence[Part]) -> RenderableType:
    """The parts as rich prints them: the difference with a caret below it, a frame as the RFC's figure."""
    return Group(*(_rendered(part) for part in parts))


def _rendered(part: Part) -> RenderableType:
    if isinstance(part, Line):
        return _line(part)
    if isinstance(part, Beside):
        wide, narrow = (_beside(part, size) for size in (WIDE, NARROW))
        return Padding(ByWidth(_NOTE_CELLS[WIDE], wide, narrow), (0, 0, 0, 4))
    return Padding(
        Group(Prose(part.caption), fitted_figure(part.data, language=part.language, payload_rows=1)), (0, 0, 0, 4)
    )


def _line(part: Line) -> RenderableType:
    text: RenderableType = Text(part.text, _STYLES[part.tone]) if part.code else Prose(part.text, _STYLES[part.tone])
    if part.mark:
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_row(Text(part.mark, GOOD if part.passed else MUTED if part.later else BAD), text)
        text = table
    return Padding(text, (0, 0, 0, 2 * part.indent))


def _beside(part: Beside, per_line: int) -> RenderableType:
    """The right value, the one that came, and a caret below the first difference, with the note."""
    one, two, at = part.rows(per_line)
    label = max(cell_len(row.label) for row in (one, two)) + 2
    room = max(cell_len(part.joint.join(row.units)) for row in (one, two))
    lines = [_row(row, label, room, at, style, part.joint) for row, style in ((one, GOOD), (two, BAD))]
    caret = Text(" " * (label + part.before(at, per_line))).append("^" * part.caret(at, per_line), BAD)
    fits = cell_len(caret.plain) + 1 + cell_len(part.note) <= _NOTE_CELLS[per_line]
    lines.append(caret.append(f" {part.note}", BAD) if fits else caret)
    rows = Text("\n", no_wrap=True).join(lines)
    return rows if fits else Group(rows, Prose(part.note, BAD))


def _row(row: Row, label: int, room: int, at: int, style: Style, joint: str) -> Text:
    """A label, the units of a value, and the same as text."""
    line = Text().append(row.label + " " * (label - cell_len(row.label)), MUTED)
    for number, unit in enumerate(row.units):
        line.append(unit, style if number == at else NONE).append(joint)
    shown = cell_len("".join(unit + joint for unit in row.units))
    return line.append(" " * (room - shown + 2 + len(joint)) + row.aside, MUTED) if row.aside else line
