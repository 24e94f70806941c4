"""Grades of one student as Gradescope's `results.json`.

Fields as in https://gradescope-autograders.readthedocs.io/en/latest/specs/: `score`, `max_score`, `name`, `number`,
`status`, `output`, `visibility`, `tags`, `extra_data` of a test; `execution_time`, `output`, `visibility`,
`stdout_visibility`, `extra_data`, `tests` of the whole. The total is the sum of the tests' scores.
"""

from __future__ import annotations

import json
from typing import Any

from ..results import Grades, Mark, Result
from .words import LONGEST, exercise_number, exercise_title, problem_line, told, words_of


def as_gradescope(grades: Grades, result: Result, language: str) -> str:
    """The results of one student of these grades."""
    facts = {
        "execution_time": round(result.seconds, 3),
        "output": _whole(grades, result, language),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"seed": result.seed, "level": grades.level, "course": grades.course},
        "tests": [test for mark in result.marks for test in _tests(mark, language)],
    }
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"


def _whole(grades: Grades, result: Result, language: str) -> str:
    say = words_of(language).say
    lines = [problem_line(problem, language) for problem in result.problems]
    return "\n".join([*lines, say("report.seed", seed=result.seed), say("run.level", level=grades.level)])[:LONGEST]


def _tests(mark: Mark, language: str) -> list[dict[str, Any]]:
    """A test for the public steps, and one, shown with the grades, for the others: its feedback names their inputs."""
    public = [step for step in mark.steps if step.public]
    hidden = [step for step in mark.steps if not step.public]
    about_hidden = mark.state == "graded" and all(step.passed for step in public) and bool(hidden)
    text = told(mark, language, LONGEST)
    all_right = words_of(language).say("mark.public.passed")
    tests = []
    for key, steps, output in (
        ("public", public, all_right if about_hidden else text),
        ("hidden", hidden, text if about_hidden else ""),
    ):
        if steps:
            tests.append(_test(mark, key, steps, output, language))
    return tests


def _test(mark: Mark, key: str, steps: list[Any], output: str, language: str) -> dict[str, Any]:
    right = sum(step.passed for step in steps)
    number = exercise_number(mark.exercise)
    return {
        "score": float(right),
        "max_score": float(len(steps)),
        "status": "passed" if right == len(steps) else "failed",
        "name": f"{exercise_title(mark.exercise, language)}: {words_of(language).say(f'mark.{key}')}",
        "number": f"{number}.{1 if key == 'public' else 2}",
        "output": output,
        "tags": [mark.exercise],
        "visibility": "visible" if key == "public" else "after_published",
        "extra_data": {"state": mark.state, "idea": mark.idea if output else ""},
    }
