"""Being the server of `ExchangeFilm`: what a learner answers, and what a real client makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from tests.widgets.test_film_panels import film as film
from tests.widgets.test_film_panels import open_page
from wsedu.explain.catalogue import part_catalogue
from wsedu.explain.words import rule_sentence
from wsedu.protocol.rules import RULES
from wsedu.widgets import ExchangeFilm
from wsedu.widgets.film_server import CHOICES


def test_a_good_server_brings_the_client_to_a_clean_end(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").press("Enter")
    for choice in ("accept", "echo", "pong", "close.1000"):
        page.locator(f"[data-choice='{choice}']").press("Enter")
    lines = page.locator(".wsedu-film-now")
    expect(lines).to_contain_text("ended cleanly")
    expect(page.locator(".wsedu-film-line-violation")).to_have_count(0)
    expect(page.locator(".wsedu-film-choices button")).to_have_count(0)


@pytest.mark.parametrize(
    ("moves", "rule"),
    [
        (("refuse.200",), "RESPONSE_STATUS"),
        (("accept", "echo.masked"), "SERVER_MUST_NOT_MASK"),
        (("accept", "echo", "pong", "close.1005"), "CLOSE_CODE"),
    ],
)
def test_a_broken_rule_is_named(host: Host, film: ExchangeFilm, moves: tuple[str, ...], rule: str) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").click()
    for choice in moves:
        page.locator(f"[data-choice='{choice}']").click()
    expect(page.locator(".wsedu-film-line-rule")).to_contain_text(rule_sentence(RULES[rule], "en"))


def test_typed_bytes_go_to_the_client_as_they_are(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").click()
    page.locator("[data-choice='accept']").click()
    field = page.get_by_label("or bytes, in hex")
    field.fill("8z")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not hex")
    # What was typed can be corrected.
    expect(field).to_have_value("8z")
    field.fill("83 00")
    field.press("Enter")
    expect(page.locator(".wsedu-film-line-rule")).to_contain_text("§5.2")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_keyboard_alone_gets_through_every_turn(host: Host, language: str) -> None:
    film = ExchangeFilm.record("hello", seed=1, language=language)
    page = open_page(host, film)
    say = part_catalogue("film_panels", language).say
    keyboard = page.keyboard
    page.locator(".wsedu-film-be-server").focus()
    keyboard.press("Enter")
    prompt = page.locator(".wsedu-film-prompt")
    for turn, tabs, arrows in (("opening", 2, 0), ("echo", 0, 0), ("ping", 0, 0), ("close", 0, 0)):
        expect(prompt).to_have_text(say(f"server.at.{turn}"))
        for _ in range(tabs):
            keyboard.press("Tab")
        for _ in range(arrows):
            keyboard.press("ArrowRight")
        expect(page.locator(f"[data-choice='{CHOICES[turn][arrows]}']")).to_be_focused()
        keyboard.press("Enter")
    expect(prompt).to_have_text(say("server.at.over"))
    # Nothing is left to choose: the keyboard is where one can begin anew.
    expect(page.locator(".wsedu-film-be-server")).to_be_focused()
    keyboard.press("Space")
    expect(prompt).to_have_text(say("server.at.opening"))


def test_the_choices_are_one_tab_stop_with_arrow_keys_inside(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").press("Enter")
    choices = page.locator(".wsedu-film-choices button")
    choices.first.focus()
    page.keyboard.press("ArrowRight")
    expect(choices.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(choices.last).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(choices.last).to_be_focused()
    # The film has not moved meanwhile.
    expect(page.locator(".wsedu-film-position")).to_contain_text(f"step {film.steps[0].n} of")
    page.keyboard.press("Tab")
    expect(page.get_by_label("or bytes, in hex")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(choices.last).to_be_focused()


def test_typed_bytes_by_keyboard_until_the_end(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").press("Enter")
    page.locator("[data-choice='accept']").press("Enter")
    field = page.get_by_label("or bytes, in hex")
    field.focus()
    for text, told in (
        ("81 05 68 65 6c 6c 6f", "The client got its text back."),
        ("8a 00", "A Pong repeats the payload"),
    ):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator(".wsedu-film-now")).to_contain_text(told)
        expect(field).to_be_focused()
        expect(field).to_have_value("")
    page.keyboard.type("88 02 e8 03")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-now .wsedu-film-line-idea")).to_contain_text("the high one first")
    expect(page.locator(".wsedu-film-line-rule")).to_contain_text("CLOSE_CODE")
    expect(page.locator(".wsedu-film-be-server")).to_be_focused()


def test_the_answers_do_not_touch_the_field_for_bytes(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").click()
    expect(page.locator(".wsedu-film-choices button").first).to_be_visible()
    last = max(box["y"] + box["height"] for box in map(_box, page.locator(".wsedu-film-choices button").all()))
    assert last + 6 <= _box(page.locator(".wsedu-film-server form input"))["y"]


def _box(part: Any) -> Any:
    return part.bounding_box()
