"""Predict, then see: `ask` shows a question and keeps the answer, `reveal` says later what is so."""

from __future__ import annotations

from typing import Any

from ..explain.catalogue import choose_language, part_catalogue
from ..views.question import Answer, is_right
from ..views.question_told import PART, Verdict, revealed, said_text, without_marks
from .question import question
from .told import Told

_ANSWERS: dict[str, Answer] = {}
"""What has been answered in this kernel, by the name of the question."""


class Answers(dict[str, Answer]):
    """Answers by the name of their question, which can be counted; shown, an option stands with its letter."""

    def __repr__(self) -> str:
        language = choose_language()
        return "\n".join(_listed(answer, language) for answer in self.values()) or super().__repr__()

    @property
    def given(self) -> int:
        """How many questions were answered."""
        return sum(not answer.skipped for answer in self.values())

    @property
    def skipped(self) -> int:
        """How many were skipped."""
        return sum(answer.skipped for answer in self.values())

    @property
    def right(self) -> int:
        """How many answers are known to be right."""
        return sum(answer.right is True for answer in self.values())

    @property
    def wrong(self) -> int:
        """How many are known to be wrong."""
        return sum(answer.right is False for answer in self.values())


_MARKS = {True: "right", False: "wrong", None: "open"}


def _listed(answer: Answer, language: str) -> str:
    """An answer in a line: its question, what was said, and whether it is right as far as anyone knows."""
    say = part_catalogue(PART, language).say
    if answer.skipped:
        return say("answers.skipped", name=answer.name)
    said = without_marks(said_text(question(answer.name, language), answer.said))
    return say(f"answers.{_MARKS[answer.right]}", name=answer.name, said=said)


def answers() -> Answers:
    """What has been answered in this notebook so far: a copy, by the name of the question."""
    return Answers(_ANSWERS)


def keep(answer: Answer) -> None:
    """Keep an answer."""
    _ANSWERS[answer.name] = answer


def forget(name: str) -> None:
    """Forget what was answered, if anything was."""
    _ANSWERS.pop(name, None)


def ask(name: str, *, again: bool = False) -> Any:
    """A question as a card, whose answer is kept; the last expression of a cell.

    A cell that is run once more shows the answer that was kept; it never waits for one. The card of a question that
    was answered has a button that asks it again, as `again` does.

    Arguments:
        name: of the question, such as `frames.length_126`.
        again: whether to forget what was answered and ask once more.

    Raises:
        UnknownQuestionError: there is none of that name.
    """
    from ..widgets.question_card import QuestionCard

    language = choose_language()
    asked = question(name, language)
    if again:
        forget(name)
    return QuestionCard(asked, kept=_ANSWERS.get(name), heard=keep, forgotten=forget, language=language)


def reveal(name: str, value: Any = None) -> Told:
    """What was answered, and what is so.

    Arguments:
        name: of a question that `ask` has shown.
        value: what the lesson's code found: the right number or text; for a choice the evidence, if there is any.

    Raises:
        UnknownQuestionError: there is no such question.
        ValueError: a number or text was asked for, and there is no value.
    """
    language = choose_language()
    asked = question(name, language)
    if asked.kind != "choice" and value is None:
        raise ValueError(part_catalogue(PART, language).say("why.value", name=name))
    answer = _ANSWERS.get(name)
    if answer is not None and answer.said is not None and answer.right is None:
        answer = Answer(name, answer.said, is_right(asked, answer.said, value))
        keep(answer)
    verdict: Verdict = revealed(asked, answer, value, language)
    return Told(asked.ask, verdict, language)
