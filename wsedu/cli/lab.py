"""`python -m wsedu lab`: the notebooks in a folder of the learner's, and JupyterLab to work in them."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..explain.catalogue import Catalogue, part_catalogue
from ..extras import MissingExtraError
from .context import UserError
from .listening import check_port

if TYPE_CHECKING:
    from ..course.copying import Copied
    from ..course.running import Running
    from .context import Context
    from .parser import Parser

SHOWN = 12
"""Names of files that are listed at most: those of the notebooks."""

ENDED = 2
"""The exit status where JupyterLab did not run."""


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    say = context.say
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, help=say("cli.lab.folder"))
    parser.add_argument("--no-browser", action="store_true", help=say("cli.lab.no_browser"))
    parser.add_argument("--port", type=int, default=0, metavar="N", help=say("cli.lab.port"))
    parser.add_argument("--classic", action="store_true", help=say("cli.lab.classic"))
    parser.add_argument("--solutions", choices=("yes", "no"), help=say("cli.lab.solutions"))
    parser.add_argument("--copy", action="store_true", help=say("cli.lab.copy"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Copy, then open."""
    from ..course.copying import usual_folder
    from ..course.jupyter import check_jupyter
    from ..course.running import find_running

    check_port(arguments.port)
    folder = usual_folder() if arguments.folder is None else arguments.folder
    running = None if arguments.copy else find_running(folder)
    if not arguments.copy and running is None:
        try:
            check_jupyter(classic=arguments.classic, port=arguments.port)
        except MissingExtraError as error:
            return _lacks(error, context)
    copied = _copied(folder, arguments, context)
    words = part_catalogue("lab", copied.language if arguments.lang is None else context.language)
    for line in told(copied, words):
        context.write(line)
    if arguments.copy:
        return 0
    return _serve(arguments, copied, words, context) if running is None else _again(running, arguments, words, context)


def _lacks(error: MissingExtraError, context: Context) -> int:
    """Without Jupyter the lessons' other packages are most likely missing too: one line brings all of them."""
    from ..course.installed import with_extra
    from ..course.remedies import pip_command

    command = pip_command(with_extra(error.extra) or [error.package])
    problem = part_catalogue("lab", context.language).say("server.missing", package=error.package, command=command)
    context.complain("cli.plain", problem=problem)
    return ENDED


def _copied(folder: Path, arguments: argparse.Namespace, context: Context) -> Copied:
    from ..course.copying import copy_course

    solutions = None if arguments.solutions is None else arguments.solutions == "yes"
    try:
        return copy_course(folder, arguments.lang, context.language, solutions=solutions)
    except NotADirectoryError as error:
        raise UserError("cli.lab.not_folder", folder=error.filename or str(folder)) from None
    except OSError as error:
        problem = error.strerror or str(error)
        raise UserError("cli.lab.unwritable", folder=error.filename or str(folder), problem=problem) from None


# --- What was copied ---


def told(copied: Copied, words: Catalogue) -> Iterator[str]:
    """What was copied and what was left alone, and why, line by line."""
    from ..course.manifest import DAMAGED
    from ..grading.state import DAMAGED as EXERCISES_DAMAGED

    say, exercises = words.say, copied.exercises
    for damaged, file in (
        (copied.damaged, copied.folder / DAMAGED),
        (exercises.damaged, exercises.folder / EXERCISES_DAMAGED),
    ):
        if damaged:
            yield say("copy.damaged", file=str(file))
    if copied.is_first:
        facts = {"notebooks": len(copied.new), "exercises": len(exercises.written), "folder": str(copied.folder)}
        yield say("copy.first", **facts)
    else:
        yield from _later(copied, words)
    if copied.solutions:
        yield say("copy.solutions")


def _later(copied: Copied, words: Catalogue) -> Iterator[str]:
    """The same where there was something before: by name."""
    say, exercises = words.say, copied.exercises
    home = exercises.folder.name
    if copied.before:
        yield _switched(copied, words)
    news = [*copied.new, *copied.renewed, *(f"{home}/{name}" for name in exercises.written)]
    if news:
        yield say("copy.new", count=len(news), folder=str(copied.folder), names=_names(news, words))
    else:
        yield say("copy.nothing", folder=str(copied.folder))
    alone = [*copied.kept, *(f"{home}/{name}" for name in exercises.kept)]
    older = [name for name in copied.older if name not in copied.behind]
    kept = [name for name in alone if name not in (*copied.older, *copied.behind)]
    if kept:
        yield say("copy.kept", names=_names(kept, words))
    if older:
        yield say("copy.older", names=_names(older, words))


def _switched(copied: Copied, words: Catalogue) -> str:
    """That the course is in another language now, and what of it is not."""
    languages = {"language": words.say(f"language.{copied.language}"), "before": words.say(f"language.{copied.before}")}
    key = "copy.switched_partly" if copied.behind else "copy.switched"
    return words.say(key, names=_names(copied.behind, words), **languages)


def _names(names: Sequence[str], words: Catalogue) -> str:
    """Some names in a row; of many only the first."""
    shown = words.say("copy.comma").join(names[:SHOWN])
    return words.say("copy.more", names=shown, count=len(names) - SHOWN) if len(names) > SHOWN else shown


# --- JupyterLab ---


def _serve(arguments: argparse.Namespace, copied: Copied, words: Catalogue, context: Context) -> int:
    """Run it until it ends, or until the user ends it."""
    from ..course.jupyter import Jupyter
    from ..course.jupyter_places import first_page

    name = "Notebook" if arguments.classic else "JupyterLab"
    context.write(words.say("server.starting", name=name))
    _flush()
    with _interruptible():
        jupyter = Jupyter(
            copied.folder,
            copied.language,
            page=first_page(copied.folder, classic=arguments.classic, new=copied.is_first),
            port=arguments.port,
            classic=arguments.classic,
            browser=not arguments.no_browser,
        )
        try:
            address = jupyter.address()
            if address is not None:
                key = "server.open" if arguments.no_browser else "server.opens"
                context.write(words.say(key, name=name, address=address))
                context.write(words.say("server.stop"))
                _flush()
            status = jupyter.wait()
        except KeyboardInterrupt:
            context.write(words.say("server.stopping", name=name))
            _flush()
            jupyter.stop()
            context.write(words.say("server.stopped", folder=str(copied.folder)))
            return 0
        finally:
            jupyter.stop()
    if address is None or status:
        problem = words.say("server.failed", name=name, status=status, said=jupyter.last_words())
        context.complain("cli.plain", problem=problem)
        return ENDED
    context.write(words.say("server.stopped", folder=str(copied.folder)))
    return 0


def _again(running: Running, arguments: argparse.Namespace, words: Catalogue, context: Context) -> int:
    """Where it runs already, only say where, and open it."""
    context.write(words.say("server.already", address=running.address(classic=arguments.classic)))
    context.write(words.say("server.stop_there"))
    _flush()
    if not arguments.no_browser:
        running.open(classic=arguments.classic)
    return 0


def _flush() -> None:
    sys.stdout.flush()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Where the terminal is closed or the process is told to end, it ends as by Ctrl-C: no server stays behind."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt)
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", None))
        if number is not None
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
