"""Every lesson of the course in a real JupyterLab: it runs to its end and its widgets are alive."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import expect

from tests.notebooks.conftest import Notebook
from tools.course.source import sources, target

LESSONS = [pytest.param(source.stem, id=source.stem) for source in sources()]
_COUNTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === "code").map(cell => cell.executionCount)"""


def runs(notebook: Notebook, lesson: str, language: str) -> None:
    """Open a lesson, run all of it, look for its widgets."""
    source = next(source for source in sources() if source.stem == lesson)
    whole = nbformat.read(target(source, language), as_version=4)
    for cell in whole.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    lab = notebook(whole, height=2000)
    counts = lab.page.evaluate(_COUNTS)
    assert counts == list(range(1, len(counts) + 1)), "every cell has run, in order"
    widgets = lab.page.locator("section.wsedu")
    expect(widgets.first).to_be_visible()
    wanted = "zh-Hans" if language == "zh" else "en"
    assert set(widgets.evaluate_all("all => all.map(one => one.lang)")) == {wanted}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_to_its_end_and_its_widgets_are_alive(notebook: Notebook, lesson: str) -> None:
    runs(notebook, lesson, "en")


@pytest.mark.long
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_in_chinese_runs_to_its_end(notebook: Notebook, lesson: str) -> None:
    runs(notebook, lesson, "zh")
