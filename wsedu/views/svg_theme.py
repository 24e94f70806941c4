"""How pictures are dressed: the style sheet of each theme, textures, fonts, and the document around a drawing."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote

from ..explain.catalogue import language_tag
from .palette import BLUE, THEMES, Theme
from .svg_draw import SIZE, element, escape, num, rect

ThemeName = Literal["auto", "light", "dark"]
THEME_NAMES: tuple[ThemeName, ...] = ("auto", "light", "dark")

_LATIN = ("DejaVu Sans", "Noto Sans", "Segoe UI", "Helvetica Neue", "Arial")
_CHINESE = (
    "WenQuanYi Micro Hei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
)
_MONO = ("DejaVu Sans Mono", "Noto Sans Mono", "Consolas", "Menlo", "Liberation Mono")


def _stack(names: Iterable[str], generic: str) -> str:
    return ", ".join([*(f"'{name}'" for name in names), generic])


SANS = _stack((*_LATIN, *_CHINESE), "sans-serif")
"""The fonts of ordinary text, Chinese included; none is fetched from anywhere."""

MONO = _stack((*_MONO, *_CHINESE), "monospace")
"""The fonts of bytes."""

_STYLE = re.compile(r'<style id="ws-theme">.*?</style>', re.DOTALL)


def _colours(theme: Theme) -> str:
    return "".join(
        (
            f".ws-bg{{fill:{theme.background}}}",
            f".ws-t{{fill:{theme.foreground}}}",
            f".ws-m{{fill:{theme.muted}}}",
            f".ws-good{{fill:{theme.good}}}",
            f".ws-bad{{fill:{theme.bad}}}",
            f".ws-line{{stroke:{theme.line};fill:none}}",
            f".ws-fore{{stroke:{theme.foreground};fill:none}}",
            f".ws-wrong{{stroke:{theme.bad};fill:none}}",
            f".ws-box{{fill:{theme.background};stroke:{theme.line}}}",
            f".ws-box-wrong{{fill:{theme.background};stroke:{theme.bad}}}",
            f".ws-edge{{stroke:{theme.foreground}}}",
            f".ws-closed{{fill:{theme.background};stroke:{theme.foreground}}}",
        )
    )


_SHAPE = f".ws-b{{font-weight:bold}}.ws-mono{{font-family:{MONO}}}"


def stylesheet(theme: ThemeName) -> str:
    """The rules for a theme; `auto` follows the reader's, and is light on paper.

    Raises:
        ValueError: there is no such theme.
    """
    if theme not in THEME_NAMES:
        raise ValueError(f"theme: {theme!r} is none of {', '.join(THEME_NAMES)}")
    if theme != "auto":
        return _SHAPE + _colours(THEMES[theme])
    dark = _colours(THEMES["dark"])
    return f"{_SHAPE}{_colours(THEMES['light'])}@media screen and (prefers-color-scheme:dark){{{dark}}}"


def with_theme(svg: str, theme: ThemeName) -> str:
    """One of our pictures with the rules of another theme; any other SVG stays as it is."""
    return _STYLE.sub(lambda _: _style(theme), svg, count=1)


def _style(theme: ThemeName) -> str:
    return element("style", stylesheet(theme), id="ws-theme")


# --- Textures ---

_TILE = 8
_TILED = f'<rect width="{_TILE}" height="{_TILE}" fill="url(#t)"/></svg>'
_DRAWN = {
    "dots-sparse": (("dot", 4, 4),),
    "dots": (("dot", 2, 2), ("dot", 6, 6)),
    "dots-dense": (("dot", 2, 2), ("dot", 6, 6), ("dot", 6, 2), ("dot", 2, 6)),
    "vertical": (("M4 0V8",),),
    "horizontal": (("M0 4H8",),),
    "diagonal": (("M-2 2L2 -2M0 8L8 0M6 10L10 6",),),
    "diagonal-back": (("M-2 6L2 10M0 0L8 8M6 -2L10 2",),),
    "cross": (("M0 8L8 0M0 0L8 8",),),
    "grid": (("M4 0V8M0 4H8",),),
}


def _pattern(texture: str, name: str, ink: str) -> str:
    shapes = [
        element("circle", cx=shape[1], cy=shape[2], r=1, fill=ink)
        if len(shape) == 3
        else element("path", d=str(shape[0]), stroke=ink, stroke_width=1, fill="none")
        for shape in _DRAWN[texture]
    ]
    body = element("g", "".join(shapes), opacity=0.2)
    return element("pattern", body, id=name, width=_TILE, height=_TILE, patternUnits="userSpaceOnUse")


def texture_image(colour: str, texture: str) -> str:
    """A texture as a CSS image for a fill, `none` for the fill alone.

    Arguments:
        colour: the fill, as `#rrggbb`.
        texture: one of `palette.TEXTURES`.
    """
    if texture == "plain":
        return "none"
    body = _pattern(texture, "t", "#ffffff" if colour == BLUE else "#000000")
    tile = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_TILE}" height="{_TILE}"><defs>{body}</defs>'
    return f'url("data:image/svg+xml,{quote(tile)}{quote(_TILED)}")'


class Textures:
    """The textures that a drawing uses, each defined once under a name that no other drawing has.

    Arguments:
        prefix: before every name.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._used: dict[str, str] = {}

    def fill(self, x: float, y: float, w: float, h: float, colour: str, texture: str) -> str:
        """A rectangle of a colour with a texture over it."""
        plain = rect(x, y, w, h, fill=colour)
        if texture == "plain":
            return plain
        ink = "#ffffff" if colour == BLUE else "#000000"
        name = f"{self._prefix}-{texture}{'-w' if colour == BLUE else ''}"
        self._used.setdefault(name, _pattern(texture, name, ink))
        return plain + rect(x, y, w, h, fill=f"url(#{name})")

    def definitions(self) -> str:
        """What has to stand in the document."""
        return element("defs", "".join(self._used.values())) if self._used else ""


def drawing_id(*parts: object) -> str:
    """A name for a drawing that depends on its content alone."""
    return f"ws{zlib.crc32(repr(parts).encode('utf-8', 'backslashreplace')):08x}"


def document(
    body: Iterable[str],
    *,
    width: float,
    height: float,
    name: str,
    title: str,
    description: str,
    language: str,
    theme: ThemeName | None,
) -> str:
    """A whole SVG document.

    Arguments:
        body: its elements.
        width: in pixels.
        height: in pixels.
        name: from `drawing_id`.
        title: what a screen reader says first.
        description: what it says then.
        language: of the text.
        theme: whose style sheet it carries; None for a part of a page that has the rules itself.
    """
    width, height = math.ceil(width), math.ceil(height)
    head = [
        element("title", escape(title), id=f"{name}-t"),
        element("desc", escape(description), id=f"{name}-d"),
        "" if theme is None else _style(theme),
        rect(0, 0, width, height, cls="ws-bg"),
    ]
    content = "\n".join(part for part in [*head, *body] if part)
    return element(
        "svg",
        f"\n{content}\n",
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {num(width)} {num(height)}",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        lang=language_tag(language),
        font_family=SANS,
        font_size=SIZE,
    )
