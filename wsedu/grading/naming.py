"""Which idea is behind a mistake, if it is certain.

Each known mistake of an exercise is code that runs. It is named when the learner's answers equal its answers on every
input, when on two or more of these inputs it is wrong, and when no mistake with another name fits as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from .exercise import Exercise, Variant
from .ordering import player_for
from .outcome import Outcome
from .players import LocalPlayer
from .steps import Case

TELLING = 2
"""On how many inputs, at the least, a known mistake must show and the learner's answer must be the same."""


def idea_behind(exercise: Exercise, answers: Sequence[tuple[Case, Outcome]], seed: int) -> str:
    """The id of the misconception behind these answers; empty if none is certain.

    Arguments:
        exercise: with its known mistakes.
        answers: cases of one run, in order, with what the learner's code made of them.
        seed: that the cases were made with.
    """
    fitting = {variant.idea for variant in exercise.wrong if _fits(exercise, variant, answers, seed)}
    return fitting.pop() if len(fitting) == 1 else ""


def _fits(exercise: Exercise, variant: Variant, answers: Sequence[tuple[Case, Outcome]], seed: int) -> bool:
    known = answers_of(exercise, variant.source, seed)[: len(answers)]
    telling = 0
    for (case, outcome), other in zip(answers, known, strict=True):
        if not _normal(case, outcome).like(_normal(case, other)):
            return False
        telling += case.judge(other) is not None
    return telling >= TELLING


def _normal(case: Case, outcome: Outcome) -> Outcome:
    if case.normal is None or not outcome.returned:
        return outcome
    try:
        return Outcome("value", case.normal(outcome.value))
    except Exception:
        return outcome


@lru_cache(maxsize=4096)
def answers_of(exercise: Exercise, source: str, seed: int) -> tuple[Outcome, ...]:
    """What code of our own makes of all cases of an exercise, public ones first."""
    player = player_for(exercise, LocalPlayer())
    player.load(source, exercise.file)
    steps = sorted(exercise.steps(seed), key=lambda step: not step.public)
    return tuple(player.play(case) for step in steps for case in step.cases)
