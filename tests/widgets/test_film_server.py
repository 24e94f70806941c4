"""Being the server of `ExchangeFilm`: what a learner answers, and what a real client makes of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from tests.widgets.test_film_panels import film as film
from tests.widgets.test_film_panels import open_page
from wsedu.explain.words import rule_sentence
from wsedu.protocol.rules import RULES
from wsedu.widgets import ExchangeFilm


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
    field.fill("83 00")
    field.press("Enter")
    expect(page.locator(".wsedu-film-line-rule")).to_contain_text("§5.2")
