"""The function that decided a step, as source."""

from __future__ import annotations

import inspect
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

_PACKAGE = __name__.partition(".")[0]


class Source(NamedTuple):
    """Where a function stands.

    Arguments:
        file: its path, beginning with the package.
        line: its first line.
        code: its text.
    """

    file: str
    line: int
    code: str


@cache
def source_of(decided_by: str | None) -> Source | None:
    """The source of the function that a step names.

    Arguments:
        decided_by: `module:qualified.name`, as a step has it.

    Returns:
        None if it is no function of this package as it is installed: a trace may come from another version, and no
        file that somebody sends makes us import anything else.
    """
    module, _, name = (decided_by or "").partition(":")
    if module.partition(".")[0] != _PACKAGE or not name:
        return None
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        found = inspect.unwrap(_function(found))
        code, line = inspect.getsourcelines(found)
        path = Path(inspect.getfile(found))
    except (ImportError, AttributeError, TypeError, OSError):
        return None
    parts = path.parts
    start = len(parts) - 1 - parts[::-1].index(_PACKAGE) if _PACKAGE in parts else len(parts) - 1
    return Source("/".join(parts[start:]), line, dedent("".join(code)).rstrip())


def _function(found: Any) -> Any:
    return found.fget if isinstance(found, property) else found
