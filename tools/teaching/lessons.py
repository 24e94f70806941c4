"""What can be known of a lesson from its source: title, minutes, objectives, widgets, exercises, questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import jupytext
import nbformat

from tools.course.source import sources, target
from tools.teaching.texts import one_line
from wsedu.course.lessons import LESSONS
from wsedu.course.question import RIGHT, UNNAMED, Question, question
from wsedu.grading.exercise import Exercise, find_exercise

MINUTES = re.compile(r"(?m)^minutes = (\d+)$")
ASKED = re.compile(r'\bask\("([\w.]+)"')
REVEALED = re.compile(r'\breveal\("([\w.]+)"')
EXERCISE = re.compile(r'(?m)^# exercise: (\w+)$|\bwsedu\.check\("(\w+)"')
IMPORTED = re.compile(r"(?m)^from wsedu\.widgets import (.+)$")
OBJECTIVE = re.compile(r"(?m)^- (.+(?:\n  .+)*)")


@dataclass(frozen=True)
class Lesson:
    """A lesson in one language.

    Arguments:
        number: from 0.
        stem: the name of its files.
        title: without the number.
        minutes: as the notebook says.
        objectives: as sentences with verbs.
        widgets: the names of the classes.
        exercises: in the order of the notebook.
        questions: in the order of the notebook.
        answers: what the notebook reveals, by the name of the question.
    """

    number: int
    stem: str
    title: str
    minutes: int
    objectives: tuple[str, ...]
    widgets: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    answers: dict[str, str]

    @property
    def ideas(self) -> list[str]:
        """The misconceptions that belong to it, and those behind its questions, without repetition."""
        own = {idea for idea, number in LESSONS.items() if number == self.number}
        asked = {idea for one in self.questions if not one.recall for idea in ideas_of(one)}
        return sorted(own | asked)

    def where(self, idea: str) -> list[str]:
        """The names of the questions and exercises of this lesson in which a misconception shows."""
        asked = [one.name for one in self.questions if idea in ideas_of(one)]
        return asked + [one.name for one in self.exercises if any(wrong.idea == idea for wrong in one.wrong)]


def ideas_of(asked: Question) -> list[str]:
    """The misconceptions behind the wrong answers of a question."""
    ideas = (*asked.ideas, *(idea for _, idea in asked.wrong))
    return [idea for idea in dict.fromkeys(ideas) if idea not in (RIGHT, UNNAMED)]


@cache
def lessons(language: str) -> dict[int, Lesson]:
    """The lessons that have a source, by number."""
    return {int(source.stem[:2]): _lesson(source.stem, language) for source in sources()}


def _lesson(stem: str, language: str) -> Lesson:
    source = next(one for one in sources() if one.stem == stem)
    read = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    code = "\n".join(cell.source for cell in read.cells if cell.cell_type == "code")
    head = next(cell.source for cell in read.cells if cell.metadata.get("lang") == language)
    minutes = MINUTES.search(code)
    title = re.match(r"# \d+ · (.+)", head)
    if minutes is None or title is None:
        raise ValueError(f"{source.name}: it must begin with '# N · title' and have a line 'minutes = N'")
    imported = IMPORTED.findall(code)
    return Lesson(
        int(stem[:2]),
        stem,
        title[1].strip(),
        int(minutes[1]),
        tuple(one_line(found).rstrip(",，;；.。") for found in OBJECTIVE.findall(head)),
        tuple(dict.fromkeys(name.strip(" ()") for line in imported for name in line.split(","))),
        tuple(
            find_exercise(name) for name in dict.fromkeys(stub or checked for stub, checked in EXERCISE.findall(code))
        ),
        tuple(question(name, language) for name in dict.fromkeys(ASKED.findall(code))),
        dict(_answers(stem, language)),
    )


def _answers(stem: str, language: str) -> Iterator[tuple[str, str]]:
    """What is so, as the outputs of the made notebook have it: the first line of the verdict."""
    source = next(one for one in sources() if one.stem == stem)
    path = target(source, language)
    if not path.exists():
        return
    for cell in nbformat.read(path, as_version=4).cells:
        found = REVEALED.search(cell.source) if cell.cell_type == "code" else None
        for output in cell.get("outputs", ()) if found else ():
            lines = output.get("data", {}).get("text/plain", "").splitlines()
            told = [line.strip() for line in lines if line.startswith("  ")]
            if found and told:
                yield found[1], re.split(r"[:：]\s*", told[0], maxsplit=1)[-1]
