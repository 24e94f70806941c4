"""An exercise is examined: the checks in their order, the first that fails, and the idea behind it if it is certain.

The order is always the same: does the file load, is the name there, does it return something, of the right type, the
steps, the misconception, the plain difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .difference import Difference
from .exercise import Exercise
from .naming import idea_behind
from .outcome import Outcome
from .players import Player
from .steps import Case, Step
from .twice import played_again

Stage = Literal["load", "missing", "silent", "type", "step"]
"""Where the first failure lies: loading, a name that is not there, nothing returned, the wrong type, a step."""


@dataclass(frozen=True)
class StepResult:
    """One step.

    Arguments:
        name: of the step.
        passed: whether all of its cases were right.
        public: whether the learner knows of it.
    """

    name: str
    passed: bool
    public: bool


@dataclass(frozen=True)
class Failure:
    """The first thing that is wrong.

    Arguments:
        stage: where.
        outcome: what came.
        difference: from what is right; None for a file that does not load.
        step: its name, empty before the steps.
        case: the case; None before the steps.
        name: the name that is missing.
    """

    stage: Stage
    outcome: Outcome
    difference: Difference | None = None
    step: str = ""
    case: Case | None = None
    name: str = ""


@dataclass(frozen=True)
class Report:
    """What an examination found.

    Arguments:
        exercise: the exercise.
        seed: of its random inputs.
        steps: all of them in order, those after the first failure too.
        failure: the first; None if all is right.
        idea: the id of the misconception behind it; empty if there is no certain one.
        hidden: how many steps exist that were not run.
    """

    exercise: Exercise
    seed: int
    steps: tuple[StepResult, ...]
    failure: Failure | None = None
    idea: str = ""
    hidden: int = 0

    @property
    def passed(self) -> bool:
        """Whether everything that was run is right."""
        return self.failure is None

    @property
    def right(self) -> int:
        """How many steps are right."""
        return sum(step.passed for step in self.steps)

    @property
    def public(self) -> tuple[StepResult, ...]:
        """The steps that the learner knows of."""
        return tuple(step for step in self.steps if step.public)


def examine(exercise: Exercise, source: str, player: Player, *, seed: int = 0, everything: bool = False) -> Report:
    """Examine a learner's file.

    Arguments:
        exercise: which exercise it is for.
        source: the text of the file.
        player: runs it; loaded by this function. What fails in a process that another file was loaded into before is
            run once more in one of its own, so that no file can spoil another.
        seed: of the random inputs.
        everything: also the steps that are not public.
    """
    loaded = player.load(source, exercise.file)
    report = examine_loaded(exercise, player, loaded, seed=seed, everything=everything)
    if report.passed or player.alone():
        return report
    loaded = player.load(source, exercise.file)
    return examine_loaded(exercise, player, loaded, seed=seed, everything=everything)


def examine_loaded(
    exercise: Exercise, player: Player, loaded: Outcome, *, seed: int = 0, everything: bool = False
) -> Report:
    """As `examine`, with what came of the loading."""
    every = exercise.steps(seed)
    steps = [step for step in every if step.public or everything]
    nothing = tuple(StepResult(step.name, False, step.public) for step in steps)
    hidden = len(every) - len(steps)
    if not loaded.returned:
        return Report(exercise, seed, nothing, Failure("load", loaded), hidden=hidden)
    for name, there in zip(exercise.names, player.has(exercise.names), strict=True):
        if there is None:
            missing = Failure("missing", Outcome("missing"), name=name)
            return Report(exercise, seed, nothing, missing, hidden=hidden)
    played = [[(case, player.play(case)) for case in step.cases] for step in steps]
    if exercise.kind == "tests":
        played = played_again(played, player)
    used = [outcome for answers in played for _, outcome in answers if outcome.uses_reference]
    if used:
        return Report(exercise, seed, nothing, Failure("load", used[0]), hidden=hidden)
    results, first = _judged(steps, played)
    if exercise.kind == "tests" and not results[0].passed:
        results = nothing  # a test that refuses what is right has noticed nothing
    if first is None:
        return Report(exercise, seed, results, hidden=hidden)
    pairs = [pair for answers in played for pair in answers]
    if first.stage == "silent" and any(outcome.returned and outcome.value is not None for _, outcome in pairs):
        # What returns something for another input is not silent: None may be a right answer, given in a wrong place.
        first = replace(first, stage="step")
    idea = idea_behind(exercise, pairs, seed) if first.stage == "step" else ""
    return Report(exercise, seed, results, first, idea, hidden)


def _judged(
    steps: list[Step], played: list[list[tuple[Case, Outcome]]]
) -> tuple[tuple[StepResult, ...], Failure | None]:
    """The result of each step, and the first failure."""
    results: list[StepResult] = []
    first: Failure | None = None
    for step, answers in zip(steps, played, strict=True):
        wrong = [(case, outcome, found) for case, outcome in answers if (found := case.judge(outcome)) is not None]
        results.append(StepResult(step.name, not wrong, step.public))
        if wrong and first is None:
            case, outcome, difference = wrong[0]
            first = Failure(_stage(difference, played), outcome, difference, step.name, case)
    return tuple(results), first


def _stage(difference: Difference, played: list[list[tuple[Case, Outcome]]]) -> Stage:
    """Where a failure lies. None is silence only where nothing else ever comes; else it is a wrong answer."""
    if difference.outcome is not None and difference.outcome.raised("NotImplementedError"):
        return "silent"
    if difference.what == "nothing":
        answers = [outcome for pairs in played for _, outcome in pairs]
        return "silent" if all(outcome.returned and outcome.value is None for outcome in answers) else "step"
    return "type" if difference.what in ("type", "not plain") else "step"
