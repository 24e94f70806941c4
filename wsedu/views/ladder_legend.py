"""How the ladder is dressed, and the legend that says so below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..explain.catalogue import Catalogue
from ..explain.words import field_label
from ..protocol.types import State
from .ladder_cards import CHIP, SMALL
from .ladder_layout import MARGIN, WIDTH, Layout
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
    "network": (ORANGE, "diagonal"),
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

NETWORK_DASHES = "6 4"
"""The edge of a card that tells what the network does."""

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


def _network(x: float, y: float, textures: Textures) -> Iterator[str]:
    yield rect(x, y - 8, 34, 16, rx=5, cls="ws-box", stroke_width=1.8, stroke_dasharray=NETWORK_DASHES)
    yield textures.fill(x + 1, y - 5, 4, 10, *KIND_FILLS["network"])


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


_FIELDS = {
    "http": "field",
    "fin": "fin",
    "mask": "mask",
    "payload_length": "length",
    "payload": "payload",
    "status_code": "code",
    "reason": "reason",
}
"""The fields that have words of their own in the legend; the others are called by their names."""

Entry = tuple[float, Sample, str]
"""The width of a sample, the sample, and what it stands for."""


@dataclass
class Drawn:
    """What a picture has in it, and the legend has to explain.

    Arguments:
        kinds: of its cards.
        fields: whose letters stand on them.
        states: of its bands.
        chunks: whether a bracket says what was read together.
        fragments: whether one joins the fragments of a message.
        network: whether a card tells what the network does.
    """

    kinds: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    states: set[State] = field(default_factory=set)
    chunks: bool = False
    fragments: bool = False
    network: bool = False

    def add(self, layout: Layout, joined: Sequence[str]) -> None:
        """What the part of one connection has in it.

        Arguments:
            layout: of the part.
            joined: its brackets of fragments.
        """
        cards = [placed.card for placed in layout.units]
        self.kinds |= {card.kind for card in cards}
        self.fields |= {chip.mark.field for card in cards for written in card.lines for chip in written.chips}
        self.states |= {band.state for band in layout.bands if band.state is not None}
        self.chunks |= bool(layout.batches)
        self.fragments |= bool(joined)
        self.network |= bool(layout.worlds)


def _rows(drawn: Drawn, words: Catalogue) -> list[list[Entry]]:
    """The rows of the legend: lines and brackets, states, letters."""
    kinds: list[Entry] = [(38.0, _line(kind), _kind_name(kind, words)) for kind in LINES if kind in drawn.kinds]
    if drawn.network:
        kinds.append((38.0, _network, words.say("picture.legend.network")))
    brackets: list[Entry] = []
    if drawn.chunks:
        brackets.append((8.0, _bracket, words.say("picture.legend.chunk")))
    if drawn.fragments:
        brackets.append((8.0, _join, words.say("picture.legend.fragments")))
    states: list[Entry] = [(14.0, _state(state), state.value) for state in State if state in drawn.states]
    # Heads first, as they come first.
    names = sorted(drawn.fields, key=["http", *MARKS].index)
    chips: list[Entry] = [(CHIP, _chip(name), _field_name(name, words)) for name in names]
    return [row for row in ([*kinds, *brackets], states, chips) if row]


def _kind_name(kind: str, words: Catalogue) -> str:
    return words.say("picture.bytes.other" if kind == "other" else f"picture.legend.{kind}")


def _field_name(name: str, words: Catalogue) -> str:
    if name in _FIELDS:
        return words.say(f"picture.legend.{_FIELDS[name]}")
    return field_label(name, words.language)


def draw_legend(y: float, drawn: Drawn, textures: Textures, words: Catalogue) -> tuple[list[str], float]:
    """The legend: of what is in the picture, and of nothing else.

    Arguments:
        y: where it begins.
        drawn: what is in the picture.
        textures: of the drawing.
        words: the catalogue of the language.

    Returns:
        its elements, and where it ends.
    """
    rows = _rows(drawn, words)
    if not rows:
        return [], y
    body = [
        line(MARGIN, y, WIDTH - MARGIN, y, cls="ws-line"),
        text(MARGIN, y + 24, words.say("picture.legend"), "ws-t ws-b"),
    ]
    y += 52
    for row in rows:
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
