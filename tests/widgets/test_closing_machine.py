"""`ClosingMachine` in a page: buttons, moments and the diagram, as a user meets them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.axe import complaints
from tests.widgets.host import Host
from wsedu.simulator import simulate
from wsedu.widgets import ClosingMachine


def end(page: Any, number: int) -> Any:
    return page.locator(".wsedu-closing-end").nth(number)


def badge(page: Any, role: str) -> tuple[float, float]:
    """The middle of an endpoint's badge in the diagram."""
    box = page.locator(f".wsedu-states .wsedu-badge-{role}").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def node(page: Any, phase: str) -> Any:
    found = page.locator(f".wsedu-node[data-phase={phase}]")
    return found.bounding_box()


def at_node(page: Any, role: str, phase: str) -> bool:
    x, y = badge(page, role)
    box = node(page, phase)
    return bool(abs(x - box["x"]) < box["width"] + 2 and abs(y - box["y"]) < box["height"] + 2)


def on(page: Any) -> None:
    """Go through all moments that an act has led to."""
    expect(page.locator("[aria-busy='false']")).to_be_attached()
    page.keyboard.press("PageDown")
    slider = page.get_by_role("slider")
    while slider.input_value() != slider.get_attribute("max"):
        page.keyboard.press("PageDown")
    expect(page.locator("[aria-busy='false']")).to_be_attached()


def test_an_act_that_leads_through_several_states_stops_at_the_first_moment(host: Host) -> None:
    machine = ClosingMachine(language="en")
    page = host.show(machine)
    end(page, 0).get_by_role("button", name="Send Close").click()
    on(page)
    end(page, 1).get_by_role("button", name="Read the peer's Close").click()
    more = page.locator(".wsedu-closing-more")
    expect(more).to_have_text("4 moments follow: press ▶, then act again.")
    expect(page.locator(".wsedu-closing-sentence")).to_contain_text("The server has read a Close frame")
    page.get_by_role("button", name="Next").click()
    expect(end(page, 1).locator("dd").first).to_contain_text("CLOSE_RECEIVED")
    assert at_node(page, "server", "CLOSE_RECEIVED")
    on(page)
    expect(more).to_have_text("")
    expect(end(page, 1).locator("dd").first).to_contain_text("CLOSE_EXCHANGED")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_diagram_story_and_both_endpoints_are_in_view_at_once(host: Host, language: str) -> None:
    host.page.set_viewport_size({"width": 1280, "height": 900})
    page = host.show(ClosingMachine(simulate("both-close", seed=1), language=language))
    for _ in range(1 + int(page.get_by_role("slider").get_attribute("max"))):
        for part in (".wsedu-states", ".wsedu-closing-sentence", ".wsedu-closing-ends"):
            box = page.locator(part).bounding_box()
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 900
        page.keyboard.press("PageDown")


@pytest.mark.parametrize(("language", "name"), [("en", "101 and the first frame in one chunk"), ("zh", "101")])
def test_scenarios_have_the_names_of_the_film(host: Host, language: str, name: str) -> None:
    page = host.show(ClosingMachine(language=language))
    menu = page.get_by_role("combobox")
    expect(menu.locator("option[value=early-frame]")).to_contain_text(name)
    assert "early-frame" not in menu.inner_text()


def test_a_closing_handshake_by_buttons(host: Host) -> None:
    machine = ClosingMachine(language="en")
    page = host.show(machine)
    page.get_by_label("Reason").fill("bye")
    end(page, 0).get_by_role("button", name="Send Close").click()
    on(page)
    expect(end(page, 0)).to_contain_text("CLOSE_SENT (the RFC: CLOSING)")
    expect(end(page, 0)).to_contain_text('Close 1000 "bye"')
    assert at_node(page, "client", "CLOSE_SENT")
    assert at_node(page, "server", "OPEN")
    end(page, 1).get_by_role("button", name="Read the peer's Close").click()
    on(page)
    expect(end(page, 1)).to_contain_text("CLOSE_EXCHANGED")
    end(page, 0).get_by_role("button", name="Read the peer's Close").click()
    on(page)
    expect(end(page, 0)).to_contain_text("CLOSE_EXCHANGED")
    end(page, 0).get_by_role("button", name="Read the end of TCP").click()
    on(page)
    end(page, 1).get_by_role("button", name="Read the end of TCP").click()
    on(page)
    expect(end(page, 1).locator(".wsedu-good")).to_contain_text("1000")
    expect(page.locator(".wsedu-closing-tcp")).to_contain_text("server ended TCP first")
    expect(page.get_by_role("img", name="The client is CLOSED, the server is CLOSED.")).to_be_visible()


def test_a_shut_button_says_why_and_does_nothing(host: Host) -> None:
    machine = ClosingMachine(language="en")
    page = host.show(machine)
    shut = end(page, 1).get_by_role("button", name="Let the deadline pass")
    expect(shut).to_have_attribute("aria-disabled", "true")
    shut.click(force=True)
    expect(end(page, 1)).to_contain_text("no row for this event in the state OPEN")
    assert machine.state["moments"][-1]["server"]["phase"] == "OPEN"


def test_an_illegal_code_is_said_in_one_line_and_nothing_is_sent(host: Host) -> None:
    page = host.show(ClosingMachine(language="en"))
    page.get_by_label("Status code").fill("1006")
    end(page, 0).get_by_role("button", name="Send Close").click()
    expect(page.get_by_role("alert")).to_contain_text("1006")
    expect(end(page, 0)).to_contain_text("OPEN")


def test_moments_of_a_trace_by_keyboard_without_waiting_for_python(host: Host) -> None:
    trace = simulate("both-close", seed=1)
    machine = ClosingMachine(trace, language="en")
    page = host.show(machine)
    expect(page.locator(".wsedu-closing-sentence")).to_contain_text("both endpoints are CONNECTING")
    host.hold()
    page.get_by_role("button", name="Next").focus()
    for _ in range(4):
        page.keyboard.press("PageDown")
    expect(page.locator(".wsedu-closing-sentence")).to_contain_text("moves from OPEN to CLOSE_SENT")
    page.keyboard.press("PageUp")
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    host.release()
    expect(page.locator("[aria-busy='false']")).to_be_attached()
    assert machine.position == len(machine.state["moments"]) - 1
    expect(end(page, 0)).to_contain_text("1001")
    expect(end(page, 1)).to_contain_text("1000")
    machine.position = 0
    expect(end(page, 0)).to_contain_text("CONNECTING")


def test_events_are_one_tab_stop_with_arrow_keys_inside(host: Host) -> None:
    page = host.show(ClosingMachine(language="en"))
    buttons = end(page, 0).locator(".wsedu-events button")
    assert [button.get_attribute("tabindex") for button in buttons.all()].count("0") == 1
    buttons.first.focus()
    page.keyboard.press("ArrowRight")
    expect(buttons.nth(1)).to_be_focused()
    expect(end(page, 0)).to_contain_text("the peer has to send it first")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    on(page)
    expect(end(page, 0)).to_contain_text("CLOSE_SENT")


def test_an_earlier_moment_cannot_be_acted_on(host: Host) -> None:
    page = host.show(ClosingMachine(language="en"))
    page.get_by_role("button", name="Back").click()
    button = end(page, 0).get_by_role("button", name="Send Close")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(end(page, 0)).to_contain_text("1 moment follows")
    page.get_by_role("button", name="Last").click()
    expect(button).not_to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("width", [668, 1100])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_fits_and_labels_of_arrows_do_not_overlap(host: Host, width: int, language: str) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    page = host.show(ClosingMachine(language=language))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    boxes = page.locator(".wsedu-states-words span:not(.wsedu-badge)").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().toJSON())"
    )
    for place, one in enumerate(boxes):
        assert one["width"] > 0
        for other in boxes[place + 1 :]:
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            assert across <= 0 or down <= 3
    assert min(box["height"] for box in boxes) >= 8


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_leaves_nothing_open(host: Host, theme: str) -> None:
    host.page.emulate_media(color_scheme=theme, contrast="more")
    page = host.show(ClosingMachine(language="en"))
    end(page, 0).get_by_role("button", name="Send Close").click()
    end(page, 1).get_by_role("button", name="Let the deadline pass").click(force=True)
    page.get_by_text("The whole table", exact=True).click()
    wrong, contrast = complaints(page)
    assert wrong == []
    assert contrast > 100
