"""Whether an exercise is sound: what a learner starts with fails, what is right passes, what is wrong is called so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..explain.catalogue import LANGUAGES, part_catalogue
from .examine import Report, examine
from .exercise import Exercise, Variant
from .feedback import feedback_lines
from .ordering import player_for
from .players import LocalPlayer

SEEDS = (0, 1, 2)
"""The seeds that everything is tried with."""

LINE = 16
"""Characters from which on a line of the checks would be known again in a message."""

HINTS = 3
"""How many hints an exercise has."""


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be.

    Arguments:
        exercise: its name.
        key: of the sentence in the catalogues, after `verify.`.
        facts: that the sentence needs.
    """

    exercise: str
    key: str
    facts: dict[str, object]


def problems_of(exercise: Exercise, seeds: Sequence[int] = SEEDS) -> Iterator[Problem]:
    """What is wrong with an exercise, its mutants left out.

    Arguments:
        exercise: the exercise.
        seeds: of the random inputs; each is tried.
    """
    for key, facts in (*_texts(exercise), *_ideas(exercise), *_order_of_steps(exercise), *_behaviour(exercise, seeds)):
        yield Problem(exercise.name, key, facts)


Found = tuple[str, dict[str, object]]


def _texts(exercise: Exercise) -> Iterator[Found]:
    for language in LANGUAGES:
        text = exercise.text(language)
        for key in ("title", "statement", "teaches", "leaves_out", "reason"):
            if not str(text.get(key, "")).strip():
                yield "text", {"text": f"{language}.{key}"}
        hints = [hint for hint in text.get("hints", ()) if hint.strip()]
        if len(set(hints)) != HINTS:
            yield "hints", {"language": language, "hints": len(set(hints))}
        named = set(text.get("steps", ()))
        for step in {step.name for step in exercise.steps(0)} ^ named:
            yield "text", {"text": f"{language}.steps.{step}"}


def _ideas(exercise: Exercise) -> Iterator[Found]:
    """Mistakes whose name no catalogue has."""
    for language in LANGUAGES:
        names = part_catalogue("misconceptions", language)
        for idea in sorted({variant.idea for variant in exercise.wrong}):
            if not (names.has(f"name.{idea}") and names.has(f"fact.{idea}")):
                yield "idea", {"idea": idea, "language": language}


def _order_of_steps(exercise: Exercise) -> Iterator[Found]:
    steps = exercise.steps(0)
    if sorted(steps, key=lambda step: not step.public) != steps:
        yield "hidden", {}
    if len({step.name for step in steps}) != len(steps):
        yield "twice", {}
    for seed in SEEDS:
        if [step.name for step in exercise.steps(seed)] != [step.name for step in steps]:
            yield "seed", {"seed": seed}


def _behaviour(exercise: Exercise, seeds: Sequence[int]) -> Iterator[Found]:
    first = exercise.steps(0)[0].name
    for seed in seeds:
        stub = _tried(exercise, exercise.stub, seed)
        if stub.failure is None or place_of(stub) != first or stub.idea:
            yield "stub", {"seed": seed, "place": place_of(stub)}
        for variant in (Variant("solution", exercise.solution), *exercise.right):
            report = _tried(exercise, variant.source, seed)
            if not report.passed or report.idea:
                yield "right", {"seed": seed, "way": variant.way, "place": place_of(report), "idea": report.idea}
        for variant in exercise.wrong:
            report = _tried(exercise, variant.source, seed)
            if place_of(report) != variant.fails_at or report.idea != variant.idea:
                yield "wrong", {"seed": seed, "way": variant.way, "place": place_of(report), "idea": report.idea}
            if seed == seeds[0]:
                yield from _leaks(exercise, report, variant)


def _leaks(exercise: Exercise, report: Report, variant: Variant) -> Iterator[Found]:
    """Lines of the checks that the feedback shows."""
    checks = (exercise.folder / "checks.py").read_text(encoding="utf-8")
    secret = {line.strip() for line in checks.splitlines() if len(line.strip()) >= LINE}
    for language in LANGUAGES:
        told = "\n".join(feedback_lines(report, language, source=variant.source))
        for line in sorted(secret):
            if line in told:
                yield "leak", {"way": variant.way, "line": line}


def place_of(report: Report) -> str:
    """The step that fails first; the stage, for a failure before the steps; empty for none."""
    return "" if report.failure is None else report.failure.step or report.failure.stage


def _tried(exercise: Exercise, source: str, seed: int) -> Report:
    return examine(exercise, source, player_for(exercise, LocalPlayer()), seed=seed, everything=True)
