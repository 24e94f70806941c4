"""`python -m wsedu grade`: a class on the command line."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from wsedu.grading.exercise import exercises, find_exercise
from wsedu.grading.levels_here import levels_here
from wsedu.grading.results import from_json

EXERCISE = find_exercise("accept_key")
WRONG = next(variant for variant in EXERCISE.wrong if variant.way == "hexdigest alone").source
TRUST = ("--trust-submissions", "--exercises", "accept_key")


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    for name, source in (("alice", EXERCISE.solution), ("bob", WRONG)):
        (folder / name).mkdir(parents=True)
        (folder / name / EXERCISE.file).write_text(source, encoding="utf-8")
    return folder


def only(folder: Path, *names: str) -> Path:
    for path in folder.iterdir():
        if path.name not in names:
            (path / EXERCISE.file).unlink()
            path.rmdir()
    return folder


def test_a_class_is_told_as_a_table_and_kept_in_a_file(wsedu: Run, submissions: Path) -> None:
    done = wsedu("grade", str(submissions), *TRUST, "--seed", "7")
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert any(re.fullmatch(r" alice +1.00 +✔", line) for line in lines)
    assert any(re.fullmatch(r" bob +0.00 +✖", line) for line in lines)
    assert "M02" in done.stdout
    assert "--seed 7" in done.stdout
    assert max(map(len, lines)) <= 160
    kept = from_json((submissions.parent / "class.grades.json").read_text(encoding="utf-8"))
    assert kept.done
    assert kept.seed == 7


@pytest.mark.parametrize(("language", "word"), [("en", "ignored"), ("zh", "已忽略")])
def test_files_that_are_nobodys_are_named(wsedu: Run, submissions: Path, language: str, word: str) -> None:
    for name in ("notes.pdf", "Grades 2024.xlsx", ".DS_Store", "Thumbs.db"):
        (submissions / name).write_bytes(b"x")
    done = wsedu("grade", str(submissions), *TRUST, "--json", "--lang", language)
    [line] = [line for line in done.stderr.splitlines() if word in line]
    assert "notes.pdf" in line
    assert "Grades 2024.xlsx" in line
    assert "DS_Store" not in line
    assert "Thumbs" not in line
    assert json.loads(done.stdout)["ignored"] == ["Grades 2024.xlsx", "notes.pdf"]
    assert from_json(done.stdout).ignored == ("Grades 2024.xlsx", "notes.pdf")
    # Of many only the first are named.
    for number in range(20):
        (submissions / f"picture{number:02}.png").write_bytes(b"x")
    [line] = [told for told in wsedu("grade", str(submissions), *TRUST).stderr.splitlines() if "ignored" in told]
    assert "picture05.png and 14 more" in line
    # One student's folder may hold what it likes.
    alone = wsedu("grade", str(submissions / "alice"), "--student", "alice", *TRUST)
    assert "ignored" not in alone.stderr


def test_everybody_right_is_0(wsedu: Run, submissions: Path) -> None:
    assert wsedu("grade", str(only(submissions, "alice")), *TRUST).returncode == 0


def test_what_could_not_be_graded_is_2(wsedu: Run, submissions: Path) -> None:
    kills = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
    (submissions / "bob" / EXERCISE.file).write_text(kills, encoding="utf-8")
    done = wsedu("grade", str(submissions), *TRUST, "--json")
    by_name = {result["student"]: result for result in json.loads(done.stdout)["results"]}
    assert by_name["alice"]["passed"]
    assert by_name["bob"]["points"] == 0
    assert done.returncode == (2 if by_name["bob"]["marks"][0]["state"] == "lost" else 1)


def test_one_student_is_told_the_feedback(wsedu: Run, submissions: Path) -> None:
    done = wsedu("grade", str(submissions / "bob"), "--student", "bob", *TRUST, "--lang", "zh")
    assert done.returncode == 1
    assert "M02" in done.stdout
    assert "b37a4f2cc0624f1690f64606cf385945b2bec4ea" in done.stdout


def test_an_exercise_that_is_not_there_is_0_and_said(wsedu: Run, submissions: Path) -> None:
    done = wsedu("grade", str(submissions), "--trust-submissions", "--csv")
    head, alice, *_ = done.stdout.splitlines()
    assert head.split(",")[4 : 4 + len(exercises())] == [exercise.folder.name for exercise in exercises()]
    assert alice.split(",")[1:6] == ["alice,1.0"[6:], str(len(exercises())), "0", "1.0", *[""][: len(exercises()) - 1]]


def test_every_output_at_once(wsedu: Run, submissions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    files = [f"--{name}={out / name}" for name in ("csv", "json", "junit")]
    tables = [f"--class-table={out / name}" for name in ("t.txt", "t.csv", "t.svg", "t.png")]
    done = wsedu("grade", str(submissions), *TRUST, *files, *tables, "--reports", str(out / "reports"))
    assert done.returncode == 1, done.stderr
    names = ["csv", "json", "junit", "reports", "t.csv", "t.png", "t.svg", "t.txt"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert sorted(path.name for path in (out / "reports").iterdir()) == ["alice.md", "bob.md"]


@pytest.mark.parametrize("name", ["gradescope", "prairielearn"])
def test_formats_of_one_student(wsedu: Run, submissions: Path, name: str) -> None:
    done = wsedu("grade", str(submissions / "alice"), "--student", "alice", *TRUST, f"--{name}")
    assert done.returncode == 0
    assert json.loads(done.stdout)["tests"]
    done = wsedu("grade", str(submissions), *TRUST, f"--{name}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"--{name} is for one student" in done.stderr


# --- Again, and stopped ---


def marks_of(path: Path) -> list[tuple[str, float]]:
    grades = from_json(path.read_text(encoding="utf-8"))
    return [(mark.state, mark.seconds) for result in grades.results for mark in result.marks]


def test_a_second_run_grades_only_what_has_changed(wsedu: Run, submissions: Path) -> None:
    kept = submissions.parent / "class.grades.json"
    wsedu("grade", str(submissions), *TRUST)
    first = marks_of(kept)
    (submissions / "bob" / EXERCISE.file).write_text(EXERCISE.solution, encoding="utf-8")
    done = wsedu("grade", str(submissions), *TRUST)
    assert done.returncode == 0
    assert "1 mark of an earlier run" in done.stdout
    second = marks_of(kept)
    assert second[0] == first[0]
    assert second[1] != first[1]
    done = wsedu("grade", str(submissions), *TRUST, "--again")
    assert "earlier run" not in done.stdout
    assert marks_of(kept)[0] != first[0]


def test_the_level_plain_has_to_be_trusted(wsedu: Run, submissions: Path) -> None:
    """Whoever chose it is told that there is a safer one, if there is, and not that there is none."""
    found = wsedu("grade", str(submissions), "--level", "plain")
    assert found.returncode == 2
    safest = next(iter(levels_here()))
    wanted = "Only the level plain is there" if safest == "plain" else f"this machine has {safest}."
    assert wanted in " ".join(found.stderr.split())
    assert "--trust-submissions" in found.stderr


def test_ctrl_c_keeps_what_is_done_and_ends_everything(submissions: Path, tmp_path: Path) -> None:
    """On a terminal, which shows how far it is; then the terminal's signal to everybody in the foreground."""
    number = tmp_path / "number"
    endless = f"import os\nopen({str(number)!r}, 'w').write(str(os.getpid()))\nwhile True: pass\n"
    for name in ("c1", "c2", "c3"):
        (submissions / name).mkdir()
        (submissions / name / EXERCISE.file).write_text(endless, encoding="utf-8")
    kept = submissions.parent / "class.grades.json"
    command = [sys.executable, "-m", "wsedu", "grade", str(submissions), *TRUST, "--level", "plain", "--jobs", "1"]
    ours, theirs = pty.openpty()
    surroundings = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, start_new_session=True, env=surroundings) as running:
        os.close(theirs)
        shown = read_until(ours, b"3 of 5")
        os.killpg(running.pid, signal.SIGINT)
        shown += read_until(ours, None)
    os.close(ours)
    assert running.returncode == 130, shown.decode()
    assert b"graded and kept" in b" ".join(shown.split())
    states = [state for state, _ in marks_of(kept)]
    assert states == ["graded", "graded", "graded", "waiting", "waiting"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)


def read_until(terminal: int, wanted: bytes | None) -> bytes:
    """What a terminal shows, until that is there; else until nobody has it open any more."""
    shown = b""
    while wanted is None or wanted not in shown:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last one has closed it
            part = b""
        if not part:
            assert wanted is None, shown.decode()
            break
        shown += part
    return shown


def test_results_begin_as_zeros(submissions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at the files while grading goes on, or after it was killed, sees zeros and no marks by chance."""
    from wsedu.cli import grade_run, main

    seen = []

    def looked(grades: object, orders: object, jobs: object, store: object, context: object) -> tuple[bool, object]:
        seen.append(json.loads((tmp_path / "out.json").read_text(encoding="utf-8")))
        return True, grades

    monkeypatch.setattr(grade_run, "graded_with_progress", looked)
    assert main.run(["grade", str(submissions), *TRUST, "--json", str(tmp_path / "out.json")]) == 2
    (first,) = seen
    assert {mark["state"] for result in first["results"] for mark in result["marks"]} == {"waiting"}
    assert {result["points"] for result in first["results"]} == {0}


# --- What cannot be done ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "--trust-submissions"), "nowhere is not there"),
        (("class", "--trust-submissions", "--exercises", "accept_kee"), "no exercise accept_kee"),
        (("class", "--trust-submissions", "--jobs", "0"), "--jobs"),
        (("class", "--trust-submissions", "--seed", "-1"), "--seed"),
        (("class", "--trust-submissions", "--json", "--csv"), "standard output"),
        (("class", "--trust-submissions", "--class-table", "x.pdf"), "x.pdf"),
        (("empty", "--trust-submissions"), "empty has nothing in it"),
        (("class", "--trust-submissions", "--results", "other.json"), "other.json holds something else"),
        (("class", "--level", "plain"), "--trust-submissions"),
    ],
)
def test_one_line_says_what_is_wrong(wsedu: Run, submissions: Path, arguments: tuple[str, ...], said: str) -> None:
    (submissions.parent / "empty").mkdir()
    (submissions.parent / "other.json").write_text("{}", encoding="utf-8")
    done = wsedu("grade", *arguments, cwd=str(submissions.parent))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[-1]
    assert (submissions.parent / "other.json").read_text(encoding="utf-8") == "{}"


# --- Copies ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_copies_for_students_have_no_solutions(wsedu: Run, tmp_path: Path, language: str) -> None:
    folder = tmp_path / "handout"
    done = wsedu("grade", str(folder), "--solutions", "no", "--lang", language)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == [exercise.file for exercise in exercises()]
    for exercise in exercises():
        text = (folder / exercise.file).read_text(encoding="utf-8")
        assert exercise.text(language)["title"] in text
        assert exercise.stub.strip() in text
        compile(text, exercise.file, "exec")
    assert wsedu("grade", str(folder), "--solutions", "no", "--lang", language).returncode == 0, "nothing is replaced"


def test_copies_with_solutions_get_everything_right(wsedu: Run, tmp_path: Path) -> None:
    folder = tmp_path / "key"
    assert wsedu("grade", str(folder), "--solutions", "yes").returncode == 0
    done = wsedu("grade", str(folder), "--student", "key", "--trust-submissions")
    assert done.returncode == 0, done.stdout


def test_copies_replace_nothing(wsedu: Run, tmp_path: Path) -> None:
    (tmp_path / EXERCISE.file).write_text("mine", encoding="utf-8")
    done = wsedu("grade", str(tmp_path), "--solutions", "no")
    assert done.returncode == 2
    assert EXERCISE.file in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [EXERCISE.file]
    assert (tmp_path / EXERCISE.file).read_text(encoding="utf-8") == "mine"
