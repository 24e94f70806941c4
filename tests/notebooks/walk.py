"""The screens of the product, walked through thing by thing.

Each stop does what a user does and looks at what is then on the screen and in Python. The tests run them all; the
command `tools/walkthrough.py` takes a picture at each and makes docs/walkthrough.md of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.widgets.host import Host
from tests.widgets.live_host import LiveHost
from wsedu.widgets import LiveExchange, OverheadLab


class Stop(NamedTuple):
    """Something that a screen has.

    Arguments:
        name: a word for it, which is that of its test and of its picture.
        told: what a reader is told beside the picture.
        make: makes the widget.
        go: does what a user does in the page, given the page and the widget, and looks at what comes of it.
        shot: what a picture has to have in it, as a selector.
    """

    name: str
    told: str
    make: Callable[[], Any]
    go: Callable[[Any, Any], None]
    shot: str = "section.wsedu"


class Screen(NamedTuple):
    """A widget, as a learner meets it.

    Arguments:
        name: what its pictures begin with.
        title: its heading.
        stops: what it has, in the order of a walk.
    """

    name: str
    title: str
    stops: tuple[Stop, ...]


@contextmanager
def on_screen(host: Host, stop: Stop) -> Iterator[tuple[Any, Any]]:
    """A page with the widget of a stop in it, ready for the keyboard, and the widget; it is closed afterwards."""
    widget = stop.make()
    try:
        # These speak from a thread of their own.
        threaded = isinstance(widget, (LiveExchange, OverheadLab))
        page = LiveHost(host).show(widget) if threaded else host.show(widget)
        page.locator("section.wsedu").first.focus()
        yield page, widget
    finally:
        widget.close()


def written(name: str, write: Callable[[Path], object]) -> str:
    """The text of a file that something writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_text(encoding="utf-8")


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until the focus is on an element."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {selector}")


def focused(page: Any) -> str:
    """The bit that has the focus."""
    bit: str = page.evaluate("document.activeElement.dataset.bit")
    return bit
