"""A page for widgets that speak from a thread of their own: Playwright takes messages from its own thread alone."""

from __future__ import annotations

import json
import queue
from typing import Any

from anywidget import AnyWidget

from tests.widgets.host import MODEL, PAGE, Host, bind

# What has been said meanwhile is fetched, as often as a screen shows a picture.
FETCH = """
() => setInterval(async () => { for (const text of await window.nextFromPython()) window.fromPython(text); }, 16)
"""


class LiveHost:
    """Shows a widget as `Host` does, whichever thread its messages come from.

    Arguments:
        host: with the page.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        bind(host.page, "nextFromPython", self._next)

    def show(self, widget: Any) -> Any:
        """Open a page with one widget in it; a page that was opened before is told nothing more."""
        page = self._host.page
        self._host._widget = widget
        widget.comm.deliver = lambda data: self._said.put(json.dumps(data))
        page.goto("about:blank")
        page.set_content(PAGE)
        ours = set(widget.traits(sync=True)) - set(AnyWidget.class_traits(sync=True))
        state = {name: getattr(widget, name) for name in ours if not name.startswith("_")}
        page.evaluate(MODEL, [widget._esm, widget._css, state])
        page.evaluate(FETCH)
        return page

    def _next(self) -> list[str]:
        found = []
        while not self._said.empty():
            found.append(self._said.get())
        return found
