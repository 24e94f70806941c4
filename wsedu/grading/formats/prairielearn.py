"""Grades of one student as PrairieLearn's `results.json`, which may have one megabyte.

Fields as in https://docs.prairielearn.com/externalGrading/: `gradable`, `score` (0 to 1), `message`, `output`,
`format_errors`, and of each test `name`, `description`, `points`, `max_points`, `message`, `output`.
"""

from __future__ import annotations

import json
from typing import Any

from ..results import Grades, Mark, Result
from .words import LONGEST, exercise_number, exercise_title, mark_line, problem_line, told, words_of

MOST = 1_000_000
"""The longest file (bytes)."""


def as_prairielearn(grades: Grades, result: Result, language: str) -> str:
    """The results of one student of these grades.

    A submission without anything that can be run is not gradable, which costs the student no attempt.
    """
    say = words_of(language).say
    problems = [problem_line(problem, language)[:LONGEST] for problem in result.problems[:100]]
    if not any(mark.state in ("graded", "lost", "waiting") for mark in result.marks):
        errors = problems or [say("state.missing")]
        return json.dumps({"gradable": False, "format_errors": errors}, ensure_ascii=False, indent=1) + "\n"
    longest = LONGEST
    while True:
        facts = {
            "gradable": True,
            "score": round(result.points / len(result.marks), 6),
            "message": say("mark.points", points=result.points, possible=len(result.marks)),
            "output": "\n".join([*problems, say("report.seed", seed=result.seed)]),
            "tests": [_test(mark, language, longest) for mark in result.marks],
        }
        text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
        if len(text.encode("utf-8", "surrogatepass")) <= MOST or longest < 100:
            return text
        longest //= 2


def _test(mark: Mark, language: str, longest: int) -> dict[str, Any]:
    return {
        "name": f"{exercise_number(mark.exercise)} {exercise_title(mark.exercise, language)}",
        "description": mark.exercise,
        "points": mark.right,
        "max_points": len(mark.steps),
        "message": mark_line(mark, language),
        "output": told(mark, language, longest),
    }
