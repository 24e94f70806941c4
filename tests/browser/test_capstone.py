"""The learner's own endpoint, exercise 25, in conversation with Chromium: its page, and a script of a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.grading.capstone import TRIED, running

from .conftest import TIMEOUT

ECHO = """(make) => new Promise((done) => {
  const messages = make.map(([kind, size]) => kind === "text" ? "a".repeat(size)
    : new Uint8Array(size).map((_, at) => at * 7 + (at >> 8)));
  const client = new WebSocket(`ws://${location.host}/`);
  client.binaryType = "arraybuffer";
  const same = [];
  client.onopen = () => client.send(messages[0]);
  client.onmessage = ({ data }) => {
    const sent = messages[same.length];
    same.push(typeof sent === "string" ? data === sent
      : data instanceof ArrayBuffer && data.byteLength === sent.length
        && new Uint8Array(data).every((byte, at) => byte === sent[at]));
    same.length < messages.length ? client.send(messages[same.length]) : done([same, client.extensions]);
  };
  client.onclose = ({ code }) => done([same, code]);
})"""
"""Sends messages of a kind and size, one after the other; whether each came back the same, and the extensions."""

CLOSE = """([code, reason]) => new Promise((done) => {
  const client = new WebSocket(`ws://${location.host}/`);
  client.onopen = () => client.close(code, reason);
  client.onclose = ({ code, wasClean }) => done([code, wasClean]);
})"""

SENT = {
    "binary, every byte": [("binary", 256), ("binary", 70_000)],
    "empty messages": [("text", 0), ("binary", 0), ("text", 1)],
    "125, 126, 65,535 and 65,536 bytes": [
        (kind, size) for size in (125, 126, 65535, 65536) for kind in ("text", "binary")
    ],
    "1 MiB": [("binary", 1 << 20)],
    "compression offered, and not used": [("text", 1000)],
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("learner")) as printed:
        yield printed


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Any]:
    """The endpoint's page, in a browser of its own, at the width of a narrow window."""
    context = browser.new_context(viewport={"width": 668, "height": 500})
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    page.goto(address)
    page.get_by_text("open", exact=True).wait_for()
    yield page
    context.close()


def log(page: Any) -> list[str]:
    """What the page tells, line by line."""
    return [str(line) for line in page.get_by_role("log").inner_text().splitlines()]


def told(page: Any, line: str) -> None:
    """Wait for a line of the log."""
    page.wait_for_function("(line) => document.querySelector('pre').innerText.split('\\n').includes(line)", arg=line)


def test_its_page(opened: Any) -> None:
    """What a user does: send a message, see it come back, close."""
    opened.get_by_label("text").fill("Hello, 你好 👋")
    opened.get_by_role("button", name="send(text)").click()
    told(opened, "message Hello, 你好 👋")
    opened.get_by_role("button", name="close(1000)").click()
    told(opened, "close code=1000 wasClean=true")
    assert log(opened) == ["open", "message Hello, 你好 👋", "close code=1000 wasClean=true"]


@pytest.mark.parametrize("name", SENT)
def test_messages_come_back(opened: Any, name: str) -> None:
    assert opened.evaluate(ECHO, SENT[name]) == [[True] * len(SENT[name]), ""]


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (4000, "bye"), (4999, "再见")])
def test_a_script_closes(opened: Any, code: int, reason: str) -> None:
    assert opened.evaluate(CLOSE, [code, reason]) == [code, True]


def test_two_clients_at_once(opened: Any) -> None:
    """A page has its connection, and a script of it another one."""
    assert opened.evaluate(ECHO, [("text", 5)]) == [[True], ""]
    opened.get_by_role("button", name="send(text)").click()
    told(opened, "message Hello")


def test_the_docs_say_what_was_tried() -> None:
    """Every line of the table that names Chromium is a test of this file."""
    others = ("text", "closed by the client: 1000", "closed by the client: 4000 and a reason", "two clients at once")
    tried = {*SENT, *others, "its page, as a user sees it"}
    assert {name for name, peers in TRIED.items() if "Chromium" in peers} == tried
