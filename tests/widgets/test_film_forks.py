"""Forks of `ExchangeFilm` in a page: the values of a fault, what grows under the film, and what cannot be forked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.films import hello, open_page
from tests.widgets.host import Host
from wsedu.explain.catalogue import part_catalogue
from wsedu.protocol.steps import FrameComplete, HandshakeResponse, Step
from wsedu.simulator import differences
from wsedu.trace.trace import Trace
from wsedu.views.fork_menu import PARAMETERS
from wsedu.widgets import ExchangeFilm


@pytest.fixture
def film() -> ExchangeFilm:
    return hello()


def go(page: Any, film: ExchangeFilm, kind: type[Step]) -> int:
    """Show the first step of a kind; gives its place."""
    place = next(place for place, record in enumerate(film.steps) if isinstance(record.step, kind))
    page.evaluate("place => document.querySelector('.wsedu-film').wsedu.go(place)", place)
    return place


@pytest.mark.parametrize("fault", PARAMETERS)
def test_a_fork_is_another_film_and_leaves_this_one(film: ExchangeFilm, fault: str) -> None:
    before = list(film.trace.records)
    opened = next(record.n for record in film.steps if isinstance(record.step, HandshakeResponse))
    other = film.fork(opened, fault)
    found = differences(film.trace, other.trace)
    assert film.trace.records == before
    assert found.new or found.gone


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_fork_that_was_asked_for_comes_into_view(host: Host, film: ExchangeFilm, motion: Any) -> None:
    host.page.emulate_media(reduced_motion=motion)
    host.page.set_viewport_size({"width": 1100, "height": 500})
    page = open_page(host, film)
    go(page, film, HandshakeResponse)
    page.evaluate("window.scrollTo(0, 0)")
    other = page.locator(".wsedu-film-other")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("f")
    expect(other.locator(".wsedu-film-lanes")).to_be_in_viewport(ratio=0.9)
    other.get_by_role("button", name="put away").press("Enter")
    expect(other).to_be_hidden()
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    page.keyboard.press("f")
    expect(page.get_by_role("alert")).to_be_visible()
    page.evaluate("window.scrollTo(0, 0)")
    act = {"do": "fork", "fault": "cut", "n": film.steps[4].n}
    film._received(None, {"view": "another", "seq": 1, "acts": [act]}, [])
    expect(other).to_be_visible()
    assert page.evaluate("window.scrollY") == 0, "what another view asks for moves nobody's page"


def test_a_fork_grows_under_the_film_with_what_differs_outlined(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    response = go(page, film, HandshakeResponse)
    page.locator(".wsedu-film-fault").select_option("vanish")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("f")
    other = page.locator(".wsedu-film-other")
    expect(other).to_be_visible()
    forked = film.fork(film.steps[response].n, "vanish")
    found = differences(film.trace, forked.trace)
    numbers = {record.n: place for place, record in enumerate(forked.steps)}
    assert film.forked["outlined"] == [numbers[n] for n in sorted({*found.new, *found.moved}) if n in numbers]
    gone = [place for place, record in enumerate(film.steps) if record.n in found.gone]
    outlined = "[...document.querySelector('.wsedu-film').wsedu.lanes.outlined]"
    assert page.evaluate(outlined) == film.forked["missing"] == gone
    expect(other.locator(".wsedu-film-fork-new li")).to_have_count(len([n for n in found.new if n in numbers]))
    other.get_by_role("button", name="put away").press("Enter")
    expect(other).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_cannot_be_forked_is_said_in_a_line(host: Host, language: str) -> None:
    trace = ExchangeFilm.record("hello", seed=1).trace
    header = replace(trace.header, seed=None)
    film = ExchangeFilm(Trace(header, trace.level, trace.clock, trace.records), language=language)
    page = open_page(host, film)
    page.keyboard.press("f")
    expect(page.locator(".wsedu-problem > span")).to_have_text(
        part_catalogue("film_panels", language).say("fork.failed.seed")
    )
    with pytest.raises(ValueError, match="melt"):
        film.fork(1, "melt")


def fault(page: Any, name: str) -> Any:
    """The page with a fault chosen; gives the field of one of its values."""
    page.locator(".wsedu-film-fault").select_option(name)
    return lambda value: page.locator(f".wsedu-film-field[data-value='{value}'] :is(input, select)")


def test_the_values_of_a_fault_are_chosen_by_keyboard(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    go(page, film, HandshakeResponse)
    page.locator(".wsedu-film-fault").focus()
    page.keyboard.type("a bit")
    page.keyboard.press("Tab")
    expect(page.get_by_label("byte, from 0")).to_be_focused()
    page.keyboard.type("9")
    page.keyboard.press("Tab")
    expect(page.get_by_label("bit, from 0 on the left")).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-other")).to_contain_text("bit 7 of byte 9 of the next bytes flips")
    # The 9 and the 7 were for the fields: no scenario was recorded.
    expect(page.locator(".wsedu-film-fork-new")).to_contain_text("bit")
    assert film.trace.header.seed == 1


def test_a_value_is_kept_while_another_fault_is_looked_at(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    fault(page, "delay")("seconds").fill("12")
    assert fault(page, "inject")("payload").input_value() == "?"
    assert fault(page, "delay")("seconds").input_value() == "12"
    assert fault(page, "cut")("seconds").count() == 0


def test_a_bad_value_is_said_and_the_last_fork_stays(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    go(page, film, HandshakeResponse)
    seconds = fault(page, "delay")("seconds")
    seconds.fill("12")
    seconds.press("Enter")
    about = page.locator(".wsedu-film-other > p").first
    expect(about).to_contain_text("12 s late")
    seconds.fill("soon")
    page.locator(".wsedu-film-fork-here").click()
    expect(page.locator(".wsedu-problem > span")).to_have_text("“seconds” is a number from 0 to 3,600, not “soon”.")
    expect(about).to_contain_text("12 s late")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    fault(page, "drop")
    page.locator(".wsedu-film-fork-here").click()
    expect(page.get_by_role("alert")).to_contain_text("nobody sends any bytes")
    expect(about).to_contain_text("12 s late")


def test_who_gets_the_ping_and_with_which_payload(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    go(page, film, FrameComplete)
    field = fault(page, "inject")
    field("to").select_option("server")
    field("payload").fill("nobody")
    page.locator(".wsedu-film-fork-here").press("Enter")
    expect(page.locator(".wsedu-film-fork-new")).to_contain_text('a Pong with 6 bytes of data, not masked: "nobody"')
