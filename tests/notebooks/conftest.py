"""One server for all tests of this package, and notebooks of it open in a browser that is watched."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from nbformat import NotebookNode

from tests.browser.conftest import TIMEOUT
from tests.browser.conftest import browser as browser
from tests.notebooks.lab import JupyterServer, LabPage

Notebook = Callable[..., LabPage]

NOTEBOOK_7 = {
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
}
"""What Notebook 7 complains of by itself when a notebook is opened in a tab of its own."""

ENDED = re.compile(r"Canceled future for \w+ message before replies were done|Kernel message validation error: ")
"""What JupyterLab complains of when a kernel ends: questions of its own that are still open (its debugger asks at odd
times), and messages that the kernel tears apart: once the thread that sends is gone, the others send side by side."""

FOCUS = re.compile(r"\._ensureFocus \(")
"""What JupyterLab complains of some time after a notebook was closed: it wants to give the focus to a cell of it."""

_NUMBERS = count(1)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A real Jupyter server with folders of its own; `tools/kernels.py` gives its kernels another Python."""
    started = JupyterServer(tmp_path_factory.mktemp("jupyter"), os.environ.get("WSEDU_TEST_KERNEL"))
    yield started
    started.close()


class Desk:
    """A window of the browser with JupyterLab, which the tests of this package use one after the other.

    Loading JupyterLab takes longer than most tests do. What a test has opened is closed when it is over; where that
    fails, JupyterLab is loaded anew.

    Arguments:
        browser: of Playwright.
        server: of the notebooks.
    """

    def __init__(self, browser: Any, server: JupyterServer) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 1000})
        self._server = server
        self._lab: Any = None

    def page(self, *, notebook7: bool) -> Any:
        """The page with JupyterLab, or a new one for Notebook 7, which has a page for each notebook."""
        if notebook7:
            return self._context.new_page()
        if self._lab is None:
            self._lab = self._context.new_page()
        return self._lab

    def clear(self, opened: Sequence[LabPage]) -> None:
        """Close what a test has opened."""
        for lab in opened:
            if lab.page is self._lab:
                lab.close()
            else:
                lab.shut_down()
                lab.page.close()

    def renew(self) -> None:
        """Leave JupyterLab, in whatever state it is."""
        if self._lab is not None:
            self._lab.close()
            self._lab = None

    def close(self) -> None:
        """Close the window."""
        self._context.close()


@pytest.fixture(scope="package")
def desk(browser: Any, server: JupyterServer) -> Iterator[Desk]:
    """Where `notebook` opens its notebooks."""
    made = Desk(browser, server)
    yield made
    made.close()


class Watch:
    """Listens to a page while one test has it.

    Arguments:
        server: of which a page may ask.
    """

    def __init__(self, server: JupyterServer) -> None:
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self._known = (server.url, f"ws{server.url.removeprefix('http')}", f"blob:{server.url}", "data:")
        self._pages: list[Any] = []
        self._heard = {
            "request": lambda request: self._asked(request.url),
            "websocket": lambda socket: self._asked(socket.url),
            "pageerror": lambda error: self.complaints.append(str(error)),
            "console": lambda message: self.complaints.append(message.text) if message.type == "error" else None,
        }

    def _asked(self, url: str) -> None:
        if not url.startswith(self._known):
            self.strangers.append(url)

    def add(self, page: Any) -> None:
        """Listen to a page."""
        if page not in self._pages:
            self._pages.append(page)
            for event, heard in self._heard.items():
                page.on(event, heard)

    def end(self) -> None:
        """Listen no more."""
        for page in self._pages:
            for event, heard in self._heard.items():
                page.remove_listener(event, heard)


@pytest.fixture
def notebook(desk: Desk, server: JupyterServer) -> Iterator[Notebook]:
    """`notebook(cells, notebook7=…, run=…, width=…, height=…)` writes a notebook, opens it and runs it.

    When the test is over, no cell may have failed, the page may have complained of nothing, and nothing may have been
    asked of any other machine.
    """
    opened: list[LabPage] = []
    watch = Watch(server)

    def show(
        cells: Sequence[str] | NotebookNode,
        *,
        notebook7: bool = False,
        run: bool = True,
        width: int = 1280,
        height: int = 1000,
    ) -> LabPage:
        page = desk.page(notebook7=notebook7)
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(TIMEOUT)
        watch.add(page)
        name = f"{next(_NUMBERS)}.ipynb"
        server.write(name, cells)
        try:
            lab = LabPage(page, server, name, notebook7=notebook7)
        except BaseException:
            desk.renew()
            raise
        opened.append(lab)
        if run:
            lab.run_all()
        return lab

    tidy = False
    at_work: list[str] = []
    try:
        yield show
        failed = [text for lab in opened for text in lab.errors()]
        at_work, watch.complaints = watch.complaints, []
        desk.clear(opened)
        tidy = True
    finally:
        watch.end()
        if not tidy:
            desk.renew()
    assert failed == []
    at_work = [text for text in at_work if not FOCUS.search(text)]
    at_work += [text for text in watch.complaints if not (ENDED.search(text) or FOCUS.search(text))]
    assert set(at_work) <= (NOTEBOOK_7 if any(lab.notebook7 for lab in opened) else set())
    assert watch.strangers == []
