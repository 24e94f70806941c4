"""Where grades go: files in each format that was asked for, and the table on the screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import part_catalogue
from ..grading.formats import class_table, markdown
from ..grading.formats.gradescope import as_gradescope
from ..grading.formats.junit import as_junit
from ..grading.formats.prairielearn import as_prairielearn
from ..grading.formats.spreadsheet import BOM, as_csv
from ..grading.formats.words import exercise_number, one_line, problem_line, told
from ..grading.results import Grades, Mark, Result, as_json, json_bytes
from ..trace.files import write_whole
from .context import UserError
from .grade import FORMATS, PART, STDOUT

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from .context import Context

JSON = ("json", "gradescope", "prairielearn")
"""The formats that are JSON."""

NAME_CELLS, POINTS_CELLS = 18, 12
"""Cells of a student's name in the table, at the most, and of the points with the room around them."""

_FORMATS: dict[str, Callable[[Grades, str], str]] = {
    "csv": as_csv,
    "json": lambda grades, _: as_json(grades),
    "junit": as_junit,
    "gradescope": lambda grades, language: as_gradescope(grades, grades.results[0], language),
    "prairielearn": lambda grades, language: as_prairielearn(grades, grades.results[0], language),
}


class Outputs:
    """Everything that was asked for. What is missing for one of them is found before anything is graded.

    Arguments:
        arguments: of the command.
        context: of the command.
        students: in order.
    """

    def __init__(self, arguments: argparse.Namespace, context: Context, students: Sequence[str]) -> None:
        self._context, self._theme = context, arguments.theme
        self._say = part_catalogue(PART, context.language).say
        self._files = {name: path for name in FORMATS if (path := getattr(arguments, name)) not in (None, STDOUT)}
        self._printed = next((name for name in FORMATS if getattr(arguments, name) == STDOUT), None)
        self._reports = Path(arguments.reports) if arguments.reports else None
        self._tables = [Path(path) for path in arguments.class_table]
        for path in self._tables:
            if path.suffix.lower() not in class_table.SUFFIXES:
                suffixes = ", ".join(class_table.SUFFIXES)
                raise UserError("cli.problem", problem=self._say("cannot.suffix", file=str(path), suffixes=suffixes))
            if path.suffix.lower() in (".svg", ".png"):
                from ..extras import require

                require("matplotlib", "overhead")

    @property
    def on_stdout(self) -> bool:
        """Whether a format goes to standard output, and nothing else may."""
        return self._printed is not None

    def write(self, grades: Grades) -> None:
        """Write all files whole; to standard output only what is final.

        Raises:
            OSError: one cannot be written.
        """
        language = self._context.language
        for name, path in self._files.items():
            text = _FORMATS[name](grades, language)
            write_whole(path, json_bytes(text) if name in JSON else _encoded(text))
        for path in self._tables:
            write_whole(path, class_table.written(grades, path.suffix.lower(), language, self._theme))
        if self._reports is not None:
            self._reports.mkdir(parents=True, exist_ok=True)
            for name, result in zip(markdown.file_names(grades), grades.results, strict=True):
                write_whole(self._reports / name, _encoded(markdown.report(result, language)))

    def print(self, grades: Grades) -> None:
        """What was asked for on standard output."""
        if self._printed is not None:
            sys.stdout.write(_FORMATS[self._printed](grades, self._context.language).removeprefix(BOM))

    def tell(self, grades: Grades) -> None:
        """The table on the screen, the problems, and the class's misconceptions."""
        context, say = self._context, self._say
        from ..views.prose import Prose

        context.show(_table(grades, say, context.console.width))
        context.show(Prose(say("table.legend")))
        for result in grades.results:
            for problem in result.problems:
                context.write(problem_line(problem, context.language))
        context.write("")
        if len(grades.results) == 1:
            self._tell_one(grades.results[0])
            return
        context.show(class_table.table(grades, context.language))  # type: ignore[arg-type] # rich can print it
        passed = sum(result.passed for result in grades.results)
        context.write(say("run.total", students=len(grades.results), passed=str(passed)))

    def _tell_one(self, result: Result) -> None:
        """What one student has to hear: the feedback of every answer that is not right."""
        for mark in result.marks:
            if not mark.passed and mark.state != "missing":
                self._context.write(told(mark, self._context.language))
                self._context.write("")


def _encoded(text: str) -> bytes:
    """As UTF-8; half of a pair, which a name of a file can have, becomes a question mark."""
    return text.encode("utf-8", "replace")


def _table(grades: Grades, say: Callable[..., str], width: int) -> Table:
    """A line for each student, with a sign for each exercise under its number; closer where there is little room."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    between = " " if NAME_CELLS + POINTS_CELLS + 2 * len(grades.exercises) <= width else ""
    numbers = [exercise_number(name) for name in grades.exercises]
    head = "\n".join(between.join(number[place] for number in numbers) for place in (0, 1))
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    made.add_column(say("table.student"), no_wrap=True, max_width=NAME_CELLS, overflow="ellipsis", vertical="bottom")
    made.add_column(say("table.points_of", possible=len(numbers)), justify="right", no_wrap=True, vertical="bottom")
    made.add_column(head, no_wrap=True)
    for result in grades.results:
        signs = Text(between).join(_sign(mark) for mark in result.marks)
        made.add_row(Text(one_line(result.student)), f"{result.points:.2f}", signs)
    return made


def _sign(mark: Mark) -> Text:
    from rich.text import Text

    from ..views.styles import BAD, CHECK, CROSS, GOOD, MUTED, STRONG

    if mark.state == "missing":
        return Text("–", MUTED)
    if mark.state != "graded":
        return Text("!", BAD)
    if mark.passed:
        return Text(CHECK, GOOD)
    return Text("½", STRONG) if mark.right else Text(CROSS, BAD)
