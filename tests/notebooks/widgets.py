"""How a cell makes each widget, for the tests that ask the same of all of them."""

from __future__ import annotations

import wsedu.widgets

NAMES = tuple(wsedu.widgets.__all__)

_MADE = {"ExchangeFilm": "ExchangeFilm.record('hello', seed=1, language='en')"}

FAIL = "w.do_fail = lambda: 1 / 0; w._received(w, {'view': 'test', 'seq': 1, 'acts': [{'do': 'fail'}]}, [])"
"""What makes the widget `w` say that an act failed, with the details behind it."""


def cell(name: str, language: str = "en") -> str:
    """A cell that makes a widget, calls it `w` and shows it."""
    made = _MADE.get(name, f"{name}(language='en')").replace("'en'", repr(language))
    return f"from wsedu.widgets import {name}\nw = {made}\nw"
