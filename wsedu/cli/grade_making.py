"""`grade DIR --solutions` and `grade DIR --make`: what is handed out before there is anything to grade."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import part_catalogue
from .grade import MAX_SEED, PART, told

if TYPE_CHECKING:
    from ..grading.exercise import Exercise
    from .context import Context


def make(arguments: argparse.Namespace, context: Context, wanted: Sequence[Exercise]) -> int:
    """Write copies of the exercises, or what a platform grades with."""
    from ..grading.adapters.copies import ExistsError

    say = part_catalogue(PART, context.language).say
    folder = Path(arguments.folder)
    if folder.exists() and not folder.is_dir():
        raise told(say("cannot.folder_file", folder=str(folder)))
    try:
        if arguments.solutions:
            from ..grading.adapters.copies import copies

            solutions = arguments.solutions == "yes"
            files = copies(folder, wanted, context.language, solutions=solutions)
            key = "run.copies_with" if solutions else "run.copies"
            context.write(say(key, count=len(files), folder=str(folder)))
        if arguments.make:
            for path in _made(arguments, folder, wanted, context.language):
                context.write(say("run.made", file=str(path)))
    except ExistsError as error:
        raise told(say("cannot.exists", file=error.filename)) from None
    return 0


def _made(arguments: argparse.Namespace, folder: Path, wanted: Sequence[Exercise], language: str) -> list[Path]:
    if arguments.make == "nbgrader":
        from ..grading.adapters import nbgrader

        return nbgrader.make(folder, wanted, language)
    if arguments.make == "gradescope":
        from ..grading.adapters import gradescope

        seed = secrets.randbelow(MAX_SEED + 1) if arguments.seed is None else arguments.seed
        return gradescope.make(folder, wanted, language, seed)
    from ..grading.adapters import github

    return github.make(folder, wanted, language)
