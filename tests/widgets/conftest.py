"""Widgets in a browser without Jupyter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import browser as browser
from tests.widgets.host import Host, use_page_comms


@pytest.fixture
def host(browser: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """`host.show(widget)` gives Playwright's page with the widget in it; nothing in it may fail or ask for anything."""
    use_page_comms(monkeypatch)
    context = browser.new_context(offline=True, viewport={"width": 1100, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
    page.set_default_timeout(20_000)
    yield Host(page)
    context.close()
    assert complaints == []
