"""PNG: the right size, an opaque background of the theme, ink where text is, and a plain word where that cannot be."""

from __future__ import annotations

import io
import subprocess
import sys
from functools import cache
from pathlib import Path

import matplotlib
import pytest
from PIL import Image

from tests.views.ladder_traces import recorded
from wsedu.explain.catalogue import LANGUAGES
from wsedu.views import png
from wsedu.views.ladder import ladder_svg
from wsedu.views.palette import THEMES
from wsedu.views.png import MissingFontError, PictureTooLargeError, svg_to_png
from wsedu.views.svg import frame_svg

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
FRAME = bytes.fromhex("818537fa213d7f9f4d5158")

pytestmark = [
    pytest.mark.component("resvg_py", "pip install 'wsedu[image]'"),
]


def opened(data: bytes) -> Image.Image:
    assert data.startswith(SIGNATURE)
    return Image.open(io.BytesIO(data))


def ink(image: Image.Image, box: tuple[float, float, float, float], background: str) -> float:
    """The part of a box, given in parts of the picture, whose pixels are not of the background's colour."""
    width, height = image.size
    part = image.convert("RGB").crop(
        (int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height))
    )
    plain = tuple(int(background[place : place + 2], 16) for place in (1, 3, 5))
    counts = {colour: count for count, colour in part.getcolors(maxcolors=1 << 24) or []}
    return 1 - counts.get(plain, 0) / (part.width * part.height)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_ladder_is_drawn_on_its_theme_with_its_text(language: str, theme: str) -> None:
    svg = ladder_svg(recorded("hello"), language=language)
    image = opened(svg_to_png(svg, theme=theme, scale=1))  # type: ignore[arg-type]
    background = THEMES[theme].background
    assert image.convert("RGBA").getchannel("A").getextrema() == (255, 255), "opaque"
    assert image.convert("RGB").getpixel((1, 1)) == tuple(int(background[place : place + 2], 16) for place in (1, 3, 5))
    # The title, the notes beside the client, the cards, the legend.
    for box in ((0, 0, 0.4, 0.06), (0, 0.15, 0.18, 0.9), (0.4, 0.1, 0.6, 0.9), (0, 0.9, 0.8, 1)):
        assert ink(image, box, background) > 0.005, box


@pytest.mark.parametrize("scale", [1, 1.5, 2])
def test_the_size_is_that_of_the_svg_times_the_scale(scale: float) -> None:
    svg = frame_svg(FRAME, language="en")
    root = svg.partition(">")[0]
    width, height = (float(root.partition(f'{name}="')[2].partition('"')[0]) for name in ("width", "height"))
    image = opened(svg_to_png(svg, scale=scale))
    assert image.size == pytest.approx((width * scale, height * scale), abs=1)


def test_a_theme_can_be_chosen_for_any_of_our_pictures() -> None:
    for made_for in ("auto", "light", "dark"):
        svg = frame_svg(FRAME, language="en", theme=made_for)
        dark = svg_to_png(svg, theme="dark", scale=1)
        assert dark == svg_to_png(frame_svg(FRAME, language="en", theme="dark"), theme="dark", scale=1)


def test_what_would_take_too_much_memory_is_refused() -> None:
    svg = frame_svg(FRAME, language="en")
    with pytest.raises(PictureTooLargeError, match="pixels"):
        svg_to_png(svg, scale=1000)


@pytest.mark.parametrize("svg", ["", "<html></html>", "<svg></svg>"])
def test_what_is_no_picture_is_refused(svg: str) -> None:
    with pytest.raises(ValueError, match="SVG"):
        svg_to_png(svg)


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(ValueError, match="sepia"):
        svg_to_png(frame_svg(FRAME, language="en"), theme="sepia")  # type: ignore[arg-type]


# --- What is missing ---


def with_fonts(monkeypatch: pytest.MonkeyPatch, *files: Path) -> None:
    """Have resvg see these fonts alone, and what was found out about others forgotten."""
    draw = png._Renderer.draw

    def alone(self: png._Renderer, svg: str, **options: object) -> bytes:
        return draw(self, svg, **{**options, "skip_system_fonts": True, "font_files": [str(file) for file in files]})

    monkeypatch.setattr(png._Renderer, "draw", alone)
    for name in ("_families", "_check_chinese"):
        monkeypatch.setattr(png, name, cache(getattr(png, name).__wrapped__))


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_any_font_nothing_is_drawn_and_the_error_names_a_package(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_fonts(monkeypatch)
    with pytest.raises(MissingFontError, match="fonts-dejavu-core") as caught:
        svg_to_png(frame_svg(FRAME, language=language))
    assert caught.value.script == "latin"


def test_chinese_needs_a_chinese_font_and_english_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with_fonts(monkeypatch, DEJAVU, DEJAVU.with_name("DejaVuSansMono.ttf"))
    assert svg_to_png(frame_svg(FRAME, language="en")).startswith(SIGNATURE)
    with pytest.raises(MissingFontError, match="fonts-wqy-microhei") as caught:
        svg_to_png(frame_svg(FRAME, language="zh"))
    assert caught.value.script == "chinese"


def test_another_font_of_the_machine_serves_where_ours_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with_fonts(monkeypatch, DEJAVU)
    monkeypatch.setattr(png, "SANS", "'No Such Font', sans-serif")
    monkeypatch.setattr(png, "MONO", "'No Such Font', monospace")
    monkeypatch.setattr(png, "_OTHER_SANS", ("No Such Font", "DejaVu Sans"))
    assert png._families() == {"sans_serif_family": "DejaVu Sans", "monospace_family": "DejaVu Sans"}


def test_without_the_extra_the_error_says_how_to_get_it() -> None:
    """In a Python of its own, in which the package cannot be imported."""
    program = (
        "import sys; sys.modules['resvg_py'] = None\n"
        "from wsedu.views.png import MissingExtraError, svg_to_png\n"
        "from wsedu.views.svg import frame_svg\n"
        "svg = frame_svg(b'\\x81\\x00', language='en')\n"
        "try:\n    svg_to_png(svg)\n"
        "except MissingExtraError as error:\n    print(error.extra, error.package, error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "image resvg_py resvg_py is not installed: pip install 'wsedu[image]'"
