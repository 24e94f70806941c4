"""The code that decided: the source of a function of wsedu, shown in a cell."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from ..explain.catalogue import choose_language, part_catalogue


class Shown:
    """Source code with where it stands; a notebook shows it highlighted, everything else as text.

    Arguments:
        head: where it stands.
        source: the code.
    """

    def __init__(self, head: str, source: str) -> None:
        self.head, self.source = head, source

    def __repr__(self) -> str:
        return f"# {self.head}\n{self.source}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/markdown": f"```python\n{self!r}\n```"}


def show_code(what: Callable[..., Any]) -> Shown:
    """The running code of a function or class, with the file and line that it stands in.

    Arguments:
        what: a function, method or class.

    Raises:
        TypeError: its source cannot be had, as that of a built-in function.
    """
    lines, first = inspect.getsourcelines(inspect.unwrap(what))
    module = inspect.getmodule(what)
    words = part_catalogue("course", choose_language())
    head = words.say("code.head", module=module.__name__ if module else "?", line=first)
    return Shown(head, textwrap.dedent("".join(lines)).rstrip("\n"))
