"""A page that runs a widget's real ES module against the real Python widget, without Jupyter.

The widget's comm ends in this process: what Python sends is handed to the page through Playwright, and what the page
sends arrives at the widget as a kernel would deliver it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import comm
from anywidget import AnyWidget
from comm.base_comm import BaseComm

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>host</title><body><main></main></body></html>"""

# The model as anywidget gives it to a page: get, on, off, send.
MODEL = """
async ([esm, css, state]) => {
  const style = document.createElement("style"); style.textContent = css; document.head.append(style);
  const listeners = {};
  const model = {
    state,
    get: (name) => model.state[name],
    set: (name, value) => { model.state[name] = value; },
    save_changes: () => {},
    on: (name, heard) => { (listeners[name] ??= new Set()).add(heard); },
    off: (name, heard) => { listeners[name]?.delete(heard); },
    send: (content) => { window.toPython(JSON.stringify(content)); },
  };
  window.fromPython = (text) => {
    const data = JSON.parse(text);
    if (data.method === "custom") {
      for (const heard of listeners["msg:custom"] ?? []) heard(data.content, []);
      return;
    }
    Object.assign(model.state, data.state);
    for (const name of Object.keys(data.state)) for (const heard of listeners["change:" + name] ?? []) heard();
  };
  const url = URL.createObjectURL(new Blob([esm], {type: "text/javascript"}));
  const module = await import(url);
  const host = document.createElement("div");
  document.querySelector("main").append(host);
  window.destroy = await module.default.render({ model, el: host, experimental: {} });
}
"""


_BOUND: WeakKeyDictionary[Any, dict[str, Callable[..., Any]]] = WeakKeyDictionary()


def bind(page: Any, name: str, called: Callable[..., Any]) -> None:
    """Give a page a function of Python's; of those with the same name, the one that was given last is called."""
    bound = _BOUND.setdefault(page, {})
    if name not in bound:
        page.expose_binding(name, lambda _source, *facts: bound[name](*facts))
    bound[name] = called


class PageComm(BaseComm):  # type: ignore[misc]
    """A comm whose messages are kept until there is a page for them."""

    def __init__(self, **options: Any) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.deliver: Callable[[dict[str, Any]], None] = self.waiting.append
        super().__init__(**options)

    def publish_msg(self, msg_type: str, data: Any = None, **_rest: Any) -> None:
        """What Python sends."""
        if msg_type == "comm_msg":
            self.deliver(data)


class Host:
    """Shows widgets in a page of Playwright.

    Arguments:
        page: a page, whose content is replaced.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.held: list[dict[str, Any]] | None = None
        self._widget: Any = None
        bind(page, "toPython", lambda text: self._received(json.loads(text)))

    def show(self, widget: Any) -> Any:
        """Open a page with one widget in it."""
        self._widget = widget
        page_comm: PageComm = widget.comm
        self.page.goto("about:blank")
        self.page.set_content(PAGE)
        ours = set(widget.traits(sync=True)) - set(AnyWidget.class_traits(sync=True))
        state = {name: getattr(widget, name) for name in ours if not name.startswith("_")}
        page_comm.waiting.clear()
        self.page.evaluate(MODEL, [widget._esm, widget._css, state])
        page_comm.deliver = lambda data: self.page.evaluate("text => window.fromPython(text)", json.dumps(data))
        # What Python answered while the page was still being made.
        for data in page_comm.waiting:
            page_comm.deliver(data)
        return self.page

    def hold(self) -> None:
        """Keep what the page sends, as a kernel does that is busy."""
        self.held = []

    def release(self) -> None:
        """Deliver what was kept."""
        held, self.held = self.held or [], None
        for content in held:
            self._received(content)

    def _received(self, content: dict[str, Any]) -> None:
        if self.held is not None:
            self.held.append(content)
            return
        if self._widget.comm is None:
            # The widget was closed meanwhile; a kernel drops such messages too.
            return
        message = {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
        self._widget.comm.handle_msg(message)


def use_page_comms(monkeypatch: Any) -> None:
    """Let every widget that is made from now on have a comm that ends in this process."""
    monkeypatch.setattr(comm, "create_comm", lambda **options: PageComm(**options))
