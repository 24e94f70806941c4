"""Elements of SVG as text: numbers short, characters escaped, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
SIZE = 13.0
"""Pixels of ordinary text."""

BASELINE = 0.36
"""How far below the middle of a line its baseline is, in parts of the font size."""


def escape(text: str) -> str:
    """Text for XML; characters that XML cannot hold are written as `\\u{...}`."""
    text = _NOT_XML.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", text)
    return "".join(_SPECIAL.get(char, char) for char in text)


def num(value: float) -> str:
    """A number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def element(name: str, content: str | None = None, /, **attributes: str | float | None) -> str:
    """An element; `cls` is its class, `_` in other names stands for `-`, None leaves an attribute out."""
    parts = [name]
    for key, value in attributes.items():
        if value is not None:
            written = value if isinstance(value, str) else num(value)
            parts.append(f'{"class" if key == "cls" else key.strip("_").replace("_", "-")}="{escape(written)}"')
    opening = " ".join(parts)
    return f"<{opening}/>" if content is None else f"<{opening}>{content}</{name}>"


def rect(x: float, y: float, w: float, h: float, **attributes: str | float | None) -> str:
    """A rectangle."""
    return element("rect", x=x, y=y, width=w, height=h, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float | None) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def path(points: Iterable[tuple[float, float]], *, closed: bool = False, **attributes: str | float | None) -> str:
    """A line through points."""
    steps = " ".join(f"{'L' if index else 'M'}{num(x)} {num(y)}" for index, (x, y) in enumerate(points))
    return element("path", d=steps + (" Z" if closed else ""), **attributes)


def text(
    x: float,
    middle: float,
    content: str,
    cls: str = "ws-t",
    *,
    size: float = SIZE,
    anchor: str = "start",
    **attributes: str | float | None,
) -> str:
    """One line of text.

    Arguments:
        x: where it starts, ends or is centred, by `anchor`.
        middle: the middle of the line, vertically.
        content: the text, not escaped.
        cls: its classes.
        size: of the font in pixels.
        anchor: `start`, `middle` or `end`.
        attributes: further ones.
    """
    return element(
        "text",
        escape(content),
        cls=cls,
        x=x,
        y=middle + BASELINE * size,
        font_size=None if size == SIZE else size,
        text_anchor=None if anchor == "start" else anchor,
        **attributes,
    )


def group(parts: Iterable[str], **attributes: str | float | None) -> str:
    """Elements as a group."""
    return element("g", "\n".join(parts), **attributes)
