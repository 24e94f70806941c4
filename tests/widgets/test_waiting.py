"""Every widget in a page: what it says while Python is busy, late, or gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from wsedu.explain.catalogue import part_catalogue
from wsedu.widgets import ClosingMachine, ExchangeFilm, FrameBuilder, HandshakeStepper

WORDS = part_catalogue("widget", "en")
WAITING = WORDS.say("shared.waiting")
UNJUDGED = WORDS.say("shared.unjudged")
LOST = WORDS.say("shared.lost")


def type_text(page: Any) -> None:
    page.get_by_role("textbox", name="Payload, text").fill("Ahoy")


def type_line(page: Any) -> None:
    page.locator(".wsedu-line input").first.fill("POST /chat HTTP/1.1")


def send_close(page: Any) -> None:
    page.locator("[data-event='CLOSE_SENT']").first.click()


def record(page: Any) -> None:
    page.locator(".wsedu-film").focus()
    page.keyboard.press("3")


class Case(NamedTuple):
    """A widget, something that a user does to it, and where it then says that it waits."""

    make: Callable[[], Any]
    act: Callable[[Any], None]
    judged: str


CASES = {
    "builder": Case(lambda: FrameBuilder(language="en"), type_text, ".wsedu-builder-verdict, .wsedu-builder-sentence"),
    "stepper": Case(lambda: HandshakeStepper(language="en"), type_line, ".wsedu-head-verdict"),
    "machine": Case(
        lambda: ClosingMachine(language="en"),
        send_close,
        ".wsedu-closing-sentence, .wsedu-closing-tcp span, .wsedu-closing-said dd",
    ),
    "film": Case(lambda: ExchangeFilm.record("hello", seed=1, language="en"), record, ".wsedu-film-about"),
}


def texts(page: Any, case: Case) -> set[str]:
    return set(page.locator(case.judged).all_inner_texts())


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_said_to_be_judged_before_python_has_answered(host: Host, name: str) -> None:
    case = CASES[name]
    page = host.show(case.make())
    root = page.locator("section.wsedu").first
    expect(root).to_have_attribute("aria-busy", "false")
    before = texts(page, case)
    host.hold()
    case.act(page)
    expect(root).to_have_attribute("aria-busy", "true")
    waits = {part_catalogue("exchange_film", "en").say("film.recording")} if name == "film" else {WAITING}
    assert texts(page, case) == waits
    host.release()
    expect(root).to_have_attribute("aria-busy", "false")
    assert not texts(page, case) & waits
    assert texts(page, case) != before


@pytest.mark.own_page  # whose clock is another one from now on
@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_is_late_is_said(host: Host, name: str) -> None:
    case = CASES[name]
    host.page.clock.install()
    page = host.show(case.make())
    host.hold()
    case.act(page)
    alert = page.locator(".wsedu-problem[role=alert]").first
    expect(alert).to_be_hidden()
    page.clock.fast_forward(10_001)
    expect(alert).to_have_text(WORDS.say("shared.slow", seconds=10), use_inner_text=True)
    host.release()
    expect(alert).to_be_hidden()


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_sent_is_said_once_and_nothing_is_offered_any_more(host: Host, name: str) -> None:
    case = CASES[name]
    page = host.show(case.make())
    page.evaluate("() => { window.toPython = () => { throw new Error('Cannot send'); }; }")
    case.act(page)
    expect(page.locator(".wsedu-problem[role=alert]").first).to_have_text(LOST, use_inner_text=True)
    if name == "film":
        assert page.locator("[inert] .wsedu-film-scenarios, [inert] .wsedu-film-asking").count() == 2
        assert page.locator("[inert] .wsedu-film-file, [inert] .wsedu-film-live").count() == 2
        expect(page.locator(".wsedu-film-about")).to_contain_text("REAL")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".wsedu-film-position")).to_contain_text("step 2 of")
    else:
        assert texts(page, case) == {UNJUDGED}
        controls = page.locator("section.wsedu :is(button, input, select, textarea):visible")
        assert controls.count() > 5
        assert controls.evaluate_all("all => all.filter(one => !one.closest('[inert]')).length") == 0
    expect(page.locator("section.wsedu").first).to_have_attribute("aria-busy", "false")
    assert page.locator("[aria-busy=true]").count() == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_no_check_is_passed_or_failed_before_python_has_answered(host: Host) -> None:
    page = host.show(HandshakeStepper(language="en"))
    signs = page.locator(".wsedu-check-sign")
    height = "() => document.querySelector('.wsedu-stepper').offsetHeight"
    before = page.evaluate(height)
    host.hold()
    type_line(page)
    assert set(signs.evaluate_all("all => all.map(one => one.ariaLabel)")) == {WAITING}
    assert set(page.locator(".wsedu-check-found").all_inner_texts()) == {""}
    assert page.evaluate(height) == before, "nothing moves under the hand"
    host.release()
    expect(signs.first).not_to_have_attribute("aria-label", WAITING)


def test_what_is_typed_in_two_lines_stays_while_python_is_busy(host: Host) -> None:
    stepper = HandshakeStepper(language="en")
    page = host.show(stepper)
    host.hold()
    lines = page.locator(".wsedu-line input")
    lines.nth(0).fill("GET /other HTTP/1.1")
    lines.nth(1).fill("Host: other.example")
    expect(lines.nth(0)).to_have_value("GET /other HTTP/1.1")
    host.release()
    expect(page.locator(".wsedu-stepper")).to_have_attribute("aria-busy", "false")
    assert stepper.request.startswith(b"GET /other HTTP/1.1\r\nHost: other.example\r\n")
    expect(lines.nth(0)).to_have_value("GET /other HTTP/1.1")


def test_what_is_chosen_stays_while_python_is_busy(host: Host) -> None:
    page = host.show(ClosingMachine(language="en"))
    host.hold()
    source = page.get_by_role("combobox")
    source.select_option("hello")
    expect(source).to_have_value("hello")
    host.release()
    expect(page.locator(".wsedu-closing")).to_have_attribute("aria-busy", "false")
    expect(source).to_have_value("hello")
