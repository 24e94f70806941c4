"""The widths by which everything is placed: never less than what DejaVu Sans, one of the broadest fonts, needs."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pytest
from PIL import ImageFont

from wsedu.views.svg_text import shorten, width, wrap

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
SIZE = 100
ASCII = [chr(code) for code in range(0x20, 0x7F)]
MARKS = "✔✖…·§–→€äß"


def real_width(text: str, font: str) -> float:
    return float(ImageFont.truetype(FONTS / f"{font}.ttf", SIZE, layout_engine=ImageFont.Layout.BASIC).getlength(text))


@pytest.mark.parametrize(
    ("font", "mono", "bold"),
    [("DejaVuSans", False, False), ("DejaVuSans-Bold", False, True), ("DejaVuSansMono", True, False)],
)
def test_no_character_is_broader_than_we_take_it_to_be(font: str, mono: bool, bold: bool) -> None:
    for char in [*ASCII, *MARKS]:
        assert width(char, SIZE, mono=mono, bold=bold) >= real_width(char, font), char


def test_a_chinese_character_takes_two_cells() -> None:
    assert width("帧", SIZE) >= SIZE
    assert width("帧", SIZE, mono=True) >= 1.6 * width("x", SIZE, mono=True)


@pytest.mark.parametrize(
    "text",
    ["The peer's frame is not masked, as it has to be.", "客户端发出的每一帧都必须加掩码，否则连接失败。", "x" * 90],
)
def test_lines_fit_and_lose_nothing(text: str) -> None:
    room = 150.0
    lines = wrap(text, room, 13)
    assert len(lines) > 1
    assert all(width(line, 13) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_line_does_not_begin_with_a_full_stop() -> None:
    for room in range(40, 200, 7):
        assert not any(line.startswith(("，", "。")) for line in wrap("一二三四五，六七八九十。", room, 13))


def test_what_is_shortened_fits_and_says_so() -> None:
    assert shorten("short", 100, 13) == "short"
    cut = shorten("a text that is much too long for its place", 100, 13)
    assert cut.endswith("…")
    assert width(cut, 13) <= 100
