"""What every command needs: the language, the catalogue, and where to write."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..explain.catalogue import catalogue

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_NAME = "wsedu: "
"""What every line on standard error begins with."""


class UserError(Exception):
    """Something that the user can mend: one line of the catalogue, and exit status 2.

    Arguments:
        key: of the sentence.
        facts: that it needs.
    """

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key, facts)
        self.key = key
        self.facts = facts


class Context:
    """The surroundings of a command.

    Arguments:
        language: `en` or `zh`.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = catalogue(language)
        self._colour = "auto"

    def say(self, key: str, **facts: Any) -> str:
        """A sentence of the catalogue."""
        return self._catalogue.say(key, **facts)

    def use_colour(self, when: str) -> None:
        """Colours, bold and dim letters `auto`, `always` or `never`; NO_COLOR turns `auto` off."""
        self._colour = when

    @cached_property
    def console(self) -> Console:
        """Standard output; without colour where it is not a terminal, or where NO_COLOR is set."""
        return self.console_of(force_terminal=True if self._colour == "always" else None)

    def console_of(self, **options: Any) -> Console:
        """A console with the colours that were asked for.

        Arguments:
            options: of `new_console`, such as `stderr`.
        """
        from ..views.styles import new_console

        return new_console(no_color={"always": False, "never": True}.get(self._colour), **options)

    def show(self, renderable: RenderableType) -> None:
        """Something that rich can print; in a pipe or a file without the blanks that fill its lines."""
        console = self.console
        if console.is_terminal:
            console.print(renderable)
            return
        with console.capture() as captured:
            console.print(renderable)
        for line in captured.get().splitlines():
            self.write(line.rstrip())

    def write(self, line: str) -> None:
        """One plain line on standard output."""
        sys.stdout.write(line + "\n")

    def complain(self, key: str, **facts: Any) -> None:
        """One line on standard error; on a terminal broken at words, with what follows indented."""
        line = " ".join(self.say(key, **facts).split())
        sys.stdout.flush()
        sys.stderr.write(f"{_NAME}{_broken(line) if sys.stderr.isatty() else line}\n")


def _broken(line: str) -> str:
    """A line as several that fit the terminal, all of them beside the name of the program."""
    from .wrapping import wrapped

    try:
        width = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        width = 0
    return f"\n{' ' * len(_NAME)}".join(wrapped(line, max((width or 80) - len(_NAME), 20)))
