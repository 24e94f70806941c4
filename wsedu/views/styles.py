"""The palette as styles of `rich`, and consoles that print nothing but what a view says."""

from __future__ import annotations

import os
from typing import Any

from rich.console import Console
from rich.style import Style

from .palette import MARKS

# Green and red are the terminal's own, which its theme makes readable on its background; a fill brings its own ink.
GOOD = Style(color="green", bold=True)
BAD = Style(color="red", bold=True)
MUTED = Style(dim=True)
STRONG = Style(bold=True)
NONE = Style()

READABLE = 100
"""Cells of a line that can still be read without losing the next one; a wider terminal is not filled."""

CHECK = "✔"
CROSS = "✖"
LATER = "–"
UNKNOWN = "·"

_FIELDS = {name: Style(color=mark.ink, bgcolor=mark.fill) for name, mark in MARKS.items()}


def field_style(name: str) -> Style:
    """Fill and ink of a field of a frame; no style for a name that the palette does not know."""
    return _FIELDS.get(name, NONE)


def verdict_mark(passed: bool | None) -> tuple[str, Style]:
    """A check mark or a cross, with its style; a dot where it cannot be known, which is None."""
    if passed is None:
        return UNKNOWN, MUTED
    return (CHECK, GOOD) if passed else (CROSS, BAD)


def new_console(**options: Any) -> Console:
    """A console for the views: it adds no colours of its own and takes no text for markup.

    Where the output is not a terminal, or `NO_COLOR` is set, nothing is coloured, bold or dim; a view loses nothing
    then. On a wide terminal lines stay as short as they can be read.

    Arguments:
        options: of `rich.console.Console`, such as `width`, in cells, or `file`; `no_color` outdoes `NO_COLOR`.
    """
    plain = options.get("no_color")
    if plain is None:
        plain = bool(os.environ.get("NO_COLOR"))
    # By itself rich leaves out colours alone.
    bare: dict[str, Any] = {"color_system": None} if plain else {}
    console = Console(**{"highlight": False, "markup": False, "emoji": False, **bare, **options, "no_color": plain})
    if options.get("width") is None:
        console.width = min(console.width, READABLE)
    return console
