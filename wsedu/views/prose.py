"""Sentences that wrap as their script wants it: between words, and in Chinese between any two characters.

rich breaks lines at spaces only, of which a Chinese sentence has none, so it would leave lines half empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.style import Style
from rich.text import Text

_WIDE = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_CLOSING = "。，、；：？！）》」』】”’…"
_OPENING = "（《「『【“‘"

# What stays together: a run without wide characters and spaces, or one wide character; then the marks that must
# not begin a line, before it those that must not end one, and the spaces after it.
_PIECE = re.compile(rf"[{_OPENING}]*(?:[^\s{_WIDE}{_OPENING}{_CLOSING}]+|[{_WIDE}])?[{_CLOSING}]*\s*")


class Prose:
    """A text that wraps to the width it is given, and looks the same wherever it fits on one line.

    Arguments:
        text: the text, or plain characters; line ends in it are kept.
        style: of plain characters.
    """

    def __init__(self, text: Text | str, style: Style | str = "") -> None:
        self.text = Text(text, style) if isinstance(text, str) else text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.split("\n", allow_blank=True):
            for start, end in _lines(line.plain, options.max_width):
                piece = line[start:end]
                piece.no_wrap = True
                yield piece

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        lines = self.text.plain.split("\n")
        widest = max(cell_len(line) for line in lines)
        longest = max((cell_len(piece.rstrip()) for line in lines for _, piece in _pieces(line)), default=0)
        return Measurement(min(longest, options.max_width), min(widest, options.max_width))


class ByWidth:
    """One of two forms of the same: the second one where the first has no room.

    Arguments:
        cells: that the first one needs.
        wide: the first form.
        narrow: the second one.
    """

    def __init__(self, cells: int, wide: RenderableType, narrow: RenderableType) -> None:
        self._cells, self._wide, self._narrow = cells, wide, narrow

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._wide if options.max_width >= self._cells else self._narrow


def wrapped(text: str, cells: int) -> list[str]:
    """A text in lines of at most that many cells.

    Arguments:
        text: on one line.
        cells: of a line.
    """
    return [text[start:end] for start, end in _lines(text, cells)]


def _pieces(line: str) -> Iterator[tuple[int, str]]:
    """What must not be cut, each with where it begins."""
    start = 0
    while start < len(line):
        match = _PIECE.match(line, start)
        end = start + 1 if match is None or match.end() == start else match.end()
        yield start, line[start:end]
        start = end


def _lines(line: str, width: int) -> Iterator[tuple[int, int]]:
    """Where to cut: the first character of each line and the one after its last, spaces at the end left out."""
    begin = end = 0
    for start, piece in _pieces(line):
        if start > begin and cell_len(line[begin:start] + piece.rstrip()) > width:
            yield begin, end
            begin = end = start
        while cell_len(line[begin : start + len(piece)].rstrip()) > width:
            cut = _fitting(line, begin, width)
            yield begin, cut
            begin = cut
        end = max(begin, start + len(piece.rstrip()))
    yield begin, max(begin, end)


def _fitting(line: str, begin: int, width: int) -> int:
    """The end of as many characters as fit, at least one: for a word that is wider than a line."""
    end = begin + 1
    while end < len(line) and cell_len(line[begin : end + 1]) <= width:
        end += 1
    return end
