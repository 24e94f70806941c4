"""The page of `serve` in Chromium: typed into and clicked by Playwright, against what the server traced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.geometry import assert_fits
from tests.browser.test_pages import COLOURS, _hex
from tests.cli.talking import Serving, serving
from wsedu.views.palette import THEMES, contrast

TIMEOUT = 30_000
"""Milliseconds that anything in the browser may take."""


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    """`serve --json`: what it prints is what it traced."""
    with serving("--json") as running:
        yield running


class Page:
    """The page in a browser.

    Attributes:
        page: Playwright's.
        requests: every address that it asked for.
    """

    def __init__(self, page: Any, server: Serving) -> None:
        self.page = page
        self.url = server.uri.replace("ws", "http", 1)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, query: str = "") -> None:
        """Load it, and wait until it is connected."""
        self.page.goto(self.url + query)
        self.state("OPEN")

    def state(self, name: str) -> None:
        """Wait for a state of the connection."""
        self.page.locator("#state", has_text=name).wait_for()

    def frames(self, count: int) -> list[str]:
        """The titles of the frames that are shown, once there are so many."""
        self.page.locator("#traced .frame").nth(count - 1).wait_for()
        titles: list[str] = self.page.locator("#traced .frame .title").all_inner_texts()
        return titles

    def seen(self, count: int) -> list[str]:
        """The events that JavaScript saw, once there are so many."""
        self.page.locator("#seen li").nth(count - 1).wait_for()
        events: list[str] = self.page.locator("#seen li").all_inner_texts()
        return [" ".join(event.split()) for event in events]


@pytest.fixture
def shown(browser: Any, server: Serving) -> Iterator[Page]:
    """The page in a fresh profile; in the end it has fetched nothing but itself, and nothing was complained about."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    shown = Page(page, server)
    yield shown
    context.close()
    assert shown.complaints == []
    assert {address.partition("?")[0] for address in shown.requests} <= {shown.url}


def traced(server: Serving, connection: int) -> list[dict[str, Any]]:
    """The frames of a connection as `serve --json` printed them, up to its end."""
    found: list[dict[str, Any]] = []
    while True:
        step = json.loads(server.until(rf'"connection":{connection},'))
        if step["kind"] == "frame.complete":
            found.append(step)
        if step["kind"] == "close.status":
            return found


def line_of(page: Any, item: Any) -> dict[str, Any]:
    """The line of the trace that stands in a step's details."""
    item.locator("summary").click()
    line: dict[str, Any] = json.loads(item.locator("pre").inner_text())
    return line


def test_the_checks_that_passed_unfold_to_their_lines_of_the_trace(shown: Page) -> None:
    shown.open()
    entry = shown.page.locator("#traced li[data-kind='handshake.check']")
    entry.get_by_text("Lines of the trace", exact=True).click()
    lines = [json.loads(line) for line in entry.locator("pre").inner_text().splitlines()]
    assert entry.locator(".title").inner_text() == f"{len(lines)} checks passed"
    assert all(line["kind"] == "handshake.check" and line["passed"] for line in lines)


def test_what_is_typed_is_what_the_server_traced_and_the_page_shows(shown: Page, server: Serving) -> None:
    shown.open()
    page = shown.page
    page.get_by_label("A text message").fill("Grüße, 你好")
    page.keyboard.press("Enter")
    shown.frames(2)
    page.get_by_role("button", name="Send me a Ping").click()
    shown.frames(4)
    page.get_by_label("A text", exact=True).fill("abcdef")
    page.get_by_label("Fragments").fill("2")
    page.get_by_role("button", name="Send me this in fragments").click()
    shown.frames(6)
    page.get_by_label("Status code").fill("4001")
    page.get_by_role("button", name="Close from the server").click()
    shown.state("CLOSED")
    titles = shown.frames(8)
    line = line_of(page, page.locator("#traced .frame").first)
    printed = traced(server, line["connection"])

    assert [(step["sent"], step["frame"]["opcode"]) for step in printed] == [
        (False, 1),
        (True, 1),
        (True, 9),
        (False, 10),
        (True, 1),
        (True, 0),
        (True, 8),
        (False, 8),
    ]
    assert printed[0] == line
    assert bytes.fromhex(printed[0]["frame"]["payload"]).decode() == "Grüße, 你好"
    assert printed[0]["frame"]["masking_key"]
    assert len(titles) == len(printed)
    # JavaScript sees neither the Ping nor the fragments.
    assert shown.seen(4) == [
        "open",
        "message Grüße, 你好",
        "message abcdef",
        'close code 4001 · reason "bye" · wasClean true',
    ]


def test_a_file_is_sent_as_a_binary_message(shown: Page, tmp_path: Path) -> None:
    file = tmp_path / "bytes.bin"
    file.write_bytes(bytes(range(256)))
    shown.open()
    shown.page.get_by_label("A file").set_input_files(str(file))
    shown.page.locator("#send-file").click()
    shown.frames(2)
    line = line_of(shown.page, shown.page.locator("#traced .frame").first)
    assert line["frame"]["opcode"] == 2
    assert bytes.fromhex(line["frame"]["payload"]) == file.read_bytes()
    assert shown.seen(2)[1] == "message binary, 256 bytes"


def test_the_keyboard_alone_is_enough(shown: Page) -> None:
    shown.open()
    page = shown.page
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "ping":
            break
    page.keyboard.press("Space")
    shown.frames(2)
    page.locator("#disconnect").focus()
    page.keyboard.press("Enter")
    shown.state("CLOSED")
    # The focus goes from a button that is of no use any more to the one that is.
    page.locator("#connect:focus").wait_for()
    page.keyboard.press("Enter")
    shown.state("OPEN")
    page.locator("#disconnect:focus").wait_for()


def test_whoever_reads_old_steps_is_told_of_newer_ones(shown: Page) -> None:
    shown.open()
    page = shown.page
    page.locator("#send").click()
    shown.frames(2)
    log = page.get_by_role("log", name="What the server traced")
    assert page.locator("#newer").is_hidden()
    log.evaluate("log => { log.scrollTop = 0; }")
    before = page.locator("#traced > li").count()
    page.locator("#ping").click()
    shown.frames(4)
    page.get_by_role("button", name="Newer below").wait_for()
    assert log.evaluate("log => log.scrollTop") == 0
    more = page.locator("#traced > li").count() - before
    page.get_by_role("button", name=f"Newer below: {more}").click()
    page.locator("#newer").wait_for(state="hidden")
    last = page.locator("#traced > li").last.bounding_box()
    around = log.bounding_box()
    assert last["y"] + last["height"] <= around["y"] + around["height"] + 1


def test_an_order_that_the_rfc_forbids_is_explained_and_the_connection_stays(shown: Page) -> None:
    shown.open()
    page = shown.page
    page.get_by_label("Data of the Ping").fill("x" * 126)
    page.get_by_role("button", name="Send me a Ping").click()
    page.get_by_role("alert").filter(has_text="125").wait_for()
    shown.state("OPEN")


def test_only_frames_can_be_shown_and_all_can_be_cleared(shown: Page) -> None:
    shown.open()
    page = shown.page
    page.locator("#send").click()
    shown.frames(2)
    page.get_by_label("frames only").check()
    assert page.locator("#traced > li:visible").count() == page.locator("#traced > li.frame").count() == 2
    page.get_by_role("button", name="Clear").click()
    assert page.locator("#traced > li").count() == 0
    assert page.get_by_text("No step yet.").is_visible()


def test_what_is_sent_is_shown_as_text_and_never_as_markup(shown: Page) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    shown.open()
    shown.page.get_by_label("A text message").fill(evil)
    shown.page.keyboard.press("Enter")
    shown.frames(2)
    assert shown.seen(2)[1] == f"message {evil}"
    assert shown.page.locator("main img, main script").count() == 0


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", list(THEMES))
def test_it_fits_every_width_and_all_text_has_contrast(shown: Page, theme: str, language: str) -> None:
    page = shown.page
    page.emulate_media(color_scheme=theme)
    shown.open(f"?lang={language}")
    page.locator("#send").click()
    shown.frames(2)
    for summary in page.locator("#traced .frame summary").all():
        summary.click()
    for width in (1200, 768, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page)
    pairs = {tuple(pair.split("|")) for pair in page.evaluate(COLOURS)}
    assert len(pairs) > 1
    for colour, ground in pairs:
        assert contrast(_hex(colour), _hex(ground)) >= 4.5, (colour, ground)
    assert _hex(page.evaluate("getComputedStyle(document.body).backgroundColor")) == THEMES[theme].background


def test_the_browser_chooses_the_language_and_the_link_changes_it(browser: Any, server: Serving) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    page.goto(server.uri.replace("ws", "http", 1))
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="A WebSocket server that explains itself").wait_for()
    page.locator("#state", has_text="OPEN").wait_for()
    context.close()


def test_it_can_be_walked_by_its_headings_and_labels(shown: Page) -> None:
    shown.open()
    page = shown.page
    for heading in ("The connection", "What JavaScript sees", "What the server traced"):
        assert page.get_by_role("region", name=heading, exact=True).count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("banner").count() == 1
    unnamed = page.evaluate("[...document.querySelectorAll('input')].filter(one => !one.labels.length).length")
    assert unnamed == 0
