"""`exercises start`: every exercise as a file of the learner's, and how to go on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..grading.started import FOLDER, start
from ..grading.state import DAMAGED
from .context import UserError
from .exercises import words_for

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Write the files."""
    folder = Path(arguments.name) if arguments.name is not None else arguments.folder or Path(FOLDER)
    if folder.exists() and not folder.is_dir():
        raise UserError("cli.exercises.not_folder", folder=str(folder))
    words = words_for(arguments, context)
    done = start(folder, words.language, force=arguments.force)
    say = words.say
    if done.damaged:
        context.write(say("check.damaged", file=str(folder / DAMAGED)))
    key = "start.written" if done.written else "start.none"
    context.write(say(key, count=len(done.written), folder=str(folder)))
    for name in done.kept:
        context.write(say("start.kept", file=name))
    for name, backup in done.backups.items():
        context.write(say("start.backup", file=name, backup=backup))
    here = folder.resolve() == Path().resolve()
    context.write(say("start.next_here" if here else "start.next", folder=str(folder)))
    return 0
