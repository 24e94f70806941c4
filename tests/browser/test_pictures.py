"""Ladders and frame figures in Chromium: no two texts overlap, and none leaves the picture or its card."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.geometry import CARDS, assert_nothing_overlaps
from tests.support import vectors
from tests.views.ladder_traces import ODD, odd, recorded
from wsedu.explain.catalogue import LANGUAGES
from wsedu.scenarios import SCENARIOS
from wsedu.views.ladder import ladder_svg
from wsedu.views.palette import THEMES
from wsedu.views.svg import frame_svg

ILLEGAL = [
    "f27e000548656c6c6f",
    "827e0005",
    "81",
    "8185",
    "88fe",
    "ff" * 40,
    "0103486c6c8080026c6f",
    "89ff0000000000000001",
]
EXAMPLES = [frame["hex"] for frame in vectors()["rfc6455"]["frames"] if "hex" in frame]


@pytest.mark.parametrize("name", [*SCENARIOS, *ODD])
def test_nothing_overlaps_on_a_ladder(name: str, visit: Open) -> None:
    trace = recorded(name) if name in SCENARIOS else odd(name)
    for language in LANGUAGES:
        drawing = visit(ladder_svg(trace, language=language), ".svg").locator("svg")
        assert_nothing_overlaps(drawing)
        cards = drawing.evaluate(CARDS)
        assert cards["found"] == 0
        assert cards["count"] >= len(trace.frames())


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_overlaps_on_a_frame(language: str, visit: Open) -> None:
    page = visit(frame_svg(b"\x81\x00", language=language), ".svg")
    for data in [*EXAMPLES, *ILLEGAL]:
        # One page for all of them: a page for each would take ten times as long.
        page.evaluate(
            "source => document.documentElement.replaceWith(document.importNode("
            "new DOMParser().parseFromString(source, 'image/svg+xml').documentElement, true))",
            frame_svg(bytes.fromhex(data.replace(" ", "")), language=language),
        )
        assert_nothing_overlaps(page.locator("svg"))


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("theme", list(THEMES))
def test_a_picture_follows_the_theme_of_whoever_looks(theme: str, width: int, visit: Open) -> None:
    for source in (ladder_svg(recorded("hello"), language="en"), frame_svg(b"\x81\x00", language="zh")):
        page = visit(source, ".svg", width=width, theme=theme)
        shown = page.evaluate("getComputedStyle(document.querySelector('.ws-bg')).fill")
        colour = THEMES[theme].background
        assert shown == f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


def test_a_screen_reader_hears_what_the_picture_is(visit: Open) -> None:
    page = visit(ladder_svg(recorded("hello"), language="en"), ".svg")
    image = page.get_by_role("img", name="A WebSocket connection, step by step")
    assert image.count() == 1
