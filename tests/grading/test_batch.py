"""A class is graded: side by side, whatever single submissions do, and so that nothing is lost when it is stopped."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from wsedu.grading import batch
from wsedu.grading.batch import graded, orders_of, resumed, ungraded
from wsedu.grading.batch_store import Store
from wsedu.grading.batch_worker import Order, _answers, without_interrupts
from wsedu.grading.exercise import find_exercise
from wsedu.grading.intake import Submission, Work
from wsedu.grading.intake_files import Problem
from wsedu.grading.results import Grades, Mark, SchemaError, StepMark, as_json, from_json, ideas_of

EXERCISE = find_exercise("accept_key")
WRONG = next(variant for variant in EXERCISE.wrong if variant.way == "hexdigest alone").source
KILLS = "import os, signal\n\ndef accept_key(key):\n    os.kill(os.getppid(), signal.SIGKILL)\n"


def submitted(student: str, source: str | None) -> Submission:
    works = {} if source is None else {"accept_key": Work("accept_key", f"{student}.py", source)}
    return Submission(student, student, works, ())


def graded_class(*submissions: Submission, jobs: int = 2, seed: int = 7) -> Grades:
    grades = ungraded(submissions, (EXERCISE,), seed, "plain")
    results = list(grades.results)
    for order, mark in graded(orders_of(grades, submissions), "plain", jobs):
        results[order.student] = results[order.student].with_mark(mark)
    return replace(grades, results=tuple(results))


def test_a_worker_hears_no_ctrl_c_while_it_starts() -> None:
    """Else each worker that is still importing tells its traceback on the user's terminal."""
    said = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with without_interrupts():
        inside = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    after = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert (inside.stdout, after.stdout) == ("True\n", "False\n")


def test_everybody_gets_their_marks_whoever_is_beside_them() -> None:
    grades = graded_class(
        submitted("alice", EXERCISE.solution),
        submitted("bob", WRONG),
        submitted("carol", None),
        submitted("dave", "def broken(:"),
        submitted("eve", KILLS),
        submitted("frank", EXERCISE.solution + "\nprint('hello from frank')\n"),
        submitted("grace", "raise SystemExit"),
    )
    marks = {result.student: result.marks[0] for result in grades.results}
    assert {name for name, mark in marks.items() if mark.passed} == {"alice", "frank"}
    assert marks["bob"].idea == "M02"
    assert ideas_of(grades) == {("accept_key", "M02"): ["bob"]}
    assert marks["carol"].state == "missing"
    assert any("hello from frank" in line for line in marks["frank"].told["en"])
    assert not any("hello" in line for line in marks["alice"].told["en"])
    assert all(marks[name].right == 0 for name in ("bob", "carol", "dave", "eve", "grace"))
    assert all(len(mark.steps) == len(EXERCISE.steps(0)) for mark in marks.values())
    assert all(mark.told["zh"] for mark in marks.values() if mark.state == "graded")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are told the number of their worker's process, which learner code of the same user can find out."""
    real = batch._Worker.give

    def give(worker: batch._Worker, order: Order) -> None:
        number = str(worker.process.pid)
        answers = tuple(replace(answer, source=answer.source.replace("WORKER", number)) for answer in order.answers)
        real(worker, replace(order, answers=answers))

    monkeypatch.setattr(batch._Worker, "give", give)


@pytest.mark.usefixtures("told")
def test_an_answer_that_ends_its_worker_costs_itself_and_nothing_of_it_stays(tmp_path: Path) -> None:
    number = tmp_path / "number"
    lines = ["import os, signal", f"open({str(number)!r}, 'w').write(str(os.getpid()))"]
    kills = "\n".join([*lines, "os.kill(WORKER, signal.SIGKILL)", "while True: pass", ""])
    answers = (Work("accept_key", "1", kills), Work("accept_key", "2", EXERCISE.solution))
    (_, first), (_, second) = graded([Order(0, 1, answers)], "plain", 1)
    assert first.state == "lost"
    assert first.right == 0
    assert second.passed
    assert has_ended(int(number.read_text()), 30)


def has_ended(process: int, seconds: float) -> bool:
    """Whether a process that is not our child ends in that time."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


@pytest.mark.usefixtures("told")
def test_a_worker_that_is_stopped_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LONGEST", 4.0)
    stops = "import os, signal\nos.kill(WORKER, signal.SIGSTOP)\n"
    orders = [Order(0, 1, (Work("accept_key", "1", stops),)), Order(1, 1, (Work("accept_key", "2", "x = 1"),))]
    marks = {order.student: mark for order, mark in graded(orders, "plain", 1)}
    assert marks[0].state == "lost"
    assert marks[1].state == "graded"


def test_a_mistake_of_the_grader_costs_one_mark_and_is_told() -> None:
    good = Work("accept_key", "2", EXERCISE.solution)
    bad = Work("no such exercise", "1", "")
    told = [json.loads(answer) for answer in _answers(Order(0, 1, (bad, good)), "plain")]
    assert "KeyError" in told[0]
    assert told[1]["right"] == told[1]["of"]


def test_the_same_seed_gives_the_same_and_students_have_their_own() -> None:
    first, again, other = (
        [
            result.seed
            for result in ungraded([submitted("a", ""), submitted("b", "")], (EXERCISE,), seed, "plain").results
        ]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert len({*first, *other}) == 4


# --- Going on ---


def marked(grades: Grades) -> Grades:
    results = tuple(
        replace(result, marks=tuple(replace(mark, state="graded", seconds=9.0) for mark in result.marks))
        for result in grades.results
    )
    return replace(grades, results=results)


def test_a_later_run_keeps_what_is_the_same_and_nothing_else() -> None:
    before = [submitted("alice", "a"), submitted("bob", "b")]
    earlier = marked(ungraded(before, (EXERCISE,), 1, "plain"))
    now = [submitted("alice", "a"), submitted("bob", "changed"), submitted("carol", "c")]
    grades = ungraded(now, (EXERCISE,), 1, "plain")
    assert [order.student for order in orders_of(resumed(grades, earlier), now)] == [1, 2]
    for other in (
        replace(earlier, seed=2),
        replace(earlier, level="sealed"),
        replace(earlier, version="0"),
        replace(earlier, course="other exercises"),
        replace(earlier, exercises=("x",)),
    ):
        assert len(orders_of(resumed(grades, other), now)) == 3


def test_an_answer_that_ended_its_grader_is_graded_again_the_next_time() -> None:
    now = [submitted("alice", "a")]
    grades = ungraded(now, (EXERCISE,), 1, "plain")
    lost = grades.results[0].with_mark(replace(grades.results[0].marks[0], state="lost"))
    assert len(orders_of(resumed(grades, replace(grades, results=(lost,))), now)) == 1


def test_the_file_is_whole_at_every_moment_and_is_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "grades.json")
    assert store.before() is None
    grades = ungraded([submitted("alice", "a"), submitted("b\ud800", None)], (EXERCISE,), 1, "plain")
    store.write(grades)
    assert store.before() == grades
    assert not grades.done
    store.write(marked(grades), now=False)
    assert store.before() == grades, "it has just been written"
    store.write(marked(grades))
    read = store.before()
    assert read is not None
    assert read.results[0].marks[0].state == "graded"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": "other"}', '{"schema": "wsedu.grades/1"}', "null"])
def test_a_file_that_holds_something_else_is_not_taken_for_grades(tmp_path: Path, text: str) -> None:
    path = tmp_path / "grades.json"
    path.write_text(text)
    with pytest.raises(SchemaError):
        Store(path).before()


def test_json_holds_everything() -> None:
    mark = Mark(
        "accept_key", "graded", (StepMark("a", True), StepMark("b", False, False)), "p", "M01", {"en": ("x",)}, 0.5
    )
    grades = ungraded([submitted("alice", "a")], (EXERCISE,), 1, "plain")
    result = replace(grades.results[0], marks=(mark,), problems=(Problem("utf16", "p", {"a": 1}),))
    grades = replace(grades, results=(result,))
    assert from_json(as_json(grades)) == grades
    facts = json.loads(as_json(grades))
    assert facts["results"][0]["points"] == 0.5
    assert facts["results"][0]["marks"][0]["of"] == 2


def test_scores() -> None:
    steps = (StepMark("a", True), StepMark("b", False))
    assert Mark("e", "graded", steps).score == 0.5
    assert not Mark("e", "graded", steps).passed
    assert Mark("e", "graded", steps[:1]).passed
    assert not Mark("e", "waiting", steps[:1]).passed
    assert Mark("e", "graded").score == 0.0
