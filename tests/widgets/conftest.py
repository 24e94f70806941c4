"""Widgets in a browser without Jupyter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.browser.conftest import browser as browser
from tests.widgets.host import Host, use_page_comms

VIEW = {"width": 1100, "height": 900}
AS_IT_COMES = {
    "color_scheme": "light",
    "contrast": "no-preference",
    "forced_colors": "none",
    "reduced_motion": "no-preference",
}
"""What a new page takes its user to want."""


@pytest.fixture(scope="package")
def stage(browser: Any) -> Iterator[Any]:
    """One page without network, which the tests use one after the other: a new one takes longer than many of them."""
    context = browser.new_context(offline=True, viewport=VIEW)
    yield context.new_page()
    context.close()


def as_new(page: Any) -> None:
    """Undo what a test may have changed about a page; what was in it is gone, and its timers with it."""
    page.goto("about:blank")
    for other in page.context.pages:
        if other is not page:
            other.close()
    page.set_viewport_size(VIEW)
    page.emulate_media(
        color_scheme="light", contrast="no-preference", forced_colors="none", reduced_motion="no-preference"
    )
    page.mouse.move(0, 0)


@contextmanager
def watched(page: Any) -> Iterator[None]:
    """Nothing in the page may fail or ask for anything meanwhile."""
    complaints: list[str] = []
    heard = {
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: complaints.append(request.url) if request.url.startswith("http") else None,
    }
    for event, listener in heard.items():
        page.on(event, listener)
    try:
        yield
    finally:
        for event, listener in heard.items():
            page.remove_listener(event, listener)
    assert complaints == []


@pytest.fixture
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """`host.show(widget)` gives Playwright's page with the widget in it; nothing in it may fail or ask for anything.

    With the marker `own_page` it is a page of this test alone, which may do to it what cannot be undone.
    """
    use_page_comms(monkeypatch)
    alone = request.node.get_closest_marker("own_page") is not None
    if alone:
        page = request.getfixturevalue("browser").new_context(offline=True, viewport=VIEW).new_page()
    else:
        page = request.getfixturevalue("stage")
        as_new(page)
    page.set_default_timeout(20_000)
    with watched(page):
        yield Host(page)
        if alone:
            page.context.close()
        else:
            page.goto("about:blank")
