"""The quiz on a terminal: a question at a time, drawn anew with every key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.style import StyleType
from rich.text import Text

from ..explain.catalogue import part_catalogue
from ..views.question import Answer, Question, answered
from ..views.question_told import LETTERS, runs
from ..views.styles import MUTED, STRONG
from .keys import read_named_key

if TYPE_CHECKING:
    from .context import Context

_CODE = "cyan"


class KeyScreen:
    """Asks by keys.

    Arguments:
        context: its console is drawn on.
    """

    def __init__(self, context: Context) -> None:
        self._say = part_catalogue("quiz", context.language).say
        self._console = context.console

    def ask(self, question: Question, number: int, count: int) -> Answer | None:
        """Ask a question until Enter or s is pressed; None for q: the end."""
        from rich.live import Live

        if number == 1:
            self._console.print(Text(self._say("quiz.title"), style=STRONG))
            self._console.print(self._say("quiz.head", count=count), highlight=False)
        at: int | None = None
        with Live(self._drawn(question, number, count, at), console=self._console, auto_refresh=False) as live:
            while True:
                key = read_named_key()
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
        place = Text(f"\n{self._say('quiz.place', number=number, count=count)}  ", style=MUTED)
        rows = [place + _text(question.ask, STRONG)]
        for own, option in enumerate(question.options):
            mark = "▶" if own == at else " "
            line = _text(f"{mark} {LETTERS[own]}. {option}", STRONG if own == at else "")
            rows.append(line)
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


def _text(content: str, style: StyleType) -> Text:
    """A text with its code in another colour."""
    made = Text(style=style)
    for piece, code in runs(content):
        made.append(piece, _CODE if code else None)
    return made
