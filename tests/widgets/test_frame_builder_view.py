"""`FrameBuilder`: what is on the screen: captions, rows, outlines, verdicts, what changed; the keyboard; copying."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.explain.words import verdict_sentence
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.rules import RULES
from wsedu.views.sheet import flipped, sheet
from wsedu.widgets import FrameBuilder

KEY = bytes.fromhex("37fa213d")
HELLO = encode_frame(Frame.text("Hello", masking_key=KEY))


def settled(page: Any) -> None:
    expect(page.locator(".wsedu-builder[aria-busy='false']")).to_be_attached()


def outlined(page: Any, how: str) -> list[int]:
    """The bits with an outline."""
    cells = page.locator(f".wsedu-bit-{how}").all()
    return [int(cell.get_attribute("data-bit")) for cell in cells]


def bits_of(name: str, data: bytes = HELLO) -> list[int]:
    """The bits of a field, as the parser has it."""
    (field,) = (field for field in dissect(data).fields if field.name == name)
    return list(range(field.first_bit, field.first_bit + field.bits))


# --- The grid ---


@pytest.mark.parametrize(("width", "row"), [(1100, 32), (668, 16)])
def test_a_row_has_32_bits_or_16_and_the_arrow_keys_follow_it(host: Host, width: int, row: int) -> None:
    page = host.show(FrameBuilder(HELLO, language="en"))
    page.set_viewport_size({"width": width, "height": 900})
    first = page.locator("[data-bit='0']")
    tops = [cell.bounding_box()["y"] for cell in page.locator("[data-bit]").all()]
    assert tops.count(tops[0]) == row
    first.focus()
    for key, bit in (("ArrowDown", row), ("ArrowRight", row + 1), ("ArrowUp", 1), ("End", 87), ("Home", 0)):
        page.keyboard.press(key)
        expect(page.locator(f"[data-bit='{bit}']")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    assert page.locator(".wsedu-grid [tabindex='0']").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_and_what_is_edited_stand_in_one_column(host: Host, language: str) -> None:
    page = host.show(FrameBuilder(HELLO, language=language))
    columns = {box["x"] for one in page.locator(".wsedu-builder-said > dd").all() if (box := one.bounding_box())}
    assert len(columns) == 1
    expect(page.locator(".wsedu-builder")).to_have_attribute("lang", {"en": "en", "zh": "zh-Hans"}[language])


def test_the_captions_stand_above_and_below_the_bytes(host: Host) -> None:
    page = host.show(FrameBuilder(HELLO, language="zh"))
    marks = page.locator(".wsedu-byte-mark").all_inner_texts()
    assert [mark for mark in marks if mark] == ["K0", "K1", "K2", "K3", "P0", "P1", "P2", "P3", "P4"]
    assert "".join(page.locator(".wsedu-byte-hex").all_inner_texts()) == HELLO.hex()
    below = page.locator(".wsedu-byte-below").all_inner_texts()
    assert "".join(text[-1] for text in below[6:]) == "Hello"
    rulers = [text for text in page.locator(".wsedu-byte-ruler").all_inner_texts() if text]
    assert rulers == ["第 0 字节", "第 1 字节", "2–5 掩码密钥", "6–10 载荷"]


def test_space_flips_and_enter_pins(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.locator("[data-bit='14']").focus()
    page.keyboard.press("Space")
    settled(page)
    assert builder.value == flipped(HELLO, 14)
    page.keyboard.press("Enter")
    settled(page)
    assert builder.value == flipped(HELLO, 14)
    assert outlined(page, "pinned") == bits_of("payload_length")


def test_hovering_outlines_thinly_and_never_moves_the_pin(host: Host) -> None:
    page = host.show(FrameBuilder(HELLO, language="en"))
    page.get_by_role("toolbar").get_by_role("button", name="opcode").click()
    page.locator("[data-bit='30']").hover()
    assert outlined(page, "pinned") == bits_of("opcode")
    assert outlined(page, "hovered") == bits_of("masking_key")
    thickness = [
        page.locator(f"[data-bit='{bit}']").evaluate(f"node => getComputedStyle(node, '::{part}').borderTopWidth")
        for bit, part in ((30, "after"), (4, "before"))
    ]
    thin, thick = (float(text.removesuffix("px")) for text in thickness)
    assert 0 < thin < thick
    (opcode,) = (field for field in sheet(HELLO, "en")["fields"] if field["name"] == "opcode")
    line = page.locator(".wsedu-pinned-line")
    for said in (opcode["meaning"], "bits 4–7", "§5.2", "0x1"):
        expect(line).to_contain_text(said)
    expect(page.locator(".wsedu-hovered-line")).to_contain_text("Masking-key")
    page.get_by_role("heading", name="Frame builder").hover()
    assert outlined(page, "hovered") == []
    page.get_by_role("button", name="Unpin").click()
    assert outlined(page, "pinned") == []


def test_a_pinned_field_stays_pinned_when_the_bytes_change(host: Host) -> None:
    page = host.show(FrameBuilder(HELLO, language="en"))
    page.get_by_role("toolbar").get_by_role("button", name="Payload Data").click()
    page.get_by_role("checkbox", name="MASK").uncheck()
    settled(page)
    assert outlined(page, "pinned") == bits_of("payload", encode_frame(Frame.text("Hello")))


def test_pinning_a_payload_byte_puts_it_under_the_microscope(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.locator("[data-bit='66']").focus()
    page.keyboard.press("Enter")
    settled(page)
    assert builder.pinned == 66 // 8


def test_hex_and_fields_are_other_views_of_the_same(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.get_by_role("radio", name="hex").check()
    expect(page.locator("[data-bit]").first).to_be_hidden()
    assert "".join(page.locator(".wsedu-hex-digits").all_inner_texts()) == HELLO.hex()
    page.locator("[data-place='7']").click()
    expect(page.locator(".wsedu-pinned-line")).to_contain_text("Payload Data")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-pinned-line")).to_contain_text("Masking-key")
    settled(page)
    page.get_by_role("radio", name="fields").check()
    rows = page.locator(".wsedu-field-table tbody tr")
    made = sheet(HELLO, "en")["fields"]
    assert [row.locator("td").nth(2).inner_text() for row in rows.all()] == [field["meaning"] for field in made]
    rows.nth(0).get_by_role("button").press("Enter")
    expect(page.locator(".wsedu-row-pinned")).to_contain_text("FIN")
    assert builder.value == HELLO


def test_the_fields_of_later_frames_are_told_apart(host: Host) -> None:
    data = encode_frame(Frame.text("Hi")) + encode_frame(Frame.close(1000))
    page = host.show(FrameBuilder(data, language="en"))
    page.get_by_role("toolbar").get_by_role("button", name="FIN, frame 2").click()
    assert outlined(page, "pinned") == [8 * len(encode_frame(Frame.text("Hi")))]
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("is taken for the next frame")


# --- What is said ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_verdicts_name_rule_and_section_and_what_is_illegal_stays(host: Host, language: str) -> None:
    builder = FrameBuilder(encode_frame(Frame.ping(bytes(126), masking_key=KEY)), language=language)
    page = host.show(builder)
    page.locator("[data-bit='1']").click()
    settled(page)
    dissection = dissect(builder.value)
    for role in ("client", "server"):
        verdict = getattr(dissection, role)
        assert verdict.violation is not None
        line = page.locator(f"[data-role='{role}']")
        expect(line).to_have_text(f"✖ {verdict_sentence(verdict, language)}")
        expect(line).to_contain_text(verdict.violation.rule.name)
        expect(line).to_contain_text(f"§{RULES[verdict.violation.rule.name].section}")
    assert builder.value == flipped(encode_frame(Frame.ping(bytes(126), masking_key=KEY)), 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flip_that_makes_the_rest_unreadable_says_what_the_parser_takes_it_for(host: Host, language: str) -> None:
    builder = FrameBuilder(bytes.fromhex("817c37fa213d7f9f4d5158"), language=language)
    page = host.show(builder)
    host.hold()
    page.locator("[data-bit='14']").click()
    happened = page.locator(".wsedu-builder-happened")
    for said in ("37 fa", "14,330", f"{dissect(flipped(builder.value, 14)).missing:,}"):
        expect(happened).to_contain_text(said)
    before = happened.inner_text()
    host.release()
    settled(page)
    expect(happened).to_have_text(before)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_takes_the_side_of_the_sender(host: Host, language: str) -> None:
    words = part_catalogue("frame_builder", language)
    builder = FrameBuilder(HELLO, language=language)
    page = host.show(builder)
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text(words.say("masked.client.yes"))
    page.get_by_role("radio", name=words.say("builder.sender_server")).check()
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text(words.say("masked.server.yes"))
    assert builder.sender == "server"
    assert page.locator(".wsedu-verdict-sender").get_attribute("data-role") == "server"


def test_the_bits_that_changed_are_marked_and_said(host: Host) -> None:
    page = host.show(FrameBuilder(HELLO, language="en"))
    page.get_by_label("Opcode", exact=True).select_option("10")
    settled(page)
    changed = page.locator(".wsedu-bit-changed")
    assert [int(cell.get_attribute("data-bit")) for cell in changed.all()] == [4, 6, 7]
    assert all("changed" in cell.get_attribute("aria-label") for cell in changed.all())
    page.locator("[data-bit='20']").click()
    expect(changed).to_have_count(1)
    expect(changed).to_have_attribute("data-bit", "20")


def test_what_was_foreseen_is_what_python_says(host: Host) -> None:
    """Every flip of the example, before and after Python answers."""
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    shown = page.locator(".wsedu-builder")
    for bit in range(0, 8 * len(HELLO), 5):
        builder.value = HELLO
        host.hold()
        page.locator(f"[data-bit='{bit}']").evaluate("node => node.click()")
        foreseen = [shown.inner_text(), page.locator(".wsedu-grid").inner_html()]
        undo, panels = "Undo", page.locator(".wsedu-panels").inner_text()
        assert undo in foreseen[0]
        host.release()
        settled(page)
        now = shown.inner_text().replace(page.locator(".wsedu-panels").inner_text(), panels)
        assert [now, page.locator(".wsedu-grid").inner_html()] == foreseen


# --- Copying ---


WATCH = "document.addEventListener('copy', () => { window.copied = document.activeElement.value; })"


def copied(page: Any, button: str) -> str:
    """What a button copies."""
    page.evaluate(WATCH)
    page.get_by_role("button", name=button).click()
    expect(page.locator(".wsedu-copied")).to_contain_text("Copied")
    text: str = page.evaluate("window.copied")
    return text


def test_hex_python_and_command_can_be_copied(host: Host) -> None:
    page = host.show(FrameBuilder(HELLO, language="en"))
    assert copied(page, "Copy hex") == HELLO.hex()
    assert copied(page, "Copy command") == f"python -m wsedu decode {HELLO.hex()}"
    assert eval(copied(page, "Copy Python"), {"encode_frame": encode_frame, "Frame": Frame}) == HELLO


# --- Every look ---


def test_nothing_moves_or_is_told_by_colour_alone_in_forced_colours(host: Host) -> None:
    page = host.show(FrameBuilder(HELLO, language="en"))
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.locator("[data-bit='4']").focus()
    page.keyboard.press("Enter")
    border = page.locator("[data-bit='4']").evaluate("node => getComputedStyle(node, '::before').borderTopStyle")
    assert border == "solid"
    letters = [cell.get_attribute("data-letter") or "" for cell in page.locator(".wsedu-bit-letter").all()[:9]]
    assert letters == ["F", "R1", "R2", "R3", "O", "", "", "", "M"]
