"""Answers side by side: the caret stands under the difference, in cells, and fits narrow windows; the same as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from wsedu.views.answers import Beside, Drawn, Line, Part, plain_lines, render_parts
from wsedu.views.answers_svg import parts_svg
from wsedu.views.styles import new_console

LABELS = ("expected", "got")


def drawn(parts: list[Part], width: int = 90) -> list[str]:
    console: Console = new_console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(render_parts(parts))
    return [line.rstrip() for line in captured.get().splitlines()]


def beside(expected: Any, got: Any, at: int, note: str = "here") -> Beside:
    return Beside(LABELS, expected, got, at, note)


@pytest.mark.parametrize("width", [90, 56])
@pytest.mark.parametrize("at", [0, 7, 8, 15, 16, 40])
def test_the_caret_is_under_the_first_byte_that_differs(at: int, width: int) -> None:
    expected = bytes(range(48))
    got = expected[:at] + b"\xff" + expected[at + 1 :]
    one, two, caret = drawn([beside(expected, got, at)], width)[:3]
    column = caret.index("^")
    assert one[column : column + 2] == f"{at:02x}"
    assert two[column : column + 2] == "ff"
    assert caret[column : column + 3] == "^^ "
    assert max(map(len, (one, two, caret))) <= width


@pytest.mark.parametrize(("expected", "got", "at"), [("ab帧d", "ab帧x", 3), ("ab帧d", "ab码d", 2)])
def test_the_caret_counts_cells_of_chinese_characters(expected: str, got: str, at: int) -> None:
    one, _, caret = drawn([beside(expected, got, at)])[:3]
    before = one[: one.rindex(expected[at])]
    assert caret.index("^") == cell_len(before)
    assert caret.count("^") == cell_len(expected[at])


def test_the_end_of_an_answer_is_under_what_is_missing() -> None:
    one, _, caret = drawn([beside(b"abc", b"ab", 2)])[:3]
    assert one[caret.index("^") :].startswith("63")


def test_of_a_long_text_the_part_with_the_difference_is_shown() -> None:
    expected = "x" * 200 + "a" + "y" * 200
    one, two, caret = drawn([beside(expected, expected.replace("a", "b"), 200)])[:3]
    assert one[caret.index("^")] == "a"
    assert two[caret.index("^")] == "b"


def test_of_a_head_the_line_with_the_difference_is_shown() -> None:
    expected = "HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\n\r\n"
    one = drawn([beside(expected, expected.replace("websocket", "h2c"), expected.index("websocket"))])[0]
    assert one.split(maxsplit=1)[1] == r"Upgrade: websocket\r\n"


def test_a_long_note_has_a_line_of_its_own() -> None:
    note = "word " * 16
    lines = drawn([beside(b"abc", b"abd", 2, note.strip())])
    assert lines[2].strip() == "^^"
    assert lines[3].strip() == note.strip()


def test_nothing_in_an_answer_reaches_the_terminal_as_a_command() -> None:
    text = "\x1b[2J\u202e"
    shown = "\n".join(drawn([beside(text, text + "x", len(text))]))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


PARTS: list[Part] = [
    Line("Title", "strong"),
    Line("passed", passed=True, indent=1),
    Line("failed <&>", "bad", passed=False, indent=1),
    Line("waits", passed=False, indent=1, later=True),
    beside(b"\x81\x05Hello", b"\x81\x85Hello", 1),
    Drawn(b"\x81\x85Hello", "This is the frame:", "en"),
    Line("    return 1", code=True),
    Line(""),
]


def test_plain_lines_have_no_drawing() -> None:
    lines = plain_lines(PARTS)
    assert lines[:3] == ["Title", "  ✔ passed", "  ✖ failed <&>"]
    assert lines[3] == "  – waits"
    assert "    expected 81 05 48 65 6c 6c 6f" in lines
    assert "    got      81 85 48 65 6c 6c 6f" in lines, "the bytes stand below each other"
    assert "    This is the frame: 81 85 48 65 6c 6c 6f" in lines
    assert not {"^", "|", "+"} & set("".join(lines))


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_picture_says_the_same(theme: Any) -> None:
    svg = parts_svg(PARTS, language="en", theme=theme)
    root = ET.fromstring(svg)
    texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    for wanted in (
        "Title",
        "passed",
        "failed <&>",
        "–",
        "waits",
        "expected",
        "got",
        "85",
        "here",
        "This is the frame:",
        "return 1",
    ):
        assert wanted in texts, wanted
    height = float(root.attrib["height"])
    assert all(float(node.attrib.get("y", 0)) < height for node in root.iter("{http://www.w3.org/2000/svg}text"))


def test_the_picture_grows_with_what_it_says() -> None:
    heights = [float(ET.fromstring(parts_svg(PARTS[:count], language="en")).attrib["height"]) for count in range(1, 7)]
    assert heights == sorted(set(heights))
