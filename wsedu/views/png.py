"""`svg_to_png`: one of our pictures as PNG, by resvg; it refuses to draw where text would not appear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from ..extras import MissingExtraError as MissingExtraError
from ..extras import require
from .palette import THEMES
from .svg_draw import escape
from .svg_theme import MONO, SANS, with_theme

MAX_PIXELS = 100_000_000
"""Pixels of a PNG at most; each takes 4 bytes of memory while it is drawn."""

_ROOT = re.compile(r'<svg [^>]*?width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)"')
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")

# Where none of a picture's own fonts is there, one of these may be: the usual ones of Linux, Windows and macOS.
_OTHER_SANS = ("Liberation Sans", "FreeSans", "Nimbus Sans", "Ubuntu", "Roboto", "Cantarell", "Verdana", "Helvetica")
_OTHER_MONO = ("FreeMono", "Nimbus Mono PS", "Ubuntu Mono", "Roboto Mono", "Courier New", "Courier", "Monaco")


class MissingFontError(RuntimeError):
    """No font of this machine has the characters of a picture.

    Attributes:
        script: `latin` or `chinese`.
        package: the package of Debian and Ubuntu that brings such a font.
    """

    def __init__(self, script: str, package: str) -> None:
        super().__init__(f"no font with {script} characters was found; on Debian and Ubuntu: apt install {package}")
        self.script = script
        self.package = package


class PictureTooLargeError(ValueError):
    """A picture would have more pixels than `MAX_PIXELS`.

    Attributes:
        width: in pixels.
        height: in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width:,} × {height:,} pixels are more than {MAX_PIXELS:,}; take SVG, or a smaller scale")
        self.width = width
        self.height = height


def svg_to_png(svg: str, *, scale: float = 2, theme: Literal["light", "dark"] = "light") -> bytes:
    """A picture as PNG on an opaque background.

    Arguments:
        svg: from `ladder_svg` or `frame_svg`, of any theme.
        scale: pixels of the PNG for a pixel of the SVG.
        theme: which it shall have.

    Raises:
        MissingExtraError: the extra `image` is not installed.
        MissingFontError: this machine has no font for the text in it.
        PictureTooLargeError: it would be too large.
        ValueError: this is no SVG, or there is no such theme.
    """
    if theme not in THEMES:
        raise ValueError(f"theme: {theme!r} is none of {', '.join(THEMES)}")
    size = _ROOT.search(svg)
    if size is None:
        raise ValueError("this is no SVG with a width and a height")
    width, height = (round(float(size[name]) * scale) for name in ("width", "height"))
    if width * height > MAX_PIXELS:
        raise PictureTooLargeError(width, height)
    renderer = _Renderer()
    families = _families()
    if _CHINESE.search(svg):
        _check_chinese()
    return renderer.draw(with_theme(svg, theme), zoom=scale, background=THEMES[theme].background, **families)


class _Renderer:
    """resvg, imported when it is first wanted."""

    def __init__(self) -> None:
        self._resvg = require("resvg_py", "image")

    def draw(self, svg: str, **options: Any) -> bytes:
        return bytes(self._resvg.svg_to_bytes(svg_string=svg, **options))

    def sample(self, content: str, family: str, **options: Any) -> bytes:
        """A picture of some text alone, to be compared with others."""
        return self.draw(
            '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="30">'
            f'<text x="4" y="22" font-size="18" font-family="{escape(family)}">{escape(content)}</text></svg>',
            **options,
        )


@cache
def _families() -> Mapping[str, str]:
    """What resvg has to be told so that Latin text appears; nothing where the picture's own fonts are there.

    Found out once, by drawing samples.
    """
    renderer = _Renderer()
    families: dict[str, str] = {}
    blank = renderer.sample("", SANS, skip_system_fonts=True)
    for option, stack, others in (
        ("sans_serif_family", SANS, _OTHER_SANS),
        ("monospace_family", MONO, (*_OTHER_MONO, *_OTHER_SANS)),
    ):
        if renderer.sample("Ag0", stack) == blank:
            families[option] = _first_that_draws(renderer, option, stack, others, blank)
    return families


def _first_that_draws(renderer: _Renderer, option: str, stack: str, others: tuple[str, ...], blank: bytes) -> str:
    for family in others:
        options = {option: family}
        if renderer.sample("Ag0", stack, **options) != blank:
            return family
    raise MissingFontError("latin", "fonts-dejavu-core")


@cache
def _check_chinese() -> None:
    """Where no font has them, all Chinese characters look alike: nothing, or the same empty box."""
    renderer, families = _Renderer(), _families()
    if renderer.sample("帧", SANS, **families) == renderer.sample("码", SANS, **families):
        raise MissingFontError("chinese", "fonts-wqy-microhei")
