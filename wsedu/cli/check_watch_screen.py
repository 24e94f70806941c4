"""How watch mode looks: a screen that is drawn anew, with the progress at its bottom, or plain lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from rich.console import Group
from rich.text import Text

from ..explain.catalogue import Catalogue
from ..views.answers import Drawn, Line, Part, plain_lines, render_parts
from ..views.cells import fitted, width_of
from ..views.styles import GOOD, MUTED, STRONG

if TYPE_CHECKING:
    from .context import Context

BAR = 24
"""Cells of the progress bar."""

_BETWEEN = " · "
"""What stands between two keys."""

_MORE = "⋮"
"""Stands for lines that have no room."""


class Screen(Protocol):
    """What watch mode is shown on."""

    @property
    def cells(self) -> int | None:
        """How many cells a line has; None for any number."""

    def show(self, parts: Sequence[Part], *, at: int | None = None) -> None:
        """Show this in place of what is there; of lines that are too many, those around the one at `at`."""

    def add(self, parts: Sequence[Part]) -> None:
        """Show this below what is there."""

    def note(self, text: str, *, asks: bool = False) -> None:
        """Say what is going on, or ask."""

    def keys(self, text: str, done: int, count: int) -> None:
        """Say what the keys do, and how far the learner is; shown with the next thing that is."""


class PlainScreen:
    """Lines one after another, without colours, drawings and redrawing: for a screen reader, a pipe, a file.

    Arguments:
        context: writes them.
        words: the texts.
    """

    def __init__(self, context: Context, words: Catalogue) -> None:
        self._context, self._words = context, words
        self._told = ""

    cells = None

    def show(self, parts: Sequence[Part], *, at: int | None = None) -> None:
        """See `Screen`."""
        self.add(parts)
        self._line(self._told)

    def add(self, parts: Sequence[Part]) -> None:
        """See `Screen`."""
        for line in plain_lines(parts):
            self._line(line)

    def note(self, text: str, *, asks: bool = False) -> None:
        """See `Screen`."""
        self._line(text)

    def keys(self, text: str, done: int, count: int) -> None:
        """See `Screen`."""
        self._told = f"{self._words.say('watch.progress', done=done, count=count)} · {text}"

    def _line(self, text: str) -> None:
        import sys

        self._context.write(text)
        sys.stdout.flush()


class DrawnScreen:
    """The whole terminal, drawn anew at each change; nothing on it moves by itself.

    Arguments:
        context: has the console.
        words: the texts.
    """

    def __init__(self, context: Context, words: Catalogue) -> None:
        self._console, self._words = context.console, words
        self._parts: list[Part] = []
        self._at: int | None = None
        self._note, self._keys = Text(), ""
        self._progress = (0, 1)

    @property
    def cells(self) -> int | None:
        """See `Screen`."""
        return self._console.width

    def show(self, parts: Sequence[Part], *, at: int | None = None) -> None:
        """See `Screen`."""
        self._parts, self._at = list(parts), at
        self._draw()

    def add(self, parts: Sequence[Part]) -> None:
        """See `Screen`."""
        self._parts += parts
        self._draw()

    def note(self, text: str, *, asks: bool = False) -> None:
        """See `Screen`."""
        self._note = Text(fitted(text, self._console.width - 1).rstrip(), STRONG if asks else MUTED)
        self._draw()

    def keys(self, text: str, done: int, count: int) -> None:
        """See `Screen`."""
        self._keys, self._progress = text, (done, count)

    def _draw(self) -> None:
        bottom = self._lines_of(self._bottom())
        height = self._console.height
        body: list[str] = []
        for parts in _shorter(self._parts):
            body = self._lines_of(render_parts(parts))
            if len(body) + len(bottom) <= height:
                break
        if self._at is not None:
            body = _around(body, self._at, height - len(bottom))
        lines = [*body, *[""] * (height - len(body) - len(bottom)), *bottom]
        if self._console.legacy_windows:
            self._console.clear()
            self._console.print("\n".join(lines), end="")
            return
        file = self._console.file
        file.write("\x1b[H" + "\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J")
        file.flush()

    def _bottom(self) -> Group:
        done, count = self._progress
        filled = round(BAR * done / max(count, 1))
        bar = Text("▓" * filled, GOOD).append("░" * (BAR - filled), MUTED)
        bar.append(f" {self._words.say('watch.progress', done=done, count=count)}")
        return Group(self._note, Text(_filled(self._keys, self._console.width - 1)), bar)

    def _lines_of(self, renderable: object) -> list[str]:
        with self._console.capture() as captured:
            self._console.print(renderable)
        return [line.rstrip() for line in captured.get().splitlines()]


def _around(lines: list[str], at: int, room: int) -> list[str]:
    """As many of the lines as there is room for: the last two, and of the others those around one of them."""
    rest, end = lines[:-2], lines[-2:]
    room = max(room - len(end), 3)
    if len(rest) <= room:
        return lines
    start = max(0, min(at - room // 2, len(rest) - room))
    shown = rest[start : start + room]
    if start > 0:
        shown[0] = _MORE
    if start + room < len(rest):
        shown[-1] = _MORE
    return [*shown, *end]


def _filled(text: str, cells: int) -> str:
    """What the keys do, in lines that end between two keys."""
    lines: list[str] = []
    for key in text.split(_BETWEEN):
        if lines and width_of(lines[-1] + _BETWEEN + key) <= cells:
            lines[-1] += _BETWEEN + key
        else:
            lines.append(key)
    return "\n".join(lines)


def _shorter(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """What to show where there is less and less room.

    First the drawing of a frame is left out, whose bytes stand beside the right ones anyway; then the steps that are
    not the first to fail, which the verdict counts.
    """
    yield parts
    parts = [part for part in parts if not isinstance(part, Drawn)]
    yield parts
    yield [
        part
        for part in parts
        if not isinstance(part, Line)
        or part.indent != 1
        or part.tone == "strong"
        or (part.passed is None and not part.later)
    ]
