"""`exercises solution`: a solution to compare with, when the learner's own passes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..explain.catalogue import Catalogue
from ..grading.exercise import Exercise, exercises
from ..grading.state import load_state
from .context import UserError
from .exercises import exercise_named, folder_of, words_for

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Show it, or say that it is too early."""
    exercise = exercise_named(arguments.name)
    state = load_state(folder_of(arguments))
    words = words_for(arguments, context, state.language)
    if exercise.name not in state.done:
        raise UserError("cli.exercises.not_yet", name=exercise.name)
    for line in solution_lines(exercise, words):
        context.write(line)
    return 0


def solution_lines(exercise: Exercise, words: Catalogue) -> list[str]:
    """The solution, the reason in one line, and the exercise that comes next."""
    texts = exercise.text(words.language)
    lines = [words.say("solution.title", title=texts["title"]), ""]
    lines += [f"    {line}".rstrip() for line in exercise.solution.strip("\n").splitlines()]
    return [*lines, "", words.say("solution.reason", reason=texts["reason"]), next_line(exercise, words)]


def next_line(exercise: Exercise, words: Catalogue) -> str:
    """Which exercise comes next."""
    for other in exercises():
        if other.number > exercise.number:
            title = other.text(words.language)["title"]
            return words.say("solution.next", number=f"{other.number:02}", title=title, file=other.file)
    return words.say("solution.end")
