"""The palette as styles of `rich`, and consoles that print nothing but what a view says."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.style import Style

from ..protocol.types import Role
from .palette import MARKS

GOOD = Style(color="green", bold=True)
BAD = Style(color="red", bold=True)
MUTED = Style(dim=True)
STRONG = Style(bold=True)
NONE = Style()

CHECK = "✔"
CROSS = "✖"

# The terminal's own colours, which its theme makes readable on its background, light or dark.
_ROLES = {Role.CLIENT: Style(color="blue", bold=True), Role.SERVER: Style(color="magenta", bold=True)}

_FIELDS = {name: Style(color=mark.ink, bgcolor=mark.fill) for name, mark in MARKS.items()}


def field_style(name: str) -> Style:
    """Fill and ink of a field of a frame; no style for a name that the palette does not know."""
    return _FIELDS.get(name, NONE)


def role_style(role: Role | None) -> Style:
    """The style of an endpoint's name."""
    return STRONG if role is None else _ROLES[role]


def verdict_mark(passed: bool) -> tuple[str, Style]:
    """A check mark or a cross, with its style."""
    return (CHECK, GOOD) if passed else (CROSS, BAD)


def new_console(**options: Any) -> Console:
    """A console for the views: it adds no colours of its own and takes no text for markup.

    Where the output is not a terminal, or `NO_COLOR` is set, rich leaves colours out; a view loses nothing then.

    Arguments:
        options: of `rich.console.Console`, such as `width`, in cells, or `file`.
    """
    return Console(**{"highlight": False, "markup": False, "emoji": False, **options})
