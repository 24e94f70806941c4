"""What submissions can be shut in by, by the names that the command and the results have for it."""

from __future__ import annotations

from functools import cache

from .runner.levels import LEVELS as ALL
from .runner.levels import Level
from .runner.session import START_SECONDS, Ended, NotStartedError, Session

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


@cache
def tried() -> tuple[Level, ...]:
    """The levels that this machine has, the one that keeps out most first: each was tried with a child."""
    return tuple(level for level in ALL if _works(level))


def best_level() -> Level:
    """The level of this machine that keeps out most.

    Raises:
        NotStartedError: not even a plain child can be started.
    """
    if not tried():
        raise NotStartedError("no child process can be started")
    return tried()[0]


def _works(level: Level) -> bool:
    try:
        with Session(level) as session:
            order = {"do": "load", "name": "tried", "file": "tried.py", "source": "import hashlib, dataclasses"}
            return session.ask(order, START_SECONDS) == ("value", None)
    except (NotStartedError, Ended):
        return False
