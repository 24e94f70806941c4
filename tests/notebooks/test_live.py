"""A live exchange in a real JupyterLab: during a cell that blocks, with a film below, and when the kernel is gone."""

from __future__ import annotations

import socket

from playwright.sync_api import expect

from tests.notebooks.conftest import Notebook
from tests.notebooks.widgets import cell

TALKING = """
import asyncio, itertools
from wsedu.widgets import LiveExchange

async def talk(endpoint):
    for number in itertools.count():
        await endpoint.send(f"tick {number}")
        await asyncio.sleep(0.05)

w = LiveExchange(app=talk, language="en")
w.do_connect()
w
"""

BUSY = "import socket; socket.create_connection(('127.0.0.1', {port})).recv(1)"
"""A cell that lets nothing else run until the test sends it a byte."""

LAST = ".wsedu-live-frame"


def test_it_goes_on_while_a_cell_keeps_the_kernel_busy(notebook: Notebook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        lab = notebook([TALKING, BUSY.format(port=listener.getsockname()[1])], run=False)
        lab.start_all()
        busy, _ = listener.accept()
        with busy:
            frames = lab.page.locator(LAST)
            expect(frames.first).to_contain_text("tick", timeout=20_000)
            seen = frames.first.get_attribute("data-n")
            expect(frames.first).not_to_have_attribute("data-n", seen)
            expect(lab.page.locator(".jp-InputArea-prompt").nth(1)).to_have_text("[*]:")
            busy.send(b"!")
        expect(lab.page.locator(".jp-InputArea-prompt").nth(1)).to_have_text("[2]:", timeout=20_000)


def test_what_was_recorded_opens_below_as_a_film(notebook: Notebook) -> None:
    lab = notebook([cell("LiveExchange")])
    live = lab.page.locator(".wsedu-live")
    live.get_by_role("button", name="Connect", exact=True).click()
    live.get_by_role("button", name="Send", exact=True).click()
    expect(live.locator(LAST)).to_have_count(2)
    live.get_by_role("button", name="Open as a film").click()
    film = lab.page.locator(".wsedu-live-film .wsedu-film")
    expect(film).to_be_visible()
    expect(film.locator(".wsedu-film-row", has_text="GET / HTTP/1.1").first).to_be_visible()
    # Whoever asked for it need not look for it.
    heading = live.get_by_role("heading", name="The film of this exchange")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    expect(film.locator(".wsedu-film-lanes")).to_be_in_viewport()


def test_a_live_exchange_opens_below_a_film_and_goes_away_again(notebook: Notebook) -> None:
    lab = notebook([cell("ExchangeFilm")])
    button = lab.page.get_by_role("button", name="Live", exact=True)
    button.focus()
    lab.page.keyboard.press("Enter")
    live = lab.page.locator(".wsedu-film-opened .wsedu-live")
    live.get_by_role("button", name="Connect", exact=True).click()
    live.get_by_role("button", name="Send", exact=True).click()
    expect(live.locator(LAST)).to_have_count(2)
    button.click()
    expect(live).to_have_count(0)
    button.click()
    expect(live).to_be_visible()
    expect(live.locator(LAST)).to_have_count(0)


def test_a_kernel_that_is_gone_is_said(notebook: Notebook) -> None:
    lab = notebook([cell("LiveExchange"), cell("FrameBuilder")])
    lab.page.locator(".wsedu-live-connect").click()
    expect(lab.page.locator(".wsedu-live .wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    lab.shut_down()
    for widget in (".wsedu-live", ".wsedu-builder"):
        expect(lab.page.locator(widget).get_by_role("alert")).to_contain_text("The kernel is gone")
    expect(lab.page.locator(".wsedu-live-connect")).to_have_attribute("aria-disabled", "true")
