"""`check`: one exercise, a file, or all of them; as text, as plain lines, as JSON; exit 0, 1 and 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.grading.samples import ACCEPT, RIGHT, WRONG
from wsedu.grading.exercise import exercises
from wsedu.grading.started import start
from wsedu.grading.state import load_state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the first exercise alone."""
    start(tmp_path, "en")
    for exercise in exercises():
        if exercise is not ACCEPT:
            (tmp_path / exercise.file).unlink()
    return tmp_path


def test_one_that_fails_and_then_passes(wsedu: Run, folder: Path) -> None:
    (folder / ACCEPT.file).write_text(WRONG, encoding="utf-8")
    failed = wsedu("check", "accept_key", cwd=str(folder))
    assert failed.returncode == 1
    assert "“The digest is taken as hexadecimal text” (M02)" in failed.stdout
    assert "^ first difference: character 0" in failed.stdout
    assert "hashlib" not in failed.stdout
    (folder / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    passed = wsedu("check", "accept_key", cwd=str(folder))
    assert passed.returncode == 0
    assert "All checks passed (3 of 3)" in passed.stdout
    assert "to compare with yours" in passed.stdout
    assert "Why it is so: " in passed.stdout
    again = wsedu("check", "accept_key", cwd=str(folder))
    assert "to compare with yours" not in again.stdout


def test_a_file_of_any_folder(wsedu: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (folder / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    elsewhere = str(tmp_path_factory.mktemp("elsewhere"))
    assert wsedu("check", str(folder / ACCEPT.file), cwd=elsewhere).returncode == 0
    assert load_state(folder).done == ["accept_key"]


def test_all_of_a_folder_and_the_first_that_fails(wsedu: Run, folder: Path) -> None:
    done = wsedu("check", cwd=str(folder))
    assert done.returncode == 1
    assert "✖ 01 The accept key: 0 of 3" in done.stdout
    assert "0 of 1 exercises passed" in done.stdout
    assert "not written yet" in done.stdout
    (folder / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    done = wsedu("check", cwd=str(folder))
    assert done.returncode == 0
    assert "✔ 01 The accept key: passed" in done.stdout


def test_plain_lines_have_no_caret(wsedu: Run, folder: Path) -> None:
    (folder / ACCEPT.file).write_text(WRONG, encoding="utf-8")
    said = wsedu("check", "1", "--plain", "--color", "always", cwd=str(folder)).stdout
    assert "first difference: character 0" in said
    assert "^" not in said
    assert "\x1b" not in said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_json_says_the_same(wsedu: Run, folder: Path, language: str) -> None:
    (folder / ACCEPT.file).write_text(WRONG, encoding="utf-8")
    done = wsedu("check", "--json", "--lang", language, "--seed", "5", cwd=str(folder))
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["exercise"] == "accept_key"
    assert (found["right"], found["count"], found["stage"], found["idea"]) == (0, 3, "step", "M02")
    assert found["seed"] == 5
    assert [step["name"] for step in found["steps"]] == ["published", "ends", "chance"]
    assert any("M02" in line for line in found["feedback"])


def test_a_seed_repeats_the_inputs_and_leaves_what_is_done(wsedu: Run, folder: Path) -> None:
    published = "    return 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='\n"
    (folder / ACCEPT.file).write_text(f"def accept_key(key):\n    print(key)\n{published}", encoding="utf-8")
    runs = [wsedu("check", "1", "--seed", seed, cwd=str(folder)).stdout for seed in ("1", "1", "2")]
    assert runs[0] == runs[1]
    (folder / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    assert wsedu("check", "1", "--seed", "3", cwd=str(folder)).returncode == 0
    assert load_state(folder).done == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("# 你好\n".encode("utf-16"), "UTF-16, not UTF-8"),
        (b"\xff\xfe\xfd", "UTF-16, not UTF-8"),
        (b"# caf\xe9\n", "not UTF-8"),
        (b"\x00\x00", "cannot be read as Python"),
        (b"# coding: nothing\n", "not UTF-8"),
        ("# coding: gbk\nx = '你好'\n".encode("gbk"), "has no `accept_key`"),
        (b"", "has no `accept_key`"),
    ],
)
def test_a_file_that_is_no_text_is_told_like_any_other_mistake(
    wsedu: Run, folder: Path, content: bytes, said: str
) -> None:
    (folder / ACCEPT.file).write_bytes(content)
    done = wsedu("check", "1", cwd=str(folder))
    assert done.returncode == 1, done.stderr
    assert said in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("qqq",), "there is no exercise qqq"),
        (("acept_key",), "do you mean accept_key?"),
        (("--watch", "--json"), "leave out --watch"),
        (("--folder", "nowhere"), "there are no exercises in"),
        (("--seed", "x"), "--seed"),
    ],
)
def test_what_a_user_gets_wrong_is_one_line(wsedu: Run, folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = wsedu("check", *arguments, cwd=str(folder))
    assert done.returncode == 2
    assert said in done.stderr


def test_a_file_that_is_not_there_is_named(wsedu: Run, folder: Path) -> None:
    (folder / ACCEPT.file).unlink()
    done = wsedu("check", "accept_key", cwd=str(folder))
    assert done.returncode == 2
    assert "exercises reset accept_key writes it" in done.stderr
