"""argparse in the user's language, with errors of one line."""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from ..explain.near import nearest
from .context import Context
from .wrapping import wrapped

# What argparse itself says, and the catalogue's key for it; the placeholders are argparse's own.
_ARGPARSE = {
    "usage: ": "cli.argparse.usage",
    "positional arguments": "cli.argparse.positional",
    "options": "cli.argparse.options",
    "show this help message and exit": "cli.argparse.help",
    "the following arguments are required: %s": "cli.argparse.required",
    "unrecognized arguments: %s": "cli.argparse.unrecognized",
    "expected one argument": "cli.argparse.one",
    "expected at most one argument": "cli.argparse.most_one",
    "expected at least one argument": "cli.argparse.least_one",
    "not allowed with argument %s": "cli.argparse.not_allowed",
    "ignored explicit argument %r": "cli.argparse.ignored",
    "one of the arguments %s is required": "cli.argparse.one_of",
    "argument %(argument_name)s: %(message)s": "cli.argparse.argument",
    "invalid %(type)s value: %(value)r": "cli.argparse.invalid",
    "invalid choice: %(value)r (choose from %(choices)s)": "cli.argparse.choice",
    "ambiguous option: %(option)s could match %(matches)s": "cli.argparse.ambiguous",
}


def _speak(context: Context) -> None:
    """Have argparse take its own words from our catalogue: it looks them up by gettext, under this name."""

    def translate(text: str) -> str:
        return context.say(_ARGPARSE[text]) if text in _ARGPARSE else text

    vars(argparse)["_"] = translate


_ROW = re.compile(r"\s+\S+(?: \S+)* {2,}")
"""What stands before an explanation in a row of two columns."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal, 100 columns at most, with room for long options."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, max_help_position=28, width=_width(), **options)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in filled(text, width - len(indent)).split("\n"))


def filled(text: str, width: int | None = None) -> str:
    """Paragraphs, and rows of two columns, broken into lines.

    Arguments:
        text: a paragraph, or a row, to each line.
        width: cells of a line; None for that of the terminal.
    """
    width = _width() if width is None else width
    lines: list[str] = []
    for paragraph in text.split("\n"):
        row = _ROW.match(paragraph)
        head = row[0] if row is not None else paragraph[: len(paragraph) - len(paragraph.lstrip())]
        first, *rest = wrapped(paragraph[len(head) :], width - len(head))
        # The column of what is explained is left to it: what follows stands below its explanation.
        lines += [head + first, *(" " * len(head) + line for line in rest)]
    return "\n".join(line.rstrip() for line in lines)


def _width() -> int:
    return min(100, shutil.get_terminal_size().columns) - 4


class Parser(argparse.ArgumentParser):
    """The parser of one command.

    Arguments:
        context: speaks the language.
        command: its name; the description is the catalogue's `cli.COMMAND.description`.
    """

    def __init__(self, context: Context, command: str) -> None:
        _speak(context)
        self._context = context
        super().__init__(
            prog=f"python -m wsedu {command}".rstrip(),
            description=context.say(f"cli.{command or 'top'}.description"),
            formatter_class=_Formatter,
            allow_abbrev=False,
        )

    def add_common_arguments(self) -> None:
        """The options that every command has."""
        group = self.add_argument_group(self._context.say("cli.common"))
        group.add_argument("--lang", choices=("en", "zh"), help=self._context.say("cli.lang.help"))
        group.add_argument(
            "--color",
            choices=("auto", "always", "never"),
            default="auto",
            help=self._context.say("cli.color.help"),
        )
        group.add_argument("--debug", action="store_true", help=self._context.say("cli.debug.help"))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """A choice that is like one of those that there are is answered with that one, not with all of them."""
        near = nearest(str(value), map(str, action.choices or ()))
        if near and value not in (action.choices or ()):
            raise argparse.ArgumentError(action, self._context.say("cli.argparse.near", found=repr(value), near=near))
        super()._check_value(action, value)

    def error(self, message: str) -> NoReturn:
        """One line, and exit status 2."""
        self._context.complain("cli.usage", problem=message, command=self.prog)
        raise SystemExit(2)


def rows(explained: Mapping[str, str]) -> list[str]:
    """Lines of two columns for a description or an epilog, which are broken to the width there.

    Arguments:
        explained: the explanations by what they explain.
    """
    width = max(map(len, explained))
    return [f"  {name:<{width}}  {text}" for name, text in explained.items()]


def top_parser(context: Context, commands: Sequence[str]) -> Parser:
    """The parser that only finds the command."""
    from .. import __version__

    parser = Parser(context, "")
    lines = rows({command: context.say(f"cli.{command}.summary") for command in commands})
    parser.usage = "python -m wsedu COMMAND ..."
    parser.epilog = "\n".join([context.say("cli.top.commands"), *lines, "", context.say("cli.top.more")])
    parser.add_argument(
        "--version",
        action="version",
        version=f"wsedu {__version__}",
        help=context.say("cli.argparse.version"),
    )
    parser.add_common_arguments()
    return parser
