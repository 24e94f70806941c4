"""What submissions can be shut in by on this machine, by name."""

from __future__ import annotations

from .runner.levels import PLAIN, Level

AUTO = "auto"
LEVELS = ("sealed", "separate-user", "plain")
"""From the safest to what every machine has."""


def levels_here() -> dict[str, Level]:
    """Those that this machine has, the safest first."""
    return {PLAIN.name: PLAIN}


def level_named(name: str) -> Level:
    """One of them.

    Raises:
        KeyError: this machine does not have it.
    """
    return levels_here()[name]
