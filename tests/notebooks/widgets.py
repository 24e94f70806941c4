"""How a cell makes each widget, for the tests that ask the same of all of them."""

from __future__ import annotations

import wsedu.widgets
from tests.notebooks.lab import LabPage
from wsedu.explain.catalogue import Catalogue, part_catalogue

NAMES = tuple(wsedu.widgets.__all__)

_MADE = {
    "ExchangeFilm": "ExchangeFilm.record('hello', seed=1, language='en')",
    "LineOrder": "LineOrder({'A': 'def made():', 'B': '    return 1', 'C': '    pass'}, ['A'], language='en')",
    "QuestionCard": "QuestionCard(wsedu.course.question.question('inventory.accept', 'en'), language='en')",
}

SMALL = ("LineOrder", "QuestionCard")
"""Widgets of few words and controls, in which there is less to be counted."""

FAIL = "w.do_fail = lambda: 1 / 0; w._received(w, {'view': 'test', 'seq': 1, 'acts': [{'do': 'fail'}]}, [])"
"""What makes the widget `w` say that an act failed, with the details behind it."""


def cell(name: str, language: str = "en") -> str:
    """A cell that makes a widget, calls it `w` and shows it."""
    made = _MADE.get(name, f"{name}(language='en')").replace("'en'", repr(language))
    return f"import wsedu.course.question\nfrom wsedu.widgets import {name}\nw = {made}\nw"


def use(lab: LabPage, name: str, language: str = "en") -> None:
    """Have something to see in a widget that begins empty."""
    lab.page.locator("section.wsedu").first.wait_for()
    if name == "ExchangeFilm":
        lab.page.locator(".wsedu-film-show").select_option("frame")
        lab.page.locator(".wsedu-film-row.wsedu-film-is-frame").first.click()
        lab.page.locator(".wsedu-film-detail tbody tr").first.wait_for()
    if name == "LiveExchange":
        _converse(lab, part_catalogue("live_exchange", language))


def _converse(lab: LabPage, words: Catalogue) -> None:
    """Three texts and their answers, and the film of them."""
    press(lab, words.say("live.connect"))
    lab.page.locator(".wsedu-film-state-server", has_text="OPEN").wait_for()
    for number in range(1, 4):
        press(lab, words.say("live.send"))
        lab.page.locator(".wsedu-live-frames li").nth(2 * number - 1).wait_for()
    press(lab, words.say("live.film"))
    lab.page.locator(".wsedu-live-film section.wsedu").wait_for()


def press(lab: LabPage, label: str) -> None:
    """Click the button with this label."""
    lab.page.get_by_role("button", name=label, exact=True).click()
