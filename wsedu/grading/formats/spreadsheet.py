"""Grades as CSV, for a spreadsheet: a line for each student, a column for each exercise."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ..exercise import find_exercise
from ..results import Grades
from .words import problem_line, words_of

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
"""What makes a spreadsheet take a cell for a formula or a command."""

BOM = "\ufeff"
"""Without it Excel does not read UTF-8."""


def cell(value: object) -> object:
    """A cell that no spreadsheet executes: numbers as they are, texts that begin like a formula with `'` before it."""
    if isinstance(value, (int, float)):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(STARTS) or text.startswith(STARTS) else text


def as_table(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    out.write(BOM)
    csv.writer(out).writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def as_csv(grades: Grades, language: str) -> str:
    """The grades: of each exercise the part that is right, 0 to 1; empty where nothing was handed in."""
    say = words_of(language).say
    files = [find_exercise(name).folder.name for name in grades.exercises]
    head = [say(f"table.{key}") for key in ("student", "points", "possible", "passed")]
    rows: list[list[object]] = [[*head, *files, say("table.misconception"), say("table.seed"), say("table.problems")]]
    for result in grades.results:
        scores = ["" if mark.state == "missing" else round(mark.score, 4) for mark in result.marks]
        ideas = " ".join(f"{mark.exercise}:{mark.idea}" for mark in result.marks if mark.idea)
        problems = "; ".join(problem_line(problem, language) for problem in result.problems)
        facts = [result.student, round(result.points, 4), len(result.marks), int(result.passed)]
        rows.append([*facts, *scores, ideas, result.seed, problems])
    return as_table(rows)
