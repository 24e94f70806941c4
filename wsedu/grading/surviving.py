"""Mutation testing of a solution: which mutants do the checks not notice?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from .exercise import Exercise
from .mutating import Mutant, mutants_of
from .ordering import player_for
from .players import ChildPlayer


@dataclass(frozen=True)
class Fate:
    """What became of a mutant.

    Arguments:
        mutant: the mutant.
        noticed: whether a check failed.
        reason: why it is no mistake, from the exercise's list of equivalent mutants; empty if it is not in the list.
    """

    mutant: Mutant
    noticed: bool
    reason: str = ""

    @property
    def alive(self) -> bool:
        """Whether it is a mistake that nobody notices."""
        return not self.noticed and not self.reason


def fates_of(exercise: Exercise, seed: int = 0, pool: Executor | None = None) -> Iterator[Fate]:
    """What becomes of each mutant of an exercise's solution.

    Arguments:
        exercise: its `[[equivalent]]` entries (`change`, `reason`) name the mutants that are no mistakes.
        seed: of the random inputs.
        pool: runs several at a time; None runs one after the other.
    """
    equivalent = {entry["change"]: entry["reason"] for entry in exercise.facts.get("equivalent", ())}
    mutants = list(mutants_of(exercise.template, exercise.solution))
    check = partial(_noticed, exercise, seed)
    for mutant, noticed in zip(mutants, (pool.map if pool else map)(check, mutants), strict=True):
        yield Fate(mutant, noticed, equivalent.get(mutant.change, ""))


def _noticed(exercise: Exercise, seed: int, mutant: Mutant) -> bool:
    child = ChildPlayer()
    player = player_for(exercise, child)
    try:
        if not player.load(mutant.source, exercise.file).returned or None in player.has(exercise.names):
            return True
        cases = (case for step in exercise.steps(seed) for case in step.cases)
        return any(case.judge(player.play(case)) is not None for case in cases)
    finally:
        child.close()
