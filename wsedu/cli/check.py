"""`python -m wsedu check`: which steps of the exercises pass, and what is wrong with the first that fails."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..explain.catalogue import LANGUAGES, Catalogue
from .context import UserError
from .exercises import exercise_named, folder_of, words_for

if TYPE_CHECKING:
    from ..grading.checking import Checked
    from ..grading.exercise import Exercise
    from ..grading.state import State
    from .context import Context
    from .parser import Parser


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    parser.add_argument("name", metavar="NAME", nargs="?", help=context.say("cli.check.name"))
    parser.add_argument("--watch", action="store_true", help=context.say("cli.check.watch"))
    parser.add_argument("--plain", action="store_true", help=context.say("cli.check.plain"))
    parser.add_argument("--json", action="store_true", help=context.say("cli.check.json"))
    parser.add_argument("--seed", metavar="N", type=int, help=context.say("cli.check.seed"))
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help=context.say("cli.exercises.folder"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Check one or all, once or again and again."""
    from ..grading.exercise import exercises
    from ..grading.state import DAMAGED, load_state

    if arguments.watch and arguments.json:
        raise UserError("cli.check.not_both")
    named = None if arguments.name is None else exercise_named(arguments.name)
    folder = folder_of(arguments)
    state = load_state(folder)
    if arguments.seed is not None:
        state.seed = arguments.seed
    words = words_for(arguments, context, state.language)
    if state.damaged:
        context.complain("cli.plain", problem=words.say("check.damaged", file=str(folder / DAMAGED)))
    if arguments.watch:
        from .check_watch import watch

        return watch(state, words, context, first=named, plain=arguments.plain)
    if named is not None:
        return _one(named, state, words, arguments, context)
    there = [exercise for exercise in exercises() if (folder / exercise.file).exists()]
    return _all(there, state, words, arguments, context)


def _one(exercise: Exercise, state: State, words: Catalogue, arguments: argparse.Namespace, context: Context) -> int:
    from ..grading.afterwards import solution_parts
    from ..views.answers import plain_lines

    news, checked = _checked(exercise, state, _path(exercise, state, arguments))
    if arguments.json:
        _write_json(checked, words, context)
    else:
        show(checked, words, context, plain=arguments.plain)
        if checked.report.passed and news:
            context.write("")
            for line in plain_lines(solution_parts(exercise, words.language)):
                context.write(line)
    _keep(state, arguments)
    return 0 if checked.report.passed else 1


def _path(exercise: Exercise, state: State, arguments: argparse.Namespace) -> Path:
    """The learner's file: the one that was named, or that of the exercise."""
    named = Path(arguments.name)
    path = named if named.is_file() else state.folder / exercise.file
    if not path.exists():
        raise UserError("cli.exercises.no_file", file=str(path), name=exercise.name)
    return path


def _checked(exercise: Exercise, state: State, path: Path) -> tuple[bool, Checked]:
    """Whether that it passes is news, and what came of the check."""
    from ..grading.checking import check_file

    checked = check_file(exercise, path, seed=state.seed)
    return state.mark(exercise.name, checked.report.passed), checked


def _keep(state: State, arguments: argparse.Namespace) -> None:
    """Write what is done, unless the run was one with other inputs."""
    if arguments.seed is None:
        state.save()


def _all(there: list[Exercise], state: State, words: Catalogue, arguments: argparse.Namespace, context: Context) -> int:
    first: Checked | None = None
    passed = 0
    for exercise in there:
        _, checked = _checked(exercise, state, state.folder / exercise.file)
        passed += checked.report.passed
        if first is None and not checked.report.passed:
            first = checked
        if arguments.json:
            _write_json(checked, words, context)
        else:
            context.write(summary_line(checked, words))
    _keep(state, arguments)
    if not arguments.json:
        context.write(words.say("check.all", passed=passed, count=len(there)))
        if first is not None:
            context.write("")
            context.write(words.say("check.first"))
            show(first, words, context, plain=arguments.plain)
    return 0 if passed == len(there) else 1


def summary_line(checked: Checked, words: Catalogue) -> str:
    """An exercise in one line: whether it passes, or how many of its checks do."""
    report = checked.report
    title = report.exercise.text(words.language)["title"]
    how = words.say("check.failed", right=report.right, count=len(report.steps))
    mark, told = ("✔", words.say("check.passed")) if report.passed else ("✖", how)
    number = f"{report.exercise.number:02}"
    return words.say("check.line", mark=mark, number=number, title=title, how=told)


def show(checked: Checked, words: Catalogue, context: Context, *, plain: bool) -> None:
    """The feedback: as rich shows it, or as plain lines."""
    from ..grading.feedback import feedback
    from ..views.answers import plain_lines, render_parts

    parts = feedback(checked.report, words.language, source=checked.source, printed=checked.printed)
    if plain:
        for line in plain_lines(parts):
            context.write(line)
    else:
        context.show(render_parts(parts))


def _write_json(checked: Checked, words: Catalogue, context: Context) -> None:
    context.write(json.dumps(as_json(checked, words.language), ensure_ascii=False))


def as_json(checked: Checked, language: str) -> dict[str, Any]:
    """What came of a check, as JSON."""
    from ..grading.feedback import feedback_lines, step_title

    report = checked.report
    assert language in LANGUAGES
    return {
        "exercise": report.exercise.name,
        "number": report.exercise.number,
        "passed": report.passed,
        "right": report.right,
        "count": len(report.steps),
        "steps": [
            {"name": step.name, "title": step_title(report, step.name, language), "passed": step.passed}
            for step in report.steps
        ],
        "stage": report.failure.stage if report.failure is not None else None,
        "idea": report.idea or None,
        "seed": report.seed,
        "feedback": feedback_lines(report, language, source=checked.source, printed=checked.printed),
    }
