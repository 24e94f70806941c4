"""`check --watch`: in a terminal of its own with its keys, in whatever way a file is saved; plain lines in a pipe."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.terminals import SECONDS, Terminal
from tests.grading.samples import ACCEPT, RIGHT, WRONG
from wsedu.cli.check_watch_work import EMPTY_SECONDS, Watched, Work
from wsedu.grading.checking import Checked
from wsedu.grading.exercise import exercises, find_exercise
from wsedu.grading.started import learner_file, start
from wsedu.grading.state import DAMAGED, NAME, load_state

CHECKED = "checked in"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that was started in English."""
    start(tmp_path, "en")
    return tmp_path


def save(folder: Path, text: str) -> None:
    """Save as an editor does that writes a new file and gives it the old name."""
    beside = folder / "beside.tmp"
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, folder / ACCEPT.file)


def test_a_wrong_save_hints_a_right_save_and_what_is_shown_then(folder: Path) -> None:
    with Terminal("check", "--watch", folder=folder) as terminal:
        said = terminal.wait_for(CHECKED)
        assert "not written yet" in said
        assert "hashlib" not in said
        terminal.clear()
        save(folder, WRONG)
        said = terminal.wait_for(CHECKED)
        assert f"saved: checking {ACCEPT.file}" in said
        assert "(M02)" in said
        for number, hint in enumerate(ACCEPT.text("en")["hints"], 1):
            said = terminal.press("h", f"h hint {number}/3")
            assert hint[:40] in said
        assert "no more hints" in terminal.press("h", "no more hints")
        terminal.clear()
        save(folder, RIGHT)
        said = terminal.wait_for(CHECKED)
        assert "All checks passed (3 of 3)" in said
        assert "to compare with yours" in said
        assert "Why it is so: " in said
        assert f" 1/{len(exercises())}" in said
        assert terminal.end("q") == 0
        assert terminal.now == terminal.before
    assert load_state(folder).done == ["accept_key"]
    assert load_state(folder).hints == {"accept_key": 3}


def test_the_list_and_all_checks_come_and_go(folder: Path) -> None:
    save(folder, RIGHT)
    with Terminal("check", "--watch", "accept_key", folder=folder) as terminal:
        terminal.wait_for(CHECKED)
        assert "✔ ▶  01  accept_key" in terminal.press("l", "any other key goes back")
        terminal.press(" ", "All checks passed")
        said = terminal.press("c", f"1 of {len(exercises())} exercises passed")
        assert "✔ 01 The accept key: passed" in said
        assert "All checks passed" in terminal.press("\x1b[B", "All checks passed")
        terminal.press("r", CHECKED)
        assert terminal.end("q") == 0


def test_a_small_terminal_shows_the_list_around_the_current_exercise(folder: Path) -> None:
    with Terminal("check", "--watch", "length_tests", folder=folder, size=(24, 60)) as terminal:
        said = terminal.wait_for(CHECKED)
        assert "c check all\nx reset · q quit" in said.replace("\r", ""), "a line ends between two keys"
        terminal.clear()
        said = terminal.press("l", "any other key goes back")
        assert "· ▶  12  A test for the length field" in said
        assert "·    25  An endpoint of your own" in said
        assert "The accept key" not in said
        assert "15 min" not in said
        assert terminal.end("q") == 1


def test_reset_asks_first(folder: Path) -> None:
    save(folder, WRONG)
    with Terminal("check", "--watch", folder=folder) as terminal:
        terminal.wait_for(CHECKED)
        terminal.press("x", "Write 01_accept_key.py anew?")
        terminal.press("n", "Nothing was changed.")
        assert (folder / ACCEPT.file).read_text(encoding="utf-8") == WRONG
        terminal.press("x", "Write 01_accept_key.py anew?")
        terminal.press("y", "not written yet")
        assert (folder / ACCEPT.file).read_text(encoding="utf-8") == learner_file(ACCEPT, "en")
        assert (folder / "backups" / "01_accept_key.1.py").read_text(encoding="utf-8") == WRONG
        assert terminal.end("q") == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_next_goes_to_what_is_not_done(folder: Path, language: str) -> None:
    state = load_state(folder)
    state.done = [exercise.name for exercise in exercises()]
    state.save()
    save(folder, RIGHT)
    said = {"en": "All exercises are done.", "zh": "全部练习都完成了。"}
    with Terminal("check", "--watch", "1", "--lang", language, folder=folder) as terminal:
        terminal.wait_for({"en": CHECKED, "zh": "检查完毕"}[language])
        terminal.press("n", said[language])
        assert terminal.end("q") == 0


def test_ctrl_c_gives_the_terminal_back(folder: Path) -> None:
    with Terminal("check", "--watch", folder=folder) as terminal:
        terminal.wait_for(CHECKED)
        assert terminal.now != terminal.before
        assert terminal.end("\x03") == 130
        assert terminal.now == terminal.before


def test_q_does_not_wait_for_code_that_does_not_end(folder: Path) -> None:
    save(folder, "while True: pass\n")
    with Terminal("check", "--watch", folder=folder) as terminal:
        terminal.wait_for("checking 01_accept_key.py")
        began = time.monotonic()
        assert terminal.end("q") == 1
        assert time.monotonic() - began < 1.9


def test_a_save_during_a_check_is_checked_at_once(folder: Path) -> None:
    save(folder, "while True: pass\n")
    with Terminal("check", "--watch", folder=folder) as terminal:
        terminal.wait_for("checking 01_accept_key.py")
        save(folder, RIGHT)
        assert "more than 2 seconds" not in terminal.wait_for("All checks passed")
        assert terminal.end("q") == 0


def test_a_file_that_goes_and_comes_is_awaited(folder: Path) -> None:
    (folder / ACCEPT.file).unlink()
    with Terminal("check", "--watch", folder=folder) as terminal:
        terminal.wait_for(f"{ACCEPT.file} is not there: x writes it.")
        terminal.clear()
        save(folder, RIGHT)
        terminal.wait_for("All checks passed")
        assert terminal.end("q") == 0


def test_a_damaged_state_does_not_stop_it(folder: Path) -> None:
    (folder / NAME).write_text("{", encoding="utf-8")
    with Terminal("check", "--watch", folder=folder) as terminal:
        said = terminal.wait_for(CHECKED)
        assert said.count("could not be read") == 1
        assert terminal.end("q") == 1
    assert (folder / DAMAGED).exists()


def test_a_small_window_leaves_out_the_drawing_first_then_other_steps(folder: Path) -> None:
    exercise = find_exercise("encode_frame")
    (folder / exercise.file).write_text(exercise.wrong[0].source, encoding="utf-8")
    for size, drawn, steps in (((60, 100), True, True), ((32, 100), False, True), ((22, 100), False, False)):
        with Terminal("check", "--watch", exercise.name, folder=folder, size=size) as terminal:
            said = terminal.wait_for(CHECKED)
            assert ("This is the frame that you made" in said) is drawn
            assert ("– 10  " in said) is steps
            assert ("not right either" in said) is steps
            assert "first difference" in said
            assert terminal.end("q") == 1


def test_a_narrow_window_is_not_left(folder: Path) -> None:
    save(folder, WRONG)
    with Terminal("check", "--watch", folder=folder, size=(40, 50)) as terminal:
        said = terminal.wait_for(CHECKED)
        assert max(len(line) for line in said.splitlines()) <= 50
        assert terminal.end("q") == 1


def test_plain_lines_in_a_pipe(folder: Path) -> None:
    command = [sys.executable, "-m", "wsedu", "check", "--watch", "--plain", "--lang", "en"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUTF8": "1"},
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines: list[str] = []

    def read_until(text: str) -> list[str]:
        assert process.stdout is not None
        while not lines or text not in lines[-1]:
            line = process.stdout.readline()
            assert line, lines
            lines.append(line.rstrip("\n"))
        return lines

    try:
        read_until(CHECKED)
        save(folder, WRONG)
        read_until("saved: checking")
        read_until(CHECKED)
        process.stdin.write("h")
        process.stdin.flush()
        read_until(ACCEPT.text("en")["hints"][0])
        process.stdin.write("q\n")
        process.stdin.flush()
        assert process.wait(SECONDS) == 1
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    assert not {"\x1b", "▓", "░", "^", "│"} & set("".join(lines))


# --- Saves, and checks in a thread ---


def test_a_save_is_seen_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    watched = Watched(path)
    assert not watched.saved()
    path.write_text("x", encoding="utf-8")
    assert watched.saved()
    assert not watched.saved()
    other = tmp_path / "other"
    other.write_text("y", encoding="utf-8")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    os.replace(other, path)
    assert watched.saved()


def test_a_file_that_is_emptied_or_moved_away_for_a_moment_is_not_a_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    path = tmp_path / "file"
    path.write_text("x", encoding="utf-8")
    watched = Watched(path)
    path.write_text("", encoding="utf-8")
    assert not watched.saved()
    path.write_text("xy", encoding="utf-8")
    assert watched.saved()
    path.unlink()
    assert not watched.saved()
    now[0] += EMPTY_SECONDS + 0.1
    assert watched.saved()
    assert not watched.saved()


def test_work_finds_what_there_is_and_what_there_is_not(folder: Path) -> None:
    save(folder, RIGHT)
    work = Work([ACCEPT], folder, 1)
    exercise, checked = work.found.get(timeout=SECONDS)
    assert exercise is ACCEPT
    assert isinstance(checked, Checked)
    assert checked.report.passed
    (folder / ACCEPT.file).unlink()
    _, problem = Work([ACCEPT], folder, 1).found.get(timeout=SECONDS)
    assert isinstance(problem, FileNotFoundError)


def test_work_that_is_stopped_ends_the_process_that_it_waits_for(folder: Path) -> None:
    save(folder, "while True: pass\n")
    work = Work([ACCEPT] * 10, folder, 1)
    with pytest.raises(queue.Empty):
        work.found.get(timeout=0.3)
    work.stop()
    assert not work._thread.is_alive()
    assert work.found.qsize() <= 1
