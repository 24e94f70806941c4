"""A table in a lesson: aligned text, and HTML for a notebook, in which Chinese keeps its columns too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from rich.cells import cell_len

Cell = str | Sequence[str]
"""What stands in a cell: a line, or several."""

_LEFT = "text-align: left; vertical-align: top"
_SHORT = 12
"""Characters' widths of a cell that is never wrapped: a time, a name, a few bytes."""


class Table:
    """Rows below the names of their columns.

    Arguments:
        heads: the names.
        rows: of each the cells, as many as there are names.
    """

    def __init__(self, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        self.heads = list(heads)
        self.rows = [[_lines(cell) for cell in row] for row in rows]

    def __repr__(self) -> str:
        lines: list[list[str]] = [self.heads]
        for row in self.rows:
            height = max(map(len, row), default=0)
            lines += [[cell[place] if place < len(cell) else "" for cell in row] for place in range(height)]
        widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
        made = ["  ".join(_padded(*pair) for pair in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join([made[0], "─" * (sum(widths) + 2 * len(widths) - 2), *made[1:]])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._html()}

    def _html(self) -> str:
        heads = "".join(f'<th scope="col" style="{_LEFT}">{escape(head)}</th>' for head in self.heads)
        rows = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _lines(cell: Cell) -> list[str]:
    return [cell] if isinstance(cell, str) else list(cell)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _cell(lines: list[str]) -> str:
    short = "; white-space: nowrap" if max(map(cell_len, lines), default=0) <= _SHORT else ""
    return f'<td style="{_LEFT}{short}">{"<br>".join(map(escape, lines))}</td>'
