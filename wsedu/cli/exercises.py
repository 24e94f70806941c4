"""`python -m wsedu exercises`: put the exercises into a folder, list them, hints, solutions, begin anew."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import LANGUAGES, Catalogue, part_catalogue
from ..explain.near import nearest
from .context import UserError
from .parser import filled, rows

if TYPE_CHECKING:
    from ..grading.exercise import Exercise
    from .context import Context
    from .parser import Parser

ACTIONS = {
    "start": "start [FOLDER]",
    "list": "list",
    "hint": "hint NAME [LEVEL]",
    "solution": "solution NAME",
    "reset": "reset NAME",
    "order": "order NAME",
    "verify": "verify [NAME]",
}
"""What can be done, with its arguments; each is a function `run` in a module `exercises_ACTION` of this package."""


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    parser.description = "\n".join([context.say("cli.exercises.description"), "", *_told(context)])
    # Without one, `run` tells them.
    parser.add_argument(
        "action", metavar="ACTION", nargs="?", choices=tuple(ACTIONS), help=context.say("cli.exercises.action")
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help=context.say("cli.exercises.name"))
    parser.add_argument("level", metavar="LEVEL", nargs="?", type=int, help=context.say("cli.exercises.level"))
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help=context.say("cli.exercises.folder"))
    parser.add_argument("--force", action="store_true", help=context.say("cli.exercises.force"))
    parser.add_argument("--mutants", action="store_true", help=context.say("cli.exercises.mutants"))
    parser.add_argument("--yes", action="store_true", help=context.say("cli.exercises.yes"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Do what is asked for; without an action, tell the actions."""
    if arguments.action is None:
        problem = context.say("cli.argparse.required") % "ACTION"
        context.complain("cli.usage", problem=problem, command="python -m wsedu exercises")
        sys.stderr.write(filled("\n".join(_told(context))) + "\n")
        return 2
    if arguments.level is not None and arguments.action != "hint":
        raise UserError("cli.exercises.too_many", action=arguments.action, argument=arguments.level)
    module = import_module(f".exercises_{arguments.action}", __package__)
    return int(module.run(arguments, context))


def _told(context: Context) -> list[str]:
    """A line for each action."""
    return rows({usage: context.say(f"cli.exercises.action.{action}") for action, usage in ACTIONS.items()})


# --- What the commands about exercises share ---


def exercise_named(name: str | None) -> Exercise:
    """The exercise of a name, number or file.

    Raises:
        UserError: there is none.
    """
    from ..grading.exercise import exercises, find_exercise

    if name is None:
        raise UserError("cli.exercises.no_name", example=exercises()[0].name)
    try:
        return find_exercise(name)
    except KeyError:
        near = nearest(Path(name).stem, [exercise.name for exercise in exercises()])
        key = "cli.exercises.unknown_near" if near else "cli.exercises.unknown"
        raise UserError(key, name=name, near=near) from None


def folder_of(arguments: argparse.Namespace) -> Path:
    """The folder with the exercises.

    Raises:
        UserError: there are none in it.
    """
    from ..grading.started import find_folder

    folder: Path | None = arguments.folder
    name = arguments.name
    if folder is None and name is not None and Path(name).is_file():
        return Path(name).parent
    found = find_folder(Path() if folder is None else folder)
    if found is None:
        raise UserError("cli.exercises.none", folder=str((folder or Path()).absolute()))
    return found


def words_for(arguments: argparse.Namespace, context: Context, folder: str = "") -> Catalogue:
    """The texts: in the language that was asked for, else in that of the folder, else in the user's."""
    language = context.language
    if arguments.lang is None and folder in LANGUAGES:
        language = folder
    return part_catalogue("exercises", language)
