"""`quiz`: asked line by line and by keys, what it says in the end, and the files that it writes."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.talking import DEADLINE, environment
from wsedu.cli.quiz_keys import moved
from wsedu.course.inventory import inventory
from wsedu.views.question_told import LETTERS

RIGHT = [LETTERS[one.right] for one in inventory("en")]


def typed(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


# --- Line by line ---


def test_all_right_answers_leave_nothing_to_look_at_again(wsedu: Run) -> None:
    done = wsedu("quiz", stdin=typed(*RIGHT))
    assert (done.returncode, done.stderr) == (0, "")
    assert "20 of 20 answered questions right." in done.stdout
    assert "No wrong idea came up." in done.stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_wrong_answer_is_told_at_the_end_by_its_idea_fact_section_and_lesson(wsedu: Run, language: str) -> None:
    masking = inventory("en").index(next(one for one in inventory("en") if one.name == "inventory.mask_why"))
    lines = [*RIGHT[:masking], "a", *RIGHT[masking + 1 :]]
    done = wsedu("quiz", "--plain", "--lang", language, stdin=typed(*lines))
    assert done.returncode == 0
    told = done.stdout[done.stdout.rindex("✘") :]
    wanted = {
        "en": ("Masking is encryption", "TLS is what keeps a secret", "RFC 6455 §5.3; 10.3 · lesson 4"),
        "zh": ("掩码就是加密", "保密要靠 TLS", "RFC 6455 §5.3; 10.3 · 第 4 课"),
    }[language]
    assert all(part in " ".join(told.split()) for part in wanted)
    assert done.stdout.count("✘") == 1


def test_nothing_is_said_of_right_or_wrong_before_the_end(wsedu: Run) -> None:
    done = wsedu("quiz", "--count", "3", stdin=typed("a", "a", "a"))
    before, _, _ = done.stdout.partition("answered questions right")
    assert all(one.because not in before for one in inventory("en"))
    assert "✘" not in before


def test_an_empty_line_skips_a_strange_one_is_asked_again_and_q_ends(wsedu: Run) -> None:
    done = wsedu("quiz", "--count", "4", stdin=typed("", "z", "ab", "A", "q", "A"))
    assert done.returncode == 0
    assert done.stdout.count("Please type one of A, B, C, D") == 2
    assert re.search(r"[01] of 1 answered questions? right\.", done.stdout)
    assert "1 skipped, 2 not reached." in done.stdout


def test_the_end_of_the_input_is_the_end_and_keeps_what_there_is(wsedu: Run) -> None:
    done = wsedu("quiz", stdin=typed(RIGHT[0]))
    assert done.returncode == 0
    assert "1 of 1 answered questions right." in done.stdout
    assert "0 skipped, 19 not reached." in done.stdout


def test_ctrl_c_keeps_what_there_is() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "wsedu", "quiz", "--plain", "--lang", "en"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{RIGHT[0]}\n")
    process.stdin.flush()
    seen = ""
    while "2 / 20" not in seen:
        seen += process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=DEADLINE)
    assert (process.returncode, error) == (0, "")
    assert "1 of 1 answered questions right." in out


@pytest.mark.parametrize("skipped", [0, 1])
def test_ctrl_c_before_the_first_answer_tells_no_result(skipped: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "wsedu", "quiz", "--plain", "--lang", "en"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n" * skipped)
    process.stdin.flush()
    seen = ""
    while f"{skipped + 1} / 20" not in seen:
        seen += process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=DEADLINE)
    assert (process.returncode, error) == (130, "wsedu: stopped\n")
    assert "right" not in out.splitlines()[-1]
    assert "answered questions" not in out


def test_json_is_one_object_on_standard_output(wsedu: Run) -> None:
    done = wsedu("quiz", "--json", "--count", "2", stdin=typed("a", ""))
    found = json.loads(done.stdout)
    first, second = inventory("en", count=2)
    assert found["questions"] == [
        {"name": first.name, "said": first.options[0], "right": False, "idea": "X41", "skipped": False},
        {"name": second.name, "said": None, "right": None, "idea": None, "skipped": True},
    ]
    assert [found[key] for key in ("asked", "answered", "skipped", "right")] == [2, 1, 1, 0]
    assert [(one["idea"], one["lesson"], one["section"]) for one in found["revisit"]] == [
        ("X41", 1, "RFC 6455 §1.5; 1.6")
    ]
    assert "2 / 2" in done.stderr


def test_a_seed_shuffles_the_same_way_each_time(wsedu: Run) -> None:
    runs = [wsedu("quiz", "--seed", seed, "--count", "5").stdout for seed in ("1", "1", "2")]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("count", ["0", "21", "-3"])
def test_a_number_of_questions_that_there_is_not_is_refused(wsedu: Run, count: str) -> None:
    done = wsedu("quiz", f"--count={count}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"wsedu: --count {count}: there are 1 to 20 questions\n"


# --- By keys ---


@contextmanager
def terminal(*arguments: str, columns: int = 80) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command on a terminal of its own."""
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (40, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "wsedu", "quiz", "--lang", "en", "--color", "never", *arguments],
        stdin=far,
        stdout=far,
        stderr=far,
        env=environment() | {"TERM": "xterm"},
        start_new_session=True,
    )
    os.close(far)
    try:
        yield process, near
    finally:
        process.kill()
        process.wait()
        os.close(near)


def read_until(near: int, wanted: str) -> str:
    """What appears on a terminal up to some text."""
    seen, end = b"", time.monotonic() + DEADLINE
    while wanted.encode() not in seen:
        ready, _, _ = select.select([near], [], [], max(0.0, end - time.monotonic()))
        assert ready, seen
        seen += os.read(near, 65_536)
    return seen.decode(errors="replace")


def ended(process: subprocess.Popen[bytes], near: int) -> int:
    """The exit status, while what is left on the terminal is read."""
    end = time.monotonic() + DEADLINE
    while process.poll() is None and time.monotonic() < end:
        if select.select([near], [], [], 0.05)[0]:
            try:
                os.read(near, 65_536)
            except OSError:
                break
    return process.wait(DEADLINE)


def test_arrows_and_letters_choose_enter_commits_s_skips() -> None:
    with terminal("--count", "3") as (process, near):
        read_until(near, "q ends")
        os.write(near, b"\x1b[B")
        read_until(near, "▶ A.")
        os.write(near, b"\x1b[A")
        read_until(near, "▶ D.")
        os.write(near, b"c\r")
        read_until(near, "2 / 3")
        os.write(near, b"s")
        read_until(near, "3 / 3")
        os.write(near, b"d\r")
        told = read_until(near, "not reached")
        assert "2 of 2 answered questions right." in told
        assert "1 skipped, 0 not reached." in told
        assert ended(process, near) == 0


def test_enter_without_a_choice_commits_nothing_and_escape_ends() -> None:
    with terminal("--count", "2") as (process, near):
        read_until(near, "q ends")
        os.write(near, b"\r")
        os.write(near, b"\x1b[C")
        os.write(near, b"b")
        read_until(near, "▶ B.")
        os.write(near, b"\x1b")
        assert "0 skipped, 2 not reached." in read_until(near, "not reached.")
        assert ended(process, near) == 0


@pytest.mark.parametrize("way", ["Ctrl-C", "q"])
def test_on_a_terminal_too_what_was_answered_is_kept(way: str) -> None:
    with terminal() as (process, near):
        read_until(near, "q ends")
        os.write(near, f"{RIGHT[0]}\r".encode())
        read_until(near, "2 / 20")
        if way == "q":
            os.write(near, b"q")
        else:
            # What a shell's terminal makes of Ctrl-C.
            process.send_signal(signal.SIGINT)
        assert "1 of 1 answered questions right." in read_until(near, "not reached.")
        assert ended(process, near) == 0


def test_keys_that_come_together_are_taken_one_by_one() -> None:
    with terminal("--count", "2") as (process, near):
        read_until(near, "q ends")
        os.write(near, b"\x1b[B\x1b[B\x1bOB\rs")
        assert "1 of 1 answered questions right." in read_until(near, "not reached.")
        assert ended(process, near) == 0


@pytest.mark.parametrize(
    ("key", "at", "then"),
    [
        *(("down", None, 0), ("down", 3, 0), ("up", None, 3), ("up", 0, 3), ("up", 2, 1)),
        *(("b", None, 1), ("D", 0, 3), ("e", 2, 2), ("other", 1, 1), ("enter", None, None), (" ", 2, 2)),
    ],
)
def test_what_a_key_does(key: str, at: int | None, then: int | None) -> None:
    assert moved(key, at, 4) == then


# --- Files ---


@pytest.mark.parametrize("suffix", [".md", ".gift", ".zip", ".ZIP"])
def test_export_writes_one_file_and_asks_nothing(wsedu: Run, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"inventory{suffix}"
    done = wsedu("quiz", "--export", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"wsedu: saved {file}\n")
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_size > 3000


def test_export_takes_language_count_and_seed(wsedu: Run, tmp_path: Path) -> None:
    file = tmp_path / "few.gift"
    wsedu("quiz", "--export", str(file), "--count", "2", "--seed", "4", "--lang", "zh")
    titles = re.findall(r"^::(.*?)::", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert titles == [one.name for one in inventory("zh", count=2, seed=4)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("inventory.pdf", "a name that ends in one of .md, .gift, .zip says which form"),
        ("inventory", "a name that ends in one of .md, .gift, .zip says which form"),
        ("no/inventory.md", "make it first"),
    ],
)
def test_a_file_that_cannot_be_made_is_one_line_and_nothing_is_written(
    wsedu: Run, tmp_path: Path, name: str, said: str
) -> None:
    done = wsedu("quiz", "--export", name, cwd=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_export_stands_alone(wsedu: Run, tmp_path: Path) -> None:
    done = wsedu("quiz", "--export", "x.md", "--json", cwd=str(tmp_path))
    assert done.returncode == 2
    assert "asks none" in done.stderr
    assert list(tmp_path.iterdir()) == []
