"""A click is never lost in JupyterLab, whatever the kernel does; what Python has not confirmed is never judged."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.notebooks.clicks import after, chosen, click, click_fast, shown
from tests.notebooks.conftest import Notebook
from tests.notebooks.lab import LabPage
from tests.notebooks.widgets import cell
from wsedu.explain.catalogue import part_catalogue
from wsedu.views.sheet import sheet
from wsedu.widgets.frame_builder import HELLO

BITS = [15, 8, 4, 33, 4, 80, 0]

_UNTIL = "import asyncio, pathlib, time\nprint('busy')\nwhile not pathlib.Path('go').exists():\n    "
BUSY = {"awaits": _UNTIL + "await asyncio.sleep(0.01)", "blocks": _UNTIL + "time.sleep(0.01)"}
"""Cells that are busy until there is a file `go`."""


SIZE = """
from wsedu.views.question import Question
from wsedu.widgets import QuestionCard
QuestionCard(Question("lesson.size", "number", "How many?", recall=True, answer=6, because="Six."), language="en")
"""


def settled(lab: LabPage, wanted: bytes) -> None:
    lab.idle()
    assert shown(lab) == wanted
    assert lab.ask("w.value") == repr(wanted)


@pytest.mark.parametrize("kind", BUSY)
def test_clicks_while_a_cell_is_busy(notebook: Notebook, kind: str) -> None:
    lab = notebook([cell("FrameBuilder"), BUSY[kind]], run=False)
    go = lab.path.with_name("go")
    lab.start_all()
    lab.page.get_by_text("busy", exact=True).wait_for()
    click(lab, BITS)
    assert shown(lab) == after(HELLO, BITS), "raw bits flip at once"
    go.touch()
    settled(lab, after(HELLO, BITS))
    go.unlink()


def test_two_hundred_clicks_five_milliseconds_apart(notebook: Notebook, seed: int) -> None:
    lab = notebook([cell("FrameBuilder")])
    bits = chosen(8 * len(HELLO), 200, seed)
    lab.page.locator("section.wsedu").wait_for()
    seen = click_fast(lab, bits, 5)
    settled(lab, after(HELLO, bits))
    assert [one.bytes for one in seen] == [after(HELLO, bits[: number + 1]) for number in range(200)]
    waiting = part_catalogue("widget", "en").say("shared.waiting")
    judged = [one for one in seen if one.sentence != waiting]
    assert [one.sentence for one in judged] == [sheet(one.bytes, "en")["sentence"] for one in judged]
    assert all(one.busy for one in seen if one.sentence == waiting)


def test_enter_sends_what_was_typed(notebook: Notebook) -> None:
    film = "from wsedu.widgets import ExchangeFilm\nExchangeFilm.record('hello', seed=1, language='en')"
    lab = notebook([SIZE, film], height=3000)
    page = lab.page
    typed = page.get_by_label("Your number")
    typed.fill("two")
    typed.press("Enter")
    expect(page.locator(".wsedu-card .wsedu-problem")).to_contain_text("“two” is no number")
    typed.fill("6")
    typed.press("Enter")
    expect(page.locator(".wsedu-card-told")).to_contain_text("Right: 6")
    page.locator(".wsedu-film-asking").click()
    expect(page.locator(".wsedu-film-asking")).to_have_attribute("aria-pressed", "true")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    field = page.locator(".wsedu-film-question input[type=text]")
    field.fill("47 45")
    field.press("Enter")
    expect(page.locator(".wsedu-film-outcome")).to_contain_text("Right: 47 45")
