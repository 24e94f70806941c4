"""`exercises verify`: prove that the exercises are sound; with `--mutants`, that no mistake goes unnoticed."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from rich.table import Table

from ..explain.catalogue import Catalogue, part_catalogue
from ..grading.exercise import Exercise, exercises
from ..grading.surviving import Fate, fates_of
from ..grading.verifying import Problem, problems_of
from ..views.tables import plain_table
from .exercises import exercise_named

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Verify one exercise or all; 1 if something is not as it should be."""
    words = part_catalogue("verify", context.language)
    chosen = exercises() if arguments.name is None else (exercise_named(arguments.name),)
    problems = _problems(chosen, words, context)
    fates = _fates(chosen, words, context) if arguments.mutants else {}
    context.show(_shown(*_table(chosen, problems, fates, words)))
    context.write("")
    for problem in problems:
        context.write(f"✖ {problem.exercise}: {words.say(f'problem.{problem.key}', **problem.facts)}")
    alive = [(name, fate) for name, each in fates.items() for fate in each if fate.alive]
    for name, fate in alive:
        context.write(f"✖ {name}: {words.say('problem.alive', line=fate.mutant.line, change=fate.mutant.change)}")
    total = sum(not fate.reason for each in fates.values() for fate in each)
    if fates:
        context.write(words.say("sum.mutants", mutants=total, alive=len(alive), share=len(alive) / max(total, 1)))
    context.write(words.say("sum.problems", problems=len(problems)) if problems else words.say("sum.sound"))
    return 1 if problems or len(alive) > ALIVE * total else 0


ALIVE = 0.02
"""The share of mutants that may go unnoticed, those left out that are no mistakes."""


def _problems(chosen: Sequence[Exercise], words: Catalogue, context: Context) -> list[Problem]:
    with context.console.status("") as status:
        found: list[Problem] = []
        for number, exercise in enumerate(chosen, 1):
            status.update(words.say("progress.sound", number=number, count=len(chosen), name=exercise.name))
            found.extend(problems_of(exercise))
    return found


def _fates(chosen: Sequence[Exercise], words: Catalogue, context: Context) -> dict[str, list[Fate]]:
    """What becomes of all mutants, several at a time."""
    fates: dict[str, list[Fate]] = {}
    with context.console.status("") as status, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for number, exercise in enumerate(chosen, 1):
            status.update(words.say("progress.mutants", number=number, count=len(chosen), name=exercise.name))
            fates[exercise.name] = list(fates_of(exercise, pool=pool))
    return fates


def _shown(head: list[str], rows: list[list[str]]) -> Table:
    table = plain_table()
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if 0 < number < len(head) - 1 else "left", no_wrap=number == 0)
    for row in rows:
        table.add_row(*row)
    return table


def _table(
    chosen: Sequence[Exercise], problems: list[Problem], fates: dict[str, list[Fate]], words: Catalogue
) -> tuple[list[str], list[list[str]]]:
    """The head and a row for each exercise and their sum."""
    columns = ["exercise", "steps", "wrong", "right", *(["mutants", "alive", "equivalent"] if fates else []), "sound"]
    rows: list[list[str]] = []
    sums = [0] * 6
    for exercise in chosen:
        steps, mine = len(exercise.steps(0)), fates.get(exercise.name, [])
        equivalent = sum(bool(fate.reason) for fate in mine)
        numbers = [steps, len(exercise.wrong), len(exercise.right), len(mine) - equivalent,
                   sum(fate.alive for fate in mine), equivalent]  # fmt: skip
        sums = [total + number for total, number in zip(sums, numbers, strict=True)]
        sound = "✖" if any(problem.exercise == exercise.name for problem in problems) else "✔"
        rows.append([exercise.folder.name, *map(str, numbers if fates else numbers[:3]), sound])
    rows.append([words.say("table.sum"), *map(str, sums if fates else sums[:3]), "✖" if problems else "✔"])
    return [words.say(f"table.{column}") for column in columns], rows
