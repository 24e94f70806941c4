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


def executed(source: str, folder: Path) -> Any:
    """A notebook of one cell, run without a browser; the state of widgets is not kept in it."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    resources = {"metadata": {"path": str(folder)}}
    return NotebookClient(notebook, store_widget_state=False, resources=resources).execute()


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_as_html_shows_the_picture(browser: Any, tmp_path: Path, name: str) -> None:
    notebook = executed(cell(name), tmp_path)
    (output,) = notebook.cells[0].outputs
    file = tmp_path / "notebook.html"
    file.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    picture = page.locator(".jp-OutputArea-output img")
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
    nbformat.write(executed(cell("FrameBuilder"), tmp_path), server.notebooks / "elsewhere.ipynb")
    page = browser.new_page()
    lab = LabPage(page, server, "elsewhere.ipynb")
    expect(page.locator(".jp-OutputArea-output img")).to_be_visible()
    lab.shut_down()
    page.close()
