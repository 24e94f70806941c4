"""How layers and transports look in the overhead lab: a fill, a letter and a texture; a line and a sign."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..overhead.transports import Transport
from .palette import BLUE, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, WHITE, YELLOW, Mark, by_field

GREY = "#bfc4cb"

LAYER_MARKS = by_field(
    Mark("payload", "P", YELLOW, "plain"),
    Mark("websocket", "W", BLUE, "diagonal-back"),
    Mark("request", "Q", SKY_BLUE, "diagonal"),
    Mark("response", "R", GREEN, "vertical"),
    Mark("framing", "F", ORANGE, "dots"),
    Mark("tls", "T", VERMILION, "cross"),
    Mark("tcp_ip", "I", PURPLE, "horizontal"),
    Mark("ack", "A", GREY, "grid"),
    Mark("setup", "S", WHITE, "dots-sparse"),
)
"""The mark of each layer, from the payload outwards."""

HATCHES = {
    "plain": "",
    "dots-sparse": ".",
    "dots": "..",
    "diagonal": "//",
    "diagonal-back": "\\\\",
    "vertical": "||",
    "horizontal": "--",
    "cross": "xx",
    "grid": "++",
}
"""The textures as matplotlib has them."""


class Stroke(NamedTuple):
    """How the curve of a transport is drawn.

    Arguments:
        light: its colour on a light background, `#rrggbb`.
        dark: its colour on a dark one.
        dash: lengths of strokes and gaps, in points; none for a line without gaps.
        sign: matplotlib's name of the marker.
    """

    light: str
    dark: str
    dash: tuple[float, ...]
    sign: str


STROKES: dict[Transport, Stroke] = {
    Transport.POLLING: Stroke("#a63f00", "#ff9b63", (), "s"),
    Transport.POLLING_CLOSE: Stroke("#8a5a00", "#e6b34d", (6, 2), "D"),
    Transport.POLLING_304: Stroke("#6b6b00", "#d9d24a", (2, 2), "p"),
    Transport.LONG_POLLING: Stroke("#8a2f6b", "#e79ac5", (8, 3, 2, 3), "^"),
    Transport.SSE: Stroke("#00684c", "#3fcfa3", (5, 3), "v"),
    Transport.WEBSOCKET: Stroke("#00528a", "#6cc0ff", (), "o"),
    Transport.WEBSOCKET_DEFLATE: Stroke("#3d4aa3", "#a9b4ff", (3, 2), "h"),
    Transport.POLLING_H2: Stroke("#55595f", "#b4bac3", (1, 2), "P"),
    Transport.WEBSOCKET_H2: Stroke("#1a1a1a", "#f2f3f5", (1, 3), "X"),
}
"""The stroke of each transport: dark enough on white, light enough on black (contrast 4.5 and more)."""


def _regular(corners: int, radius: float) -> str:
    """The path of a regular polygon that stands on a side."""
    turns = [2 * math.pi * number / corners - math.pi / 2 for number in range(corners)]
    return f"M{'L'.join(f'{radius * math.cos(turn):.2f} {radius * math.sin(turn):.2f}' for turn in turns)}Z"


SIGN_PATHS = {
    "s": "M-4.5-4.5H4.5V4.5H-4.5Z",
    "D": "M0-6L6 0L0 6L-6 0Z",
    "^": "M0-6L5.5 4.5H-5.5Z",
    "v": "M0 6L5.5-4.5H-5.5Z",
    "o": "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z",
    "p": _regular(5, 5.8),
    "h": _regular(6, 5.5),
    "P": "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
    "X": "M-5.5-3L-3-5.5L0-2.5L3-5.5L5.5-3L2.5 0L5.5 3L3 5.5L0 2.5L-3 5.5L-5.5 3L-2.5 0Z",
}
"""The signs as paths of SVG around 0, 0, by matplotlib's names."""
