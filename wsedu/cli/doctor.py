"""`python -m wsedu doctor`: is this machine ready for the course, and the fix for what is not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..explain.catalogue import Catalogue, part_catalogue

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..course.doctor import Finding
    from .context import Context
    from .parser import Parser

SIGNS = {"ready": "✔", "missing": "✖", "optional": "–"}
COLOURS = {"ready": "green", "missing": "bold red", "optional": "yellow"}

_CLEAR = "\r\x1b[K"
"""Takes away the line that says what is being tried."""


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, help=context.say("cli.doctor.folder"))
    parser.add_argument("--json", action="store_true", help=context.say("cli.json.help"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Try everything and tell each thing as it is known."""
    from ..course.copying import usual_folder
    from ..course.doctor import examine, is_ready

    words = part_catalogue("doctor", context.language)
    width = _width(words)
    findings: list[Finding] = []
    for finding in examine(context.language, arguments.folder or usual_folder(), begin=_progress(words)):
        _clear()
        said = any(finding.fix == other.fix for other in findings)
        findings.append(finding)
        if not arguments.json:
            context.show(_row(finding, width))
            # What pip has to install is said once, at the end.
            if finding.fix and not finding.install and not said:
                # Never broken, so that it can be copied.
                context.write(f"  {words.say('told.fix', fix=finding.fix)}")
            sys.stdout.flush()
    ready = is_ready(findings)
    if arguments.json:
        told = {"ready": ready, "checks": [asdict(finding) for finding in findings]}
        context.write(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for line in _end(findings, ready, words):
            context.write(line)
    return 0 if ready else 1


def _width(words: Catalogue) -> int:
    """Cells of the longest title."""
    from ..course.doctor import CHECKS
    from ..views.cells import width_of

    return max(width_of(words.say(f"name.{check.name}")) for check in CHECKS)


def _row(finding: Finding, width: int) -> RenderableType:
    """What was tried and what was found."""
    from rich.table import Table
    from rich.text import Text

    from ..views.cells import fitted
    from ..views.prose import Prose

    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    sign = Text(SIGNS[finding.state], style=COLOURS[finding.state])
    row.add_row(sign, Text(fitted(finding.title, width + 1)), Prose(finding.found))
    return row


def _end(findings: list[Finding], ready: bool, words: Catalogue) -> Iterator[str]:
    """What it comes to."""
    from ..course.doctor import all_at_once

    yield ""
    command = all_at_once(findings)
    if command:
        yield words.say("told.at_once")
        yield f"  {words.say('told.fix', fix=command)}"
    count = sum(finding.state == "missing" for finding in findings)
    yield words.say("told.ready") if ready else words.say("told.missing", count=count)


def _progress(words: Catalogue) -> Callable[[str, bool], None]:
    """Say what is being tried while it takes long; on a terminal alone, where that can be taken away again."""

    def begin(title: str, slow: bool) -> None:
        if slow and sys.stderr.isatty():
            sys.stderr.write(words.say("told.trying", title=title))
            sys.stderr.flush()

    return begin


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
