"""`FrameBuilder`: bits, fields, hex, text and the line of Python, each edited, and the others following."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect
from websockets.frames import Frame as PeerFrame
from websockets.frames import Opcode as PeerOpcode

from tests.widgets.host import Host
from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.views.python_reader import ALLOWED
from wsedu.views.sheet_edits import LADDER
from wsedu.widgets import FrameBuilder

KEY = bytes.fromhex("37fa213d")
HELLO = encode_frame(Frame.text("Hello", masking_key=KEY))


def settled(page: Any) -> None:
    expect(page.locator(".wsedu-builder[aria-busy='false']")).to_be_attached()


def box(page: Any, name: str) -> Any:
    return page.get_by_role("textbox", name=name, exact=True)


def bits_of(page: Any) -> bytes:
    """The bytes whose bits are on the screen."""
    digits = "".join(page.locator("[data-bit] > span:last-child").all_inner_texts())
    return int(digits, 2).to_bytes(len(digits) // 8, "big")


def assert_all_show(page: Any, builder: FrameBuilder, frame: Frame) -> None:
    """Bits, fields, hex, text, payload and line of Python are those of one frame, here and in Python."""
    settled(page)
    data = encode_frame(frame)
    assert builder.value == data
    assert builder.frame is not None
    assert builder.frame.same_as(frame)
    assert bits_of(page) == data
    assert bytes.fromhex(box(page, "All bytes, hex").input_value()) == data
    assert box(page, "Payload, text").input_value() == frame.payload.decode()
    assert bytes.fromhex(box(page, "Payload, hex").input_value()) == frame.payload
    assert eval(box(page, "Python").input_value(), {"encode_frame": encode_frame, "Frame": Frame}) == data
    assert page.get_by_label("Opcode", exact=True).input_value() == str(int(frame.opcode))
    assert page.get_by_label("FIN", exact=True).is_checked() == frame.fin
    assert page.get_by_label("MASK", exact=True).is_checked() == (frame.masking_key is not None)
    assert page.locator(".wsedu-command").inner_text() == f"python -m wsedu decode {data.hex()}"


EDITS: dict[str, tuple[Any, Frame]] = {
    "opcode": (
        lambda page: page.get_by_label("Opcode", exact=True).select_option("9"),
        Frame.ping(b"Hello", masking_key=KEY),
    ),
    "fin": (
        lambda page: page.get_by_label("FIN", exact=True).uncheck(),
        Frame.text("Hello", fin=False, masking_key=KEY),
    ),
    "rsv2": (
        lambda page: page.get_by_role("checkbox", name="RSV2").check(),
        Frame.text("Hello", masking_key=KEY)._replace(rsv2=True),
    ),
    "mask": (lambda page: page.get_by_label("MASK", exact=True).uncheck(), Frame.text("Hello")),
    "key": (
        lambda page: (box(page, "Masking key").fill("0x01 02 03 04"), page.keyboard.press("Enter")),
        Frame.text("Hello", masking_key=bytes([1, 2, 3, 4])),
    ),
    "form": (
        lambda page: page.get_by_label("written in").select_option("64"),
        Frame.text("Hello", masking_key=KEY)._replace(length_form=64),
    ),
    "text": (
        lambda page: box(page, "Payload, text").press_sequentially(", 世界"),
        Frame.text("Hello, 世界", masking_key=KEY),
    ),
    "payload": (
        lambda page: (box(page, "Payload, hex").fill("486f"), page.keyboard.press("Enter")),
        Frame.text("Ho", masking_key=KEY),
    ),
    "hex": (
        lambda page: (box(page, "All bytes, hex").fill("8a 81 00000000 21"), page.keyboard.press("Enter")),
        Frame.pong(b"!", masking_key=bytes(4)),
    ),
    "dump": (
        lambda page: (box(page, "All bytes, hex").fill("00000000: 8102 6869  ..hi\n"), page.keyboard.press("Enter")),
        Frame.text("hi"),
    ),
    "python": (
        lambda page: (box(page, "Python").fill('encode_frame(Frame.binary(b"ab" * 3))'), page.keyboard.press("Enter")),
        Frame.binary(b"ababab"),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_whatever_is_edited_all_else_follows(host: Host, name: str) -> None:
    edit, frame = EDITS[name]
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    edit(page)
    box(page, "Python").focus()
    expect(box(page, "All bytes, hex")).to_have_value(encode_frame(frame).hex(" "))
    assert_all_show(page, builder, frame)


def test_a_key_can_be_drawn_and_the_text_stays(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.get_by_role("button", name="Random key").click()
    settled(page)
    assert builder.frame is not None
    assert builder.frame.payload == b"Hello"
    assert builder.frame.masking_key not in (None, KEY)


def test_a_mask_that_is_taken_off_and_put_on_has_the_same_key(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.get_by_label("MASK", exact=True).uncheck()
    expect(page.get_by_role("textbox", name="Masking key")).to_be_disabled()
    page.get_by_label("MASK", exact=True).check()
    settled(page)
    assert builder.value == HELLO


def test_a_length_can_be_announced_that_the_payload_does_not_have(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    box(page, "Announced length").fill("99")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text(f"{99 - 5} more bytes")
    assert builder.value == HELLO[:1] + bytes([0x80 | 99]) + HELLO[2:]


def test_a_close_frame_is_edited_by_its_code_and_reason(host: Host) -> None:
    builder = FrameBuilder(encode_frame(Frame.close(1000, "bye")), language="en")
    page = host.show(builder)
    expect(box(page, "Payload, text")).to_be_hidden()
    box(page, "Status code").fill("1001")
    page.keyboard.press("Enter")
    box(page, "Reason").fill("走了")
    page.keyboard.press("Enter")
    expect(box(page, "Python")).to_have_value('encode_frame(Frame.close(1001, "走了"))')
    assert builder.value == encode_frame(Frame.close(1001, "走了"))
    box(page, "Reason").fill("")
    page.keyboard.press("Enter")
    box(page, "Status code").fill("")
    page.keyboard.press("Enter")
    settled(page)
    assert builder.value == encode_frame(Frame.close())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ladder_shows_the_header_growing(host: Host, language: str) -> None:
    builder = FrameBuilder(encode_frame(Frame.text("Hello")), language=language)
    page = host.show(builder)
    slider = page.get_by_role("slider")
    sizes = []
    for length in LADDER[LADDER.index(5) + 1 :]:
        slider.press("ArrowRight")
        settled(page)
        assert builder.value == PeerFrame(PeerOpcode.TEXT, builder.frame.payload).serialize(mask=False)  # type: ignore[union-attr]
        sizes.append(len(builder.value) - length)
        said = part_catalogue("frame_builder", language).say("builder.ladder_value", length=length, header=sizes[-1])
        expect(slider).to_have_attribute("aria-valuetext", said)
    assert sizes == [2, 4, 4, 4, 10]
    slider.press("Home")
    settled(page)
    assert builder.value == b"\x81\x00"


def test_a_number_under_the_slider_sets_the_length(host: Host) -> None:
    builder = FrameBuilder(encode_frame(Frame.text("Hello")), language="en")
    page = host.show(builder)
    rungs = page.get_by_role("group", name="Payload length").get_by_role("button")
    expect(rungs).to_have_text([f"{length:,}" for length in LADDER])
    expect(rungs.nth(LADDER.index(5))).to_have_attribute("aria-pressed", "true")
    for length in (126, 0, 65_536):
        rungs.nth(LADDER.index(length)).click()
        settled(page)
        assert len(builder.frame.payload) == length  # type: ignore[union-attr]
        expect(page.locator(".wsedu-rung [aria-pressed=true]")).to_have_text([f"{length:,}"])
        expect(page.get_by_role("slider")).to_have_value(str(LADDER.index(length)))


@pytest.mark.parametrize("width", [400, 668, 1280])
def test_the_numbers_under_the_slider_do_not_touch(host: Host, width: int) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    page = host.show(FrameBuilder(encode_frame(Frame.text("Hello")), language="en"))
    boxes = [rung.bounding_box() for rung in page.locator(".wsedu-rung button").all()]
    assert len(boxes) == len(LADDER)
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"] or left["y"] + left["height"] <= right["y"]


@pytest.mark.parametrize("size", [4, 90, 345, 40_000, 70_000])
def test_a_length_between_two_stops_has_the_thumb_between_them(host: Host, size: int) -> None:
    builder = FrameBuilder(encode_frame(Frame.text("x" * size)), language="en")
    page = host.show(builder)
    slider = page.get_by_role("slider")
    place = float(slider.input_value())
    below = max(stop for stop, length in enumerate(LADDER) if length <= size)
    assert below < place < below + 1 if size < LADDER[-1] else place == below
    expect(page.locator(".wsedu-ladder-told")).to_contain_text(f"{size:,} bytes of payload")
    expect(page.locator(".wsedu-rung [aria-pressed=true]")).to_have_count(0)
    slider.press("ArrowLeft")
    settled(page)
    assert len(builder.frame.payload) == LADDER[below - (size > LADDER[-1])]  # type: ignore[union-attr]


def test_undo_and_redo_by_buttons_and_keys(host: Host, seed: int) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    seen = [builder.value]
    for bit in random.Random(seed).sample(range(8 * len(HELLO)), 3):
        page.locator(f"[data-bit='{bit}']").click()
        settled(page)
        seen.append(builder.value)
    page.keyboard.press("Control+z")
    settled(page)
    assert builder.value == seen[2]
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    settled(page)
    assert builder.value == seen[0]
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.locator("[data-bit='0']").focus()
    page.keyboard.press("Control+Shift+Z")
    page.keyboard.press("Control+y")
    page.get_by_role("button", name="Redo").click()
    settled(page)
    assert builder.value == seen[3]


def test_what_is_typed_in_one_go_is_undone_in_one_go(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    box(page, "Payload, text").press_sequentially(" world")
    expect(box(page, "Payload, hex")).to_have_value(b"Hello world".hex(" "))
    page.get_by_role("button", name="Undo").click()
    settled(page)
    assert builder.value == HELLO


def test_undo_in_a_text_is_the_text_s_own(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.locator("[data-bit='4']").click()
    settled(page)
    flipped = builder.value
    box(page, "Python").press("Control+z")
    settled(page)
    assert builder.value == flipped


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "text", "key", "facts"),
    [
        ("hex", "81 8x", "hex.character", {"line": 1, "column": 5, "found": '"x"'}),
        ("hex", "818", "hex.odd", {"line": 1, "column": 3, "found": '"8"'}),
        ("payload", "zz", "hex.character", {"line": 1, "column": 1, "found": '"z"'}),
        ("key", "010203", "key", {"count": 3}),
        ("length", "126", "room", {"value": 126, "bits": 7}),
        ("length", "five", "number", {"found": '"five"'}),
        ("python", "open('x')", "python.name", {"found": "open"}),
        ("python", "Frame.text(", "python.syntax", None),
    ],
)
def test_bad_input_is_said_in_one_line_and_the_last_good_state_stays(
    host: Host, name: str, text: str, key: str, facts: dict[str, Any] | None, language: str
) -> None:
    words = part_catalogue("frame_builder", language)
    builder = FrameBuilder(HELLO, language=language)
    page = host.show(builder)
    field = box(page, words.say(f"builder.{name}"))
    field.fill(text)
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    shown = page.get_by_role("alert")
    expect(shown).to_have_count(1)
    alert = shown.inner_text()
    assert "\n" not in alert
    expect(field).to_have_accessible_description(alert)
    near, at = shown.bounding_box(), field.bounding_box()
    assert 0 <= near["y"] - (at["y"] + at["height"]) < 10
    if facts is not None:
        allowed = {"allowed": ", ".join(ALLOWED)}
        assert alert == words.say(f"bad.{key}", **(allowed | facts))
    expect(field).to_have_value(text)
    assert builder.value == HELLO
    assert bits_of(page) == HELLO
    field.press("Escape")
    expect(field).not_to_have_value(text)
    page.locator("[data-bit='4']").click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_wrong_hex_is_told_while_it_is_typed_and_nothing_moves(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    field = box(page, "All bytes, hex")
    places = page.locator(".wsedu dt, .wsedu textarea, .wsedu-tabs")
    before = places.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    field.click()
    page.keyboard.press("End")
    page.keyboard.type(" 8x")
    expect(page.get_by_role("alert")).to_contain_text('has "x"')
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert places.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)") == before
    assert builder.value == HELLO
    page.keyboard.press("Backspace")
    page.keyboard.type("5")
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(field).not_to_have_attribute("aria-invalid", "true")
    assert builder.value == HELLO
    page.keyboard.press("Enter")
    settled(page)
    assert builder.value == HELLO + b"\x85"


def test_half_a_character_is_no_text(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.evaluate("window.toPython(JSON.stringify({view: 'x', seq: 1, acts: [{do: 'text', text: 'a\\ud83d'}]}))")
    expect(page.get_by_role("alert")).to_contain_text("surrogate pair, character 2")
    assert builder.value == HELLO


PASTE = """(node, size) => {
  node.value = "8".repeat(size);
  for (const name of ["input", "change"]) node.dispatchEvent(new Event(name));
}"""


@pytest.mark.parametrize("name", ["All bytes, hex", "Payload, hex", "Payload, text", "Python", "Masking key"])
def test_a_megabyte_that_is_pasted_is_refused_in_one_line(host: Host, name: str) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    field = box(page, name)
    field.evaluate(PASTE, 1 << 20)
    expect(page.get_by_role("alert")).to_contain_text(f"{1 << 20:,} characters are too many")
    assert builder.value == HELLO
    assert bits_of(page) == HELLO


@pytest.mark.parametrize("size", [1 << 16, 1 << 20])
def test_a_large_value_is_shown_and_edited_as_far_as_that_is_sensible(host: Host, size: int) -> None:
    builder = FrameBuilder(encode_frame(Frame.binary(bytes(size - 1) + b"!", masking_key=KEY)), language="en")
    page = host.show(builder)
    assert len(str(builder.state)) < 40_000, "what goes to the page does not grow with the value"
    page.locator("[data-bit='4']").click()
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("Pong")
    expect(box(page, "Payload, hex")).to_have_attribute("placeholder", re.compile(f"{size:,} bytes: too many to edit"))
    expect(page.locator(".wsedu-window")).to_contain_text("Of so much, what a flip does is not worked out beforehand")
    page.get_by_role("button", name="Show 96 bytes").click()
    expect(page.locator("[data-bit]")).to_have_count(8 * 96)
    page.locator("[data-bit='760']").click()
    settled(page)
    assert builder.value[95] ^ 0x80 == encode_frame(Frame.binary(bytes(size - 1) + b"!", masking_key=KEY))[95]
