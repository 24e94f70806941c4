"""`exercises`: start, list, hint, solution, reset, order, in both languages, and what a user can get wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.grading.samples import ACCEPT, RIGHT
from wsedu.cli.context import Context, UserError
from wsedu.cli.exercises import ACTIONS
from wsedu.cli.exercises_order import run as run_order
from wsedu.cli.exercises_order import with_order
from wsedu.grading.exercise import exercises
from wsedu.grading.started import start
from wsedu.grading.state import NAME, load_state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that was started in English."""
    start(tmp_path, "en")
    return tmp_path


def test_start_says_what_it_wrote_and_how_to_begin(wsedu: Run, tmp_path: Path) -> None:
    done = wsedu("exercises", "start", cwd=str(tmp_path))
    assert done.returncode == 0, done.stderr
    count = len(exercises()) + 2
    assert f"{count} files written to wsedu-exercises" in done.stdout
    assert "Begin: cd wsedu-exercises, then python -m wsedu check --watch" in done.stdout
    assert (tmp_path / "wsedu-exercises" / ACCEPT.file).exists()
    (tmp_path / "wsedu-exercises" / ACCEPT.file).write_text("mine", encoding="utf-8")
    again = wsedu("exercises", "start", cwd=str(tmp_path))
    assert f"You have changed {ACCEPT.file}: it was left as it is" in again.stdout
    forced = wsedu("exercises", "start", "--force", cwd=str(tmp_path))
    assert f"Your version of {ACCEPT.file} is kept as backups" in forced.stdout


def test_start_in_chinese_and_what_follows_in_that_folder_is_chinese(wsedu: Run, tmp_path: Path) -> None:
    done = wsedu("exercises", "start", "here", "--lang", "zh", cwd=str(tmp_path))
    assert "已在 here 中写入" in done.stdout
    assert "应答密钥" in (tmp_path / "here" / ACCEPT.file).read_text(encoding="utf-8")
    inside = str(tmp_path / "here")
    assert "应答密钥" in wsedu("exercises", "list", cwd=inside).stdout
    assert "提示 1/3" in wsedu("exercises", "hint", "1", cwd=inside).stdout
    assert "还没有写" in wsedu("check", "1", cwd=inside).stdout
    assert "not written yet" in wsedu("check", "1", "--lang", "en", cwd=inside).stdout


def test_a_state_that_is_damaged_is_one_line(wsedu: Run, folder: Path) -> None:
    (folder / NAME).write_text("{", encoding="utf-8")
    done = wsedu("check", "accept_key", cwd=str(folder))
    assert done.returncode == 1
    assert "could not be read" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_list_shows_what_is_done(wsedu: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = wsedu("exercises", "list", cwd=str(tmp_path_factory.mktemp("elsewhere")))
    assert "python -m wsedu exercises start" in elsewhere.stdout
    assert "·  01  accept_key" in wsedu("exercises", "list", cwd=str(folder)).stdout
    (folder / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    assert wsedu("check", "accept_key", cwd=str(folder)).returncode == 0
    said = wsedu("exercises", "list", cwd=str(folder)).stdout
    assert f"1 of {len(exercises())} done · {folder.absolute()}" in said
    assert "✔  01  accept_key" in said


def test_hints_come_one_at_a_time_or_by_number(wsedu: Run, folder: Path) -> None:
    hints = ACCEPT.text("en")["hints"]
    for number, hint in enumerate([*hints, hints[-1]]):
        said = wsedu("exercises", "hint", "accept_key", cwd=str(folder)).stdout
        assert hint in said
        assert ("That was the last hint." in said) is (number >= 2)
    assert hints[0] in wsedu("exercises", "hint", "accept_key", "1", cwd=str(folder)).stdout
    assert load_state(folder).hints == {"accept_key": 3}


def test_the_solution_comes_after_success_only(wsedu: Run, folder: Path) -> None:
    early = wsedu("exercises", "solution", "accept_key", cwd=str(folder))
    assert early.returncode == 2
    assert "is shown when yours passes" in early.stderr
    assert "hashlib" not in early.stdout
    (folder / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    first = wsedu("check", "accept_key", cwd=str(folder))
    assert "A solution of The accept key, to compare with yours:" in first.stdout
    assert "hashlib.sha1" in wsedu("exercises", "solution", "accept_key", cwd=str(folder)).stdout


def test_reset_asks_and_keeps_the_version(wsedu: Run, folder: Path) -> None:
    (folder / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    asked = wsedu("exercises", "reset", "accept_key", cwd=str(folder))
    assert asked.returncode == 2
    assert "give --yes" in asked.stderr
    assert (folder / ACCEPT.file).read_text(encoding="utf-8") == RIGHT
    done = wsedu("exercises", "reset", "accept_key", "--yes", cwd=str(folder))
    assert done.returncode == 0
    assert "Your version is backups" in done.stdout
    assert [path.read_text(encoding="utf-8") for path in (folder / "backups").iterdir()] == [RIGHT]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "x", "2"), "exercises list takes no further argument"),
        (("hint",), "name an exercise, such as accept_key"),
        (("hint", "acept_key"), "do you mean accept_key?"),
        (("hint", "qqq"), "there is no exercise qqq"),
        (("hint", "accept_key", "4"), "hints 1, 2 and 3, not 4"),
        (("order", "accept_key"), "no exercise of lines in order"),
        (("start", "README.md"), "README.md is a file"),
        (("lst",), "list"),
        (("reset", "accept_key", "--folder", "nowhere"), "there are no exercises in"),
    ],
)
def test_what_a_user_gets_wrong_is_one_line(wsedu: Run, folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = wsedu("exercises", *arguments, cwd=str(folder))
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.startswith("wsedu: ")
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_one_line(wsedu: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = wsedu("exercises", "start", "file/deeper", cwd=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


# --- Lines in order ---

LINES = {"A": "def made():", "B": "    return 1", "C": "    return 2"}


def ordered(folder: Path, typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Type this into `exercises order` for the first exercise, as if it were one of lines."""
    import argparse
    import io
    import sys
    from types import SimpleNamespace

    monkeypatch.setitem(vars(ACCEPT)["facts"], "kind", "order")
    monkeypatch.setitem(vars(ACCEPT), "checks", SimpleNamespace(LINES=LINES))
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    arguments = argparse.Namespace(name="accept_key", folder=folder, lang="en", level=None)
    run_order(arguments, Context("en"))
    return capsys.readouterr().out


def test_letters_are_asked_for_until_they_are_an_order(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / ACCEPT.file
    path.write_text('"""Text."""\n\norder = [\n    "A",\n]\nafter = 1\n', encoding="utf-8")
    said = ordered(folder, "AX\nABB\n a, b\n", monkeypatch, capsys)
    assert "A  def made():" in said
    assert "There is no line X." in said
    assert "Line B stands there twice." in said
    assert "    def made():\n        return 1\n" in said
    assert path.read_text(encoding="utf-8") == '"""Text."""\n\norder = ["A", "B"]\nafter = 1\n'


def test_an_empty_line_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / ACCEPT.file).read_text(encoding="utf-8")
    assert "Nothing was written." in ordered(folder, "\n", monkeypatch, capsys)
    assert (folder / ACCEPT.file).read_text(encoding="utf-8") == before


@pytest.mark.parametrize("source", ["nothing = 1\n", "order = ["])
def test_a_file_without_an_order_is_named(source: str) -> None:
    with pytest.raises(UserError) as found:
        with_order(ACCEPT, source, ["A"])
    assert found.value.key == "cli.exercises.no_order"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_an_action_all_of_them_are_told(wsedu: Run, language: str) -> None:
    done = wsedu("exercises", "--lang", language)
    assert (done.returncode, done.stdout) == (2, "")
    first, *rows = done.stderr.splitlines()
    assert "ACTION" in first
    assert [row.split()[0] for row in rows] == list(ACTIONS)
    assert all(len(row.split("  ")[-1]) > 3 for row in rows)
    # The help has the same rows.
    told = wsedu("exercises", "--help", "--lang", language).stdout
    assert all(row in told for row in rows)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_folder_that_cannot_be_made_is_named_as_the_user_named_it(wsedu: Run, tmp_path: Path, language: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for folder in ("/proc/xx", str(tmp_path / "file" / "inside")):
        done = wsedu("exercises", "start", folder, "--lang", language)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert folder in done.stderr
        assert ".wsedu-" not in done.stderr
        assert "python -m wsedu exercises start FOLDER" in done.stderr


def test_the_exercises_of_the_course_are_found_from_where_it_was_copied_to(wsedu: Run, tmp_path: Path) -> None:
    course = tmp_path / "wsedu-course" / "wsedu-exercises"
    start(course, "zh")
    here = str(tmp_path)
    assert str(course) in wsedu("exercises", "list", cwd=here).stdout
    assert "还没有写" in wsedu("check", "1", cwd=here).stdout
    done = wsedu("exercises", "start", cwd=here)
    assert done.returncode == 0
    assert "wsedu-course/wsedu-exercises" in done.stdout
    assert "cd wsedu-course/wsedu-exercises" in done.stdout.splitlines()[1]
    assert "python -m wsedu exercises start FOLDER" in done.stdout.splitlines()[2]
    assert [path.name for path in tmp_path.iterdir()] == ["wsedu-course"]
    # A folder that is named is made; then it is the one beside the course that counts.
    assert wsedu("exercises", "start", "wsedu-exercises", cwd=here).returncode == 0
    assert str(tmp_path / "wsedu-exercises") in wsedu("exercises", "list", cwd=here).stdout


def test_in_the_folder_of_the_exercises_no_other_is_made(wsedu: Run, folder: Path) -> None:
    before = sorted(folder.iterdir())
    done = wsedu("exercises", "start", cwd=str(folder))
    assert done.returncode == 0
    assert str(folder) in done.stdout
    assert sorted(folder.iterdir()) == before
