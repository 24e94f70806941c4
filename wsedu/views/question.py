"""A question with its answer: what can be said, and whether it is right; without words and without a page."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

RIGHT, UNNAMED = "", "-"
"""What stands for the right option, and for a wrong one that no misconception is behind."""

Kind = Literal["choice", "number", "text"]

Said = int | float | str
"""An answer: the place of an option from 0, a number, or a text."""

LONGEST = 200
"""Characters of a text that can be given as an answer."""


class NoAnswer(ValueError):
    """What was given is no answer to this kind of question.

    Arguments:
        key: of the sentence that says why.
        facts: that it needs.
    """

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


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
        recall: whether the verdict comes at once.
        answer: for numbers and texts that are recalled: what is right.
        within: for numbers: what share of the right one an answer may be off.
        head: key of the words above it, such as `before`; empty for those of a recalled question or a prediction.
    """

    name: str
    kind: Kind
    ask: str
    options: tuple[str, ...] = ()
    ideas: tuple[str, ...] = ()
    because: str = ""
    wrong: tuple[tuple[str, str], ...] = ()
    recall: bool = False
    answer: Said | None = None
    within: float = 0.0
    head: str = ""

    @property
    def right(self) -> int:
        """The place of the right option, from 0."""
        return self.ideas.index(RIGHT)

    @property
    def truth(self) -> Said | None:
        """What is right, as far as the file of questions knows; None where the lesson's code finds it."""
        return self.right if self.kind == "choice" else self.answer


@dataclass(frozen=True)
class Answer:
    """What was answered.

    Arguments:
        name: of the question.
        said: None for a question that was skipped.
        right: whether it is; None while nobody knows: a prediction whose outcome has not been computed.
    """

    name: str
    said: Said | None = None
    right: bool | None = None

    @property
    def skipped(self) -> bool:
        """Whether nothing was said."""
        return self.said is None


def answered(question: Question, given: Any) -> Answer:
    """An answer to a question, judged if the file of questions knows what is right.

    Arguments:
        question: that was asked.
        given: the place of an option, or what was typed; None to skip.

    Raises:
        NoAnswer: it is none.
    """
    if given is None:
        return Answer(question.name)
    said = taken(question, given)
    return Answer(question.name, said, None if question.truth is None else is_right(question, said, question.truth))


def taken(question: Question, given: Any) -> Said:
    """What was given, as an answer to this kind of question.

    Raises:
        NoAnswer: it is none.
    """
    if question.kind == "choice":
        if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < len(question.options):
            raise NoAnswer("why.choice")
        return given
    text = " ".join(str(given).split())
    if not text:
        raise NoAnswer("why.empty")
    if len(text) > LONGEST:
        raise NoAnswer("why.long", most=LONGEST)
    return text if question.kind == "text" else number(text)


def number(text: str) -> int | float:
    """A number as people type it: `1,000`, `0x7e`, `0b101`, `1.5`, `1e6`.

    Raises:
        NoAnswer: it is none.
    """
    plain = text.replace(" ", "").replace(",", "").replace("_", "")
    try:
        if plain[:2].lower() in ("0x", "0b"):
            return int(plain, 0)
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise NoAnswer("why.number", text=text[:40])
    return int(value) if value == int(value) else value


def is_right(question: Question, said: Said, truth: Any) -> bool:
    """Whether an answer is what is so.

    Arguments:
        question: that was asked.
        said: from `taken`.
        truth: the right option's place, a number, a text, or bytes that were to be written in hexadecimal.
    """
    if question.kind == "choice":
        return bool(said == truth)
    if question.kind == "number":
        return math.isclose(float(said), float(truth), rel_tol=question.within, abs_tol=0.0)
    if isinstance(truth, bytes | bytearray):
        return _hex(str(said)) == bytes(truth).hex()
    return plain_text(str(said)) == plain_text(str(truth))


def idea_of(question: Question, said: Said) -> str:
    """The id of the misconception that gives this answer; empty if it is right or nobody knows one."""
    idea = question.ideas[int(said)] if question.kind == "choice" else _known(question, said)
    return RIGHT if idea == UNNAMED else idea


def _known(question: Question, said: Said) -> str:
    """What stands beside an answer in the table of wrong ones; RIGHT if it is not there."""
    for text, idea in question.wrong:
        if (number(text) == said) if question.kind == "number" else _same(text, str(said)):
            return idea
    return RIGHT


def _same(text: str, said: str) -> bool:
    return plain_text(text) == plain_text(said) or _hex(text) == _hex(said)


def plain_text(text: str) -> str:
    """A text without what does not count in an answer: case, blanks around it and more than one between words."""
    return " ".join(text.split()).casefold()


def _hex(text: str) -> str:
    """Bytes in hexadecimal without what people write around them: `0x81`, `81h`, `\\x81`, commas and blanks."""
    return "".join(re.sub(r"\\x|\b0x|(?<=[0-9a-f])h\b|,", " ", text.lower()).split())
