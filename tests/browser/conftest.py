"""Chromium of the system's package manager, driven by Playwright, with a profile that is thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import require_component

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT = 30_000
"""Milliseconds that anything in the browser may take."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """One headless browser for the tests of this package.

    It must be gone when they are over: while Playwright runs, `asyncio.run` is refused in this thread.
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        require_component(NAMES[0], "apt install chromium")
    require_component("playwright", "pip install playwright")
    from playwright.sync_api import sync_playwright

    # Without a profile of its own, Playwright makes a temporary one and removes it.
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, headless=True, args=list(FLAGS), timeout=TIMEOUT)
        try:
            yield started
        finally:
            started.close()


@pytest.fixture(scope="package")
def page(browser: Any) -> Iterator[Any]:
    """One page without network, which the tests use one after the other."""
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.set_default_timeout(TIMEOUT)
    yield opened
    context.close()


Open = Callable[..., Any]


@pytest.fixture
def visit(page: Any, tmp_path: Path) -> Iterator[Open]:
    """`visit(content, suffix, width, theme)` shows a file in a browser without network, and gives Playwright's page.

    When the test is over, nothing but these files may have been asked for, and nothing complained about.
    """
    complaints: list[str] = []
    requests: set[str] = set()
    files: set[str] = set()
    heard = {
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: requests.add(request.url),
    }
    for event, listener in heard.items():
        page.on(event, listener)

    def show(content: str, suffix: str, *, width: int = 1200, theme: str = "light") -> Any:
        file = tmp_path / f"{len(files)}{suffix}"
        file.write_text(content, encoding="utf-8")
        files.add(file.as_uri())
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media="screen", color_scheme=theme)
        page.goto(file.as_uri())
        return page

    yield show
    for event, listener in heard.items():
        page.remove_listener(event, listener)
    assert complaints == []
    assert requests == files
