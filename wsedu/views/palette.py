"""How each field of a frame looks everywhere: a fill, a letter and a texture, and the two themes around them.

The fills are those of Okabe and Ito, which people with colour-blindness tell apart. No field is told by its
fill alone: wherever a fill is drawn, the letter stands beside it, and the texture can be drawn in it.
"""

from __future__ import annotations

from typing import NamedTuple

BLACK = "#000000"
WHITE = "#ffffff"
ORANGE = "#e69f00"
SKY_BLUE = "#56b4e9"
GREEN = "#009e73"
YELLOW = "#f0e442"
BLUE = "#0072b2"
VERMILION = "#d55e00"
PURPLE = "#cc79a7"

OKABE_ITO = (ORANGE, SKY_BLUE, GREEN, YELLOW, BLUE, VERMILION, PURPLE)
"""The fills that may be used; black is the eighth colour of the set, and here the text's."""


class Mark(NamedTuple):
    """How one field is marked.

    Arguments:
        field: its name in `wsedu.protocol.layout`, or `http` for a head of the opening handshake.
        letter: one character, and a digit for the three reserved bits.
        fill: one of `OKABE_ITO`, as `#rrggbb`.
        texture: one of `TEXTURES`.
    """

    field: str
    letter: str
    fill: str
    texture: str

    @property
    def ink(self) -> str:
        """The colour of text on the fill: black, but white on blue."""
        return WHITE if self.fill == BLUE else BLACK


TEXTURES = (
    "plain",
    "dots-sparse",
    "dots",
    "dots-dense",
    "vertical",
    "horizontal",
    "diagonal",
    "diagonal-back",
    "cross",
    "grid",
)
"""Names of patterns; `plain` is the fill alone. What they look like is the business of a view that can draw."""


def by_field(*marks: Mark) -> dict[str, Mark]:
    """Marks by the name of what they mark, in their order."""
    return {mark.field: mark for mark in marks}


MARKS = by_field(
    Mark("fin", "F", ORANGE, "plain"),
    Mark("rsv1", "R1", VERMILION, "dots-sparse"),
    Mark("rsv2", "R2", VERMILION, "dots"),
    Mark("rsv3", "R3", VERMILION, "dots-dense"),
    Mark("opcode", "O", SKY_BLUE, "diagonal"),
    Mark("mask", "M", PURPLE, "plain"),
    Mark("payload_length", "L", GREEN, "vertical"),
    Mark("extended_payload_length", "E", GREEN, "grid"),
    Mark("masking_key", "K", BLUE, "diagonal-back"),
    Mark("payload", "P", YELLOW, "plain"),
    Mark("status_code", "C", ORANGE, "cross"),
    Mark("reason", "T", YELLOW, "horizontal"),
    Mark("http", "H", SKY_BLUE, "horizontal"),
)
"""The mark of every field by its name, in the order of the wire."""


class Theme(NamedTuple):
    """The colours around the fills, as `#rrggbb`.

    Arguments:
        name: `light` or `dark`.
        background: of the picture.
        foreground: of text and of lines that carry meaning.
        muted: of text of second rank.
        line: of borders and lifelines.
        good: of what is in order; a check mark goes with it.
        bad: of what is not; a cross goes with it.
    """

    name: str
    background: str
    foreground: str
    muted: str
    line: str
    good: str
    bad: str


THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (
        Theme("light", WHITE, "#1a1a1a", "#55595f", "#767b82", "#00684c", "#a63f00"),
        Theme("dark", "#15181d", "#f2f3f5", "#b4bac3", "#8b919b", "#3fcfa3", "#ff9b63"),
    )
}
"""The two themes by name."""


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`, 0 for black to 1 for white (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 for equal ones to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
