"""The renderer's own pictures of each widget equal those that were looked at and kept, and the comparison can fail."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.widgets.pictures import FOLDER, PICTURES, Picture, complaint, fonts, opened
from wsedu.views import png
from wsedu.views.palette import SKY_BLUE
from wsedu.widgets import FrameBuilder

pytestmark = [
    pytest.mark.component("resvg_py", "pip install 'wsedu[image]'"),
    pytest.mark.component("fc-list", "apt install fontconfig"),
]

BUILDER = Picture("FrameBuilder", "light")


@pytest.fixture(autouse=True)
def two_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "_families", fonts)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.path.stem)
def test_a_picture_is_as_it_was_looked_at(picture: Picture, tmp_path: Path) -> None:
    told = complaint(picture, picture.draw(), tmp_path)
    assert not told, told


def test_every_reference_has_its_picture() -> None:
    assert sorted(FOLDER.glob("*.png")) == sorted(picture.path for picture in PICTURES)


def spoilt(old: str, new: str) -> bytes:
    """The frame builder's picture with something else in it."""
    svg = FrameBuilder(language="en").to_svg(theme="light")
    assert old in svg
    return png.svg_to_png(svg.replace(old, new), scale=1)


@pytest.mark.parametrize(
    ("old", "new"),
    [(SKY_BLUE, "#f0e442"), (">opcode<", "><"), ("Legal from a client", "Legal from client")],
    ids=["the fill of a field", "a label", "a word of a sentence"],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, tmp_path: Path) -> None:
    data = spoilt(old, new)
    told = complaint(BUILDER, data, tmp_path)
    assert told.startswith("FrameBuilder, light: ")
    assert "\n" not in told
    # The place that is named lies where the two pictures differ.
    place = re.search(r"around x (\d+), y (\d+)", told)
    assert place is not None
    x, y = map(int, place.groups())
    kept = opened(BUILDER.path.read_bytes())
    box = ImageChops.difference(kept, opened(data)).getbbox()
    assert box is not None
    assert box[0] - 16 <= x <= box[2] + 16
    assert box[1] - 16 <= y <= box[3] + 16
    # The new picture is there to be looked at.
    assert opened((tmp_path / BUILDER.path.name).read_bytes()).size == kept.size


def test_another_size_is_said(tmp_path: Path) -> None:
    data = png.svg_to_png(FrameBuilder(language="en").to_svg(theme="light"), scale=2)
    assert "pixels, its reference" in complaint(BUILDER, data, tmp_path)


def test_a_light_picture_is_no_dark_one(tmp_path: Path) -> None:
    assert complaint(Picture("FrameBuilder", "dark"), BUILDER.draw(), tmp_path)


def test_what_antialiasing_may_change_is_let_pass(tmp_path: Path) -> None:
    kept = opened(BUILDER.path.read_bytes())
    shifted = Image.blend(kept, ImageChops.offset(kept, 1, 0), 0.02)
    written = BytesIO()
    shifted.save(written, "PNG")
    assert complaint(BUILDER, written.getvalue(), tmp_path) == ""
    assert list(tmp_path.iterdir()) == []
