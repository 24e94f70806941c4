"""`exercises reset`: the file of an exercise as at the beginning; the learner's version is kept."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ..grading.started import BACKUPS, reset
from ..grading.state import load_state
from .context import UserError
from .exercises import exercise_named, folder_of, words_for

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Ask, then write the file anew."""
    exercise, folder = exercise_named(arguments.name), folder_of(arguments)
    words = words_for(arguments, context, load_state(folder).language)
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise UserError("cli.exercises.ask")
        sys.stdout.write(words.say("reset.ask", file=exercise.file, backups=BACKUPS))
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() != words.say("reset.yes"):
            context.write(words.say("reset.no"))
            return 1
    kept = reset(folder, exercise, words.language)
    context.write(words.say("reset.done", file=exercise.file))
    if kept is not None:
        context.write(words.say("reset.kept", backup=str(kept)))
    return 0
