"""Questions to be answered before something is shown, and those of the concept inventory: texts and what is right.

A file of the folder `questions` has a table for each question: `kind` (`choice`, `number` or `text`), for a choice
`options` (the id of a misconception for each wrong option, `""` for the right one, `"-"` for one that is wrong without
a name), and in `en` and `zh`: `ask`, the `options`, and `because`, one sentence that is shown with the answer.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).with_name("questions")

RIGHT, UNNAMED = "", "-"
"""What stands for the right option, and for a wrong one that no misconception is behind."""

Kind = Literal["choice", "number", "text"]


@dataclass(frozen=True)
class Question:
    """A question in one language.

    Arguments:
        name: file and key, such as `frames.length_126`.
        kind: how it is answered.
        ask: the question.
        options: what can be chosen, in their order.
        ideas: for each option the id of its misconception, or RIGHT or UNNAMED.
        because: why the right answer is right.
        wrong: for numbers and texts: known wrong answers and the id of the misconception that gives them.
    """

    name: str
    kind: Kind
    ask: str
    options: tuple[str, ...] = ()
    ideas: tuple[str, ...] = ()
    because: str = ""
    wrong: tuple[tuple[str, str], ...] = ()

    @property
    def right(self) -> int:
        """The place of the right option, from 0."""
        return self.ideas.index(RIGHT)


@cache
def _file(part: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{part}.toml").read_text(encoding="utf-8"))


def question(name: str, language: str) -> Question:
    """A question by its name.

    Arguments:
        name: the file's name and the question's, with a dot between.
        language: `en` or `zh`.

    Raises:
        KeyError: there is none.
    """
    part, _, key = name.partition(".")
    try:
        facts = _file(part)[key]
    except FileNotFoundError:
        raise KeyError(name) from None
    text = facts[language]
    return Question(
        name,
        facts["kind"],
        text["ask"].strip(),
        tuple(text.get("options", ())),
        tuple(facts.get("options", ())),
        text.get("because", "").strip(),
        tuple(facts.get("wrong", {}).items()),
    )


def questions(part: str, language: str) -> list[Question]:
    """All questions of a file, in their order."""
    return [question(f"{part}.{key}", language) for key in _file(part)]
