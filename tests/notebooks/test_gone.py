"""A kernel that is interrupted, and one that is gone, in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.notebooks.conftest import Notebook
from tests.notebooks.widgets import cell
from wsedu.explain.catalogue import part_catalogue

WORDS = part_catalogue("widget", "en")

SLOW = """
import pathlib, time
def slow(change):
    pathlib.Path("slow").touch()
    while True:
        time.sleep(0.01)
w.observe(slow, "value")
"""


def test_an_interrupt_while_a_widget_acts_does_not_stop_it_for_good(notebook: Notebook) -> None:
    lab = notebook([cell("FrameBuilder"), SLOW])
    page = lab.page
    begun = lab.path.with_name("slow")
    page.locator("[data-bit='4']").click()
    while not begun.exists():
        page.evaluate("() => new Promise(requestAnimationFrame)")
    begun.unlink()
    page.evaluate("async () => { await window.jupyterapp.commands.execute('notebook:interrupt-kernel'); }")
    expect(page.locator(".wsedu-builder .wsedu-problem")).to_contain_text(WORDS.say("shared.interrupted"))
    lab.run("w.unobserve(slow, 'value')")
    page.locator("[data-bit='4']").click()
    lab.idle()
    expect(page.locator(".wsedu-builder .wsedu-problem")).to_be_hidden()
    assert lab.ask("w.value.hex()") == repr("818537fa213d7f9f4d5158")


def test_widgets_whose_kernel_is_gone_say_so_and_take_nothing(notebook: Notebook) -> None:
    names = ("FrameBuilder", "HandshakeStepper", "ClosingMachine", "ExchangeFilm")
    lab = notebook([cell(name) for name in names], height=5000)
    page = lab.page
    sections = page.locator("section.wsedu")
    expect(sections).to_have_count(4)
    lab.shut_down()
    for number in range(4):
        expect(sections.nth(number).locator(".wsedu-problem[role=alert]").first).to_contain_text(
            WORDS.say("shared.lost")
        )
    for place in ("[data-bit='4']", ".wsedu-line input", "[data-event='CLOSE_SENT']", ".wsedu-film-again"):
        box = page.locator(place).first.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.keyboard.type("1")
    assert page.locator("section.wsedu[aria-busy=true]").count() == 0
    assert page.evaluate("() => document.activeElement.closest('section.wsedu [inert]')") is None
