"""Tables that lose nothing in a narrow terminal: names above their rows, or another form where columns do not fit."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table

from .prose import Prose
from .styles import STRONG

_ENDLESS = 10_000
"""Cells of a console that has room for everything."""


class ByFit:
    """One of two forms of the same: the second one where the columns of the first would be cut.

    Arguments:
        wide: the first form, whose columns do not wrap.
        narrow: the second one.
    """

    def __init__(self, wide: Table | Headed, narrow: RenderableType) -> None:
        self._wide, self._narrow = wide, narrow

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = self._wide.table if isinstance(self._wide, Headed) else self._wide
        needed = Measurement.get(console, options.update(max_width=_ENDLESS), table).maximum
        yield self._wide if needed <= options.max_width else self._narrow


class Headed:
    """A table with lines of the whole width between its rows.

    Arguments:
        table: each of its rows is one line.
        heads: what stands above a row, by the number of the row.
    """

    def __init__(self, table: Table, heads: Mapping[int, str]) -> None:
        self.table, self._heads = table, heads

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self.table, options, pad=False)
        first = len(lines) - len(self.table.rows)
        for number, line in enumerate(lines):
            if number - first in self._heads:
                yield Prose(self._heads[number - first], STRONG)
            yield from line
            yield Segment.line()
