"""`HandshakeStepper` in a page: what a user types and presses, and what both sides then say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.axe import complaints
from tests.widgets.host import Host
from wsedu.views.handshake_presets import PRESETS
from wsedu.widgets import HandshakeStepper


def pane(page: Any, side: str) -> Any:
    return page.locator(".wsedu-head").nth(("request", "response").index(side))


def verdict(page: Any, side: str) -> Any:
    return pane(page, side).locator(".wsedu-head-verdict")


def line(page: Any, side: str, start: str) -> Any:
    """The input whose line begins so."""
    inputs = pane(page, side).locator(".wsedu-line input")
    values = inputs.evaluate_all("all => all.map(one => one.value)")
    return inputs.nth(next(place for place, value in enumerate(values) if value.startswith(start)))


def test_typing_into_a_line_changes_both_verdicts_and_python(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    line(page, "request", "Sec-WebSocket-Version").fill("Sec-WebSocket-Version: 8")
    expect(verdict(page, "request")).to_contain_text("426")
    expect(pane(page, "request").locator("[data-rule=REQUEST_VERSION_SUPPORTED]")).to_contain_text("failed: 8")
    expect(pane(page, "response")).to_contain_text("RESPONSE_STATUS")
    assert stepper.request == PRESETS["rfc"].request.replace(b"Version: 13", b"Version: 8")
    expect(line(page, "request", "Sec-WebSocket-Version")).to_be_focused()
    expect(line(page, "request", "Sec-WebSocket-Version")).to_have_attribute("aria-invalid", "true")


def test_what_is_typed_while_python_is_busy_is_neither_lost_nor_overwritten(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    field = line(page, "request", "Host")
    host.hold()
    field.fill("")
    field.press_sequentially("Host: other.example:8080")
    host.release()
    expect(page.locator("[aria-busy='false']")).to_be_attached()
    expect(field).to_have_value("Host: other.example:8080")
    assert b"\r\nHost: other.example:8080\r\n" in stepper.request


def test_a_field_can_be_doubled_added_and_taken_out(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    page.get_by_role("button", name="Duplicate: Sec-WebSocket-Key").click()
    expect(verdict(page, "request")).to_contain_text("more than once")
    page.get_by_role("button", name="Delete: Sec-WebSocket-Key").first.click()
    expect(verdict(page, "request")).to_contain_text("accepts")
    page.get_by_role("button", name="Delete: Upgrade: websocket").first.click()
    expect(verdict(page, "request")).to_contain_text("426")
    pane(page, "request").get_by_role("button", name="Add a header field").click()
    line(page, "request", "X-New").fill("Upgrade: WebSocket")
    expect(verdict(page, "request")).to_contain_text("accepts")
    assert stepper.request.endswith(b"\r\nUpgrade: WebSocket\r\n\r\n")


def test_the_focus_goes_to_the_neighbour_of_a_line_that_is_taken_out_and_into_one_that_is_added(host: Host) -> None:
    page = host.show(HandshakeStepper(language="en"))
    page.get_by_role("button", name="Delete: Upgrade: websocket").first.focus()
    page.keyboard.press("Enter")
    expect(line(page, "request", "Connection")).to_be_focused()
    page.get_by_role("button", name="Delete: Connection").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-head").first.locator("input:focus")).to_have_value(re.compile("^Sec-WebSocket-Key"))
    add = pane(page, "request").get_by_role("button", name="Add a header field")
    add.focus()
    page.keyboard.press("Enter")
    expect(line(page, "request", "X-New")).to_be_focused()
    page.keyboard.type("1")
    expect(line(page, "request", "X-New")).to_have_value("X-New: 1")


def test_the_last_line_that_is_taken_out_leaves_the_focus_in_the_widget(host: Host) -> None:
    page = host.show(HandshakeStepper(b"GET / HTTP/1.1\r\n", language="en"))
    pane(page, "request").get_by_role("button", name="Delete: GET").focus()
    page.keyboard.press("Enter")
    expect(pane(page, "request").get_by_role("button", name="Add a header field")).to_be_focused()


def test_a_wrong_way_that_has_no_place_says_why(host: Host) -> None:
    page = host.show(HandshakeStepper(PRESETS["version-8"].request, language="en"))
    page.get_by_text("Wrong ways, and what they give").click()
    use = page.get_by_role("button", name="Put it into the response: the key is decoded from base64 first")
    expect(use).to_be_disabled()
    expect(use).to_have_accessible_description(re.compile("no Sec-WebSocket-Accept line"))
    expect(page.get_by_text("no Sec-WebSocket-Accept line")).to_be_visible()


def test_a_head_can_be_typed_as_a_whole_and_its_line_ends_chosen(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    pane(page, "request").get_by_role("button", name="Edit as a whole").click()
    page.get_by_label("The whole request").fill("GET / HTTP/1.0\nHost: x\n\n")
    expect(verdict(page, "request")).to_contain_text("505")
    assert stepper.request == b"GET / HTTP/1.0\r\nHost: x\r\n\r\n"
    pane(page, "request").get_by_label("Lines end with").select_option("LF")
    expect(verdict(page, "request")).to_contain_text("LF alone")
    assert stepper.request == b"GET / HTTP/1.0\nHost: x\n\n"
    expect(page.get_by_label("The whole request")).to_have_value("GET / HTTP/1.0\nHost: x\n\n")


# --- Text that is not ASCII ---


def caret(field: Any) -> Any:
    return field.evaluate("one => [one.selectionStart, one.selectionEnd]")


def type_slowly(page: Any, text: str) -> None:
    """Have Python answer each character before the next."""
    for character in text:
        page.keyboard.type(character)
        expect(page.locator(".wsedu-stepper")).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize(("language", "text"), [("zh", "中文测试"), ("en", "né€é"), ("en", "😀é")])
def test_any_script_can_be_typed_in_the_middle_of_a_line(host: Host, language: str, text: str) -> None:
    stepper = HandshakeStepper(b"GET / HTTP/1.1\r\nHost: ab\r\n\r\n", language=language)
    page = host.show(stepper)
    field = line(page, "request", "Host")
    field.press("End")
    page.keyboard.press("ArrowLeft")
    type_slowly(page, text)
    expect(field).to_have_value(f"Host: a{text}b")
    place = len("Host: a") + len(text.encode("utf-16-le")) // 2
    assert caret(field) == [place, place]
    assert stepper.request == f"GET / HTTP/1.1\r\nHost: a{text}b\r\n\r\n".encode()
    page.keyboard.press("Backspace")
    expect(field).to_have_value(f"Host: a{text[:-1]}b")
    field.blur()
    expect(field).to_have_value(f"Host: a{text[:-1]}b")


@pytest.mark.parametrize("text", ["中文测试", "né€é"])
def test_any_script_can_be_typed_in_the_middle_of_a_whole_head(host: Host, text: str) -> None:
    stepper = HandshakeStepper(b"GET / HTTP/1.1\r\nHost: ab\r\nX: \xff\r\n\r\n", language="en")
    page = host.show(stepper)
    pane(page, "request").get_by_role("button", name="Edit as a whole").click()
    field = page.get_by_label("The whole request")
    place = len("GET / HTTP/1.1\nHost: a")
    field.focus()
    field.evaluate("(one, place) => one.setSelectionRange(place, place)", place)
    type_slowly(page, text)
    expect(field).to_have_value(f"GET / HTTP/1.1\nHost: a{text}b\nX: ÿ\n\n")
    assert caret(field) == [place + len(text)] * 2
    assert stepper.request == f"GET / HTTP/1.1\r\nHost: a{text}b\r\n".encode() + b"X: \xff\r\n\r\n"
    pane(page, "request").get_by_role("button", name="Edit line by line").click()
    expect(line(page, "request", "Host")).to_have_value(f"Host: a{text}b")


def test_a_text_of_several_scripts_is_pasted_as_it_is(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    field = line(page, "request", "Host")
    field.fill("Héllo: wörld €")
    expect(page.locator(".wsedu-stepper")).to_have_attribute("aria-busy", "false")
    expect(field).to_have_value("Héllo: wörld €")
    assert "\r\nHéllo: wörld €\r\n".encode() in stepper.request


def test_what_python_puts_into_a_field_leaves_the_caret_where_it_is(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    pane(page, "request").get_by_role("button", name="Edit as a whole").click()
    field = page.get_by_label("The whole request")
    field.focus()
    field.evaluate("one => one.setSelectionRange(5, 7)")
    stepper.request = stepper.request.replace(b"Host: ", b"Host: other.")
    expect(field).to_have_value(re.compile("Host: other"))
    assert caret(field) == [5, 7]


def test_a_wrong_way_goes_into_the_response_and_the_servers_own_comes_back(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    expect(verdict(page, "response")).to_contain_text("opens the connection")
    page.get_by_text("Wrong ways, and what they give").click()
    page.get_by_role("button", name="Put it into the response: the key is decoded from base64 first").click()
    expect(verdict(page, "response")).to_contain_text("does not belong to the key")
    assert stepper.sheet["response"]["ends"] == "RESPONSE_ACCEPT"
    page.get_by_role("button", name="As the server answers").click()
    expect(verdict(page, "response")).to_contain_text("opens the connection")


def test_the_servers_policy_decides(host: Host) -> None:
    page = host.show(HandshakeStepper(language="en"))
    page.get_by_label("It serves only pages of its own host").check()
    expect(verdict(page, "request")).to_contain_text("403")
    page.get_by_label("It serves only pages of its own host").uncheck()
    page.get_by_label("The server speaks the subprotocols").fill("superchat")
    page.get_by_label("The server speaks the subprotocols").press("Enter")
    expect(verdict(page, "response")).to_contain_text("speaks superchat")


def test_check_by_check_with_a_prediction(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    page.get_by_label("Begin with").select_option("cross-site")
    page.get_by_role("button", name="Step by step").click()
    expect(verdict(page, "request")).to_have_text("not revealed yet")
    expect(page.locator(".wsedu-stepper")).not_to_contain_text("403 Forbidden from")
    page.get_by_label("Before you look").select_option("400")
    page.get_by_role("button", name="That is my answer").click()
    expect(page.locator(".wsedu-steps-result")).to_contain_text("You said: 400")
    for _ in range(20):
        if "403" in verdict(page, "request").inner_text():
            break
        page.keyboard.press("PageDown")
        expect(page.locator("[aria-busy='false']")).to_be_attached()
    expect(page.locator(".wsedu-steps-result")).to_contain_text("✖ You said 400")
    expect(verdict(page, "response")).to_have_text("not revealed yet")
    assert stepper.predictions == [{"side": "request", "predicted": "400", "actual": "403"}]
    page.get_by_role("button", name="Step by step").click()
    expect(verdict(page, "response")).to_contain_text("403")


def test_one_press_leads_to_the_next_question_and_one_more_to_the_verdict(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    page.get_by_role("button", name="Step by step").click()
    page.get_by_label("Before you look").select_option("101")
    page.get_by_role("button", name="That is my answer").click()
    page.get_by_role("button", name="To the next question").click()
    expect(page.locator(".wsedu-steps-result")).to_contain_text("✔ You said 101")
    expect(page.get_by_label("Before you look: will the client open")).to_be_visible()
    expect(verdict(page, "response")).to_have_text("not revealed yet")
    expect(page.get_by_role("button", name="To the verdict")).to_be_enabled()
    page.keyboard.press("Shift+PageDown")
    expect(verdict(page, "response")).to_contain_text("opens the connection")
    expect(page.get_by_role("button", name="To the verdict")).to_be_disabled()
    assert [one["predicted"] for one in stepper.predictions] == ["101", None]


def test_a_scenario_that_is_chosen_step_by_step_is_not_judged_yet(host: Host) -> None:
    page = host.show(HandshakeStepper(language="en"))
    page.get_by_role("button", name="Step by step").click()
    page.get_by_role("button", name="To the next question").click()
    page.get_by_role("button", name="To the verdict").click()
    page.get_by_label("Begin with").select_option("no-upgrade")
    expect(page.locator(".wsedu-steps .wsedu-muted").first).to_contain_text("Step 0 of")
    for side in ("request", "response"):
        expect(verdict(page, side)).to_have_text("not revealed yet")


@pytest.mark.parametrize("width", [668, 950, 1000, 1100])
def test_no_line_is_cut_off(host: Host, width: int) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    page = host.show(HandshakeStepper(language="en"))
    fields = page.locator(".wsedu-line input")
    assert fields.count() == 15
    assert fields.evaluate_all("all => all.filter((one) => one.scrollWidth > one.clientWidth).length") == 0


@pytest.mark.parametrize("width", [400, 668, 1100])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_fits_and_every_control_has_a_name(host: Host, width: int, language: str) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    page = host.show(HandshakeStepper(PRESETS["browser"].request, language=language))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    side_by_side = [pane(page, side).bounding_box()["y"] for side in ("request", "response")]
    assert (side_by_side[0] == side_by_side[1]) == (width > 900)
    for role in ("button", "textbox", "combobox", "checkbox"):
        for control in page.get_by_role(role).all():
            assert control.evaluate("one => one.ariaLabel || one.labels?.[0]?.innerText || one.innerText"), role


@pytest.mark.parametrize("stepping", [False, True])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_leaves_nothing_open(host: Host, theme: str, stepping: bool) -> None:
    host.page.emulate_media(color_scheme=theme, contrast="more")
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    page.get_by_text("Wrong ways, and what they give").click()
    if stepping:
        page.get_by_role("button", name="Step by step").click()
        page.get_by_role("button", name="Next", exact=True).click()
        page.get_by_role("button", name="That is my answer").focus()
    else:
        page.get_by_label("Begin with").select_option("body")
        page.get_by_label("The server speaks the subprotocols").fill("no token!")
        page.get_by_label("The server speaks the subprotocols").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("no token!")
    wrong, contrast = complaints(page)
    assert wrong == []
    assert contrast > (40 if stepping else 100)
