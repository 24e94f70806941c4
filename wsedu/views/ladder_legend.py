"""How the ladder is dressed, and the legend that says so below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..explain.catalogue import Catalogue
from ..protocol.types import State
from .ladder_cards import CHIP, SMALL
from .ladder_layout import MARGIN, WIDTH
from .palette import BLUE, GREEN, MARKS, ORANGE, PURPLE, SKY_BLUE, YELLOW
from .svg_draw import line, path, rect, text
from .svg_text import width
from .svg_theme import Textures

STATE_FILLS: dict[State, tuple[str, str]] = {
    State.CONNECTING: (YELLOW, "dots"),
    State.OPEN: (GREEN, "plain"),
    State.CLOSING: (ORANGE, "diagonal"),
    State.CLOSED: ("", ""),
}
"""The fill and the texture of each state's band; CLOSED is an empty band with a dashed edge."""

KIND_FILLS: dict[str, tuple[str, str]] = {
    "head": (SKY_BLUE, "horizontal"),
    "data": (BLUE, "plain"),
    "control": (PURPLE, "plain"),
    "end": ("", ""),
    "other": (ORANGE, "cross"),
}
"""The stripe at the edge of each kind of card."""


class LineStyle(NamedTuple):
    """How the line of an arrow is drawn: its width in pixels and its dashes."""

    width: float
    dashes: str | None = None


LINES: dict[str, LineStyle] = {
    "head": LineStyle(3.5),
    "data": LineStyle(1.8),
    "control": LineStyle(1.8, "9 5"),
    "end": LineStyle(1.8, "2 4"),
    "other": LineStyle(1.8, "9 3 2 3"),
}
"""The line of each kind of card."""

Sample = Callable[[float, float, Textures], Iterator[str]]


def _state(state: State) -> Sample:
    def draw(x: float, y: float, textures: Textures) -> Iterator[str]:
        fill, texture = STATE_FILLS[state]
        if state is State.CLOSED:
            yield rect(x, y - 7, 14, 14, cls="ws-closed", stroke_dasharray="3 3")
        else:
            yield textures.fill(x, y - 7, 14, 14, fill, texture)
            yield rect(x, y - 7, 14, 14, cls="ws-fore")

    return draw


def _line(kind: str) -> Sample:
    def draw(x: float, y: float, textures: Textures) -> Iterator[str]:
        style = LINES[kind]
        yield line(x, y, x + 34, y, cls="ws-fore", stroke_width=style.width, stroke_dasharray=style.dashes)
        yield path(((x + 38, y), (x + 28, y - 5), (x + 28, y + 5)), closed=True, cls="ws-t")

    return draw


def _chip(name: str) -> Sample:
    def draw(x: float, y: float, textures: Textures) -> Iterator[str]:
        mark = MARKS[name]
        yield rect(x, y - CHIP / 2 + 1, CHIP, CHIP - 2, rx=3, fill=mark.fill)
        yield text(x + CHIP / 2, y, mark.letter, "ws-b", size=11, anchor="middle", fill=mark.ink)

    return draw


def _bracket(x: float, y: float, textures: Textures) -> Iterator[str]:
    yield path(((x, y - 7), (x + 7, y - 7), (x + 7, y + 7), (x, y + 7)), cls="ws-fore", stroke_width=1.5)


def _join(x: float, y: float, textures: Textures) -> Iterator[str]:
    yield path(((x + 8, y - 6), (x, y - 6), (x, y + 6), (x + 8, y + 6)), cls="ws-fore", stroke_width=2)


def _rows(words: Catalogue) -> list[list[tuple[float, Sample, str]]]:
    """Rows of the legend: the width of a sample, the sample, and what it stands for."""
    kinds = [(38.0, _line(kind), words.say(f"picture.legend.{kind}")) for kind in ("head", "data", "control", "end")]
    fields = (
        ("http", "field"),
        ("fin", "fin"),
        ("mask", "mask"),
        ("payload_length", "length"),
        ("payload", "payload"),
        ("status_code", "code"),
        ("reason", "reason"),
    )
    chips = [(CHIP, _chip(name), words.say(f"picture.legend.{key}")) for name, key in fields]
    states = [(14.0, _state(state), state.value) for state in State]
    brackets: list[tuple[float, Sample, str]] = [
        (8.0, _bracket, words.say("picture.legend.chunk")),
        (8.0, _join, words.say("picture.legend.fragments")),
    ]
    return [[*kinds, *brackets], [*states], [*chips]]


def draw_legend(y: float, textures: Textures, words: Catalogue) -> tuple[list[str], float]:
    """The legend.

    Arguments:
        y: where it begins.
        textures: of the drawing.
        words: the catalogue of the language.

    Returns:
        its elements, and where it ends.
    """
    body = [
        line(MARGIN, y, WIDTH - MARGIN, y, cls="ws-line"),
        text(MARGIN, y + 24, words.say("picture.legend"), "ws-t ws-b"),
    ]
    y += 52
    for row in _rows(words):
        x = MARGIN
        for room, draw, label in row:
            needed = room + 8 + width(label, SMALL)
            if x > MARGIN and x + needed > WIDTH - MARGIN:
                x, y = MARGIN, y + 28
            body += draw(x, y, textures)
            body.append(text(x + room + 8, y, label, "ws-m", size=SMALL))
            x += needed + 24
        y += 28
    return body, y - 12
