"""A learner on JupyterHub in a real browser, who stays until everybody has been measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from _hub_user import Times

from tests.notebooks.browsing import chromium
from tests.notebooks.lab import LabPage
from wsedu.course.copying import FOLDER

PATIENCE = 180_000
"""Milliseconds that anything in the browser may take, among so many."""

_COUNTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter(cell => cell.type === "code").map(cell => cell.executionCount)"""


class Place(NamedTuple):
    """Where the learner's notebooks are, by the web and on the disk."""

    url: str
    notebooks: Path


class Visit(NamedTuple):
    """Who comes where.

    Arguments:
        hub: the address of the hub.
        user: the name to log in with.
        password: and with which word.
        lesson: the notebook to open.
        home: of the user, on the disk.
        picture: where to put a screenshot; None for none.
    """

    hub: str
    user: str
    password: str
    lesson: str
    home: Path
    picture: Path | None


def work(visit: Visit, told: Callable[[Times], None], leave: threading.Event, limit: float) -> None:
    """Log in by the form, run the lesson, tell what it took, and stay with the page open until it is time to leave."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{visit.hub}/hub/login")
        page.fill("#username_input", visit.user)
        page.fill("#password_input", visit.password)
        begun = time.perf_counter()
        page.click("#login_submit")
        own = f"{visit.hub}/user/{visit.user}/"
        page.wait_for_url(f"{own}lab/**", timeout=PATIENCE)
        page.wait_for_selector(".jp-DirListing-content")
        opened = time.perf_counter()
        lab = LabPage(page, Place(own, visit.home), f"{FOLDER}/{visit.lesson}")
        lab.run_all()
        lab.idle()
        ended = time.perf_counter()
        if errors := lab.errors():
            raise RuntimeError(f"cells of {visit.user} failed in the browser: {errors}")
        counts = page.evaluate(_COUNTS)
        if counts != list(range(1, len(counts) + 1)):
            raise RuntimeError(f"not every cell of {visit.user} has run in the browser: {counts}")
        if visit.picture is not None:
            _show(page)
            page.screenshot(path=visit.picture)
        told(Times(opened - begun, ended - opened, len(counts)))
        leave.wait(limit)


def _show(page: Any) -> None:
    """A film, where there is one, at the top of the window."""
    widgets = page.locator("section.wsedu")
    films = widgets.filter(has=page.locator(".wsedu-film-detail"))
    wanted = films if films.count() else widgets
    wanted.first.evaluate("one => one.scrollIntoView({ block: 'start' })")
