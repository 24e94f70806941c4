"""`exercises list`: all of them, with what is done in the folder, if there is one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import Catalogue
from ..grading.exercise import Exercise, exercises
from ..grading.started import find_folder
from ..grading.state import State, load_state
from ..views.cells import fitted, width_of
from .exercises import words_for

if TYPE_CHECKING:
    from .context import Context


def run(arguments: argparse.Namespace, context: Context) -> int:
    """List the exercises."""
    folder = find_folder(arguments.folder or Path())
    state = None if folder is None else load_state(folder)
    words = words_for(arguments, context, "" if state is None else state.language)
    if state is None:
        context.write(words.say("list.head_none", count=len(exercises())))
    else:
        done = sum(exercise.name in state.done for exercise in exercises())
        context.write(words.say("list.head", done=done, count=len(exercises()), folder=str(state.folder.absolute())))
    for line in table(words, state):
        context.write(line)
    return 0


_LESS = (5, 4, 2)
"""The columns that are left out, one after the other, where there is little room: minutes, kind, name."""


def table(
    words: Catalogue, state: State | None, current: Exercise | None = None, *, cells: int | None = None
) -> Iterator[str]:
    """A line for each exercise: whether it is done, number, name, title, kind, minutes; `▶` marks the current one.

    Arguments:
        words: the texts.
        state: what is done so far; None if nothing is started.
        current: the exercise to mark.
        cells: that a line may take; None for any number.
    """
    rows = [_row(exercise, words, state, current) for exercise in exercises()]
    widths = {column: max(width_of(row[column]) for row in rows) for column in range(len(rows[0]))}
    for column in _LESS:
        if cells is not None and sum(widths.values()) + 2 * (len(widths) - 1) > cells:
            del widths[column]
    for row in rows:
        yield "  ".join(fitted(row[column], width) for column, width in widths.items()).rstrip()


def _row(exercise: Exercise, words: Catalogue, state: State | None, current: Exercise | None) -> tuple[str, ...]:
    mark = "" if state is None else "✔" if exercise.name in state.done else "·"
    if exercise is current:
        mark += " ▶"
    minutes = words.say("list.minutes", minutes=int(exercise.facts.get("minutes", 10)))
    kind, title = words.say(f"kind.{exercise.kind}"), exercise.text(words.language)["title"]
    return (mark, f"{exercise.number:02}", exercise.name, title, kind, minutes)
