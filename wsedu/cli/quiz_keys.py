"""The quiz on a terminal: a question at a time, drawn anew with every key."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.style import StyleType
from rich.text import Text

from ..explain.catalogue import part_catalogue
from ..views.question import Answer, Question, answered
from ..views.question_told import LETTERS, runs
from ..views.styles import MUTED, STRONG
from .keys import NamedKeys
from .wrapping import wrapped

if TYPE_CHECKING:
    from .context import Context

_CODE = "cyan"

WIDTH = 90
"""Cells of a line, where the terminal has as many."""


class KeyScreen:
    """Asks by keys, between `with` and its end.

    Arguments:
        context: its console is drawn on.
    """

    def __init__(self, context: Context) -> None:
        self._say = part_catalogue("quiz", context.language).say
        self._console = context.console
        self._keys = NamedKeys()

    def __enter__(self) -> KeyScreen:
        self._keys.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keys.__exit__(kind, error, trace)

    @property
    def _width(self) -> int:
        return min(self._console.width, WIDTH)

    def ask(self, question: Question, number: int, count: int) -> Answer | None:
        """Ask a question until Enter or s is pressed; None for q: the end."""
        from rich.live import Live

        if number == 1:
            self._console.print(Text(self._say("quiz.title"), style=STRONG))
            self._console.print(Text("\n".join(wrapped(self._say("quiz.head", count=count), self._width))))
        at: int | None = None
        with Live(
            self._drawn(question, number, count, at),
            console=self._console,
            auto_refresh=False,
            vertical_overflow="visible",
        ) as live:
            while True:
                key = self._keys.read()
                if key in ("q", "Q", "escape", ""):
                    return None
                if key in ("s", "S"):
                    live.update(self._drawn(question, number, count, None, done=True), refresh=True)
                    return answered(question, None)
                if key == "enter" and at is not None:
                    live.update(self._drawn(question, number, count, at, done=True), refresh=True)
                    return answered(question, at)
                at = moved(key, at, len(question.options))
                live.update(self._drawn(question, number, count, at), refresh=True)

    def _drawn(self, question: Question, number: int, count: int, at: int | None, *, done: bool = False) -> Group:
        rows = [Text(f"\n{self._say('quiz.place', number=number, count=count)}", style=MUTED)]
        rows.append(_text("", question.ask, STRONG, self._width))
        for own, option in enumerate(question.options):
            mark = "▶" if own == at else " "
            rows.append(_text(f"{mark} {LETTERS[own]}. ", option, STRONG if own == at else "", self._width))
        if done:
            return Group(*rows, Text(self._say("quiz.skipped"), style=MUTED)) if at is None else Group(*rows)
        return Group(*rows, Padding(Text(self._say("quiz.keys"), style=MUTED), (1, 0, 0, 0)))


def moved(key: str, at: int | None, count: int) -> int | None:
    """Which option is chosen after a key.

    Arguments:
        key: `up`, `down`, or a character.
        at: which one is chosen before it, from 0; None for none.
        count: how many there are.
    """
    if key == "down":
        return 0 if at is None else (at + 1) % count
    if key == "up":
        return count - 1 if at is None else (at - 1) % count
    place = LETTERS.find(key.upper()) if len(key) == 1 else -1
    return place if 0 <= place < count else at


def _text(head: str, content: str, style: StyleType, width: int) -> Text:
    """A text with its code in another colour, broken into lines that all begin beside the head."""
    lines = wrapped(content, width - len(head))
    made = Text(head, style=style)
    for piece, code in runs(f"\n{' ' * len(head)}".join(lines)):
        made.append(piece, _CODE if code else None)
    return made
