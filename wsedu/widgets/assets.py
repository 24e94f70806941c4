"""The ES modules and stylesheets of the widgets, as one text each.

A notebook loads a widget's module from a text, so that it cannot import its neighbours by their paths. `module`
puts what it imports from files beside it in front of it, each file once; there is no other build step, and the files
themselves are ordinary modules, which a browser and a type checker read as they are.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("static")
_IMPORT = re.compile(r'^import\s+(?:\{[^}]*\}|\*\s+as\s+\w+)\s+from\s+"\./([\w.-]+)";?[ \t]*\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|class|const|let)", re.MULTILINE)


@cache
def module(name: str) -> str:
    """The text of a widget's ES module, with the modules beside it that it imports.

    Arguments:
        name: of a file in the folder `static`.

    Raises:
        ValueError: an import has a form that cannot be put in place, such as one that renames.
    """
    parts: dict[str, str] = {}
    _collect(name, parts)
    *needed, own = parts.items()
    inlined = "".join(_EXPORT.sub("", text) for _, text in needed)
    return inlined + own[1]


def _collect(name: str, parts: dict[str, str]) -> None:
    """The files that a file needs, each before those that import it."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    for match in _IMPORT.finditer(text):
        if " as " in match[0]:
            raise ValueError(f"{name}: {match[0].strip()!r} renames: import the names as they are")
        if match[1] not in parts:
            _collect(match[1], parts)
    parts[name] = f"// --- {name} ---\n" + _IMPORT.sub("", text)


@cache
def stylesheet(*names: str) -> str:
    """The shared stylesheet, followed by those of a widget.

    Arguments:
        names: of files in the folder `static`.
    """
    from .look import variables

    return variables() + "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("look.css", *names))
