"""A kernel that is interrupted, and one that is gone, in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.notebooks.conftest import Notebook
from tests.notebooks.lab import LabPage
from tests.notebooks.widgets import cell
from tests.widgets.live import PATIENCE
from wsedu.explain.catalogue import part_catalogue

WORDS = part_catalogue("widget", "en")

ENDLESS = """
import pathlib, threading, time
def endless(change):
    pathlib.Path("begun").write_text(threading.current_thread().name)
    while True:
        time.sleep(0.01)
w.observe(endless, "value")
"""

TURNED = """
turned = threading.Event()
w.unobserve(endless, "value")
w.observe(lambda change: turned.set(), "value")
"""

SHELL = """
() => {
  const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
  session.kernel.commsOverSubshells = "disabled";
}
"""
"""What widgets send goes where cells are run, as everywhere without subshells: no interrupt reaches a subshell."""

INTERRUPT = "async () => { await window.jupyterapp.commands.execute('notebook:interrupt-kernel'); }"


def begun(lab: LabPage) -> str:
    """Click a bit, and wait until what watches the widget has begun; gives the name of the thread that does it."""
    told = lab.path.with_name("begun")
    lab.page.locator("[data-bit='4']").click()
    while not (told.exists() and told.read_text()):
        lab.page.evaluate("() => new Promise(requestAnimationFrame)")
    name = told.read_text()
    told.unlink()
    return name


def flip(lab: LabPage) -> None:
    """The widget goes on: a bit that was turned over, and over again, is as at first."""
    lab.run(TURNED)
    lab.page.locator("[data-bit='4']").click()
    lab.idle()
    expect(lab.page.locator(".wsedu-builder .wsedu-problem")).to_be_hidden()
    lab.run(f"turned.wait({PATIENCE})")
    waiting = lab.page.locator(".wsedu-builder").get_by_text(WORDS.say("shared.waiting"))
    expect(waiting.filter(visible=True)).to_have_count(0)
    assert lab.ask("w.value.hex()") == repr("818537fa213d7f9f4d5158")


def test_an_interrupt_while_a_widget_acts_does_not_stop_it_for_good(notebook: Notebook) -> None:
    lab = notebook([cell("FrameBuilder"), ENDLESS], run=False)
    lab.page.evaluate(SHELL)
    lab.run_all()
    assert begun(lab) == "MainThread"
    lab.page.evaluate(INTERRUPT)
    expect(lab.page.locator(".wsedu-builder .wsedu-problem")).to_contain_text(WORDS.say("shared.interrupted"))
    flip(lab)


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
    film = (".wsedu-film-again", ".wsedu-film-file", ".wsedu-film-live")
    for place in ("[data-bit='4']", ".wsedu-line input", "[data-event='CLOSE_SENT']", *film):
        box = page.locator(place).first.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.keyboard.type("1")
    for button in film:
        assert page.locator(button).evaluate("one => one.matches(':disabled') || one.closest('[inert]') !== null")
    assert page.locator("section.wsedu[aria-busy=true]").count() == 0
    assert page.evaluate("() => document.activeElement.closest('section.wsedu [inert]')") is None
