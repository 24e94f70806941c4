"""A class is graded: answers go to as many workers as there are cores, and whatever happens to one, the rest goes on.

Results start as zeros that say `waiting`; whoever writes them down at any time has a whole and true file.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from .. import __version__
from ..explain.catalogue import LANGUAGES
from .batch_worker import Order, without_interrupts, work
from .exercise import Exercise, find_exercise
from .intake import Submission, Work
from .results import Grades, Mark, Result, StepMark, mark_of, waiting
from .students import seed_of

LONGEST = 90.0
"""How long one answer may keep a worker (seconds): its own budget is far shorter, unless the worker was stopped."""

MOST = 8 * 1024 * 1024
"""The longest answer of a worker (bytes)."""

STOP_SECONDS = 3.0
"""How long a worker may take to end its children and itself (seconds)."""


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


@cache
def steps_of(exercise: Exercise) -> tuple[StepMark, ...]:
    """The steps of an exercise, none of them passed."""
    return tuple(StepMark(step.name, False, step.public) for step in exercise.steps(0))


def course_of(wanted: Sequence[Exercise]) -> str:
    """A hash of everything that the exercises are made of."""
    found = hashlib.sha256()
    for exercise in wanted:
        for path in sorted(exercise.folder.glob("*.*")):
            found.update(f"{exercise.folder.name}/{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()


def ungraded(submissions: Sequence[Submission], wanted: Sequence[Exercise], seed: int, level: str) -> Grades:
    """The grades of a class before anything is graded: zeros.

    Arguments:
        submissions: of the students.
        wanted: the exercises.
        seed: that each student's is derived from.
        level: the name of what answers will be shut in by.
    """
    results = tuple(_ungraded(submission, wanted, seed_of(seed, submission.student)) for submission in submissions)
    names = tuple(exercise.name for exercise in wanted)
    return Grades(__version__, seed, level, course_of(wanted), names, results)


def _ungraded(submission: Submission, wanted: Sequence[Exercise], seed: int) -> Result:
    marks = []
    for exercise in wanted:
        answer = submission.works.get(exercise.name)
        mark = waiting(steps_of(exercise), exercise.name, answer.path if answer else "")
        if answer is None:
            mark = replace(mark, state="missing")
        elif not answer.readable:
            mark = replace(mark, state="unreadable")
        marks.append(mark)
    return Result(submission.student, submission.path, submission.digest, seed, tuple(marks), submission.problems)


def resumed(grades: Grades, before: Grades) -> Grades:
    """The grades with everything that an earlier run has graded and that is still the same."""
    if not grades.like(before):
        return grades
    old = {result.student: result for result in before.results}
    results = []
    for result in grades.results:
        known = old.get(result.student)
        same = known is not None and known.digest == result.digest and known.seed == result.seed
        results.append(_with_graded(result, known) if known is not None and same else result)
    return replace(grades, results=tuple(results))


def _with_graded(result: Result, known: Result) -> Result:
    for mark in known.marks:
        if mark.state == "graded":
            result = result.with_mark(mark)
    return result


def orders_of(grades: Grades, submissions: Sequence[Submission]) -> list[Order]:
    """What is still to grade."""
    orders = []
    for place, (result, submission) in enumerate(zip(grades.results, submissions, strict=True)):
        left = tuple(submission.works[mark.exercise] for mark in result.marks if mark.state == "waiting")
        if left:
            orders.append(Order(place, result.seed, left))
    return orders


# --- Workers ---


class _Worker:
    """A process that grades, and what it has to do."""

    def __init__(self, level: str) -> None:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        self.connection: Connection = ours
        self.order: Order | None = None
        self.since = 0.0
        process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs, level), daemon=True)
        with without_interrupts():
            process.start()
        theirs.close()
        self.process: SpawnProcess = process

    def give(self, order: Order) -> None:
        """Let it grade; if it is no more, that shows when its answer is taken."""
        self.order, self.since = order, time.monotonic()
        with suppress(OSError):
            self.connection.send(order)

    def next(self) -> Work:
        """The answer that it is at; it goes on to the one after it."""
        assert self.order is not None
        answer, *rest = self.order.answers
        self.order = replace(self.order, answers=tuple(rest)) if rest else None
        self.since = time.monotonic()
        return answer

    def take(self) -> Mark | str | None:
        """Its mark, or what went wrong in the grader; None if it did not survive."""
        try:
            answer = json.loads(self.connection.recv_bytes(MOST))
            return answer if isinstance(answer, str) else mark_of(answer)
        except (EOFError, OSError, KeyError, TypeError, ValueError, AttributeError):
            return None

    def end(self, *, kindly: bool = True) -> None:
        """End it with all of its children."""
        if kindly and self.process.is_alive():
            self.process.terminate()
            self.process.join(STOP_SECONDS)
        if self.process.is_alive():
            self.process.kill()  # its children's keepers see that, and end them
        self.process.join(STOP_SECONDS)
        self.connection.close()


class _Crew:
    """Workers, and what they have still to do.

    Arguments:
        orders: for all of them.
        level: the name of what answers are shut in by.
        jobs: how many workers.
    """

    def __init__(self, orders: Sequence[Order], level: str, jobs: int) -> None:
        self._left, self._level = list(reversed(orders)), level
        self.workers = [_Worker(level) for _ in range(min(jobs, len(orders)))]

    def busy(self) -> list[_Worker]:
        """Those that are at something, after each has been given something if there is anything."""
        for worker in self.workers:
            if worker.order is None and self._left:
                worker.give(self._left.pop())
        return [worker for worker in self.workers if worker.order is not None]

    def replace(self, worker: _Worker) -> None:
        """Another worker in the place of one that is no more; it takes over what that one had still to do."""
        worker.end(kindly=False)
        self.workers[self.workers.index(worker)] = _Worker(self._level)
        if worker.order is not None:
            self._left.append(worker.order)

    def end(self) -> None:
        """End all of them and everything that they started."""
        for worker in self.workers:
            worker.end()


def graded(orders: Sequence[Order], level: str, jobs: int) -> Generator[tuple[Order, Mark], None, None]:
    """Grade students side by side; each answer comes with its mark when it is done.

    An answer that ends its worker, or stops it, is `lost`: its steps count as wrong, and a new worker goes on.
    However this ends, the workers and everything that they started have ended before.

    Arguments:
        orders: what to grade.
        level: the name of what answers are shut in by.
        jobs: how many workers.
    """
    crew = _Crew(orders, level, jobs)
    try:
        while busy := crew.busy():
            ready = wait([worker.connection for worker in busy], timeout=1.0)
            for worker in busy:
                told = worker.connection in ready
                if not told and time.monotonic() - worker.since < LONGEST:
                    continue
                order, mark = worker.order, worker.take() if told else None
                assert order is not None
                answer = worker.next()
                if mark is None:
                    crew.replace(worker)
                yield order, mark if isinstance(mark, Mark) else _lost(answer, mark or "")
    finally:
        crew.end()


def _lost(answer: Work, why: str) -> Mark:
    steps = steps_of(find_exercise(answer.exercise))
    told: dict[str, tuple[str, ...]] = dict.fromkeys(LANGUAGES, (why,)) if why else {}
    return Mark(answer.exercise, "lost", steps, answer.path, told=told)
