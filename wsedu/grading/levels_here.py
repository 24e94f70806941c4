"""What submissions can be shut in by, by the names that the command and the results have for it."""

from __future__ import annotations

from .runner.levels import LEVELS as ALL
from .runner.levels import Level
from .runner.session import levels_here as tried

AUTO = "auto"
LEVELS = tuple(level.name.replace(" ", "-") for level in ALL)
"""From the safest to what every machine has."""


def levels_here() -> dict[str, Level]:
    """Those that this machine has, the safest first; each was tried with a child."""
    return {level.name.replace(" ", "-"): level for level in tried()}


def level_named(name: str) -> Level:
    """A level by its name, without trying it.

    Raises:
        KeyError: there is none of that name.
    """
    return {level.name.replace(" ", "-"): level for level in ALL}[name]
