"""Questions to be answered before something is shown, and those of the concept inventory: texts and what is right.

A file of the folder `questions` has a table for each question:

- `kind`: `choice`, `number` or `text`;
- `options`, for a choice: the id of a misconception for each wrong option, `""` for the right one, `"-"` for one that
  is wrong without a name;
- `wrong`, for a number or a text, if wanted: a table of known wrong answers and the ids of their misconceptions;
- `recall = true` for what was learned before, where the verdict comes at once; a number or a text then has `answer`;
- `head`, if wanted: what stands above it, as a key of the card's texts, such as `before`;
- `within`, for a number, if wanted: the share by which an answer may be off, such as 0.1;
- in `en` and `zh`: `ask`, the `options`, and `because`, one sentence that is shown with the answer, where `{value}`
  stands for what is so. What stands between backticks is shown as code.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from ..explain.catalogue import part_catalogue
from ..explain.near import nearest
from ..views.question import RIGHT, UNNAMED, Kind, Question

__all__ = ["FOLDER", "RIGHT", "UNNAMED", "Kind", "Question", "UnknownQuestionError", "parts", "question", "questions"]

FOLDER = Path(__file__).with_name("questions")


class UnknownQuestionError(LookupError):
    """There is no question of that name; its text is one line for whoever wrote the name."""


def parts() -> list[str]:
    """The names of the files of questions."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def _file(part: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{part}.toml").read_text(encoding="utf-8"))


def question(name: str, language: str) -> Question:
    """A question by its name.

    Arguments:
        name: the file's name and the question's, with a dot between.
        language: `en` or `zh`.

    Raises:
        UnknownQuestionError: there is none.
    """
    part, _, key = name.partition(".")
    if part not in parts() or key not in _file(part):
        raise UnknownQuestionError(_unknown(name, language))
    facts = _file(part)[key]
    text = facts[language]
    return Question(
        name,
        facts["kind"],
        text["ask"].strip(),
        tuple(text.get("options", ())),
        tuple(facts.get("options", ())),
        text.get("because", "").strip(),
        tuple(facts.get("wrong", {}).items()),
        facts.get("recall", False),
        facts.get("answer"),
        facts.get("within", 0.0),
        facts.get("head", ""),
    )


def questions(part: str, language: str) -> list[Question]:
    """All questions of a file, in their order."""
    return [question(f"{part}.{key}", language) for key in _file(part)]


def _unknown(name: str, language: str) -> str:
    near = nearest(name, [f"{part}.{key}" for part in parts() for key in _file(part)])
    return part_catalogue("question_card", language).say("why.near" if near else "why.unknown", name=name, near=near)
