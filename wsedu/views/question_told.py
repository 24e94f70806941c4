"""What is said of an answer: right or not, what is so and why, and the idea behind a wrong one; as lines of text.

What stands between backticks in a text is code; `runs` takes such a text apart for a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..explain.catalogue import part_catalogue
from .question import Answer, Question, Said, idea_of, is_right

PART = "question_card"

LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer, line by line.

    Arguments:
        mark: `right`, `wrong` or `open`, for a question that was not answered.
        head: the sentence that says so.
        so: what is so, empty where the head has said it.
        because: why it is so, empty if nothing is said.
        idea: the common idea that a wrong answer comes from.
        fact: what is so instead, and where the RFC says it.
        evidence: what the lesson's code found.
    """

    mark: str
    head: str
    so: str = ""
    because: str = ""
    idea: str = ""
    fact: str = ""
    evidence: str = ""

    def lines(self) -> list[str]:
        """As text."""
        return [line for line in (self.head, self.so, self.evidence, self.because, self.idea, self.fact) if line]


def recalled(question: Question, answer: Answer, language: str) -> Verdict:
    """The verdict on an answer to a question whose right answer the file knows."""
    say = part_catalogue(PART, language).say
    so = say("card.so", answer=said_text(question, question.truth))
    because = filled(question, question.truth)
    if answer.said is None:
        return Verdict("open", say("card.skipped"), so, because)
    said = said_text(question, answer.said)
    if answer.right:
        return Verdict("right", say("card.right", said=said), "", because)
    return Verdict("wrong", say("card.wrong", said=said), so, because, *named_idea(question, answer.said, language))


def kept(question: Question, answer: Answer, language: str) -> Verdict:
    """What the card says of a prediction: that it is kept, and where the outcome will be."""
    say = part_catalogue(PART, language).say
    if answer.said is None:
        return Verdict("open", say("card.skipped"), say("card.later"))
    return Verdict("open", say("card.kept", said=said_text(question, answer.said)), say("card.later"))


def revealed(question: Question, answer: Answer | None, value: Any, language: str) -> Verdict:
    """What is said when the outcome is shown.

    Arguments:
        question: that was asked.
        answer: None if nobody answered.
        value: what the lesson's code found: the truth, or for a choice the evidence, None for none.
        language: `en` or `zh`.
    """
    say = part_catalogue(PART, language).say
    choice = question.kind == "choice"
    truth = question.right if choice else value
    so = say("card.so", answer=said_text(question, truth))
    evidence = say("told.evidence", value=shown(value)) if choice and value is not None else ""
    because = filled(question, value)
    if answer is None or answer.said is None:
        head = say("told.nothing" if answer is None else "card.skipped")
        return Verdict("open", head, so, because, evidence=evidence)
    said = said_text(question, answer.said)
    if is_right(question, answer.said, truth):
        return Verdict("right", say("card.right", said=said), "", because, evidence=evidence)
    idea = named_idea(question, answer.said, language)
    return Verdict("wrong", say("card.wrong", said=said), so, because, *idea, evidence)


def named_idea(question: Question, said: Said, language: str) -> tuple[str, str]:
    """The idea behind a wrong answer and the fact with its section; empty if there is no name for it."""
    idea = idea_of(question, said)
    if not idea:
        return "", ""
    say, ideas = part_catalogue(PART, language).say, part_catalogue("misconceptions", language)
    section = section_of(idea, language)
    fact = say("card.fact", fact=ideas.say(f"fact.{idea}"), section=section)
    return say("card.idea", name=ideas.say(f"name.{idea}")), fact


def section_of(idea: str, language: str) -> str:
    """Where the RFC says what is so instead of an idea."""
    rfc = part_catalogue("misconceptions", language).say(f"rfc.{idea}")
    return part_catalogue(PART, language).say("card.section", rfc=rfc)


def said_text(question: Question, said: Any) -> str:
    """An answer as it is shown: an option with its letter."""
    return f"{LETTERS[said]}. {question.options[said]}" if question.kind == "choice" else shown(said)


def filled(question: Question, value: Any) -> str:
    """Why it is so, with what is so put in."""
    return question.because.replace("{value}", shown(value))


def shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex(" ")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}"


def runs(text: str) -> list[list[Any]]:
    """A text as pieces, each with whether it is code."""
    return [[piece, bool(place % 2)] for place, piece in enumerate(text.split("`")) if piece]


def without_marks(text: str) -> str:
    """A text without the backticks around code."""
    return text.replace("`", "")
