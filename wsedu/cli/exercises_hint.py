"""`exercises hint`: one of three hints, the next one unless another is asked for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..grading.started import find_folder
from ..grading.state import load_state
from .context import UserError
from .exercises import exercise_named, words_for

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Show a hint, and note how far the learner has asked."""
    exercise = exercise_named(arguments.name)
    folder = find_folder(arguments.folder or _beside(arguments.name))
    state = None if folder is None else load_state(folder)
    words = words_for(arguments, context, "" if state is None else state.language)
    texts = exercise.text(words.language)
    hints = texts["hints"]
    asked = 0 if state is None else state.hints.get(exercise.name, 0)
    number = min(asked + 1, len(hints)) if arguments.level is None else arguments.level
    if not 1 <= number <= len(hints):
        raise UserError("cli.exercises.level_not", level=number)
    if state is not None and number > asked:
        state.hints[exercise.name] = number
        state.save()
    context.write(words.say("hint.shown", number=number, count=len(hints), title=texts["title"]))
    context.write(hints[number - 1])
    context.write(words.say("hint.more" if number < len(hints) else "hint.last", name=exercise.name))
    return 0


def _beside(name: str) -> Path:
    """Where to look for the learner's folder: beside a file that is named, else here."""
    return Path(name).parent if Path(name).is_file() else Path()
