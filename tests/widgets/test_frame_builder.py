"""`FrameBuilder`: what a user does in the page, and what is then on the screen and in Python."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.views.sheet import flipped
from wsedu.widgets import FrameBuilder


def test_a_click_flips_a_bit_on_the_screen_and_in_python(host: Host) -> None:
    builder = FrameBuilder(encode_frame(Frame.text("Hello", masking_key=bytes(4))), language="en")
    page = host.show(builder)
    page.locator("[data-bit='4']").click()
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("Ping")
    expect(page.locator(".wsedu-builder[aria-busy='false']")).to_be_attached()
    assert builder.value == encode_frame(Frame.ping(b"Hello", masking_key=bytes(4)))
    assert builder.frame is not None
    assert builder.frame.name == "ping"


def test_the_outcome_of_a_flip_is_there_before_python_answers(host: Host) -> None:
    builder = FrameBuilder(language="en")
    page = host.show(builder)
    host.hold()
    page.locator("[data-bit='8']").click()
    expect(page.locator(".wsedu-builder[aria-busy='false'] .wsedu-builder-sentence")).to_contain_text("not masked")
    page.locator("[data-bit='9']").click()
    expect(page.locator(".wsedu-builder[aria-busy='true'] .wsedu-builder-sentence")).to_have_text("waits for Python")
    host.release()
    expect(page.locator(".wsedu-builder[aria-busy='false']")).to_be_attached()
    assert builder.value == flipped(flipped(bytes.fromhex("818537fa213d7f9f4d5158"), 8), 9)


def test_no_click_is_lost_however_fast(host: Host, seed: int) -> None:
    chosen = random.Random(seed).choices(range(88), k=200)
    builder = FrameBuilder()
    wanted = builder.value
    for bit in chosen:
        wanted = flipped(wanted, bit)
    page = host.show(builder)
    page.evaluate("bits => bits.forEach(bit => document.querySelector(`[data-bit='${bit}']`).click())", chosen)
    expect(page.locator(".wsedu-builder[aria-busy='false']")).to_be_attached()
    shown = page.evaluate(
        "[...document.querySelectorAll('[data-bit]')].map(node => node.children[1].textContent).join('')"
    )
    assert builder.value == wanted
    assert int(shown, 2).to_bytes(len(wanted), "big") == wanted


def test_what_python_sets_is_shown(host: Host) -> None:
    builder = FrameBuilder(language="zh")
    page = host.show(builder)
    builder.value = encode_frame(Frame.close(1000, "再见"))
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("关闭握手")
    assert page.locator("[data-bit]").count() == 8 * len(builder.value)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_act_that_nobody_knows_is_said_in_the_widget(host: Host, language: str) -> None:
    builder = FrameBuilder(language=language)
    page = host.show(builder)
    page.evaluate("window.toPython(JSON.stringify({view: 'x', seq: 1, acts: [{do: 'nothing'}]}))")
    expect(page.get_by_role("alert")).to_contain_text("nothing")
