"""Reference pictures of the widgets' static twins: what is drawn, where it is kept, and how two are compared.

What is drawn does not change from run to run: keys come from seeds, exchanges from virtual time, and the fonts are two
named ones whatever else a machine has.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, NamedTuple

import matplotlib
import pytest
from PIL import Image, ImageChops, ImageStat

from wsedu.course.question import question
from wsedu.grading.notebook import lines_of
from wsedu.simulator import simulate
from wsedu.trace.trace import Trace
from wsedu.views import png
from wsedu.widgets import (
    ClosingMachine,
    ExchangeFilm,
    FrameBuilder,
    HandshakeStepper,
    LineOrder,
    LiveExchange,
    OverheadLab,
    QuestionCard,
)

FOLDER = Path(__file__).parent / "reference"

STRONG = 64
"""Of 255: a pixel differs strongly when one of its colours differs by more; antialiasing changes them by less."""

MOST_STRONG = 12
"""Pixels that may differ strongly; a word has hundreds."""

MOST_MEAN = 0.5
"""Of 255: how much pixels may differ on average."""

COLOURS = 256

BLOCK = 16
"""Pixels: differences are added up in squares of this size to find the place of the largest."""


def _played(scenario: str) -> Trace:
    trace = simulate(scenario, seed=1)
    # A picture names the version that recorded it; another version must not change it.
    trace.header = replace(trace.header, version="0.1.0")
    return trace


def _film() -> ExchangeFilm:
    return ExchangeFilm(_played("hello"), language="en")


def _live() -> LiveExchange:
    """One whose last connection is an exchange in virtual time, since a real one has other ports and times each run."""
    live = LiveExchange(language="en")
    trace = _played("both-close")
    live._current = lambda: trace
    return live


def _closing() -> ClosingMachine:
    machine = ClosingMachine(_played("hello"), language="en")
    machine.position = len(machine.state["moments"]) // 2
    return machine


def _card() -> QuestionCard:
    card = QuestionCard(replace(question("inventory.accept", "en"), recall=True), language="en")
    card.do_commit(0)
    return card


WIDGETS: dict[str, Callable[[], Any]] = {
    "ClosingMachine": _closing,
    "ExchangeFilm": _film,
    "FrameBuilder": lambda: FrameBuilder(language="en"),
    "HandshakeStepper": lambda: HandshakeStepper(language="en"),
    "HandshakeStepper-zh": lambda: HandshakeStepper(language="zh"),
    "LineOrder": lambda: LineOrder(lines_of("response_head"), ["G", "B"], name="response_head", language="en"),
    "LiveExchange": _live,
    "OverheadLab": lambda: OverheadLab(language="en"),
    "OverheadLab-zh": lambda: OverheadLab(language="zh"),
    "QuestionCard": _card,
}

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Picture(NamedTuple):
    """One of the reference pictures.

    Arguments:
        widget: its name in `WIDGETS`.
        theme: `light` or `dark`.
    """

    widget: str
    theme: Literal["light", "dark"]

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return FOLDER / f"{self.widget}-{self.theme}.png"

    def draw(self) -> bytes:
        """Have the renderer make it."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(png, "_families", fonts)
            data: bytes = WIDGETS[self.widget]().to_png(scale=1, theme=self.theme)
            return data


PICTURES = tuple(Picture(widget, theme) for widget in WIDGETS for theme in THEMES)


@cache
def fonts() -> dict[str, Any]:
    """What tells the renderer to look at DejaVu, which matplotlib brings, and WenQuanYi, and at nothing else."""
    dejavu = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    listed = subprocess.run(
        ["fc-list", ":family=WenQuanYi Micro Hei", "file"], capture_output=True, text=True, check=True
    )
    chinese = sorted({line.rstrip(": ") for line in listed.stdout.splitlines()})
    if not chinese:
        pytest.fail("the reference pictures need WenQuanYi Micro Hei: apt install fonts-wqy-microhei", pytrace=False)
    files = [str(dejavu / f"DejaVuSans{kind}.ttf") for kind in ("", "-Bold", "Mono", "Mono-Bold")]
    return {"skip_system_fonts": True, "font_files": [*files, chinese[0]]}


def opened(data: bytes) -> Image.Image:
    """The pixels of a picture."""
    return Image.open(BytesIO(data)).convert("RGB")


def save(data: bytes, path: Path) -> None:
    """Write a picture with a palette: it has few colours, and antialiasing needs no more."""
    few = opened(data).quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def complaint(picture: Picture, data: bytes, folder: Path) -> str:
    """What is wrong with a new picture, in one line; empty if it equals the reference as far as anyone sees.

    Arguments:
        picture: which.
        data: the new one, as PNG.
        folder: where the new one is written to, to be looked at beside the other.
    """
    new, old = opened(data), opened(picture.path.read_bytes())
    wrong = _size(old, new) or _pixels(old, new)
    if not wrong:
        return ""
    beside = folder / picture.path.name
    save(data, beside)
    return (
        f"{picture.widget}, {picture.theme}: {wrong}. Compare {beside} with {picture.path}; "
        "if the new one is right, run python tools/references.py"
    )


def _size(old: Image.Image, new: Image.Image) -> str:
    if old.size == new.size:
        return ""
    (width, height), (wide, high) = old.size, new.size
    return f"the picture is {wide} × {high} pixels, its reference {width} × {height}"


def _pixels(old: Image.Image, new: Image.Image) -> str:
    bands = ImageChops.difference(old, new).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    strong = sum(most.histogram()[STRONG + 1 :])
    mean = sum(ImageStat.Stat(band).mean[0] for band in bands) / len(bands)
    if strong <= MOST_STRONG and mean <= MOST_MEAN:
        return ""
    x, y = _place(most)
    return f"{strong} pixels differ strongly, all by {mean:.2f} of 255 on average, most of all around x {x}, y {y}"


def _place(most: Image.Image) -> tuple[int, int]:
    """The middle of the square that differs most."""
    blocks = most.reduce(BLOCK)
    pixels = list(blocks.tobytes())
    row, column = divmod(pixels.index(max(pixels)), blocks.width)
    return column * BLOCK + BLOCK // 2, row * BLOCK + BLOCK // 2
