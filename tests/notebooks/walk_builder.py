"""The walk through the frame builder: its grid, its editors, what it says of the bytes."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import expect

from tests.notebooks.walk import Stop, focused, tab_to, written
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.types import Direction
from wsedu.simulator import simulate
from wsedu.views.sheet import flipped
from wsedu.widgets import FrameBuilder

KEY = bytes.fromhex("37fa213d")
HELLO = encode_frame(Frame.text("Hello", masking_key=KEY))
UPPER = ".wsedu-bar, .wsedu-figure, .wsedu-field-lines, .wsedu-builder-said:not(.wsedu-builder-edit)"
"""The grid, and what is said of it."""
MIDDLE = ".wsedu-bar, .wsedu-builder-edit, .wsedu-copied"
"""That, and the editors."""
HEAD = ".wsedu-bar, .wsedu-figure, .wsedu-field-lines"
PYTHON = {"encode_frame": encode_frame, "Frame": Frame}


def builder() -> FrameBuilder:
    """A builder on the masked "Hello" of RFC 6455 §5.7."""
    return FrameBuilder(HELLO, language="en")


def settled(page: Any) -> None:
    """Wait until the page shows what Python has confirmed."""
    expect(page.locator(".wsedu-builder")).to_have_attribute("aria-busy", "false")


def box(page: Any, name: str) -> Any:
    """The text field of that name."""
    return page.get_by_role("textbox", name=name, exact=True)


def grid(page: Any, _made: FrameBuilder) -> None:
    assert "".join(page.locator(".wsedu-byte-hex").all_inner_texts()) == HELLO.hex()
    marks = [mark for mark in page.locator(".wsedu-byte-mark").all_inner_texts() if mark]
    assert marks == ["K0", "K1", "K2", "K3", "P0", "P1", "P2", "P3", "P4"]
    below = page.locator(".wsedu-byte-below").all_inner_texts()
    assert below[0] == "final, text"
    assert "".join(text[-1] for text in below[6:]) == "Hello"
    expect(page.locator(".wsedu-builder-sentence")).to_have_text(
        "A complete text message of 5 bytes, masked by the client."
    )


def flip(page: Any, made: FrameBuilder) -> None:
    page.locator("[data-bit='4']").click()
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("Ping")
    expect(page.locator("[data-bit='4']")).to_have_class(re.compile("wsedu-bit-changed"))
    settled(page)
    assert made.value == flipped(HELLO, 4)


def edit(page: Any, made: FrameBuilder) -> None:
    box(page, "Payload, text").fill("Hi")
    expect(box(page, "All bytes, hex")).to_have_value(encode_frame(Frame.text("Hi", masking_key=KEY)).hex(" "))
    box(page, "Python").fill('encode_frame(Frame.ping(b"?", masking_key=bytes.fromhex("00000000")))')
    page.keyboard.press("Enter")
    wanted = encode_frame(Frame.ping(b"?", masking_key=bytes(4)))
    expect(box(page, "All bytes, hex")).to_have_value(wanted.hex(" "))
    settled(page)
    assert made.value == wanted


def fields(page: Any, made: FrameBuilder) -> None:
    page.get_by_label("FIN", exact=True).uncheck()
    page.get_by_label("Opcode", exact=True).select_option("2")
    box(page, "Masking key").fill("01 02 03 04")
    page.keyboard.press("Enter")
    wanted = Frame.binary(b"Hello", fin=False, masking_key=bytes([1, 2, 3, 4]))
    expect(box(page, "All bytes, hex")).to_have_value(encode_frame(wanted).hex(" "))
    settled(page)
    assert made.frame is not None
    assert made.frame.same_as(wanted)
    assert eval(box(page, "Python").input_value(), PYTHON) == made.value


def dump(page: Any, made: FrameBuilder) -> None:
    box(page, "All bytes, hex").fill("00000000: 8a81 0000 0000 21  ......!\n")
    page.keyboard.press("Enter")
    expect(box(page, "Payload, text")).to_have_value("!")
    box(page, "Payload, hex").fill("3f 3f")
    page.keyboard.press("Enter")
    expect(box(page, "Payload, text")).to_have_value("??")
    settled(page)
    assert made.value == encode_frame(Frame.pong(b"??", masking_key=bytes(4)))


def bad(page: Any, made: FrameBuilder) -> None:
    box(page, "All bytes, hex").fill("81 8z")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text('Not hex: line 1, column 5 has "z"')
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("A complete text message of 5 bytes")
    assert made.value == HELLO


def pin(page: Any, _made: FrameBuilder) -> None:
    page.get_by_role("toolbar").get_by_role("button", name="opcode").click()
    page.locator("[data-bit='30']").hover()
    expect(page.locator(".wsedu-pinned-line")).to_contain_text("opcode")
    expect(page.locator(".wsedu-hovered-line")).to_contain_text("Masking-key")
    assert page.locator(".wsedu-bit-pinned").count() == 4


def keyboard(page: Any, made: FrameBuilder) -> None:
    tab_to(page, "[data-bit]")
    assert focused(page) == "0"
    for key, place in (("ArrowRight", "1"), ("ArrowDown", "33"), ("ArrowLeft", "32"), ("ArrowUp", "0")):
        page.keyboard.press(key)
        assert focused(page) == place
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    settled(page)
    assert made.value == flipped(HELLO, 4)
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-pinned-line")).to_contain_text("opcode")
    page.keyboard.press("Control+z")
    settled(page)
    assert made.value == HELLO
    page.keyboard.press("Control+Shift+Z")
    settled(page)
    assert made.value == flipped(HELLO, 4)
    assert focused(page) == "4"
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.matches('[data-bit]')"), "the grid is one tab stop"
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "4", "and one comes back to where one was"


def show_hex(page: Any, made: FrameBuilder) -> None:
    page.get_by_role("radio", name="hex").check()
    expect(page.locator("[data-bit]").first).to_be_hidden()
    assert "".join(page.locator(".wsedu-hex-digits").all_inner_texts()) == HELLO.hex()
    page.locator("[data-place='7']").click()
    expect(page.locator(".wsedu-pinned-line")).to_contain_text("Payload Data")
    settled(page)
    assert made.pinned == 7


def show_fields(page: Any, _made: FrameBuilder) -> None:
    page.get_by_role("radio", name="fields").check()
    rows = page.locator(".wsedu-field-table tbody tr")
    expect(rows).to_have_count(len(dissect(HELLO).fields))
    rows.filter(has_text="Masking-key").get_by_role("button").click()
    expect(page.locator(".wsedu-row-pinned")).to_contain_text("37 fa 21 3d")


def undo(page: Any, made: FrameBuilder) -> None:
    page.locator("[data-bit='8']").click()
    page.locator("[data-bit='0']").click()
    settled(page)
    page.get_by_role("button", name="Undo").click()
    settled(page)
    assert made.value == flipped(HELLO, 8)
    page.get_by_role("button", name="Redo").click()
    settled(page)
    assert made.value == flipped(flipped(HELLO, 8), 0)


def verdict(page: Any, _made: FrameBuilder) -> None:
    said = page.locator(".wsedu-builder-verdict")
    expect(said.nth(0)).to_contain_text("✔ Legal from a client")
    expect(said.nth(1)).to_contain_text("SERVER_MUST_NOT_MASK")
    expect(said.nth(1)).to_contain_text("§5.1")


def sender(page: Any, made: FrameBuilder) -> None:
    page.get_by_role("radio", name="server").check()
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("masked, though a server must not mask")
    expect(page.locator(".wsedu-verdict-sender")).to_contain_text("Illegal from a server")
    assert made.sender == "server"
    assert made.value == HELLO


def illegal(page: Any, made: FrameBuilder) -> None:
    page.locator("[data-bit='4']").click()
    page.get_by_label("FIN", exact=True).uncheck()
    for said in page.locator(".wsedu-builder-verdict").all():
        expect(said).to_contain_text("CONTROL_FRAGMENTED, §5.5")
    settled(page)
    assert made.value == flipped(flipped(HELLO, 4), 0), "what is illegal is left as it is"


def repair(page: Any, made: FrameBuilder) -> None:
    for bit in (9, 10, 11, 12, 14, 15):
        page.locator(f"[data-bit='{bit}']").click()
    length = int.from_bytes(HELLO[2:4], "big")
    missing = length - (len(HELLO) - 8)
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text(f"{length:,} bytes")
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text(f"{missing:,} more bytes")
    settled(page)
    assert made.value[2:] == HELLO[2:]


def copy(page: Any, made: FrameBuilder) -> None:
    page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value; })")
    page.get_by_role("button", name="Copy hex").click()
    expect(page.locator(".wsedu-copied")).to_contain_text("Copied")
    assert page.evaluate("window.copied") == HELLO.hex()
    page.get_by_role("button", name="Copy Python").click()
    page.wait_for_function("window.copied.startsWith('encode_frame')")
    assert eval(page.evaluate("window.copied"), PYTHON) == made.value
    page.get_by_role("button", name="Copy command").click()
    page.wait_for_function("window.copied.startsWith('python')")
    expect(page.locator(".wsedu-command")).to_have_text(page.evaluate("window.copied"))
    assert page.evaluate("window.copied") == f"python -m wsedu decode {made.value.hex()}"


def predict(page: Any, made: FrameBuilder) -> None:
    page.get_by_role("button", name="Predict", exact=True).click()
    page.locator("[data-bit='8']").click()
    question = page.get_by_text("You turn MASK, bit 0 of byte 1, to 0. What is it then?")
    expect(question).to_be_visible()
    assert made.value == HELLO, "nothing is shown before the learner has answered"


def predicted(page: Any, made: FrameBuilder) -> None:
    page.get_by_role("button", name="Predict", exact=True).click()
    page.locator("[data-bit='4']").click()
    page.get_by_role("button", name="Skip").click()
    told = page.locator(".wsedu-predict-told")
    expect(told).to_have_text("0 of 0 right, 1 skipped")
    page.locator("[data-bit='14']").click()
    for role, guess in (("From a client", "waits for more"), ("From a server", "illegal")):
        page.get_by_role("radiogroup", name=role).get_by_label(guess).check()
    page.get_by_label("Payload bytes that the parser takes it for").fill("9")
    page.get_by_role("button", name="Show what happens").click()
    expect(told).to_have_text("✖ Not as you said: the parser takes 7 bytes of payload. 0 of 1 right, 1 skipped")
    settled(page)
    assert made.value == flipped(flipped(HELLO, 14), 4)
    skipped, answered = made.predictions
    assert answered["said"] == {"client": "incomplete", "server": "illegal", "length": 9}
    assert answered["truth"]["length"] == 7
    assert [answered["right"], skipped["skipped"]] == [False, True]
    assert json.loads(written("said.json", made.save_predictions)) == made.predictions


def traits(page: Any, made: FrameBuilder) -> None:
    made.frame = Frame.close(1000, "bye", masking_key=KEY)
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("A Close frame with 5 bytes")
    expect(page.get_by_label("Status code", exact=True)).to_have_value("1000")
    page.get_by_label("Reason", exact=True).fill("so long")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-builder-happened")).to_contain_text('the status code 1000 and the reason "so long"')
    settled(page)
    assert made.value == encode_frame(Frame.close(1000, "so long", masking_key=KEY))


def _step() -> FrameBuilder:
    trace = simulate("fragments", seed=1)
    return FrameBuilder.from_step(trace.frames(Direction.TO_SERVER)[0], language="en")


def step(page: Any, made: FrameBuilder) -> None:
    sent = simulate("fragments", seed=1).frames(Direction.TO_SERVER)[0].step
    assert made.value == encode_frame(sent.frame)
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("The first frame of a text message")
    expect(page.get_by_role("radio", name="client")).to_be_checked()


def narrow(page: Any, _made: FrameBuilder) -> None:
    page.set_viewport_size({"width": 668, "height": 900})
    tops = [cell.bounding_box()["y"] for cell in page.locator("[data-bit]").all()]
    assert tops.count(tops[0]) == 16
    assert page.evaluate("document.documentElement.scrollWidth") <= 668


def _two() -> FrameBuilder:
    return FrameBuilder(encode_frame(Frame.text("Hi")) + encode_frame(Frame.ping(b"?")), language="en")


def dark(page: Any, _made: FrameBuilder) -> None:
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("is taken for the next frame")
    light = page.evaluate("getComputedStyle(document.querySelector('section.wsedu')).color.match(/\\d+/g).map(Number)")
    assert min(light[:3]) > 200, "light text on dark ground"


def static(page: Any, made: FrameBuilder) -> None:
    html = made.to_html()
    assert "<script" not in html
    page.set_content(html)
    for field in dissect(made.value).fields:
        expect(page.locator("main, body").first).to_contain_text(f"§{field.section}")
    assert "A complete text message of 5 bytes, masked by the client." in made.to_text()
    assert made.to_png().startswith(b"\x89PNG")


GRID = (
    Stop("grid", "A frame, bit by bit, with what each byte is above and below it.", builder, grid, UPPER),
    Stop("flip", "Click a bit: everything else follows, and what changed is marked.", builder, flip, UPPER),
    Stop("keyboard", "By keyboard: arrows move, Space flips, Enter pins, Ctrl+Z undoes.", builder, keyboard, UPPER),
    Stop(
        "pin", "Point at a field for a thin outline; a click on its name pins it with a thick one.", builder, pin, UPPER
    ),
    Stop("hex", "The same as bytes in hex.", builder, show_hex, HEAD),
    Stop("fields", "The same as a table of its fields.", builder, show_fields, HEAD),
    Stop("undo", "Undo and redo.", builder, undo, UPPER),
)

EDITORS = (
    Stop("edit", "Edit the text or the line of Python: the bits follow.", builder, edit, MIDDLE),
    Stop("form", "Edit the fields: FIN, the opcode, the masking key.", builder, fields, MIDDLE),
    Stop("dump", "Paste hex, or the dump of a tool.", builder, dump, MIDDLE),
    Stop("bad", "What is no hex is said in a line, and the last good state stays.", builder, bad, MIDDLE),
    Stop("copy", "Copy the hex, the line of Python, or the command that shows it again.", builder, copy, MIDDLE),
    Stop("traits", "Python sets a Close frame, and reads what was typed as its reason.", builder, traits, MIDDLE),
    Stop("step", "Opened on a frame of a recorded exchange.", _step, step, UPPER),
)

SAID = (
    Stop(
        "verdict",
        "Legal from a client, illegal from a server: both verdicts, rule and section.",
        builder,
        verdict,
        UPPER,
    ),
    Stop("sender", "The sentence takes the side of the sender.", builder, sender, UPPER),
    Stop("illegal", "What is illegal is shown, explained, and left alone.", builder, illegal, UPPER),
    Stop(
        "repair", "A length that no longer fits is not repaired: the parser says what it needs.", builder, repair, UPPER
    ),
    Stop("predict", "Predict: what a flip does is asked before it is shown.", builder, predict, UPPER),
    Stop(
        "predicted", "Then reveal: what was said is judged and counted, and so is skipping.", builder, predicted, UPPER
    ),
)

LOOKS = (
    Stop("narrow", "16 bits in a row, where 32 have no room.", builder, narrow, MIDDLE),
    Stop("dark", "In a dark theme: two frames of a server.", _two, dark, MIDDLE),
    Stop("static", "Without a kernel and without a script: the static form.", builder, static, "body"),
)
