"""Every exercise is sound, and an exercise that is not is found out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wsedu.grading.exercise import Exercise, exercises, find_exercise
from wsedu.grading.surviving import fates_of
from wsedu.grading.verifying import problems_of


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.name)
def test_every_exercise_is_sound(exercise: Exercise) -> None:
    assert list(problems_of(exercise)) == []


def test_there_are_as_many_ways_as_promised() -> None:
    assert len(exercises()) in range(23, 27)
    assert sum(len(exercise.wrong) for exercise in exercises()) >= 60
    assert sum(len(exercise.right) for exercise in exercises()) >= 30
    assert {exercise.kind for exercise in exercises()} == {"function", "order", "data", "tests", "endpoint"}
    assert [exercise.number for exercise in exercises()] == list(range(1, len(exercises()) + 1))


SOLVED = "return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The first exercise in a folder of its own."""
    folder = tmp_path / "01_accept_key"
    shutil.copytree(find_exercise("accept_key").folder, folder)
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("solution.py", "258EAFA5", "258EAFA6", "right"),
        ("exercise.toml", 'fails_at = "published"', 'fails_at = "chance"', "wrong"),
        ("exercise.toml", 'is = "M02"', 'is = "M99"', "idea"),
        ("exercise.toml", 'hints = [\n    "', 'hints = []\nother = [\n    "', "hints"),
        ("exercise.toml", "teaches = ", "taught = ", "text"),
        ("exercise.toml", 'ends = "keys', 'end = "keys', "text"),
        ("checks.py", 'step("ends",', 'step("published",', "twice"),
        ("checks.py", 'for key in ends))', 'for key in ends), public=False)', "hidden"),
        ("exercise.toml", 'area = "handshake"', f'stub = "{SOLVED}"', "stub"),
        ("exercise.toml", 'published = "the RFC', 'published = """from random import Random"""\nx = "', "leak"),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_found(copied: Path, file: str, old: str, new: str, key: str) -> None:
    change(copied / file, old, new)
    assert key in {problem.key for problem in problems_of(Exercise(copied), [0])}


def test_two_mistakes_that_cannot_be_told_apart_get_no_name(copied: Path) -> None:
    twin = '\n[[wrong]]\nis = "M04"\nway = "the same as another"\nfails_at = "published"\ncode = "return key"\n'
    same = '\n[[wrong]]\nis = "M06"\nway = "yet another"\nfails_at = "published"\ncode = "return str(key)"\n'
    append(copied / "exercise.toml", twin + same)
    found = [problem for problem in problems_of(Exercise(copied), [0]) if problem.key == "wrong"]
    assert [problem.facts["idea"] for problem in found] == ["", ""]


def test_checks_that_look_at_too_little_leave_mutants_alive(copied: Path) -> None:
    append(copied / "checks.py", "\n\ndef steps(random):\n    return [step('published', judged_by_nobody())]\n")
    append(
        copied / "checks.py",
        "\n\ndef judged_by_nobody():\n    from wsedu.grading.steps import judged\n"
        "    return judged(call('accept_key', PUBLISHED), lambda outcome: None)\n",
    )
    assert any(fate.alive for fate in fates_of(Exercise(copied)))
    assert not any(fate.alive for fate in fates_of(find_exercise("accept_key")))
