"""The notebooks that come with wsedu: the learner's without answers, and for whoever teaches with all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..grading.exercise import find_exercise

_BESIDE = Path(__file__).parents[2] / "notebooks"
_WITHIN = Path(__file__).parents[1] / "_notebooks"

_TAG = "exercise:"
"""What the tag of a cell begins with that is an exercise; its name follows."""


def notebooks_folder(language: str) -> Path:
    """Where the notebooks are: beside the package in a checkout, within it where it was installed.

    Arguments:
        language: `en` or `zh`.
    """
    folder = _WITHIN if _WITHIN.is_dir() else _BESIDE
    return folder if language == "en" else folder / language


@cache
def notebooks(language: str, *, solutions: bool = False) -> Mapping[str, str]:
    """The text of every notebook by the name of its file, in the order of the lessons.

    Arguments:
        language: `en` or `zh`.
        solutions: whether the exercises are solved, and what the cells show is there before they are run.
    """
    paths = sorted(notebooks_folder(language).glob("[0-9][0-9]_*.ipynb"))
    prepared = solved if solutions else unanswered
    return {path.name: prepared(path.read_text(encoding="utf-8")) for path in paths}


def unanswered(text: str) -> str:
    """A notebook as a learner gets it: nothing has been run, so that no answer stands below its question."""
    whole = json.loads(text)
    for cell in whole["cells"]:
        if cell["cell_type"] == "code":
            _clear(cell)
    return _written(whole)


def solved(text: str) -> str:
    """A notebook with the solution in the cell of each exercise; what the cells showed that judge it is taken out."""
    whole = json.loads(text)
    behind = False
    for cell in whole["cells"]:
        name = _exercise(cell)
        if name:
            cell["source"] = find_exercise(name).solution.strip("\n").splitlines(keepends=True)
            behind = True
        if name or (behind and cell["cell_type"] == "code" and "check(" in "".join(cell["source"])):
            _clear(cell)
    return _written(whole)


def _clear(cell: dict[str, Any]) -> None:
    cell["outputs"], cell["execution_count"] = [], None


def _written(whole: Any) -> str:
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _exercise(cell: Mapping[str, Any]) -> str:
    """The name of the exercise that a cell is; empty for none."""
    tags: list[str] = cell.get("metadata", {}).get("tags", [])
    return next((tag.removeprefix(_TAG) for tag in tags if tag.startswith(_TAG)), "")


# --- Whether one was changed ---


def notebook_digest(text: str) -> str:
    """What tells whether somebody has worked in a notebook: its cells and what they show.

    Opening and saving one changes neither; how the file is laid out, ids and counters do not count.

    Raises:
        ValueError: this is no notebook.
    """
    try:
        cells = [list(_said(cell)) for cell in json.loads(text)["cells"]]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("this is no notebook") from error
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _said(cell: Mapping[str, Any]) -> Iterator[Any]:
    yield cell["cell_type"]
    yield "".join(cell["source"])
    for output in cell.get("outputs", ()):
        yield "".join(output.get("text", ()))
        yield output.get("ename")
        yield {kind: _joined(data) for kind, data in output.get("data", {}).items()}


def _joined(data: Any) -> Any:
    """Data of an output, which a file may hold in lines."""
    if isinstance(data, list) and all(isinstance(line, str) for line in data):
        data = "".join(data)
    return data.rstrip("\n") if isinstance(data, str) else data
