"""`python -m wsedu quiz`: the concept inventory in the terminal, or as a file for a learning platform."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..course.export import SUFFIXES, export
from ..course.inventory import Result, inventory, result, result_lines
from ..views.question import Answer, Question
from .context import UserError
from .wrapping import wrapped

if TYPE_CHECKING:
    from .context import Context
    from .parser import Parser

WIDTH = 78
"""Cells of a line of the result, where the terminal has as many."""


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    suffixes = ", ".join(SUFFIXES)
    parser.add_argument("--count", type=int, metavar="N", help=context.say("cli.quiz.count"))
    parser.add_argument("--seed", type=int, metavar="N", help=context.say("cli.quiz.seed"))
    parser.add_argument("--plain", action="store_true", help=context.say("cli.quiz.plain"))
    parser.add_argument("--json", action="store_true", help=context.say("cli.quiz.json"))
    parser.add_argument("--export", metavar="FILE", help=context.say("cli.quiz.export", suffixes=suffixes))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Ask, and say what the answers come to; or write the file."""
    most = len(inventory(context.language))
    if arguments.count is not None and not 1 <= arguments.count <= most:
        raise UserError("cli.quiz.count.wrong", count=arguments.count, most=most)
    asked = inventory(context.language, count=arguments.count, seed=arguments.seed)
    if arguments.export is not None:
        return _export(arguments, asked, context)
    answers = _answers(arguments, asked, context)
    found = result(asked, answers, context.language)
    if arguments.json:
        context.write(json.dumps(_as_json(asked, answers, found), ensure_ascii=False))
    else:
        _tell(found, context)
    return 0


def _export(arguments: argparse.Namespace, asked: Sequence[Question], context: Context) -> int:
    path = Path(arguments.export)
    if arguments.json or arguments.plain:
        raise UserError("cli.quiz.export.alone")
    if path.suffix.lower() not in SUFFIXES:
        raise UserError("cli.quiz.export.suffix", file=arguments.export, suffixes=", ".join(SUFFIXES))
    if not path.absolute().parent.is_dir():
        raise UserError("cli.quiz.export.folder", folder=str(path.parent))
    export(asked, path, context.language)
    context.complain("cli.saved", file=arguments.export)
    return 0


def _answers(arguments: argparse.Namespace, asked: Sequence[Question], context: Context) -> dict[str, Answer]:
    """Ask by keys where there is a terminal to draw on, else by lines."""
    from .quiz_keys import KeyScreen
    from .quiz_lines import LineScreen

    terminal = sys.stdin.isatty() and sys.stdout.isatty() and not context.console.is_dumb_terminal
    drawn = terminal and not (arguments.plain or arguments.json)
    out = sys.stderr if arguments.json else sys.stdout
    screen = KeyScreen(context) if drawn else LineScreen(context.language, out)
    answers: dict[str, Answer] = {}
    try:
        with screen:
            for number, question in enumerate(asked, 1):
                answer = screen.ask(question, number, len(asked))
                if answer is None:
                    break
                answers[question.name] = answer
    except KeyboardInterrupt:
        # Whoever stops here keeps what has been answered; of nothing there is no result.
        out.write("\n")
        if all(answer.skipped for answer in answers.values()):
            raise
    return answers


def _tell(found: Result, context: Context) -> None:
    context.write("")
    for line in result_lines(found, context.language):
        margin = line[: len(line) - len(line.lstrip())]
        for part in wrapped(line.strip(), min(WIDTH, context.console.width) - len(margin)):
            context.write(margin + part)


def _as_json(asked: Sequence[Question], answers: dict[str, Answer], found: Result) -> dict[str, object]:
    """The result: what `Result` has, and for each question what was said, as its place among the options from 0."""
    given = []
    for question in asked:
        answer = answers.get(question.name)
        said = None if answer is None else answer.said
        option = question.options[said] if isinstance(said, int) else None
        idea = (question.ideas[said] or None) if isinstance(said, int) else None
        skipped = answer is not None and answer.skipped
        right = None if said is None or answer is None else answer.right
        given.append({"name": question.name, "said": option, "right": right, "idea": idea, "skipped": skipped})
    return {**asdict(found), "questions": given}
