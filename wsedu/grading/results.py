"""Grades as data: of a class, a student, an exercise, a step. What every format is written from, and its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from .intake_files import Problem

SCHEMA = "wsedu.grades/1"
"""The name and version of the JSON; `docs/teaching-grades.md` describes it."""

State = Literal["waiting", "graded", "missing", "unreadable", "lost"]
"""Of a mark: not graded yet, graded, nothing handed in, a file that cannot be read, or its grader did not survive."""


class SchemaError(ValueError):
    """A file that does not hold grades of this version."""


@dataclass(frozen=True)
class StepMark:
    """One step of an exercise.

    Arguments:
        name: the key of its title in the exercise's texts.
        passed: whether it is right.
        public: whether students can run it themselves.
    """

    name: str
    passed: bool
    public: bool = True


@dataclass(frozen=True)
class Mark:
    """What a student gets for an exercise.

    Arguments:
        exercise: its name.
        state: one of `State`.
        steps: all of them, none passed where nothing was graded.
        path: of the file.
        idea: the id of the misconception behind the first mistake; empty if there is no certain one.
        told: the feedback as lines, by language.
        seconds: that grading took.
    """

    exercise: str
    state: State
    steps: tuple[StepMark, ...] = ()
    path: str = ""
    idea: str = ""
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def right(self) -> int:
        """How many steps are right."""
        return sum(step.passed for step in self.steps)

    @property
    def passed(self) -> bool:
        """Whether all are."""
        return self.state == "graded" and self.right == len(self.steps)

    @property
    def score(self) -> float:
        """The part of the steps that is right, 0 to 1: an exercise is worth one point."""
        return self.right / len(self.steps) if self.steps else 0.0


@dataclass(frozen=True)
class Result:
    """What a student gets.

    Arguments:
        student: the name.
        path: of what was handed in.
        digest: of what was graded.
        seed: of the student's random inputs.
        marks: one for each exercise, in their order.
        problems: with what was handed in.
    """

    student: str
    path: str
    digest: str
    seed: int
    marks: tuple[Mark, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def points(self) -> float:
        """The sum of the scores."""
        return sum(mark.score for mark in self.marks)

    @property
    def passed(self) -> bool:
        """Whether every exercise is right."""
        return all(mark.passed for mark in self.marks)

    @property
    def done(self) -> bool:
        """Whether nothing of it waits."""
        return all(mark.state != "waiting" for mark in self.marks)

    @property
    def seconds(self) -> float:
        """How long grading took."""
        return sum(mark.seconds for mark in self.marks)

    def with_mark(self, mark: Mark) -> Result:
        """The same with this mark in its place."""
        return replace(self, marks=tuple(mark if old.exercise == mark.exercise else old for old in self.marks))


@dataclass(frozen=True)
class Grades:
    """What a class gets.

    Arguments:
        version: of wsedu.
        seed: that the students' seeds are derived from.
        level: what submissions were shut in by.
        course: a hash of the exercises, so that grades of others are not taken for these.
        exercises: their names, in order.
        results: of the students, in order.
        ignored: names of files of the class's folder that can be nobody's answer.
    """

    version: str
    seed: int
    level: str
    course: str
    exercises: tuple[str, ...]
    results: tuple[Result, ...]
    ignored: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everybody has everything right."""
        return all(result.passed for result in self.results)

    @property
    def done(self) -> bool:
        """Whether everybody is graded."""
        return all(result.done for result in self.results)

    def like(self, other: Grades) -> bool:
        """Whether single results of the two can stand beside each other."""
        return (self.version, self.seed, self.level, self.course) == (
            other.version,
            other.seed,
            other.level,
            other.course,
        ) and self.exercises == other.exercises


# --- JSON ---


def as_json(grades: Grades) -> str:
    """Grades as JSON, one line for each result, so that a class's file can be read and compared."""
    head = {
        "schema": SCHEMA,
        "version": grades.version,
        "seed": grades.seed,
        "level": grades.level,
        "course": grades.course,
        "exercises": list(grades.exercises),
        "done": grades.done,
        "passed": grades.passed,
        "ignored": list(grades.ignored),
    }
    lines = [json.dumps(_result_facts(result), ensure_ascii=False) for result in grades.results]
    start = json.dumps(head, ensure_ascii=False)[:-1]
    return f'{start}, "results": [\n' + ",\n".join(lines) + "\n]}\n"


def json_bytes(text: str) -> bytes:
    """JSON as UTF-8; half of a pair, which a file's name can have, is escaped as JSON escapes it."""
    return text.encode("utf-8", "backslashreplace")


def _result_facts(result: Result) -> dict[str, Any]:
    return {
        "student": result.student,
        "path": result.path,
        "digest": result.digest,
        "seed": result.seed,
        "points": round(result.points, 6),
        "possible": len(result.marks),
        "passed": result.passed,
        "problems": [asdict(problem) for problem in result.problems],
        "marks": [mark_facts(mark) for mark in result.marks],
    }


def mark_facts(mark: Mark) -> dict[str, Any]:
    """A mark as plain facts."""
    return {
        "exercise": mark.exercise,
        "state": mark.state,
        "score": round(mark.score, 6),
        "right": mark.right,
        "of": len(mark.steps),
        "path": mark.path,
        "idea": mark.idea,
        "seconds": round(mark.seconds, 4),
        "steps": [asdict(step) for step in mark.steps],
        "told": {language: list(lines) for language, lines in mark.told.items()},
    }


def from_json(text: str) -> Grades:
    """Grades from their JSON.

    Raises:
        SchemaError: it holds none of this version.
    """
    try:
        facts = json.loads(text)
        if facts["schema"] != SCHEMA:
            raise SchemaError(str(facts["schema"]))
        return Grades(
            facts["version"],
            facts["seed"],
            facts["level"],
            facts["course"],
            tuple(facts["exercises"]),
            tuple(_result(result) for result in facts["results"]),
            tuple(facts.get("ignored", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise SchemaError(str(error)) from None


def _result(facts: Mapping[str, Any]) -> Result:
    problems = tuple(Problem(**problem) for problem in facts["problems"])
    marks = tuple(mark_of(mark) for mark in facts["marks"])
    return Result(facts["student"], facts["path"], facts["digest"], facts["seed"], marks, problems)


def mark_of(facts: Mapping[str, Any]) -> Mark:
    """A mark from its facts.

    Raises:
        KeyError, TypeError, AttributeError: they are none.
    """
    told = {language: tuple(lines) for language, lines in facts["told"].items()}
    steps = tuple(StepMark(**step) for step in facts["steps"])
    return Mark(facts["exercise"], facts["state"], steps, facts["path"], facts["idea"], told, facts["seconds"])


# --- Which ideas ---


def ideas_of(grades: Grades) -> dict[tuple[str, str], list[str]]:
    """Which students have which misconception: names by exercise and id, in the order of exercises, then ids."""
    found: dict[tuple[str, str], list[str]] = {}
    for result in grades.results:
        for mark in result.marks:
            if mark.idea:
                found.setdefault((mark.exercise, mark.idea), []).append(result.student)
    order = {name: place for place, name in enumerate(grades.exercises)}
    return dict(sorted(found.items(), key=lambda one: (order[one[0][0]], one[0][1])))


def waiting(steps: Iterable[StepMark], exercise: str, path: str = "") -> Mark:
    """The mark of an exercise before it is graded: nothing."""
    return Mark(exercise, "waiting", tuple(replace(step, passed=False) for step in steps), path)


def counted(grades: Grades, exercise: str) -> tuple[int, int]:
    """How many students have an exercise right, and how many have handed something in for it."""
    marks: Sequence[Mark] = [mark for result in grades.results for mark in result.marks if mark.exercise == exercise]
    return sum(mark.passed for mark in marks), sum(mark.state != "missing" for mark in marks)
