"""The walk through the live exchange: a real connection, moved by buttons."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.notebooks.walk import Stop, tab_to
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.steps import FrameComplete, Violation
from wsedu.protocol.types import Opcode
from wsedu.widgets import LiveExchange

FRAME = ".wsedu-live-frame"


def live() -> LiveExchange:
    """A live exchange that nobody has begun."""
    return LiveExchange(language="en")


def _connect(page: Any) -> None:
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)


def _says(page: Any, text: str) -> None:
    """Expect the sentence that says what happened last."""
    expect(page.locator(".wsedu-live-said")).to_contain_text(text)


def _sent(made: LiveExchange, opcode: Opcode) -> list[str]:
    """The frames of an opcode in the trace, in hex."""
    steps = (one.step for one in made.trace.frames())
    frames = (step.frame for step in steps if isinstance(step, FrameComplete))
    return [encode_frame(frame).hex(" ") for frame in frames if frame.opcode == opcode]


def _newest(page: Any, title: str) -> str:
    """The bytes of the newest frame of that title on the screen."""
    row = page.locator(FRAME, has=page.locator("strong", has_text=title)).first
    return " ".join(row.locator(".wsedu-live-run").all_inner_texts())


def connect(page: Any, made: LiveExchange) -> None:
    expect(page.locator(".wsedu-live-said")).to_have_text("Nothing has happened yet: connect.")
    assert len(made.trace) == 0
    _connect(page)
    assert "ws://127.0.0.1:" in made.to_text()
    expect(page.locator(".wsedu-live-about")).to_contain_text("ws://127.0.0.1:")
    _says(page, "The opening handshake is complete")


def text(page: Any, made: LiveExchange) -> None:
    _connect(page)
    page.get_by_label("Message", exact=True).fill("Grüße")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(FRAME)).to_have_count(2)
    assert _sent(made, Opcode.TEXT) == [_newest(page, "client: text"), _newest(page, "server: text")]
    _says(page, "The client delivers a text message of 7 bytes")


def binary(page: Any, made: LiveExchange) -> None:
    _connect(page)
    page.get_by_label("server", exact=True).check()
    page.get_by_label("as", exact=True).select_option("binary")
    page.get_by_label("Message", exact=True).fill("00 ff 10")
    page.keyboard.press("Enter")
    expect(page.locator(FRAME)).to_have_count(1)
    assert _sent(made, Opcode.BINARY) == [_newest(page, "server: binary")] == ["82 03 00 ff 10"]
    _says(page, "The client delivers a binary message of 3 bytes")


def ping(page: Any, made: LiveExchange) -> None:
    _connect(page)
    page.get_by_label("Payload").fill("abc")
    page.get_by_role("button", name="Ping").click()
    expect(page.locator(FRAME).first).to_contain_text("server: Pong")
    assert _sent(made, Opcode.PONG) == [_newest(page, "server: Pong")] == ["8a 03 61 62 63"]
    _says(page, "The client has read a Pong with 3 bytes")


def close(page: Any, made: LiveExchange) -> None:
    _connect(page)
    page.get_by_label("Code").fill("4000")
    page.get_by_label("Reason").fill("bye")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".wsedu-film-state[data-state=CLOSED]")).to_have_count(2)
    asked, answered = _sent(made, Opcode.CLOSE)
    assert [_newest(page, "client: Close"), _newest(page, "server: Close")] == [asked, answered]
    assert answered == "88 02 0f a0", "the status code comes back"
    _says(page, "the connection has ended cleanly")


def cut(page: Any, made: LiveExchange) -> None:
    _connect(page)
    page.get_by_role("button", name="Cut TCP").click()
    expect(page.locator(".wsedu-live-said")).to_contain_text("1006")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    assert _sent(made, Opcode.CLOSE) == []
    page.get_by_role("button", name="Connect anew").click()
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    page.get_by_role("button", name="Cut TCP").click()
    expect(page.locator(".wsedu-film-state[data-state=CLOSED]")).to_have_count(2)
    _says(page, "1006")


def illegal(page: Any, made: LiveExchange) -> None:
    _connect(page)
    menu = page.get_by_label("Illegal frame", exact=True)
    menu.select_option(menu.locator("option", has_text="CLIENT_MUST_MASK").get_attribute("value"))
    page.get_by_role("button", name="Send it").click()
    expect(page.locator(".wsedu-film-state[data-state=CLOSED]")).to_have_count(2)
    expect(page.locator(".wsedu-live-frames")).to_contain_text("1002")
    assert [one.step.rule for one in made.trace if isinstance(one.step, Violation)] == ["CLIENT_MUST_MASK"]
    _says(page, "the connection has ended")


def keyboard(page: Any, made: LiveExchange) -> None:
    tab_to(page, ".wsedu-live-connect")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    tab_to(page, "[aria-label='Message']")
    page.keyboard.type(" and you")
    page.keyboard.press("Enter")
    expect(page.locator(FRAME)).to_have_count(2)
    tab_to(page, ".wsedu-live-close")
    page.keyboard.press("Space")
    expect(page.locator(".wsedu-film-state[data-state=CLOSED]")).to_have_count(2)
    sent, echoed = (one.step.frame.payload for one in made.trace.frames()[:2] if isinstance(one.step, FrameComplete))
    assert sent == echoed
    assert sent.endswith(b" and you")
    _says(page, "the connection has ended cleanly")


LIVE = (
    Stop("connect", "A real server of the widget's own, and a client that connects to it.", live, connect),
    Stop("text", "Send a text: it is seen as it is on the wire, and comes back.", live, text),
    Stop("binary", "The server sends bytes.", live, binary),
    Stop("ping", "A Ping, and its Pong.", live, ping),
    Stop("close", "The closing handshake.", live, close),
    Stop("cut", "TCP is cut: 1006.", live, cut),
    Stop("illegal", "An illegal frame, chosen by the rule that it breaks.", live, illegal),
    Stop("keyboard", "All of it by keyboard.", live, keyboard),
)
