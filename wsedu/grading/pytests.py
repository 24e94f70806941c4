"""What `test_exercises.py` in a learner's folder is made of: a test for each step, with the learner's own feedback."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..explain.catalogue import choose_language, part_catalogue
from .checking import Checked, check_file
from .exercise import Exercise, exercises
from .feedback import feedback_lines, step_title
from .state import State, load_state


class Check:
    """One step of one exercise.

    Arguments:
        exercise: whose.
        number: of the step, from 0.
        name: of the step.
    """

    def __init__(self, exercise: Exercise, number: int, name: str) -> None:
        self.exercise, self.number, self.name = exercise, number, name

    def __str__(self) -> str:
        return f"{self.exercise.folder.name}-{self.name}"


class Folder:
    """A learner's folder.

    Arguments:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state: State = load_state(path)
        self._language = self._state.language or choose_language()
        self._checked = cache(self._check)

    def checks(self) -> list[Check]:
        """The public steps of all exercises that have a file here."""
        return [
            Check(exercise, number, step.name)
            for exercise in exercises()
            if (self.path / exercise.file).exists()
            for number, step in enumerate(step for step in exercise.steps(self._state.seed) if step.public)
        ]

    def _check(self, exercise: Exercise) -> Checked:
        return check_file(exercise, self.path / exercise.file, seed=self._state.seed)

    def message(self, check: Check) -> str:
        """What to tell of a step that fails; empty for one that passes."""
        checked = self._checked(check.exercise)
        report = checked.report
        if report.steps[check.number].passed:
            return ""
        first = next(number for number, step in enumerate(report.steps) if not step.passed)
        if check.number == first:
            told = feedback_lines(report, self._language, source=checked.source, printed=checked.printed)
            return "\n".join(told)
        title = step_title(report, check.name, self._language)
        earlier = step_title(report, report.steps[first].name, self._language)
        words = part_catalogue("exercises", self._language)
        return words.say("tests.later", number=check.number + 1, title=title, first=first + 1, earlier=earlier)
