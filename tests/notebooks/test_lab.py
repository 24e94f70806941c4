"""Widgets in a real JupyterLab and a real Notebook 7: run, click, type, look at the screen and in Python."""

from __future__ import annotations

from itertools import chain

import pytest
from playwright.sync_api import expect

from tests.notebooks.conftest import Notebook
from tests.notebooks.widgets import NAMES, cell
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame

HOSTS = {"JupyterLab": False, "Notebook 7": True}


@pytest.mark.parametrize("host", HOSTS)
def test_a_cell_shows_each_widget_and_leaves_an_image_and_a_text(notebook: Notebook, host: str) -> None:
    """A notebook with all of them, each made in a cell and kept by its name in the next."""
    cells = chain.from_iterable((cell(name), f"its_{name} = w") for name in NAMES)
    lab = notebook([*cells], notebook7=HOSTS[host], height=9000)
    widgets = lab.page.locator("section.wsedu")
    expect(widgets).to_have_count(len(NAMES))
    saved = lab.save().cells[::2]
    for number, (name, made) in enumerate(zip(NAMES, saved, strict=True)):
        expect(widgets.nth(number)).to_be_visible()
        (output,) = made.outputs
        assert {"text/plain", "image/png"} <= set(output.data), name
        assert output.data["text/plain"] == eval(lab.ask(f"its_{name}.to_text()"))


@pytest.mark.parametrize("host", HOSTS)
def test_a_frame_is_built_with_mouse_and_keyboard_and_used_in_a_later_cell(notebook: Notebook, host: str) -> None:
    lab = notebook([cell("FrameBuilder")], notebook7=HOSTS[host])
    page = lab.page
    page.locator("[data-bit='4']").click()
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("Ping")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("Close")
    lab.idle()
    built = encode_frame(Frame.text("Hello", masking_key=bytes.fromhex("37fa213d")))
    assert lab.ask("w.value") == repr(bytes([0x88]) + built[1:]), "bits 4 and 7 flipped: opcode 1 is now 8"
    assert lab.ask("int(w.frame.opcode)") == "8"


@pytest.mark.parametrize("host", HOSTS)
def test_two_views_of_one_widget_show_the_same(notebook: Notebook, host: str) -> None:
    lab = notebook([cell("FrameBuilder"), "w"], notebook7=HOSTS[host])
    first, second = (lab.page.locator("section.wsedu").nth(number) for number in range(2))
    first.locator("[data-bit='8']").click()
    expect(second.locator("[data-bit='8']")).to_have_attribute("aria-pressed", "false")
    expect(second.locator(".wsedu-builder-sentence")).to_contain_text("not masked")


def test_without_live_views_a_cell_shows_the_picture(notebook: Notebook) -> None:
    lab = notebook(["import os\nos.environ['WSEDU_HEADLESS'] = '1'", cell("FrameBuilder")])
    expect(lab.page.locator(".jp-OutputArea-output img")).to_be_visible()
    assert lab.page.locator("section.wsedu").count() == 0
