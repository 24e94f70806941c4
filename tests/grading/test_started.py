"""A learner's folder: whole or not at all, nothing of the learner's lost, a damaged state survived, pytest in it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.grading.samples import ACCEPT, RIGHT, WRONG
from wsedu.grading import started
from wsedu.grading.exercise import exercises
from wsedu.grading.started import BACKUPS, COURSE, FOLDER, docstring, files, find_folder, learner_file, reset, start
from wsedu.grading.state import DAMAGED, NAME, State, digest, load_state, write_whole

LANGUAGES = ("en", "zh")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.name)
def test_a_learners_file_is_python_with_its_statement_and_no_solution(exercise: object, language: str) -> None:
    assert isinstance(exercise, type(ACCEPT))
    text, texts = learner_file(exercise, language), exercise.text(language)
    said = ast.get_docstring(ast.parse(text), clean=False)
    assert said is not None
    for part in (texts["title"], texts["statement"].strip(), exercise.name):
        assert part in said
    assert "# <gap>" not in text
    assert text != docstring(said) + exercise.solution


def test_a_docstring_reads_as_it_was_written() -> None:
    for text in (r"b'\x81\n' in \r\n", 'say """this"""', "plain"):
        assert ast.get_docstring(ast.parse(docstring(text)), clean=False) == text.replace('"""', "'''") + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_written_in_the_language_that_was_chosen(tmp_path: Path, language: str) -> None:
    done = start(tmp_path / "new", language)
    assert set(done.written) == {*(exercise.file for exercise in exercises()), "README.md", "test_exercises.py"}
    for name in done.written:
        text = (tmp_path / "new" / name).read_text(encoding="utf-8")
        assert ("学" in text or "检查" in text) is (language == "zh"), name
    assert load_state(tmp_path / "new").language == language
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new"]
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o777 & ~started._umask()


def test_what_the_learner_has_changed_is_left_alone_and_named(tmp_path: Path) -> None:
    start(tmp_path, "en")
    (tmp_path / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    (tmp_path / "README.md").unlink()
    done = start(tmp_path, "zh")
    assert done.kept == (ACCEPT.file,)
    assert (tmp_path / ACCEPT.file).read_text(encoding="utf-8") == RIGHT
    assert "README.md" in done.written
    assert "test_exercises.py" in done.written  # untouched, and now in Chinese
    assert not (tmp_path / BACKUPS).exists()


def test_force_keeps_the_learners_version_each_time(tmp_path: Path) -> None:
    start(tmp_path, "en")
    for version in (RIGHT, WRONG):
        (tmp_path / ACCEPT.file).write_text(version, encoding="utf-8")
        done = start(tmp_path, "en", force=True)
        kept = tmp_path / done.backups[ACCEPT.file]
        assert kept.read_text(encoding="utf-8") == version
        assert (tmp_path / ACCEPT.file).read_text(encoding="utf-8") == learner_file(ACCEPT, "en")
    assert len(list((tmp_path / BACKUPS).iterdir())) == 2


def test_starting_again_changes_nothing(tmp_path: Path) -> None:
    start(tmp_path, "en")
    before = contents(tmp_path)
    done = start(tmp_path, "en")
    assert done.written == done.kept == ()
    assert contents(tmp_path) == before


def test_windows_line_ends_are_no_change(tmp_path: Path) -> None:
    start(tmp_path, "en")
    text = (tmp_path / ACCEPT.file).read_text(encoding="utf-8")
    (tmp_path / ACCEPT.file).write_bytes(text.replace("\n", "\r\n").encode())
    assert start(tmp_path, "en").kept == ()


@pytest.mark.parametrize("failing", range(4))
def test_a_folder_that_cannot_be_filled_is_as_before(
    tmp_path: Path, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ACCEPT.file).write_text("mine", encoding="utf-8")
    (tmp_path / "README.md").write_text("mine too", encoding="utf-8")
    before, calls, replace = contents(tmp_path), [0], os.replace

    def fail(source: str, target: Path) -> None:
        if Path(target).parent == tmp_path:
            calls[0] += 1
            if calls[0] == failing + 1:
                raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        start(tmp_path, "en", force=True)
    monkeypatch.undo()
    found = contents(tmp_path)
    assert {name: data for name, data in found.items() if not name.startswith(BACKUPS)} == before


def test_a_new_folder_that_cannot_be_filled_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(started, "write_whole", fail)
    with pytest.raises(OSError, match="No space"):
        start(tmp_path / "new", "en")
    assert list(tmp_path.iterdir()) == []


def test_reset_keeps_the_version_and_forgets_that_it_passed(tmp_path: Path) -> None:
    start(tmp_path, "en")
    state = load_state(tmp_path)
    state.mark(ACCEPT.name, True)
    state.save()
    (tmp_path / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    kept = reset(tmp_path, ACCEPT, "en")
    assert kept is not None
    assert (tmp_path / kept).read_text(encoding="utf-8") == RIGHT
    assert (tmp_path / ACCEPT.file).read_text(encoding="utf-8") == learner_file(ACCEPT, "en")
    assert load_state(tmp_path).done == []
    assert reset(tmp_path, ACCEPT, "en") is None


def test_the_folder_is_found_from_inside_and_from_beside(tmp_path: Path) -> None:
    assert find_folder(tmp_path) is None
    start(tmp_path / "wsedu-exercises", "en")
    assert find_folder(tmp_path) == tmp_path / "wsedu-exercises"
    assert find_folder(tmp_path / "wsedu-exercises") == tmp_path / "wsedu-exercises"


def test_the_folder_of_the_course_comes_last(tmp_path: Path) -> None:
    start(tmp_path / COURSE / FOLDER, "en")
    assert find_folder(tmp_path) == tmp_path / COURSE / FOLDER
    assert find_folder(tmp_path / COURSE) == tmp_path / COURSE / FOLDER
    start(tmp_path / FOLDER, "en")
    assert find_folder(tmp_path) == tmp_path / FOLDER


# --- The state ---


def test_the_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = State(tmp_path, "zh", 7, ["a"], {"a": 2}, {"f": digest("x")})
    state.save()
    assert load_state(tmp_path) == state


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'{"version": 1}', b"\xff\xfe{", b'{"language": "en", "seed": "x", "done": []}',
     b'{"language": "en", "seed": 1, "done": [3], "hints": {}, "written": {}}'],
)  # fmt: skip
def test_a_damaged_state_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / NAME).write_bytes(damage)
    state = load_state(tmp_path)
    assert state.damaged
    assert state.done == []
    assert (tmp_path / DAMAGED).read_bytes() == damage
    state.save()
    assert not load_state(tmp_path).damaged


def test_a_crash_while_writing_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state"
    write_whole(path, "old")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, "new")
    assert contents(tmp_path) == {"state": b"old"}


def test_marking_says_whether_it_is_news(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.mark("a", True)
    assert not state.mark("a", True)
    assert state.mark("a", False)
    assert not state.mark("a", False)


# --- pytest in the folder ---


def pytest_in(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", "-q"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"},
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def test_plain_pytest_has_a_test_for_each_check_with_the_same_feedback(tmp_path: Path) -> None:
    start(tmp_path, "en")
    for exercise in exercises():
        if exercise is not ACCEPT:
            (tmp_path / exercise.file).unlink()
    (tmp_path / ACCEPT.file).write_text(WRONG, encoding="utf-8")
    said = pytest_in(tmp_path)
    assert "3 failed" in said
    assert "test_exercise[01_accept_key-published]" in said
    assert "The idea behind this: “The digest is taken as hexadecimal text” (M02)" in said
    assert "First mend check 1: the RFC's own key gives the RFC's own answer" in said
    assert "Traceback" not in said
    (tmp_path / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    assert "3 passed" in pytest_in(tmp_path)


def test_state_files_are_json_that_a_person_can_read(tmp_path: Path) -> None:
    start(tmp_path, "en")
    kept = json.loads((tmp_path / NAME).read_text(encoding="utf-8"))
    assert kept["language"] == "en"
    assert set(kept["written"]) == set(files("en"))
