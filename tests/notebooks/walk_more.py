"""The walk through the handshake stepper and the closing machine."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.notebooks.walk import Stop
from wsedu.simulator import simulate
from wsedu.widgets import ClosingMachine, HandshakeStepper


def _stepper() -> HandshakeStepper:
    return HandshakeStepper(language="en")


def _verdict(page: Any, side: str) -> Any:
    return page.locator(".wsedu-head").nth(("request", "response").index(side)).locator(".wsedu-head-verdict")


def explained(page: Any, made: HandshakeStepper) -> None:
    expect(_verdict(page, "request")).to_contain_text("accepts")
    expect(_verdict(page, "response")).to_contain_text("opens the connection")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in made.response
    expect(page.locator(".wsedu-stepper")).to_contain_text("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")


def edited(page: Any, made: HandshakeStepper) -> None:
    inputs = page.locator(".wsedu-head").first.locator(".wsedu-line input")
    values = inputs.evaluate_all("all => all.map(one => one.value)")
    place = next(place for place, value in enumerate(values) if value.startswith("Sec-WebSocket-Version"))
    inputs.nth(place).fill("Sec-WebSocket-Version: 8")
    expect(_verdict(page, "request")).to_contain_text("426")
    assert b"Sec-WebSocket-Version: 8\r\n" in made.request


def wrong_key(page: Any, made: HandshakeStepper) -> None:
    page.get_by_text("Wrong ways, and what they give").click()
    page.get_by_role("button", name="Put it into the response: the key is decoded from base64 first").click()
    expect(_verdict(page, "response")).to_contain_text("does not belong to the key")
    assert made.sheet["response"]["ends"] == "RESPONSE_ACCEPT"


def stepped(page: Any, made: HandshakeStepper) -> None:
    page.get_by_label("Begin with").select_option("cross-site")
    page.get_by_role("button", name="Step by step").click()
    expect(_verdict(page, "request")).to_have_text("not revealed yet")
    page.get_by_label("Before you look").select_option("400")
    page.get_by_role("button", name="That is my answer").click()
    expect(page.locator(".wsedu-steps-result")).to_contain_text("You said: 400")
    for _ in made.sheet["request"]["checks"]:
        page.keyboard.press("PageDown")
        expect(page.locator(".wsedu-stepper")).to_have_attribute("aria-busy", "false")
        if made.predictions:
            break
    expect(page.locator(".wsedu-steps-result")).to_contain_text("✖ You said 400")
    assert made.predictions == [{"side": "request", "predicted": "400", "actual": "403"}]


def _end(page: Any, number: int) -> Any:
    return page.locator(".wsedu-closing-end").nth(number)


def closed(page: Any, made: ClosingMachine) -> None:
    page.get_by_label("Reason").fill("bye")
    _end(page, 0).get_by_role("button", name="Send Close").click()
    expect(page.locator(".wsedu-closing-more")).to_contain_text("1 moment follows")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(_end(page, 0)).to_contain_text("CLOSE_SENT (the RFC: CLOSING)")
    expect(_end(page, 0)).to_contain_text('Close 1000 "bye"')
    assert made.state["moments"][-1]["client"]["phase"] == "CLOSE_SENT"
    assert made.state["moments"][-1]["server"]["phase"] == "OPEN"


def driven(page: Any, made: ClosingMachine) -> None:
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(_end(page, 0)).to_contain_text("1001")
    expect(_end(page, 1)).to_contain_text("1000")
    expect(page.locator("section.wsedu")).to_have_attribute("aria-busy", "false")
    assert made.position == len(made.state["moments"]) - 1


HANDSHAKE = (
    Stop("explained", "Request and response side by side, every line explained.", _stepper, explained),
    Stop("edited", "Edit a line: which check fails, and with which status.", _stepper, edited),
    Stop("key", "The accept key, and wrong ways to compute it.", _stepper, wrong_key),
    Stop("stepped", "Check by check, with a prediction.", _stepper, stepped),
)

CLOSING = (
    Stop("buttons", "The closing states of both endpoints, by buttons.", lambda: ClosingMachine(language="en"), closed),
    Stop(
        "trace",
        "And driven by a trace: both close at once.",
        lambda: ClosingMachine(simulate("both-close", seed=1), language="en"),
        driven,
    ),
)
