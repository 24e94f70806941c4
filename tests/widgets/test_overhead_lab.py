"""`OverheadLab` in a page: sliders, boxes, legends that are buttons, a real run and the story, as a user meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.axe import complaints
from tests.widgets.host import Host
from tests.widgets.live_host import LiveHost
from wsedu.overhead.setting import Setting
from wsedu.views.overhead_fields import DEFAULT, stops
from wsedu.widgets import OverheadLab

RUN = 60_000
"""Milliseconds in which a run is over, also on a machine that has other things to do."""

QUICK = Setting(clients=3, events_per_second=20.0, interval=0.2, payload=20, rtt=0.05)


@pytest.fixture
def lab() -> Iterator[OverheadLab]:
    made = OverheadLab(QUICK, transports=["polling", "websocket"], language="en")
    yield made
    made.close()


def settled(page: Any) -> None:
    expect(page.locator(".wsedu-lab")).to_have_attribute("aria-busy", "false")


def total(page: Any, number: int) -> Any:
    return page.locator("[data-chart='bars'] .wsedu-lab-total").nth(number)


def test_a_slider_redraws_every_chart_and_says_what_changed(host: Host) -> None:
    lab = OverheadLab(language="en")
    page = host.show(lab)
    before = page.locator("[data-chart='rates'] [data-curve='polling'] .wsedu-lab-line").get_attribute("d")
    first = total(page, 0).inner_text()
    slider = page.get_by_role("slider", name="Polling interval, slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    values = stops("interval")
    assert lab.setting.interval == values[values.index(1.0) + 1]
    expect(page.get_by_role("textbox", name="Polling interval")).to_have_value("1.2")
    expect(slider).to_have_attribute("aria-valuetext", "1.2 s")
    expect(total(page, 0)).not_to_have_text(first)
    assert page.locator("[data-chart='rates'] [data-curve='polling'] .wsedu-lab-line").get_attribute("d") != before
    expect(page.locator(".wsedu-lab-said")).to_contain_text("Polling interval: 1.2 s. Bytes for each event: polling")
    page.keyboard.press("Home")
    settled(page)
    assert lab.setting.interval == 0.1


def test_moves_while_python_is_busy_arrive_as_the_last_of_them(host: Host) -> None:
    lab = OverheadLab(language="en")
    page = host.show(lab)
    slider = page.get_by_role("slider", name="Clients, slider")
    slider.focus()
    host.hold()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        page.evaluate("() => new Promise(requestAnimationFrame)")
    values = stops("clients")
    wanted = values[values.index(20.0) + 5]
    expect(page.get_by_role("textbox", name="Clients")).to_have_value(f"{wanted:g}")
    assert host.held is not None
    assert len(host.held) == 1, "what is moved meanwhile waits"
    host.release()
    settled(page)
    assert lab.setting.clients == wanted
    expect(page.get_by_role("textbox", name="Clients")).to_have_value(f"{wanted:g}")


def test_any_number_can_be_typed_and_what_is_none_is_said_at_its_box(host: Host) -> None:
    lab = OverheadLab(language="en")
    page = host.show(lab)
    box = page.get_by_role("textbox", name="Clients")
    box.fill("123,456")
    page.keyboard.press("Enter")
    settled(page)
    assert lab.setting.clients == 123_456
    box.fill("2 million")
    page.keyboard.press("Tab")
    complaint = page.locator("[data-box='clients'][aria-invalid='true']")
    expect(complaint).to_have_accessible_description(
        "A whole number from 1 to 1,000,000 clients, please, not 2 million; the charts still show the last one."
    )
    expect(box).to_have_value("2 million")
    assert lab.setting.clients == 123_456
    page.get_by_role("button", name="chat").click()
    expect(box).to_have_value("1,000")
    expect(page.locator("[aria-invalid='true']")).to_have_count(0)


def test_legends_are_buttons_with_one_tab_stop_and_arrow_keys(host: Host) -> None:
    lab = OverheadLab(language="en")
    page = host.show(lab)
    layers = page.get_by_role("toolbar", name="Layers that count").get_by_role("button")
    assert [button.get_attribute("tabindex") for button in layers.all()].count("0") == 1
    layers.first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(layers.nth(7)).to_be_focused()
    page.keyboard.press("Space")
    settled(page)
    expect(layers.nth(7)).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-layer='ack']")).to_have_count(0)
    assert "ack" not in lab.state["layers"]
    page.get_by_role("button", name="WebSocket over HTTP/2 (only modelled)").click()
    expect(page.locator("[data-chart='crowds'] [data-curve='websocket-h2']")).to_be_attached()
    page.get_by_role("combobox", name="HTTP heads").select_option("cookies")
    page.get_by_role("checkbox", name="TLS 1.3").check()
    expect(page.locator("[data-layer='tls']").first).to_be_attached()
    expect(page.locator(".wsedu-lab-setting")).to_contain_text("six cookies made up")
    assert (lab.setting.headers, lab.setting.tls) == ("cookies", True)


def test_a_run_is_watched_and_its_dots_belong_to_its_setting(host: Host, lab: OverheadLab) -> None:
    page = LiveHost(host).show(lab)
    page.locator("[data-choice='seconds']").select_option("2")
    page.get_by_role("button", name="Measure", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    expect(page.locator(".wsedu-lab-going")).to_contain_text("Measuring polling, 1 of 2", timeout=RUN)
    expect(page.locator("[data-dot='polling']")).to_be_attached(timeout=RUN)
    expect(page.locator(".wsedu-lab-going")).to_contain_text("Measuring WebSocket, 2 of 2", timeout=RUN)
    expect(page.locator("[data-dots='websocket'] .wsedu-lab-dot").first).to_be_attached(timeout=RUN)
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_focused(timeout=RUN)
    page.locator(".wsedu-lab-about summary").click()
    expect(page.locator(".wsedu-lab-about")).to_contain_text("The slider's round trip does not count")
    assert len(lab.results) == 2
    delays = page.locator("[data-chart='delays']")
    expect(delays.locator("[data-key='measured']")).to_be_visible()
    expect(delays.get_by_text("measured", exact=True)).to_be_visible()
    expect(delays.locator("[data-curve] .wsedu-lab-sign")).to_have_count(0)
    expect(delays).to_contain_text("The round trip here is that of this machine")
    page.get_by_role("slider", name="Payload of an event, slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wsedu-lab-dot")).to_have_count(0)
    expect(page.locator(".wsedu-lab-stale")).to_contain_text("they belong to another setting (3 clients")
    page.get_by_role("button", name="Back to what was measured").click()
    expect(page.locator("[data-dot='websocket']")).to_be_attached()
    expect(page.locator(".wsedu-lab-stale")).to_be_hidden()
    settled(page)
    assert lab.setting == QUICK


def test_a_run_is_stopped(host: Host, lab: OverheadLab) -> None:
    page = LiveHost(host).show(lab)
    page.locator("[data-choice='seconds']").select_option("30")
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.locator(".wsedu-lab-going")).to_contain_text(re.compile(r"[1-9]\d* of \d+ events"), timeout=RUN)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_visible(timeout=RUN)
    expect(page.locator(".wsedu-lab-measure .wsedu-lab-notes")).to_contain_text("polling: stopped after")


def test_what_cannot_be_measured_is_an_alert(host: Host) -> None:
    page = host.show(OverheadLab(language="en"))
    page.get_by_role("button", name="mail").click()
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("10,000 clients are more than the 1,000")
    warning = page.locator(".wsedu-lab-obstacle")
    expect(warning).to_contain_text("Only modelled: 10,000 clients are more than the 1,000")
    page.get_by_role("button", name="Change it so that it can be measured").press("Enter")
    expect(warning).to_be_hidden()
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_focused()
    expect(page.get_by_role("textbox", name="Clients")).to_have_value("1,000")
    expect(page.get_by_role("textbox", name="Polling interval")).to_have_value("2")
    page.get_by_role("textbox", name="Polling interval").fill("4")
    page.keyboard.press("Enter")
    expect(warning).to_contain_text("longer than the run of 2 s")
    page.locator("[data-choice='seconds']").select_option("5")
    expect(warning).to_be_hidden()


def test_the_story_by_keyboard(host: Host) -> None:
    lab = OverheadLab(language="en")
    page = host.show(lab)
    story = page.get_by_role("region", name="The story: 871 against 2")
    expect(story.locator("pre").first).to_contain_text("GET /PollingStock//PollingStock HTTP/1.1")
    story.get_by_role("textbox", name="Your number").fill("900")
    page.keyboard.press("Enter")
    expect(story.locator("[data-chapter='0']")).to_contain_text("✔ You said 900; the answer is 871.")
    expect(story.locator("legend")).to_be_focused()
    story.get_by_role("textbox", name="Your number").fill("890")
    story.get_by_role("button", name="That is my answer").press("Enter")
    expect(story.locator("[data-chapter='1']")).to_contain_text("if a line ended with LF alone")
    story.get_by_role("radio", name="about 10 : 1").focus()
    page.keyboard.press("Space")
    story.get_by_role("button", name="That is my answer").press("Enter")
    expect(story.locator("[data-chapter='2']")).to_contain_text("1,049 bytes against 102: 10.3 : 1")
    story.get_by_role("button", name="Skip").press("Enter")
    expect(story.locator("[data-chapter='3']")).to_contain_text("Skipped; the answer is 0.2 per second.")
    for name in ("Dashboard", "Visitor counter"):
        story.get_by_role("checkbox", name=f"A {name.lower()}").check()
    story.get_by_role("button", name="That is my answer").press("Enter")
    expect(story.locator(".wsedu-lab-over")).to_have_text("That was the story: 3 of 5 right, 1 skipped.")
    expect(story.locator(".wsedu-lab-over")).to_be_focused()
    assert [one["skipped"] for one in lab.predictions] == [False, False, False, True, False]
    story.locator("[data-chapter='3']").get_by_role("button", name="Show it in the charts").click()
    expect(page.locator("[data-chart='rates'] [data-mark='crossing']").first).to_be_attached()
    settled(page)
    assert lab.setting.interval == 5.0
    page.get_by_role("button", name="Back to my setting").press("Enter")
    settled(page)
    assert lab.setting == DEFAULT
    expect(page.get_by_role("button", name="Back to my setting")).to_have_count(0)
    expect(story.locator("[data-chapter='3']").get_by_role("button")).to_be_focused()


def test_a_question_that_is_not_answered_is_asked_again(host: Host) -> None:
    lab = OverheadLab(language="en")
    page = host.show(lab)
    for told in ("Choose one first", "Tick at least one"):
        page.get_by_role("button", name="Skip").click()
        page.get_by_role("button", name="Skip").click()
        page.get_by_role("button", name="That is my answer").click()
        expect(page.get_by_role("alert")).to_contain_text(told)
    assert len(lab.predictions) == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_controls_and_charts_are_on_one_screen(host: Host, language: str) -> None:
    host.page.set_viewport_size({"width": 1280, "height": 900})
    page = host.show(OverheadLab(DEFAULT, language=language))
    for part in ("[data-slider]", "[data-toggle]", ".wsedu-lab-drawing", "[data-choice='seconds']"):
        bottoms = page.locator(part).evaluate_all("all => all.map(one => one.getBoundingClientRect().bottom)")
        assert bottoms
        assert max(bottoms) <= 900, part


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("width", [668, 1280])
def test_the_longest_number_has_room_in_its_box(host: Host, width: int, projector: bool) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    page = host.show(OverheadLab(Setting(clients=1_000_000), language="en"))
    if projector:
        page.get_by_role("button", name="Projector").click()
    box = page.get_by_role("textbox", name="Clients")
    expect(box).to_have_value("1,000,000")
    assert box.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_every_word_of_the_legends_is_explained_without_a_mouse(host: Host) -> None:
    page = host.show(OverheadLab(language="en"))
    page.locator(".wsedu-lab-glossary summary").press("Enter")
    for name in ("framing of bodies", "bare ACKs", "polling with 304"):
        meaning = page.locator(f"dt:text-is('{name}') + dd")
        expect(meaning).to_be_visible()
        button = page.locator(".wsedu-lab-toggle", has_text=name)
        expect(button).to_have_attribute("title", meaning.inner_text())
    expect(page.locator(".wsedu-lab-glossary")).to_contain_text("what is switched off is left out of the bars")


@pytest.mark.parametrize(("width", "columns"), [(668, 1), (1040, 2), (1280, 2)])
@pytest.mark.parametrize(("language", "interval"), [("en", 1.0), ("zh", 1.0), ("en", 5.0), ("en", 8.0)])
def test_charts_fit_and_their_words_do_not_overlap(
    host: Host, width: int, columns: int, language: str, interval: float
) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    page = host.show(OverheadLab(replace(DEFAULT, interval=interval), language=language))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    lefts = page.locator(".wsedu-lab-chart").evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert len({round(left) for left in lefts}) == columns
    for chart in ("bars", "delays", "rates", "crowds"):
        boxes = page.locator(f"[data-chart='{chart}'] .wsedu-lab-words span").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().toJSON())"
        )
        assert len(boxes) > 8
        for place, one in enumerate(boxes):
            for other in boxes[place + 1 :]:
                across = min(one["right"], other["right"]) - max(one["left"], other["left"])
                down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
                assert across <= 1 or down <= 3, (chart, one, other)


@pytest.mark.parametrize("width", [400, 668, 1280])
def test_labels_of_crossings_stand_above_the_axis(host: Host, width: int) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    page = host.show(OverheadLab(replace(DEFAULT, interval=5.0), language="en"))
    chart = page.locator("[data-chart='rates']")
    axis = chart.locator("[data-mark='crossing']").first.bounding_box()
    for label in ("0.199/s", "1.57/s"):
        box = chart.get_by_text(label, exact=True).bounding_box()
        assert box["y"] + box["height"] < axis["y"] + axis["height"]


def test_the_way_to_the_story_is_one_press(host: Host) -> None:
    host.page.set_viewport_size({"width": 668, "height": 700})
    page = host.show(OverheadLab(language="en"))
    story = page.locator(".wsedu-lab-story")
    expect(story).not_to_be_in_viewport()
    page.get_by_role("button", name="New here? Begin with the story").click()
    expect(story.locator("h4").first).to_be_in_viewport()
    expect(story.locator("legend")).to_be_focused()
    for _question in range(5):
        story.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="New here? Begin with the story").click()
    expect(story.locator(".wsedu-lab-over")).to_be_focused()


def test_in_the_story_no_field_touches_a_button(host: Host) -> None:
    page = host.show(OverheadLab(language="en"))
    asked = page.locator(".wsedu-lab-asked")
    field = asked.locator("input[data-answer]").bounding_box()
    button = asked.get_by_role("button", name="That is my answer").bounding_box()
    assert field["y"] + field["height"] + 6 <= button["y"]


def test_a_room_can_read_it(host: Host) -> None:
    page = host.show(OverheadLab(language="en"))
    button = page.get_by_role("button", name="Projector")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.locator("section.wsedu").evaluate("one => one.clientWidth") == page.evaluate("innerWidth")
    size = page.locator(".wsedu-lab-tick").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size > 11
    page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_leaves_nothing_open(host: Host, lab: OverheadLab, theme: str) -> None:
    host.page.emulate_media(color_scheme=theme, contrast="more")
    page = LiveHost(host).show(lab)
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.locator("[data-dot='websocket']")).to_be_attached(timeout=RUN)
    page.get_by_role("button", name="set-up").click()
    page.get_by_role("textbox", name="Clients").fill("nobody")
    page.get_by_role("button", name="Skip").click()
    for summary in (".wsedu-lab-tables", ".wsedu-lab-about", ".wsedu-lab-glossary"):
        page.locator(f"{summary} > summary").click()
    wrong, contrast = complaints(page, short=True)
    assert wrong == []
    assert contrast > 100
