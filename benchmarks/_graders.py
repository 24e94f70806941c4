"""The contestants of `grading.py`: each gets the same answers to the same exercises, and the same cases as checks."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from wsedu.grading.batch_worker import Order, grade
from wsedu.grading.exercise import Exercise
from wsedu.grading.intake import Work
from wsedu.grading.naming import answers_of

PEERS = ("nbgrader==0.9.6", "otter-grader==7.0.0", "pytest")
SEED = 1
HERE = Path(__file__).parent


class Graded(NamedTuple):
    """What came of a submission.

    Arguments:
        seconds: that it took; what was given up after its limit has that limit.
        right: how many exercises are right; -1 where it was given up.
    """

    seconds: float
    right: float


class Submission(NamedTuple):
    """Answers of a student.

    Arguments:
        student: the name.
        answers: the text of a file for each exercise.
    """

    student: str
    answers: tuple[str, ...]


def peers_python(folder: Path) -> Path:
    """The interpreter of the peers' environment, made where it is missing."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


# --- The same cases for everybody ---


def checks(exercise: Exercise) -> str:
    """A function of Python that checks everything that our steps check, the function under test as its argument."""
    lines = [f"def check_{exercise.name}(function):"]
    cases = [case for step in sorted(exercise.steps(SEED), key=lambda step: not step.public) for case in step.cases]
    for case, answer in zip(cases, answers_of(exercise, exercise.solution, SEED), strict=True):
        (call,) = case.calls
        named = "".join(f", {name}={value!r}" for name, value in call.named.items())
        arguments = ", ".join(map(repr, call.arguments)) + named
        if answer.returned:
            lines += [f"    assert function({arguments}) == {answer.value!r}"]
        else:
            lines += ["    try:", f"        function({arguments})", f"    except {answer.families[0]}:", "        pass"]
            lines += ["    else:", "        raise AssertionError"]
    return "\n".join(lines) + "\n"


def notebook(cells: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Cells of code as a notebook."""
    made = [
        {"cell_type": "code", "id": f"c{number}", "metadata": metadata, "source": source, "outputs": [],
         "execution_count": None}
        for number, (source, metadata) in enumerate(cells)
    ]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


# --- Contestants ---


class Wsedu:
    """One worker of `grade`: it drives a child for each submission."""

    name = "wsedu"

    def __init__(self, wanted: Sequence[Exercise], level: str) -> None:
        self._wanted, self._level = wanted, level

    def grade(self, submission: Submission, limit: float) -> Graded:
        """Grade a submission."""
        works = tuple(
            Work(exercise.name, exercise.file, source)
            for exercise, source in zip(self._wanted, submission.answers, strict=True)
        )
        begin = time.perf_counter()
        marks = list(grade(Order(0, SEED, works), self._level))
        return Graded(time.perf_counter() - begin, sum(mark.passed for mark in marks))

    def close(self) -> None:
        """There is nothing to end."""


class Pytest:
    """A process of pytest for each submission."""

    name = "pytest"

    def __init__(self, wanted: Sequence[Exercise], python: Path, folder: Path) -> None:
        self._python, self._folder, self._wanted = python, folder, wanted
        tests = [
            f"{checks(exercise)}\n\ndef test_{exercise.name}():\n    from {exercise.name} import {exercise.name}\n\n"
            f"    check_{exercise.name}({exercise.name})\n"
            for exercise in wanted
        ]
        folder.mkdir()
        (folder / "test_all.py").write_text("\n\n".join(tests), encoding="utf-8")

    def grade(self, submission: Submission, limit: float) -> Graded:
        """Grade a submission."""
        place = self._folder / submission.student
        place.mkdir(exist_ok=True)
        shutil.copy(self._folder / "test_all.py", place)
        for exercise, source in zip(self._wanted, submission.answers, strict=True):
            (place / f"{exercise.name}.py").write_text(source, encoding="utf-8")
        command = [str(self._python), "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "test_all.py"]
        begin = time.perf_counter()
        with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            try:
                out, _ = running.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                running.kill()
                return Graded(limit, -1)
        words = out.decode().split()
        return Graded(time.perf_counter() - begin, int(words[words.index("passed") - 1] if "passed" in words else
                      words[words.index("passed,") - 1] if "passed," in words else 0))  # fmt: skip

    def close(self) -> None:
        """There is nothing to end."""


class _Server:
    """A peer in a process that grades one submission after the other."""

    name = ""

    def __init__(self, wanted: Sequence[Exercise], python: Path, folder: Path) -> None:
        self._wanted, self._python, self.folder = wanted, python, folder
        folder.mkdir()
        self._prepare()
        self._start()

    def _prepare(self) -> None:
        """Make what the peer grades with."""

    def _cells(self, answers: Sequence[str]) -> str:
        raise NotImplementedError

    def _start(self) -> None:
        command = [str(self._python), str(HERE / "_grade_server.py"), self.name, str(self.folder)]
        path = f"{self._python.parent}{os.pathsep}{os.environ['PATH']}"
        surroundings = {**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"}
        surroundings.pop("PYTHONPATH", None)
        surroundings.pop("JUPYTER_PATH", None)
        pipe = subprocess.PIPE
        self._running = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=surroundings, start_new_session=True
        )
        self._line(60)

    def _line(self, limit: float) -> bytes:
        """The next line; nothing if there is none in time."""
        out = self._running.stdout
        assert out is not None
        return out.readline() if select.select([out], [], [], limit)[0] else b""

    def grade(self, submission: Submission, limit: float) -> Graded:
        """Grade a submission."""
        place = self.folder / "submitted" / submission.student
        target = self._place(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self._cells(submission.answers), encoding="utf-8")
        assert self._running.stdin is not None
        self._running.stdin.write(submission.student.encode() + b"\n")
        self._running.stdin.flush()
        line = self._line(limit)
        if not line:
            self.close()
            self._start()
            return Graded(limit, -1)
        seconds, right = line.split()
        return Graded(float(seconds), float(right))

    def _place(self, folder: Path) -> Path:
        return folder / "hw.ipynb"

    def close(self) -> None:
        """End the process and what it started."""
        os.killpg(self._running.pid, 9)
        self._running.wait()
        for stream in (self._running.stdin, self._running.stdout):
            if stream is not None:
                stream.close()


class Nbgrader(_Server):
    """`nbgrader autograde`, by its own interface for programs."""

    name = "nbgrader"

    def _prepare(self) -> None:
        source = self.folder / "source" / "hw" / "hw.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(self._cells([exercise.solution for exercise in self._wanted]), encoding="utf-8")
        path = f"{self._python.parent}{os.pathsep}{os.environ['PATH']}"
        command = [str(self._python), "-m", "nbgrader", "generate_assignment", "hw", "--create"]
        surroundings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "JUPYTER_PATH")}
        subprocess.run(command, cwd=self.folder, env={**surroundings, "PATH": path}, check=True, capture_output=True)

    def _place(self, folder: Path) -> Path:
        return folder / "hw" / "hw.ipynb"

    def _cells(self, answers: Sequence[str]) -> str:
        cells = []
        for exercise, answer in zip(self._wanted, answers, strict=True):
            common = {"schema_version": 3, "task": False}
            solution = {"grade": False, "solution": True, "locked": False, "grade_id": f"{exercise.name}-a"}
            test = {"grade": True, "solution": False, "locked": True, "grade_id": f"{exercise.name}-t", "points": 1}
            cells.append((answer, {"nbgrader": {**common, **solution}}))
            code = f"{checks(exercise)}\ncheck_{exercise.name}({exercise.name})"
            cells.append((code, {"nbgrader": {**common, **test}}))
        return notebook(cells)


class Otter(_Server):
    """`otter run`, by its function; without Docker, which it would use in production and which takes longer."""

    name = "otter"

    def _prepare(self) -> None:
        tests = self.folder / "tests"
        tests.mkdir()
        for exercise in self._wanted:
            head = "from otter.test_files import test_case\n\nOK_FORMAT = False\n"
            facts = f"name = {exercise.name!r}\npoints = 1\n\n"
            test = f"\n@test_case()\ndef test_it({exercise.name}):\n    check_{exercise.name}({exercise.name})\n"
            # Only the tests' own functions reach the place where otter runs them.
            inner = checks(exercise).replace("\n", "\n    ").rstrip()
            body = test.replace(f"    check_{exercise.name}(", f"    {inner}\n    check_{exercise.name}(", 1)
            (tests / f"{exercise.name}.py").write_text(head + facts + body, encoding="utf-8")
        command = [str(self._python), "-m", "otter.cli", "generate", "-t", "tests", "-o", "autograder.zip"]
        program = self._python.parent / "otter"
        subprocess.run([str(program), *command[3:]], cwd=self.folder, check=True, capture_output=True)

    def _cells(self, answers: Sequence[str]) -> str:
        return notebook([(answer, {}) for answer in answers])


def submissions(wanted: Sequence[Exercise], count: int) -> Iterator[Submission]:
    """Honest submissions: every second one right, in one of its ways, the others with a known mistake in one answer."""
    for number in range(count):
        answers = []
        for place, exercise in enumerate(wanted):
            right = [exercise.solution, *(variant.source for variant in exercise.right)]
            wrong = [variant.source for variant in exercise.wrong]
            fails = number % 2 == 1 and number // 2 % len(wanted) == place
            chosen = wrong if fails else right
            answers.append(_apart(chosen[number % len(chosen)], exercise.name))
        yield Submission(f"s{number:03}", tuple(answers))


def _apart(source: str, name: str) -> str:
    """An answer whose file has another exercise's function in it, given, under another name: in a notebook, where all
    cells share their names, it would take the place of the student's own."""
    return source if name == "apply_mask" else source.replace("apply_mask", "given_mask")
