"""Questions in GIFT, the text format of Moodle's question bank."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .. import __version__
from ..explain.catalogue import part_catalogue
from ..views.question import RIGHT, Question
from ..views.question_told import without_marks
from .export_told import feedback

_SPECIAL = re.compile(r"([\\~=#{}:])")


def gift(asked: Sequence[Question], language: str) -> str:
    """The questions with their options, one right, and the feedback of each.

    Arguments:
        asked: the questions, each a choice.
        language: `en` or `zh`.
    """
    say = part_catalogue("quiz", language).say
    head = [f"// {say('export.made', version=__version__)}", "", f"$CATEGORY: {say('quiz.title')}", ""]
    return "\n".join(head) + "\n" + "\n".join(_question(one, language) for one in asked)


def _question(question: Question, language: str) -> str:
    lines = [f"::{question.name}::[plain]{escaped(question.ask)} {{"]
    for place, option in enumerate(question.options):
        sign = "=" if question.ideas[place] == RIGHT else "~"
        lines.append(f"\t{sign}{escaped(option)}#{escaped(feedback(question, place, language))}")
    return "\n".join([*lines, "}", ""])


def escaped(text: str) -> str:
    """A text in which nothing means anything to GIFT."""
    return _SPECIAL.sub(r"\\\1", " ".join(without_marks(text).split()))
