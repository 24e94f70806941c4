"""`exercises solution`: a solution to compare with, when the learner's own passes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..grading.afterwards import solution_parts
from ..grading.state import load_state
from ..views.answers import plain_lines
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
    for line in plain_lines(solution_parts(exercise, words.language)):
        context.write(line)
    return 0
