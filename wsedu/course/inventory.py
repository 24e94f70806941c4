"""The concept inventory: which questions are asked, in which order, and what a learner's answers come to."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..explain.catalogue import Catalogue, part_catalogue
from ..views.question import Answer, Question, idea_of
from ..views.question_told import section_of
from .lessons import LESSONS
from .question import questions

PART = "inventory"
"""The file of the questions."""


def inventory(language: str, *, count: int | None = None, seed: int | None = None) -> list[Question]:
    """The questions of the concept inventory.

    Arguments:
        language: `en` or `zh`.
        count: how many; None for all. Fewer are taken from all areas.
        seed: shuffles the questions and the options of each, the same for the same seed; None for the file's order.

    Raises:
        ValueError: there are not so many.
    """
    found = questions(PART, language)
    if count is not None and not 1 <= count <= len(found):
        raise ValueError(f"count is {count}: there are 1 to {len(found)} questions")
    chosen = found if count is None else [found[place * len(found) // count] for place in range(count)]
    if seed is None:
        return chosen
    dice = random.Random(seed)
    if count is not None:
        chosen = dice.sample(found, count)
    else:
        dice.shuffle(chosen)
    return [_shuffled(one, dice) for one in chosen]


def _shuffled(question: Question, dice: random.Random) -> Question:
    order = list(range(len(question.options)))
    dice.shuffle(order)
    options, ideas = question.options, question.ideas
    return replace(question, options=tuple(options[at] for at in order), ideas=tuple(ideas[at] for at in order))


@dataclass(frozen=True)
class Revisit:
    """An idea to look at again.

    Arguments:
        idea: the id of the misconception.
        name: what is believed.
        fact: what is so.
        section: of the RFC.
        lesson: the number of the lesson.
        asked: the names of the questions whose answers came from it.
        answers: those questions, each with its right option.
    """

    idea: str
    name: str
    fact: str
    section: str
    lesson: int
    asked: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Result:
    """What the answers come to.

    Arguments:
        asked: how many questions there were.
        answered: how many of them were answered.
        skipped: how many were skipped.
        right: how many answers are right.
        revisit: the ideas behind the wrong ones, in the order of the lessons.
    """

    asked: int
    answered: int
    skipped: int
    right: int
    revisit: tuple[Revisit, ...]


def result(asked: Sequence[Question], answers: Mapping[str, Answer], language: str) -> Result:
    """What the answers come to.

    Arguments:
        asked: the questions.
        answers: by the name of the question; those that are missing were not reached.
        language: `en` or `zh`.
    """
    given = [(one, answers[one.name]) for one in asked if one.name in answers]
    said = [(one, answer) for one, answer in given if answer.said is not None]
    right = sum(answer.right is True for _, answer in said)
    behind: dict[str, list[Question]] = {}
    for one, answer in said:
        idea = idea_of(one, answer.said) if answer.said is not None else ""
        if idea:
            behind.setdefault(idea, []).append(one)
    ideas = sorted(behind, key=lambda idea: (LESSONS[idea], idea))
    words = part_catalogue("misconceptions", language)
    revisit = tuple(_revisit(idea, behind[idea], words) for idea in ideas)
    return Result(len(asked), len(said), len(given) - len(said), right, revisit)


def _revisit(idea: str, asked: Sequence[Question], words: Catalogue) -> Revisit:
    section = section_of(idea, words.language)
    names = tuple(one.name for one in asked)
    answers = tuple((one.ask, one.options[one.right]) for one in asked)
    return Revisit(idea, words.say(f"name.{idea}"), words.say(f"fact.{idea}"), section, LESSONS[idea], names, answers)


def result_lines(found: Result, language: str) -> list[str]:
    """The result as lines: a head, then each idea, and indented the fact, where it stands, and the right answers."""
    say = part_catalogue("quiz", language).say
    lines = [say("result.right", right=found.right, answered=found.answered)]
    if found.answered < found.asked:
        lines.append(say("result.open", skipped=found.skipped, left=found.asked - found.answered - found.skipped))
    if found.revisit:
        lines += ["", say("result.revisit", count=len(found.revisit))]
    elif found.answered == found.asked:
        lines += ["", say("result.nothing")]
    for one in found.revisit:
        lines += ["", say("result.idea", name=one.name), f"  {one.fact}"]
        lines.append(f"  {say('result.where', section=one.section, lesson=one.lesson)}")
        lines += [f"  {say('result.answer', ask=ask, answer=answer)}" for ask, answer in one.answers]
    return lines
