"""The same notebook as a static page: without a script and without a network, a reader sees the pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tests.notebooks.lab import JupyterServer, LabPage
from tests.notebooks.widgets import NAMES, cell


def executed(folder: Path, *sources: str) -> Any:
    """A notebook of some cells, run without a browser; the state of widgets is not kept in it."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    resources = {"metadata": {"path": str(folder)}}
    return NotebookClient(notebook, store_widget_state=False, resources=resources).execute()


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A notebook with every widget, in the order of `NAMES`, and the same as HTML."""
    folder = tmp_path_factory.mktemp("static")
    notebook = executed(folder, *(cell(name) for name in NAMES))
    file = folder / "notebook.html"
    file.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return notebook, file


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_as_html_shows_the_picture(browser: Any, static: tuple[Any, Path], name: str) -> None:
    notebook, file = static
    (output,) = notebook.cells[NAMES.index(name)].outputs
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    pictures = page.locator(".jp-OutputArea-output img")
    expect(pictures).to_have_count(len(NAMES))
    picture = pictures.nth(NAMES.index(name))
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box["width"] > 200
    assert box["height"] > 50
    # nbconvert has no use for it; notebooks on the web and readers of the file do.
    alt = output.metadata["image/png"]["alt"]
    assert alt.startswith(output.data["text/plain"].splitlines()[0])
    assert 0 < len(alt) < 400
    assert "\n" not in alt
    context.close()


def test_a_notebook_made_elsewhere_shows_its_pictures_before_it_is_run(
    browser: Any, server: JupyterServer, tmp_path: Path
) -> None:
    nbformat.write(executed(tmp_path, cell("FrameBuilder")), server.notebooks / "elsewhere.ipynb")
    page = browser.new_page()
    lab = LabPage(page, server, "elsewhere.ipynb")
    expect(page.locator(".jp-OutputArea-output img")).to_be_visible()
    lab.shut_down()
    page.close()
