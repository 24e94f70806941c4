"""What is shown after success, and not before: a solution to compare with, the reason in one line, what comes next."""

from __future__ import annotations

import ast

from ..explain.catalogue import part_catalogue
from ..views.answers import Line, Part
from .exercise import Exercise, exercises
from .ordering import VARIABLE, program_of


def solution_parts(exercise: Exercise, language: str, *, following: bool = True) -> list[Part]:
    """A solution, why it is so, and the exercise that comes next.

    Arguments:
        exercise: that passes.
        language: `en` or `zh`.
        following: say which exercise comes next; a notebook has an order of its own.
    """
    say, texts = part_catalogue("exercises", language).say, exercise.text(language)
    code = _solution(exercise).strip("\n").splitlines()
    return [
        Line(say("solution.title", title=texts["title"]), "strong"),
        *(Line(line, indent=2, code=True) for line in code),
        Line(""),
        Line(say("solution.reason", reason=texts["reason"])),
        *([Line(next_line(exercise, language), "strong")] if following else []),
    ]


def _solution(exercise: Exercise) -> str:
    """The file with the solution; of lines in order the program that they are."""
    if exercise.kind != "order":
        return exercise.solution
    order = next(
        ast.literal_eval(node.value)
        for node in ast.parse(exercise.solution).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == VARIABLE
    )
    return program_of(exercise.checks.LINES, order)


def next_line(exercise: Exercise, language: str) -> str:
    """Which exercise comes next."""
    say = part_catalogue("exercises", language).say
    for other in exercises():
        if other.number > exercise.number:
            title = other.text(language)["title"]
            return say("solution.next", number=f"{other.number:02}", title=title, file=other.file)
    return say("solution.end")
