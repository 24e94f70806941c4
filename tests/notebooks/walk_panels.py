"""The walk through the panels of the frame builder: ladder, microscope, stream strip, challenges, compression."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.notebooks.walk import Stop
from tests.notebooks.walk_builder import HELLO, KEY, box, builder, settled
from wsedu.protocol.frames import FrameDecoder
from wsedu.views.sheet import flipped
from wsedu.widgets import FrameBuilder


def _panel(page: Any, name: str) -> Any:
    page.locator(f"[data-panel='{name}']").click()
    return page.locator(".wsedu-panel:visible")


def _headers(page: Any, made: FrameBuilder) -> list[tuple[int, int]]:
    """The payload and the header at each rung of the ladder."""
    seen = []
    page.get_by_role("slider", name="Payload length").focus()
    page.keyboard.press("Home")
    for _ in range(7):
        settled(page)
        assert made.frame is not None
        size = len(made.frame.payload)
        seen.append((size, len(made.value) - size))
        page.keyboard.press("ArrowRight")
        settled(page)
    return seen


def ladder(page: Any, made: FrameBuilder) -> None:
    page.get_by_label("MASK", exact=True).uncheck()
    lengths = [0, 5, 125, 126, 127, 65535, 65536]
    headers = [2, 2, 2, 4, 4, 4, 10]
    assert _headers(page, made) == list(zip(lengths, headers, strict=True))
    page.get_by_label("MASK", exact=True).check()
    settled(page)
    assert _headers(page, made) == [(length, header + 4) for length, header in zip(lengths, headers, strict=True)]
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("126 bytes of payload: a header of 8 bytes")).to_be_visible()


def microscope(page: Any, made: FrameBuilder) -> None:
    panel = _panel(page, "microscope")
    page.locator("[data-bit='64']").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text(f"{HELLO[8]:02x}")
    rows = [row.get_by_role("cell").all() for row in panel.locator(".wsedu-mask-bits tbody tr").all()]
    values = [int("".join(cell.get_attribute("aria-label") for cell in bits), 2) for _, *bits in rows]
    assert values == [ord("l"), KEY[2], HELLO[8]]
    settled(page)
    assert made.pinned == 8


def wrong(page: Any, _made: FrameBuilder) -> None:
    panel = _panel(page, "microscope")
    shown = panel.get_by_role("listbox").get_by_role("option")
    rules = {
        "reversed": lambda i: KEY[3 - i % 4],
        "frame_start": lambda i: KEY[(i + 6) % 4],
        "first": lambda _: KEY[0],
    }
    for name, key in rules.items():
        panel.get_by_label("Compare with a wrong rule").select_option(name)
        for place, byte in enumerate(b"Hello"):
            expect(shown.nth(place)).to_contain_text(f"{byte ^ key(place):02x}")


def stream(page: Any, _made: FrameBuilder) -> None:
    panel = _panel(page, "stream")
    panel.get_by_role("button", name="Add a Ping").click()
    for gap in (1, 4, 8):
        panel.locator(f"[data-gap='{gap}']").click()
        expect(panel.get_by_role("slider")).to_have_count({1: 1, 4: 2, 8: 3}[gap])
    for number in range(3):
        panel.get_by_role("button", name="Next piece").click()
        expect(panel.locator("tbody tr")).to_have_count(number + 1)
    decoder = FrameDecoder()
    assert decoder.feed(HELLO[:8]) == []
    expect(panel.locator("tbody tr").last).to_contain_text("3 more bytes of the payload: 2 of 5")


def drag(page: Any, made: FrameBuilder) -> None:
    panel = _panel(page, "stream")
    panel.get_by_role("button", name="Add these bytes again").click()
    panel.locator("[data-gap='3']").click()
    cut = panel.get_by_role("slider")
    expect(cut).to_have_count(1)
    wanted = panel.locator("[data-gap='14']").bounding_box()
    cut.hover()
    page.mouse.down()
    page.mouse.move(wanted["x"] + wanted["width"] / 2, wanted["y"] + wanted["height"] / 2, steps=8)
    page.mouse.up()
    expect(cut).to_have_attribute("aria-valuenow", "14")
    panel.get_by_role("button", name="Next piece").click()
    first = panel.locator("tbody tr").first
    expect(first).to_contain_text("✔")
    assert made.state["stream"]["cuts"] == [14]
    assert len(FrameDecoder().feed((HELLO + HELLO)[:14])) == 1, "a piece has the first frame and some of the next"


def challenge(page: Any, made: FrameBuilder) -> None:
    page.get_by_role("button", name="Challenge", exact=True).click()
    panel = page.locator(".wsedu-panel:visible")
    panel.get_by_role("combobox").select_option("pong")
    expect(panel.locator(".wsedu-deck-task")).to_be_visible()
    box(page, "All bytes, hex").fill("8a 80 00 00 00 00")
    page.keyboard.press("Enter")
    expect(panel.locator(".wsedu-deck-why")).to_contain_text("§5.5.3")
    assert made.solved == ["pong"]


def challenges(page: Any, made: FrameBuilder) -> None:
    page.get_by_role("button", name="Challenge", exact=True).click()
    panel = page.locator(".wsedu-panel:visible")
    panel.get_by_role("combobox").select_option("shortest_64")
    panel.get_by_role("button", name="Hint").click()
    slider = page.get_by_role("slider", name="Payload length")
    slider.focus()
    page.keyboard.press("End")
    expect(panel.locator(".wsedu-deck-why")).to_be_visible()
    panel.get_by_role("combobox").select_option("flip_1002")
    expect(panel.locator(".wsedu-deck-task")).to_contain_text("1002")
    settled(page)
    page.locator("[data-bit='1']").click()
    expect(panel.locator(".wsedu-deck-why")).to_contain_text("1002")
    expect(panel).to_contain_text("2 of 15 solved")
    assert made.solved == ["shortest_64", "flip_1002"]
    assert made.value == flipped(HELLO, 1)


def deflate(page: Any, made: FrameBuilder) -> None:
    panel = _panel(page, "deflate")
    expect(panel.locator(".wsedu-deflate-wire").first).to_have_text("f2 48 cd c9 c9 07 00")
    panel.get_by_role("button", name="Put it into the builder").click()
    expect(panel.locator(".wsedu-deflate-card").first).to_contain_text("The frame in the builder, inflated")
    settled(page)
    assert made.frame is not None
    assert made.frame.rsv1
    assert made.frame.payload == bytes.fromhex("f248cdc9c90700")


PANELS = (
    Stop("ladder", "The length ladder: the header grows from 2 to 4 to 10 bytes, and by 4 masked.", builder, ladder),
    Stop("microscope", "The XOR microscope: a payload byte, its key byte and the result.", builder, microscope),
    Stop("wrong", "The same with a wrong rule beside the right one.", builder, wrong, ".wsedu-panels"),
    Stop("stream", "The stream strip: what was just read, and what is needed next.", builder, stream, ".wsedu-panels"),
    Stop("drag", "A cut is dragged: TCP does not keep frames together.", builder, drag, ".wsedu-panels"),
    Stop("challenge", "The challenge deck is checked while bytes change.", builder, challenge),
    Stop("challenges", "One flip that is answered with 1002.", builder, challenges),
    Stop("deflate", "A message under permessage-deflate, put into the builder.", builder, deflate),
)
