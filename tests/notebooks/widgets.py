"""How a cell makes each widget, for the tests that ask the same of all of them."""

from __future__ import annotations

from collections.abc import Mapping

import wsedu.widgets
from tests.notebooks.lab import LabPage
from wsedu.explain.catalogue import part_catalogue

NAMES = tuple(wsedu.widgets.__all__)

_MADE = {"ExchangeFilm": "ExchangeFilm.record('hello', seed=1, language='en')"}

FAIL = "w.do_fail = lambda: 1 / 0; w._received(w, {'view': 'test', 'seq': 1, 'acts': [{'do': 'fail'}]}, [])"
"""What makes the widget `w` say that an act failed, with the details behind it."""


def cell(name: str, language: str = "en") -> str:
    """A cell that makes a widget, calls it `w` and shows it."""
    made = _MADE.get(name, f"{name}(language='en')").replace("'en'", repr(language))
    return f"from wsedu.widgets import {name}\nw = {made}\nw"


def use(lab: LabPage, name: str) -> None:
    """Have something to see in a widget that begins empty."""
    lab.page.locator("section.wsedu").first.wait_for()
    if name == "ExchangeFilm":
        lab.page.locator(".wsedu-film-show").select_option("frame")
        lab.page.locator(".wsedu-film-row", has_text="Frame sent: text").first.click()
        lab.page.locator(".wsedu-film-detail tbody tr").first.wait_for()
    if name != "LiveExchange":
        return
    lab.page.get_by_role("button", name="Connect", exact=True).click()
    lab.page.get_by_text("server: OPEN", exact=True).wait_for()
    for number in range(1, 4):
        lab.page.get_by_role("button", name="Send", exact=True).click()
        lab.page.locator(".wsedu-live-frames li").nth(2 * number - 1).wait_for()
    lab.page.get_by_role("button", name=_words("live_exchange")["live.film"], exact=True).click()
    lab.page.locator(".wsedu-live-film section.wsedu").wait_for()


def _words(part: str) -> Mapping[str, str]:
    return part_catalogue(part, "en").texts
