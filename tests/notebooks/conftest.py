"""One server for all tests of this package, and notebooks of it open in a browser that is watched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest

from tests.browser.conftest import TIMEOUT
from tests.browser.conftest import browser as browser
from tests.notebooks.lab import JupyterServer, LabPage

Notebook = Callable[..., LabPage]

NOTEBOOK_7 = {
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
}
"""What Notebook 7 complains of by itself when a notebook is opened in a tab of its own."""

_NUMBERS = count(1)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A real Jupyter server with folders of its own; `tools/kernels.py` gives its kernels another Python."""
    started = JupyterServer(tmp_path_factory.mktemp("jupyter"), os.environ.get("WSEDU_TEST_KERNEL"))
    yield started
    started.close()


@pytest.fixture
def notebook(browser: Any, server: JupyterServer) -> Iterator[Notebook]:
    """`notebook(cells, notebook7=…, run=…, width=…, height=…)` writes a notebook, opens it and runs it.

    When the test is over, no cell may have failed, the page may have complained of nothing, and nothing may have been
    asked of any other machine.
    """
    complaints: list[str] = []
    strangers: list[str] = []
    opened: list[LabPage] = []
    context = browser.new_context(viewport={"width": 1280, "height": 1000})

    def note(url: str) -> None:
        if not url.startswith((server.url, f"ws{server.url.removeprefix('http')}", f"blob:{server.url}", "data:")):
            strangers.append(url)

    def show(
        cells: Sequence[str], *, notebook7: bool = False, run: bool = True, width: int = 1280, height: int = 1000
    ) -> LabPage:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(TIMEOUT)
        page.on("request", lambda request: note(request.url))
        page.on("websocket", lambda socket: note(socket.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        name = f"{next(_NUMBERS)}.ipynb"
        server.write(name, cells)
        lab = LabPage(page, server, name, notebook7=notebook7)
        opened.append(lab)
        if run:
            lab.run_all()
        return lab

    yield show
    failed = [text for lab in opened for text in lab.errors()]
    for lab in opened:
        lab.shut_down()
    context.close()
    assert failed == []
    assert set(complaints) <= (NOTEBOOK_7 if any(lab.notebook7 for lab in opened) else set())
    assert strangers == []
