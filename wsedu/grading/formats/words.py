"""What several formats say: problems, marks and the names of exercises, steps and ideas."""

from __future__ import annotations

from ...explain.catalogue import Catalogue, part_catalogue
from ..exercise import find_exercise
from ..intake_files import Problem
from ..results import Mark

LONGEST = 8000
"""How much of a feedback is written to a format that a platform limits (characters)."""


def words_of(language: str) -> Catalogue:
    """The texts of grading."""
    return part_catalogue("grade", language)


def problem_line(problem: Problem, language: str) -> str:
    """A problem in one line that begins with the path."""
    words = words_of(language)
    sentence = words.say(f"problem.{problem.what}", **problem.facts)
    return one_line(words.say("problem.line", path=problem.path, sentence=sentence))


def one_line(text: str) -> str:
    """A text without line ends and control characters, which names of files may have."""
    return "".join(character if character.isprintable() else "�" for character in text)


def exercise_title(name: str, language: str) -> str:
    """An exercise's title."""
    return str(find_exercise(name).text(language)["title"])


def exercise_number(name: str) -> str:
    """An exercise's number in two digits."""
    return f"{find_exercise(name).number:02}"


def step_title(exercise: str, step: str, language: str) -> str:
    """A step's title in the exercise's texts; its name where they have none."""
    return str(find_exercise(exercise).text(language).get("steps", {}).get(step, step))


def idea_name(idea: str, language: str) -> str:
    """The name of a misconception; its id where there is none."""
    words = part_catalogue("misconceptions", language)
    return words.say(f"name.{idea}") if words.has(f"name.{idea}") else idea


def mark_line(mark: Mark, language: str) -> str:
    """A mark in a few words."""
    words = words_of(language)
    key = "mark.line" if mark.state == "graded" else "mark.line_state"
    return words.say(key, right=mark.right, of=len(mark.steps), state=words.say(f"state.{mark.state}"))


def told(mark: Mark, language: str, most: int | None = None) -> str:
    """The feedback of a mark as text; what stands for it where nothing was graded."""
    lines = mark.told.get(language) or (words_of(language).say(f"state.{mark.state}"),)
    text = "\n".join(lines)
    return text if most is None or len(text) <= most else text[: most - 1] + "…"
