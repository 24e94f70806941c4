"""`OverheadLab` in a real JupyterLab: a slider, and a real run in a thread of the kernel."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.notebooks.conftest import Notebook
from tests.notebooks.walk_overhead import RUN

CELL = """
from wsedu.overhead.setting import Setting
from wsedu.widgets import OverheadLab
setting = Setting(clients=3, events_per_second=20.0, interval=0.2, payload=20, rtt=0.05)
lab = OverheadLab(setting, transports=["polling", "websocket"], language="en")
lab
"""


def test_a_run_shows_in_the_page_while_it_lasts_and_its_results_are_there_in_python(notebook: Notebook) -> None:
    opened = notebook([CELL])
    page = opened.page
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.locator(".wsedu-lab-going")).to_contain_text("events arrived", timeout=RUN)
    expect(page.locator("[data-dot='polling']")).to_be_attached(timeout=RUN)
    expect(page.locator("[data-dot='websocket']")).to_be_attached(timeout=RUN)
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_visible(timeout=RUN)
    assert opened.ask("[one.transport.value for one in lab.results]") == "['polling', 'websocket']"
    assert opened.ask("lab.results[1].repeated / lab.results[1].delivered") == "22.0"
    page.get_by_role("slider", name="Payload of an event, slider").focus()
    page.keyboard.press("Home")
    opened.idle()
    expect(page.locator(".wsedu-lab-dot")).to_have_count(0)
    assert opened.ask("lab.setting.payload") == "0"
    opened.run("lab.setting = setting")
    expect(page.locator("[data-dot='websocket']")).to_be_attached()
