"""The answers in a notebook: the code of the cells that are tagged with an exercise's name."""

from __future__ import annotations

import json
import re
from typing import Any

TAG = "exercise:"
"""A cell with the tag `exercise:accept_key` is part of the answer to the exercise `accept_key`."""


class NotebookError(ValueError):
    """A file that is no notebook; its argument is `cut` (JSON that ends early or is broken) or `form`."""


def cells_of(text: str) -> dict[str, str]:
    """The code of tagged cells by the exercise's name, in the notebook's order.

    Arguments:
        text: of an `.ipynb` file.

    Raises:
        NotebookError: it is none.
    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise NotebookError("cut") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise NotebookError("form")
    found: dict[str, list[str]] = {}
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            for name in _names(cell):
                found.setdefault(name, []).append(without_magics(_source(cell)))
    return {name: "\n\n".join(parts) + "\n" for name, parts in found.items()}


def _names(cell: dict[str, Any]) -> list[str]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    if not isinstance(tags, list):
        return []
    return [tag.removeprefix(TAG).strip() for tag in tags if isinstance(tag, str) and tag.startswith(TAG)]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def without_magics(code: str) -> str:
    """Code whose lines for IPython (`%time`, `!pip`, `?name`) are comments; every line keeps its number."""
    return re.sub(r"^(\s*)([%!?])", r"\1# \2", code, flags=re.MULTILINE)
