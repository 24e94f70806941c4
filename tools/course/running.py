"""Running a notebook in a kernel of its own: outputs in place, numbers of the text filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import nbformat
from nbclient import NotebookClient

from wsedu.grading.exercise import find_exercise

from .source import EXPRESSION, TAG

SECONDS = 120
"""What a cell may take (seconds)."""

ENVIRONMENT = {"WSEDU_HEADLESS": "1", "PYTHONHASHSEED": "0", "NO_COLOR": "1"}
"""Widgets give their static form."""

FIRST = "import warnings\nwarnings.simplefilter('error')"
"""What runs before the first cell: a warning is an error."""

LAST = "import warnings\nwarnings.simplefilter('ignore')"
"""What runs at the end."""


class RunError(Exception):
    """A notebook that does not run clean; the text says which cell and why."""


def run(whole: nbformat.NotebookNode, folder: str) -> nbformat.NotebookNode:
    """Run all cells, in place.

    Arguments:
        whole: the notebook.
        folder: where its kernel works.

    Returns:
        the same notebook.

    Raises:
        RunError: a cell failed, printed a warning, or a text's expression cannot be evaluated.
    """
    # Where a kernel cuts its stream in two depends on how busy the machine is.
    client = NotebookClient(
        whole,
        timeout=SECONDS,
        resources={"metadata": {"path": folder}},
        allow_errors=True,
        coalesce_streams=True,
    )
    kernel = _Kernel(client, whole)
    with client.setup_kernel(env={**os.environ, **ENVIRONMENT}), kernel.calm():
        kernel.said(FIRST)
        count = 0
        for number, cell in enumerate(whole.cells):
            if cell.cell_type == "code":
                count += 1
                client.execute_cell(cell, number, execution_count=count)
                _clean(cell, whole)
        kernel.said(f"practice = {practice(whole)}")
        for cell in whole.cells:
            if cell.cell_type == "markdown":
                cell.source = EXPRESSION.sub(kernel.value, cell.source)
    whole.metadata.pop("widgets", None)
    return whole


def practice(whole: nbformat.NotebookNode) -> int:
    """Minutes that the exercises of a notebook take; its texts have it by the name of `practice`."""
    tags = (tag for cell in whole.cells for tag in cell.metadata.get("tags", ()))
    names = (tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG))
    return sum(find_exercise(name).facts["minutes"] for name in names)


class _Kernel:
    """Code that is no cell of the notebook, in the notebook's kernel."""

    def __init__(self, client: NotebookClient, whole: nbformat.NotebookNode) -> None:
        self._client, self._whole = client, whole

    @contextmanager
    def calm(self) -> Iterator[None]:
        """At the end, and after an error, warnings are no errors any more: how the kernel ends is its business."""
        try:
            yield
        finally:
            self.said(LAST)

    def said(self, code: str) -> str:
        """What the code prints.

        Raises:
            RunError: it fails.
        """
        cell = nbformat.v4.new_code_cell(code)
        self._whole.cells.append(cell)  # a client runs only what stands in its notebook
        try:
            self._client.execute_cell(cell, len(self._whole.cells) - 1, store_history=False)
        finally:
            self._whole.cells.pop()
        if problems(cell):
            raise RunError(f"{code}: {problems(cell)}")
        return "".join(output.get("text", "") for output in cell.outputs)

    def value(self, found: re.Match[str]) -> str:
        """The value of an expression in a text, as text."""
        said = self.said(f"import builtins\nbuiltins.print(builtins.format({found[1].strip()}), end='')")
        if not said:
            raise RunError(f"{found[0]} has no value")
        return said


def _clean(cell: nbformat.NotebookNode, whole: nbformat.NotebookNode) -> None:
    """Refuse errors and warnings; take away what differs from run to run and says nothing."""
    found = problems(cell)
    if found:
        raise RunError(f"{whole.metadata.wsedu.lesson} ({whole.metadata.wsedu.language}), cell {cell.id}: {found}")
    cell.metadata.pop("execution", None)
    for output in cell.outputs:
        output.get("metadata", {}).pop("transient", None)


def problems(cell: nbformat.NotebookNode) -> str:
    """The error or warning among a cell's outputs; empty for none."""
    return "; ".join(_problems(cell))


def _problems(cell: nbformat.NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"{output.ename}: {output.evalue}"
        elif output.output_type == "stream" and output.name == "stderr" and re.search(r"[Ww]arning|Error", output.text):
            yield output.text.strip()
