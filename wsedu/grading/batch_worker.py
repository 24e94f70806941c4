"""A process that grades one student after the other, so that a class takes as many cores as there are.

It is sent an `Order` and sends back the facts of a `Mark` as JSON. Learner code runs in its children, never here.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from ..explain.catalogue import LANGUAGES
from .examine import examine
from .exercise import find_exercise
from .feedback import feedback_lines
from .intake import Work
from .levels_here import level_named
from .ordering import player_for
from .players import ChildPlayer
from .results import Mark, StepMark, mark_facts


@dataclass(frozen=True)
class Order:
    """What to grade of one student.

    Arguments:
        student: the place of the student in the class.
        seed: of the student.
        answers: to exercises, in their order.
    """

    student: int
    seed: int
    answers: tuple[Work, ...]


def grade(order: Order, level: str) -> Iterator[Mark]:
    """Grade the answers of a student one after the other, with the steps that only `grade` runs.

    Arguments:
        order: what to grade.
        level: the name of what it is shut in by.
    """
    child = ChildPlayer(level_named(level))
    try:
        for answer in order.answers:
            begin = time.monotonic()
            exercise = find_exercise(answer.exercise)
            player = player_for(exercise, child)
            report = examine(exercise, answer.source, player, seed=order.seed, everything=True)
            steps = tuple(StepMark(step.name, step.passed, step.public) for step in report.steps)
            facts: dict[str, Any] = {"source": answer.source, "printed": child.printed}
            told = {language: tuple(feedback_lines(report, language, **facts)) for language in LANGUAGES}
            yield Mark(exercise.name, "graded", steps, answer.path, report.idea, told, time.monotonic() - begin)
    finally:
        child.close()


@contextmanager
def without_interrupts() -> Iterator[None]:
    """What is started in here hears no Ctrl-C, not even while it is importing; its starter hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def work(orders: Connection, level: str) -> None:
    """Grade what comes, until there is nothing more to come.

    Arguments:
        orders: where orders come from and marks go to.
        level: the name of what answers are shut in by.
    """

    def stop(*_: object) -> NoReturn:
        sys.exit(0)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the process that the user sees
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # learners' code finds nothing blocked
    signal.signal(signal.SIGTERM, stop)
    while True:
        try:
            order: Order = orders.recv()
        except (EOFError, OSError):
            return
        for answer in _answers(order, level):
            orders.send_bytes(answer.encode())


def _answers(order: Order, level: str) -> Iterator[str]:
    """The marks as JSON. A mistake of ours costs one mark, and is told instead of it."""
    done = 0
    while done < len(order.answers):
        left = replace(order, answers=order.answers[done:])
        try:
            for mark in grade(left, level):
                done += 1
                yield json.dumps(mark_facts(mark))
        except Exception as error:
            done += 1
            yield json.dumps(f"{type(error).__name__}: {error}"[:500])
