"""The page of a trace in Chromium, on a wide screen and on a telephone, light and dark."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.geometry import assert_fits, assert_nothing_overlaps
from tests.views.ladder_traces import odd, recorded
from wsedu.explain.catalogue import LANGUAGES
from wsedu.scenarios import SCENARIOS
from wsedu.views.html import trace_html
from wsedu.views.palette import THEMES, contrast

PAGES = ("tour", "fragments", "unmasked", "silent-peer", "scripts", "long request", "two connections", "empty")

COLOURS = """() => [...document.querySelectorAll('h1,h2,h3,p,dt,dd,pre,th,td,code,summary,.mark')].map(node => {
  let holder = node, ground = 'rgba(0, 0, 0, 0)';
  while (holder && ground === 'rgba(0, 0, 0, 0)') { ground = getComputedStyle(holder).backgroundColor;
    holder = holder.parentElement; }
  return getComputedStyle(node).color + '|' + ground;
})"""


def _hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in colour.partition("(")[2].rstrip(")").split(",")[:3])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_width(name: str, language: str, visit: Open) -> None:
    trace = recorded(name) if name in SCENARIOS else odd(name)
    source = trace_html(trace, language=language)
    page = visit(source, ".html")
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    for width in (1200, 768, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page)
    for drawing in page.locator("svg").all():
        assert_nothing_overlaps(drawing)


@pytest.mark.parametrize("theme", list(THEMES))
def test_all_text_has_contrast_in_both_themes(theme: str, visit: Open) -> None:
    page = visit(trace_html(recorded("unmasked"), language="en"), ".html", theme=theme)
    pairs = {tuple(pair.split("|")) for pair in page.evaluate(COLOURS)}
    assert len(pairs) > 5
    for colour, ground in pairs:
        assert contrast(_hex(colour), _hex(ground)) >= 4.5, (colour, ground)
    assert _hex(page.evaluate("getComputedStyle(document.body).backgroundColor")) == THEMES[theme].background


def test_paper_is_light_and_shows_what_is_folded_away(visit: Open) -> None:
    page = visit(trace_html(recorded("hello"), language="en"), ".html", theme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert _hex(page.evaluate("getComputedStyle(document.body).backgroundColor")) == THEMES["light"].background
    assert page.locator("#steps details").evaluate("part => part.open") is False
    assert page.locator("#steps tbody tr").last.evaluate("row => row.checkVisibility({contentVisibilityAuto: true})")


def test_the_page_can_be_walked_by_its_headings_and_landmarks(visit: Open) -> None:
    page = visit(trace_html(recorded("tour"), language="en"), ".html", width=360)
    for landmark in ("banner", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    for heading in ("What was recorded", "The ladder", "The opening handshake", "States", "Every frame", "Every step"):
        assert page.get_by_role("heading", name=heading, exact=True).count() == 1
        assert page.get_by_role("region", name=heading, exact=True).count() >= 1
    # Tables stay tables for a screen reader where a narrow screen shows them as blocks.
    states = page.get_by_role("table", name="States")
    assert states.get_by_role("columnheader").count() == 5
    assert states.get_by_role("rowheader").count() == states.get_by_role("row").count() - 1


def test_the_keyboard_reaches_what_scrolls(visit: Open) -> None:
    page = visit(trace_html(recorded("hello"), language="en"), ".html", width=360)
    ladder = page.get_by_role("region", name="The ladder").locator(".scroll")
    ladder.focus()
    before = ladder.evaluate("part => part.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('#ladder .scroll').scrollLeft > before", arg=before)
