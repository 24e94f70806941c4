"""`exercises order`: lines are put in order by their letters, and the order is written into the learner's file."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import Catalogue
from ..grading.checking import UnreadableError, read_source
from ..grading.exercise import Exercise
from ..grading.ordering import VARIABLE, program_of
from ..grading.state import load_state, write_whole
from .context import UserError
from .exercises import exercise_named, folder_of, words_for

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Show the lines, read letters until they are an order, show the program, write the file."""
    exercise, folder = exercise_named(arguments.name), folder_of(arguments)
    if exercise.kind != "order":
        raise UserError("cli.exercises.not_order", name=exercise.name, file=exercise.file)
    path = folder / exercise.file
    source = _source(exercise, path)
    words = words_for(arguments, context, load_state(folder).language)
    lines: Mapping[str, str] = exercise.checks.LINES
    for letter, line in sorted(lines.items()):
        context.write(f"{letter}  {line}")
    context.write(words.say("order.intro"))
    letters = _read(lines, words, context)
    if letters is None:
        context.write(words.say("order.nothing"))
        return 1
    write_whole(path, with_order(exercise, source, letters))
    context.write(words.say("order.program"))
    for line in program_of(lines, letters).splitlines():
        context.write(f"    {line}".rstrip())
    context.write(words.say("order.written", file=str(path)))
    return 0


def _source(exercise: Exercise, path: Path) -> str:
    if not path.exists():
        raise UserError("cli.exercises.no_file", file=str(path), name=exercise.name)
    try:
        return read_source(path)
    except UnreadableError as error:
        raise UserError(f"cli.exercises.encoding.{error.why}", file=str(path)) from None


def _read(lines: Mapping[str, str], words: Catalogue, context: Context) -> list[str] | None:
    """Letters in an order, read again until all of them are lines; None for none."""
    while True:
        sys.stdout.write(words.say("order.prompt"))
        sys.stdout.flush()
        letters = re.findall(r"\S", re.sub(r"[\s,;'\"\[\]，、]", "", sys.stdin.readline().upper()))
        if not letters:
            return None
        unknown = [letter for letter in letters if letter not in lines]
        twice = [letter for letter in letters if letters.count(letter) > 1]
        if not unknown and not twice:
            return letters
        key, letter = ("order.unknown", unknown[0]) if unknown else ("order.twice", twice[0])
        context.write(words.say(key, letter=letter))


def with_order(exercise: Exercise, source: str, letters: list[str]) -> str:
    """The learner's file with this order in place of the one that it has.

    Raises:
        UserError: it has none.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        body = []
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == VARIABLE for target in targets):
            rows = source.splitlines(keepends=True)
            end = node.end_lineno or node.lineno
            written = ", ".join(f'"{letter}"' for letter in letters)
            return "".join([*rows[: node.lineno - 1], f"{VARIABLE} = [{written}]\n", *rows[end:]])
    raise UserError("cli.exercises.no_order", file=exercise.file, name=exercise.name)
