"""A class is graded with progress on the terminal; what is done is kept, also when it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ..explain.catalogue import part_catalogue
from ..grading.batch import graded
from ..grading.batch_store import Store
from ..grading.batch_worker import Order
from ..grading.results import Grades

if TYPE_CHECKING:
    from .context import Context


def graded_with_progress(
    grades: Grades, orders: Sequence[Order], jobs: int, store: Store, context: Context
) -> tuple[bool, Grades]:
    """Grade what is to do.

    Arguments:
        grades: with zeros for what is to do.
        orders: what that is.
        jobs: how many side by side.
        store: where the grades are kept meanwhile and at the end.
        context: of the command.

    Returns:
        Whether it came to its end, and the grades so far.
    """
    results = list(grades.results)
    finished = True
    running = graded(orders, grades.level, jobs)
    with _progress(sum(len(order.answers) for order in orders), context) as step:
        try:
            for order, mark in running:
                results[order.student] = results[order.student].with_mark(mark)
                step()
                store.write(replace(grades, results=tuple(results)), now=False)
        except KeyboardInterrupt:
            finished = False
        finally:
            running.close()
    grades = replace(grades, results=tuple(results))
    store.write(grades)
    return finished, grades


@contextmanager
def _progress(count: int, context: Context) -> Iterator[Callable[[], None]]:
    """A bar on standard error where that is a terminal; it yields what moves it on by one."""
    if not sys.stderr.isatty() or not count:
        yield lambda: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    say = part_catalogue("grade", context.language).say
    console = context.console_of(stderr=True)
    with Progress(BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(say("run.progress", done=0, all=count), total=count)
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            bar.update(task, advance=1, description=say("run.progress", done=done, all=count))

        yield step
