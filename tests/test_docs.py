"""README.md and docs/: their examples run, their commands are commands, and calls are written as they can be made."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

import wsedu
import wsedu.simulator
from wsedu.cli.context import Context
from wsedu.cli.main import COMMANDS
from wsedu.cli.parser import Parser

ROOT = Path(__file__).parent.parent
PAGES = {
    page.relative_to(ROOT).as_posix(): re.sub("<!--.*?-->", "", page.read_text(encoding="utf-8"))
    for page in [ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.md")]
}


def found(pattern: str, *names: str) -> list[tuple[str, str]]:
    """What a pattern finds in the pages of these names, all of them by default, with the name."""
    texts = ((name, PAGES[name]) for name in names or sorted(PAGES))
    return list(
        chain.from_iterable([(name, one) for one in re.findall(pattern, text, re.DOTALL)] for name, text in texts)
    )


EXAMPLES = found(r"```python\n(.*?)```")


@pytest.mark.parametrize(("page", "example"), EXAMPLES)
def test_the_examples_run(page: str, example: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", example]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 0, f"{page}: {done.stderr}"
    for expected in re.findall(r"^\s*print\(.*\)\s+# (.+)$", example, re.MULTILINE):
        assert expected in done.stdout.splitlines(), page


@pytest.mark.parametrize(("page", "line"), sorted(set(found(r"python -m wsedu ([a-z][^`\n]*)"))))
def test_commands_are_written_as_they_can_be_given(page: str, line: str) -> None:
    command, *arguments = shlex.split(line.split("   ")[0])
    assert command in COMMANDS, page
    context = Context("en")
    parser = Parser(context, command)
    import_module(f"wsedu.cli.{command}").add_arguments(parser, context)
    parser.add_common_arguments()
    if arguments or command in ("demo", "serve", "rules"):
        parser.parse_args(arguments)


@pytest.mark.parametrize(("page", "call"), sorted(set(found(r"`([A-Z]\w+\([^`]*\))`"))))
def test_calls_are_written_as_they_can_be_made(page: str, call: str) -> None:
    """What stands without a name is the argument that stands at this place; `Chunks(n)` is for a number."""
    name, _, inside = call.removesuffix(")").partition("(")
    made = getattr(wsedu.simulator, name, None) or getattr(wsedu, name)
    signature = inspect.signature(made)
    written = [one.partition("=") for one in inside.split(", ") if one]
    bound = signature.bind_partial(
        *(one for one, named, _ in written if not named), **{one: value for one, named, value in written if named}
    )
    for argument, value in bound.arguments.items():
        assert value in (argument, "...", "n", "None"), f"{page}: {call} gives {value} as {argument}"
