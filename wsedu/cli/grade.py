"""`python -m wsedu grade`: grade a class, or make what a platform grades with."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import part_catalogue
from .context import UserError

if TYPE_CHECKING:
    from ..grading.batch_store import Store
    from ..grading.batch_worker import Order
    from ..grading.exercise import Exercise
    from ..grading.intake import Submission
    from ..grading.results import Grades
    from .context import Context
    from .parser import Parser

PART = "grade"
MAX_SEED = 2**32 - 1
PASSED, FAILED, NOT_GRADED, INTERRUPTED = 0, 1, 2, 130
PLATFORMS = ("nbgrader", "gradescope", "github")
STDOUT = "-"
"""The name of a file that stands for standard output."""

SHOWN = 8
"""Names of files that are ignored that are told at most."""

ONE_STUDENT = ("gradescope", "prairielearn")
FORMATS = ("csv", "json", "junit", *ONE_STUDENT)


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    from ..grading.batch import cores
    from ..grading.formats.class_table import SUFFIXES
    from ..grading.levels_here import AUTO, LEVELS

    say = part_catalogue(PART, context.language).say
    levels = (AUTO, *LEVELS)
    parser.add_argument("folder", metavar="DIR", help=say("option.folder"))
    parser.add_argument("--student", metavar="NAME", help=say("option.student"))
    parser.add_argument("--exercises", metavar="A,B", help=say("option.exercises"))
    parser.add_argument("--level", choices=levels, default=AUTO, help=say("option.level", levels=", ".join(LEVELS)))
    parser.add_argument("--trust-submissions", action="store_true", help=say("option.trust"))
    parser.add_argument("--seed", type=int, metavar="N", help=say("option.seed"))
    parser.add_argument("--jobs", type=int, default=cores(), metavar="N", help=say("option.jobs", jobs=cores()))
    parser.add_argument("--results", metavar="FILE", help=say("option.results"))
    parser.add_argument("--again", action="store_true", help=say("option.again"))
    for name in FORMATS:
        parser.add_argument(f"--{name}", nargs="?", const=STDOUT, metavar="FILE", help=say(f"option.{name}"))
    parser.add_argument("--reports", metavar="FOLDER", help=say("option.reports"))
    parser.add_argument(
        "--class-table",
        action="append",
        default=[],
        metavar="FILE",
        help=say("option.class_table", suffixes=", ".join(SUFFIXES)),
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help=say("option.theme"))
    parser.add_argument("--solutions", choices=("no", "yes"), help=say("option.solutions"))
    parser.add_argument("--make", choices=PLATFORMS, help=say("option.make", platforms=", ".join(PLATFORMS)))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Grade, or make what is asked for."""
    wanted = _wanted(arguments.exercises, context)
    if arguments.solutions or arguments.make:
        from .grade_making import make

        return make(arguments, context, wanted)
    return _grade(arguments, context, wanted)


def told(sentence: str) -> UserError:
    """An error whose sentence is from the catalogue of this command."""
    return UserError("cli.problem", problem=sentence)


def _wanted(names: str | None, context: Context) -> tuple[Exercise, ...]:
    """The exercises of `--exercises`, in their own order."""
    from ..grading.exercise import exercises, find_exercise

    if names is None:
        return exercises()
    found = set()
    for name in filter(None, (name.strip() for name in names.split(","))):
        try:
            found.add(find_exercise(name).name)
        except KeyError:
            known = ", ".join(exercise.name for exercise in exercises())
            sentence = part_catalogue(PART, context.language).say("cannot.exercise", name=name, names=known)
            raise told(sentence) from None
    return tuple(exercise for exercise in exercises() if exercise.name in found)


def _grade(arguments: argparse.Namespace, context: Context, wanted: Sequence[Exercise]) -> int:
    from .grade_output import Outputs
    from .grade_run import graded_with_progress

    say = part_catalogue(PART, context.language).say
    _check(arguments, say)
    level = _level(arguments, say)
    ignored = _ignored(arguments, context, say)
    submissions = _submissions(arguments, wanted, say)
    outputs = Outputs(arguments, context, [submission.student for submission in submissions])
    store, before = _store(arguments, say)
    seed = arguments.seed
    if seed is None:
        seed = before.seed if before is not None and not arguments.again else secrets.randbelow(MAX_SEED + 1)
    grades, orders = _start(submissions, wanted, seed, level, None if arguments.again else before)
    grades = replace(grades, ignored=ignored)
    kept = sum(mark.state == "graded" for result in grades.results for mark in result.marks)
    if not outputs.on_stdout:
        _tell_start(context, say, level, seed, kept, store.path)
    store.write(grades)
    outputs.write(grades)
    finished, grades = graded_with_progress(grades, orders, arguments.jobs, store, context)
    outputs.write(grades)
    outputs.print(grades)
    if not finished:
        count = sum(len(order.answers) for order in orders)
        left = sum(mark.state == "waiting" for result in grades.results for mark in result.marks)
        _complain(context, say("run.interrupted", done=count - left, all=count, file=str(store.path)))
        return INTERRUPTED
    if not outputs.on_stdout:
        outputs.tell(grades)
        context.write(say("run.results", file=str(store.path)))
    return _status(grades, context, say)


def _complain(context: Context, sentence: str) -> None:
    context.complain("cli.plain", problem=sentence)


def _check(arguments: argparse.Namespace, say: Callable[..., str]) -> None:
    if arguments.jobs < 1:
        raise told(say("cannot.jobs"))
    if arguments.seed is not None and not 0 <= arguments.seed <= MAX_SEED:
        raise told(say("cannot.seed", most=MAX_SEED))
    if sum(getattr(arguments, name) == STDOUT for name in FORMATS) > 1:
        raise told(say("cannot.stdout"))


def _level(arguments: argparse.Namespace, say: Callable[..., str]) -> str:
    """The name of the level; plain only where the user trusts what was handed in."""
    from ..grading.levels_here import AUTO, levels_here
    from ..grading.runner.levels import PLAIN

    here = levels_here()
    level = next(iter(here), PLAIN.name) if arguments.level == AUTO else arguments.level
    if level not in here:
        raise told(say("cannot.level", level=level, levels=", ".join(here)))
    if level == PLAIN.name and not arguments.trust_submissions:
        if len(here) > 1:
            raise told(say("cannot.trust_chosen", level=level, level_here=next(iter(here))))
        raise told(say("cannot.trust", level=level))
    return level


def _ignored(arguments: argparse.Namespace, context: Context, say: Callable[..., str]) -> tuple[str, ...]:
    """Say which files of a class's folder are nobody's, so that none is passed over unseen."""
    from ..explain.shown import printable
    from ..grading.students import ignored_in

    folder = Path(arguments.folder)
    if arguments.student or not folder.exists():
        return ()
    ignored = ignored_in(folder)
    names = say("run.comma").join(map(printable, ignored[:SHOWN]))
    if ignored:
        more = len(ignored) - SHOWN
        _complain(context, say("run.ignored_more" if more > 0 else "run.ignored", names=names, count=more))
    return tuple(ignored)


def _submissions(
    arguments: argparse.Namespace, wanted: Sequence[Exercise], say: Callable[..., str]
) -> list[Submission]:
    from ..grading.intake import submission_of
    from ..grading.students import one_student, students_in

    folder = Path(arguments.folder)
    if not folder.exists():
        raise told(say("cannot.folder", folder=str(folder)))
    entries = [one_student(folder, arguments.student)] if arguments.student else students_in(folder)
    if not entries:
        raise told(say("cannot.nobody", folder=str(folder)))
    submissions = [submission_of(entry, wanted) for entry in entries]
    for name in ONE_STUDENT:
        if getattr(arguments, name) is not None and len(submissions) != 1:
            raise told(say("cannot.one", option=f"--{name}", folder=str(folder), count=len(submissions)))
    return submissions


def _store(arguments: argparse.Namespace, say: Callable[..., str]) -> tuple[Store, Grades | None]:
    """Where results are kept, and what an earlier run has left there."""
    from ..grading.batch_store import Store
    from ..grading.results import SchemaError

    folder = Path(arguments.folder).absolute()
    store = Store(Path(arguments.results) if arguments.results else folder.with_name(f"{folder.name}.grades.json"))
    try:
        return store, store.before()
    except (SchemaError, UnicodeDecodeError):
        raise told(say("cannot.results", file=str(store.path))) from None


def _start(
    submissions: Sequence[Submission], wanted: Sequence[Exercise], seed: int, level: str, before: Grades | None
) -> tuple[Grades, list[Order]]:
    """The grades before anything is graded in this run, and what there is to do."""
    from ..grading.batch import orders_of, resumed, ungraded

    grades = ungraded(submissions, wanted, seed, level)
    if before is not None:
        grades = resumed(grades, before)
    return grades, orders_of(grades, submissions)


def _tell_start(context: Context, say: Callable[..., str], level: str, seed: int, kept: int, path: Path) -> None:
    from ..views.prose import Prose

    context.show(Prose(say("run.level", level=level)))
    context.show(Prose(part_catalogue("levels", context.language).say(f"level.{level}.means")))
    context.write(say("run.seed", seed=str(seed)))
    if kept:
        context.write(say("run.kept", kept=kept, file=str(path)))


def _status(grades: Grades, context: Context, say: Callable[..., str]) -> int:
    """0 all passed, 1 some failed, 2 something could not be graded."""
    lost = sum(mark.state in ("lost", "waiting") for result in grades.results for mark in result.marks)
    if lost:
        _complain(context, say("cannot.graded", count=lost))
        return NOT_GRADED
    return PASSED if grades.passed else FAILED
