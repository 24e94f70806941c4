"""`exercises start`: every exercise as a file of the learner's, and how to go on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import Catalogue
from ..grading.started import FOLDER, Started, find_folder, start
from ..grading.state import DAMAGED, load_state
from .context import UserError
from .exercises import words_for

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Write the files; where nobody names a folder and there is a set already, say where."""
    named: Path | None = Path(arguments.name) if arguments.name is not None else arguments.folder
    there = find_folder(Path()) if named is None else None
    if there is not None and there != Path(FOLDER):
        return _tell_there(there, arguments, context)
    folder = named or Path(FOLDER)
    if folder.exists() and not folder.is_dir():
        raise UserError("cli.exercises.not_folder", folder=str(folder))
    words = words_for(arguments, context)
    say = words.say
    done = _started(folder, words.language, force=arguments.force)
    if done.damaged:
        context.write(say("check.damaged", file=str(folder / DAMAGED)))
    key = "start.written" if done.written else "start.none"
    context.write(say(key, count=len(done.written), folder=str(folder)))
    for name in done.kept:
        context.write(say("start.kept", file=name))
    for name, backup in done.backups.items():
        context.write(say("start.backup", file=name, backup=backup))
    _tell_next(folder, words, context)
    return 0


def _started(folder: Path, language: str, *, force: bool) -> Started:
    try:
        return start(folder, language, force=force)
    except OSError as error:
        # The name that the user knows, not that of a file on its way.
        problem = error.strerror or str(error)
        raise UserError("cli.exercises.unwritable", folder=str(folder), problem=problem) from None


def _tell_there(folder: Path, arguments: argparse.Namespace, context: Context) -> int:
    """The course has brought its exercises, or this is their folder: a second set is for who names a folder."""
    words = words_for(arguments, context, load_state(folder).language)
    context.write(words.say("start.there", folder=str(folder if folder.name else folder.absolute())))
    _tell_next(folder, words, context)
    context.write(words.say("start.second"))
    return 0


def _tell_next(folder: Path, words: Catalogue, context: Context) -> None:
    here = folder.resolve() == Path().resolve()
    context.write(words.say("start.next_here" if here else "start.next", folder=str(folder)))
