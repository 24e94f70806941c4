"""The panels of `FrameBuilder` in a page: microscope, stream strip, challenge deck, permessage-deflate view."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.widgets import FrameBuilder

KEY = bytes.fromhex("37fa213d")
HELLO = bytes.fromhex("818537fa213d7f9f4d5158")
"""RFC 6455 §5.7."""


def opened(host: Host, builder: FrameBuilder, name: str) -> Any:
    """The panel of that name, in front."""
    page = host.show(builder)
    page.locator(f"[data-panel='{name}']").click()
    return page.locator(".wsedu-panel:visible")


def settled(panel: Any) -> None:
    expect(panel).to_have_attribute("aria-busy", "false")


def test_the_tabs_are_one_tab_stop_with_arrow_keys(host: Host) -> None:
    page = host.show(FrameBuilder(language="en"))
    page.locator("[data-panel='microscope']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-panel='stream']")).to_be_focused()
    expect(page.locator(".wsedu-panel:visible")).to_have_count(1)
    expect(page.get_by_role("tabpanel", name="Stream strip")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("tabpanel", name="Compression")).to_be_visible()
    assert page.locator(".wsedu-tabs [tabindex='0']").count() == 1


def test_the_microscope_stacks_the_bits_of_the_pinned_byte(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    panel = opened(host, builder, "microscope")
    panel.get_by_role("listbox").get_by_role("option").first.click()
    host.page.keyboard.press("ArrowRight")
    settled(panel)
    rows = [row.get_by_role("cell").all() for row in panel.locator(".wsedu-mask-bits tbody tr").all()]
    values = [int("".join(cell.get_attribute("aria-label") for cell in bits), 2) for _, *bits in rows]
    assert values == [ord("e"), KEY[1], HELLO[7]]
    assert [int(hexadecimal.inner_text(), 16) for hexadecimal, *_ in rows] == values
    assert builder.pinned == 7
    host.page.keyboard.press("End")
    expect(panel.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text("58")
    expect(panel.locator(".wsedu-panel-sentence")).to_contain_text("4 mod 4 = 0")
    settled(panel)
    assert "6f XOR 37 = 58" in builder.to_text()


# Worked out for the masked "Hello" by hand from the rules of the list of misconceptions (M30).
@pytest.mark.parametrize(
    ("rule", "wrong"),
    [("first", "7f525b5b58"), ("reversed", "7544965b52"), ("frame_start", "69585b964e"), ("and", "0060202c27")],
)
def test_a_wrong_rule_stands_beside_the_right_one(host: Host, rule: str, wrong: str) -> None:
    panel = opened(host, FrameBuilder(HELLO, language="en"), "microscope")
    panel.get_by_label("Compare with a wrong rule").select_option(rule)
    settled(panel)
    shown = [
        cell.locator("span").last.inner_text() for cell in panel.get_by_role("listbox").get_by_role("option").all()
    ]
    differs = [one != right for one, right in zip(bytes.fromhex(wrong), HELLO[6:], strict=True)]
    assert [text.removesuffix(" ≠") for text in shown] == bytes.fromhex(wrong).hex(" ").split()
    assert [text.endswith("≠") for text in shown] == differs
    assert panel.locator("[data-first]").get_attribute("data-place") == str(differs.index(True))


def test_the_microscope_says_when_nothing_is_masked(host: Host) -> None:
    builder = FrameBuilder(encode_frame(Frame.text("Hello")), language="zh")
    panel = opened(host, builder, "microscope")
    expect(panel).to_contain_text("这里没有掩码")
    builder.value = HELLO
    expect(panel.get_by_role("listbox").get_by_role("option")).to_have_count(5)


def test_pieces_are_read_one_by_one(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    panel = opened(host, builder, "stream")
    for name in ("Add a Ping", "Add these bytes again", "Byte by byte"):
        panel.get_by_role("button", name=name).click()
    settled(panel)
    stream = HELLO + encode_frame(Frame.ping(b"?", masking_key=KEY)) + HELLO
    assert panel.locator("[data-cut]").count() == len(stream) - 1
    decoder = FrameDecoder()
    for byte in stream:
        panel.get_by_role("button", name="Next piece").click()
        settled(panel)
        gave = panel.locator("tbody tr").last.locator("td").nth(1).inner_text()
        assert gave.startswith("✔") == bool(decoder.feed(bytes([byte])))
    expect(panel.get_by_role("button", name="Next piece")).to_be_disabled()
    assert "the first byte of the next frame" in panel.locator(".wsedu-panel-sentence").inner_text()
    panel.get_by_role("button", name="Begin again").click()
    expect(panel).to_contain_text("Nothing has arrived yet.")


def test_what_comes_next_is_said_in_the_middle_of_a_frame(host: Host) -> None:
    panel = opened(host, FrameBuilder(HELLO, language="en"), "stream")
    for gap in (1, 4, 8):
        panel.locator(f"[data-gap='{gap}']").click()
        settled(panel)
    told = [
        "at least 1 more byte: ",
        "2 more bytes of Masking-key, and then 5 bytes",
        "3 more bytes of the payload: 2 of 5",
    ]
    for needs in told:
        panel.get_by_role("button", name="Next piece").click()
        expect(panel.locator("tbody tr").last).to_contain_text(needs)


def test_cuts_are_moved_added_and_removed_with_the_keyboard(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    panel = opened(host, builder, "stream")
    panel.get_by_role("button", name="Add a cut").click()
    cut = panel.get_by_role("slider")
    expect(cut).to_have_attribute("aria-valuenow", str(len(HELLO) // 2))
    cut.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        host.page.keyboard.press(key)
    expect(cut).to_have_count(2)
    settled(panel)
    assert builder.state["stream"]["cuts"] == [7, 8]
    expect(panel.locator(".wsedu-cut[tabindex='0']")).to_be_focused()
    host.page.keyboard.press("ArrowDown")
    host.page.keyboard.press("Delete")
    expect(cut).to_have_count(1)
    assert builder.state["stream"]["cuts"] == [7]


def test_a_cut_is_dragged_with_the_mouse(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    panel = opened(host, builder, "stream")
    panel.locator("[data-gap='3']").click()
    expect(panel.get_by_role("slider")).to_have_count(1)
    wanted = panel.locator("[data-gap='9']").bounding_box()
    panel.get_by_role("slider").hover()
    mouse = host.page.mouse
    mouse.down()
    mouse.move(wanted["x"] + wanted["width"] / 2, wanted["y"] + wanted["height"] / 2, steps=8)
    mouse.up()
    settled(panel)
    assert builder.state["stream"]["cuts"] == [9]


def test_a_challenge_says_what_is_there_and_what_is_missing(host: Host) -> None:
    builder = FrameBuilder(language="en")
    panel = opened(host, builder, "deck")
    panel.get_by_role("combobox").select_option("pong")
    settled(panel)
    builder.value = encode_frame(Frame.ping(masking_key=KEY))
    expect(panel.locator(".wsedu-panel-sentence")).to_have_text(
        "4 of 5 as wanted. Still wanted: the opcode is Pong (0xa)."
    )
    expect(panel.locator(".wsedu-deck-parts .wsedu-bad")).to_contain_text("the opcode is Pong (0xa)")
    expect(panel.locator(".wsedu-deck-parts .wsedu-bad .wsedu-muted")).to_have_text("(now: its opcode is Ping (0x9))")
    goal = host.page.locator(".wsedu-goal")
    expect(goal).to_contain_text("in 6 bytes")
    expect(goal.locator(".wsedu-bad")).to_contain_text("the opcode is Pong (0xa)")
    goal_box, grid = goal.bounding_box(), host.page.locator(".wsedu-grid").bounding_box()
    assert goal_box["y"] + goal_box["height"] <= grid["y"] < goal_box["y"] + 200
    panel.get_by_role("button", name="Hint").click()
    expect(panel).to_contain_text("0xA")
    assert builder.solved == []
    builder.value = encode_frame(Frame.pong(masking_key=KEY))
    expect(panel.locator(".wsedu-deck-why")).to_contain_text("§5.5.3")
    assert builder.solved == ["pong"]
    panel.get_by_role("button", name="Next challenge").click()
    expect(panel.locator(".wsedu-deck-task")).to_contain_text("1002")
    assert builder.value == HELLO
    expect(panel).to_contain_text("1 of 15 solved")


def test_a_flip_in_the_grid_solves_a_challenge(host: Host) -> None:
    builder = FrameBuilder(language="zh")
    panel = opened(host, builder, "deck")
    panel.get_by_role("combobox").select_option("flip_1002")
    settled(panel)
    host.page.locator("[data-bit='1']").click()
    expect(panel.locator(".wsedu-deck-parts .wsedu-good")).to_contain_text(["恰好翻转 1 位", "1002"])
    expect(panel.locator(".wsedu-deck-why")).to_contain_text("协议错误")
    assert builder.solved == ["flip_1002"]


def test_a_text_is_compressed_and_put_into_the_builder(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    panel = opened(host, builder, "deflate")
    cards = panel.locator(".wsedu-deflate-cards .wsedu-deflate-wire")
    # RFC 7692 §7.2.3.1 and §7.2.3.2: "Hello" alone, and again with the window of the first.
    assert cards.all_inner_texts() == ["f2 48 cd c9 c9 07 00", "f2 00 11 00 00", "f2 48 cd c9 c9 07 00"]
    panel.get_by_label("Text to compress").fill("Hello")
    settled(panel)
    panel.get_by_role("button", name="Put it into the builder").click()
    expect(panel.locator(".wsedu-deflate-card").first).to_contain_text("The frame in the builder, inflated")
    expect(panel.locator(".wsedu-deflate-card").first).to_contain_text('"Hello"')
    assert builder.value == bytes.fromhex("c18737fa213d") + bytes(
        one ^ KEY[place % 4] for place, one in enumerate(bytes.fromhex("f248cdc9c90700"))
    )


def test_bad_input_is_said_and_the_last_good_state_stays(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    panel = opened(host, builder, "deflate")
    panel.get_by_label("Text to compress").fill("x" * 5000)
    expect(host.page.get_by_role("alert")).to_contain_text("more than 4,096 bytes")
    assert builder.state["deflate"]["messages"][0]["plain"] == 5
    builder.value = encode_frame(Frame(1, b"\xff\xff", rsv1=True))
    expect(panel.locator(".wsedu-deflate-card").first).to_contain_text("cannot be inflated")
