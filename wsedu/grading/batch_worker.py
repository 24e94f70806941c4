"""A process that grades one answer after the other, so that a class takes as many cores as there are.

It is sent an `Order` and sends back the facts of a `Mark` as JSON. Learner code runs in its children, never here.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NoReturn

from ..explain.catalogue import LANGUAGES
from .examine import Report, examine
from .exercise import find_exercise
from .levels_here import level_named
from .ordering import player_for
from .players import ChildPlayer
from .results import Mark, StepMark, mark_facts


@dataclass(frozen=True)
class Order:
    """One answer to grade.

    Arguments:
        student: the place of the student in the class.
        exercise: its name.
        source: the file's text.
        path: of the file.
        seed: of the student.
    """

    student: int
    exercise: str
    source: str
    path: str
    seed: int


def grade(order: Order, level: str) -> Mark:
    """Grade one answer, with the steps that only `grade` runs.

    Arguments:
        order: what to grade.
        level: the name of what it is shut in by.
    """
    begin = time.monotonic()
    exercise = find_exercise(order.exercise)
    child = ChildPlayer(level_named(level))
    try:
        player = player_for(exercise, child)
        report = examine(exercise, order.source, player, seed=order.seed, everything=True)
    finally:
        child.close()
    steps = tuple(StepMark(step.name, step.passed, step.public) for step in report.steps)
    told = {language: tuple(told_lines(report, language, order.source, child.printed)) for language in LANGUAGES}
    return Mark(order.exercise, "graded", steps, order.path, report.idea, told, time.monotonic() - begin)


def told_lines(report: Report, language: str, source: str, printed: bytes) -> list[str]:
    """The feedback as plain lines."""
    from .feedback import feedback_lines

    return feedback_lines(report, language, source=source, printed=printed)


def work(orders: Connection, level: str) -> None:
    """Grade what comes, until there is nothing more to come.

    Arguments:
        orders: where orders come from and marks go to.
        level: the name of what answers are shut in by.
    """

    def stop(*_: object) -> NoReturn:
        sys.exit(0)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the process that the user sees
    signal.signal(signal.SIGTERM, stop)
    while True:
        try:
            order = orders.recv()
        except (EOFError, OSError):
            return
        try:
            answer = json.dumps(mark_facts(grade(order, level)))
        except Exception as error:  # a mistake of ours costs one mark, not the class
            answer = json.dumps(f"{type(error).__name__}: {error}"[:500])
        orders.send_bytes(answer.encode())
