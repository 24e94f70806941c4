"""The charts of the overhead lab as one SVG, drawn from the same picture as the page's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..overhead.transports import Transport
from .overhead_marks import LAYER_MARKS, SIGN_PATHS, STROKES
from .overhead_picture import View, charts, setting_line
from .svg_draw import element, line, rect, text
from .svg_text import shorten, width, wrap
from .svg_theme import Textures, ThemeName, document, drawing_id

MARGIN, GAP = 24.0, 28.0
PANEL = 520.0
"""Pixels of a chart from its left to its right."""

PLOT = 210.0
"""Pixels of the height in which lines are drawn."""

LEFT = 66.0
"""What the labels of an upright axis need."""

ROW, BAR = 46.0, 22.0
SMALL = 12.0
PITCH = 17.0
WIDTH = 2 * MARGIN + 2 * PANEL + GAP


def lab_svg(view: View, theme: ThemeName | None, *, alone: bool = True) -> str:
    """All four charts, two beside two, with their legends.

    Arguments:
        view: what is looked at.
        theme: None for a part of a page that has the style sheet.
        alone: False for the charts alone, where the page around them has the title and the setting.
    """
    data = charts(view)
    name = drawing_id("overhead", data, view.language, alone)
    pen = _Pen(view, Textures(name))
    body: list[str] = [_strokes(theme, view.transports)]
    y = MARGIN
    if alone:
        body.append(text(MARGIN, 36, view.own.say("lab.title"), "ws-t ws-b", size=20))
        y = 62.0
        for part in wrap(setting_line(view.setting, view.language, view.runs), WIDTH - 2 * MARGIN, 13):
            body.append(text(MARGIN, y, part, "ws-m"))
            y += PITCH
    legend, y = pen.legend(y + 10)
    body += legend
    for left, right in (("bars", "delays"), ("rates", "crowds")):
        ends = []
        for chart, x in ((left, MARGIN), (right, MARGIN + PANEL + GAP)):
            drawn, end = pen.bars(data[chart], x, y) if chart == "bars" else pen.lines(data[chart], x, y)
            body += drawn
            ends.append(end)
        y = max(ends) + 22
    said = view.own.say("said.join").join(data[chart]["said"] for chart in data)
    return document(
        [pen.textures.definitions(), *body],
        width=WIDTH,
        height=y,
        name=name,
        title=view.own.say("lab.title"),
        description=said,
        language=view.language,
        theme=theme,
    )


def _strokes(theme: ThemeName | None, transports: Sequence[Transport]) -> str:
    """The colours of the lines in a theme."""

    def rules(dark: bool) -> str:
        made = ""
        for transport in transports:
            colour = STROKES[transport].dark if dark else STROKES[transport].light
            made += f".wso-{transport.value}{{stroke:{colour}}}.wso-f-{transport.value}{{fill:{colour}}}"
        return made

    if theme in ("light", "dark"):
        return element("style", rules(theme == "dark"))
    return element("style", f"{rules(False)}@media screen and (prefers-color-scheme:dark){{{rules(True)}}}")


class _Pen:
    """Draws charts.

    Arguments:
        view: what is looked at.
        textures: of the drawing.
    """

    def __init__(self, view: View, textures: Textures) -> None:
        self._view = view
        self.textures = textures

    # --- Legends ---

    def legend(self, y: float) -> tuple[list[str], float]:
        """The lines of the ways, and the letters and textures of the layers; and where the next thing begins."""
        entries = [(self._sample(one), 40.0, self._view.name(one)) for one in self._view.transports]
        body, y = self._flow(entries, y)
        shown = [name for name in LAYER_MARKS if name in self._view.layers]
        boxes = [(self._box(name), 28.0, self._view.words.say(f"layer.{name}")) for name in shown]
        more, y = self._flow(boxes, y + 4)
        return [*body, *more], y + 14

    def _flow(self, entries: Iterable[tuple[str, float, str]], y: float) -> tuple[list[str], float]:
        body, x = [], MARGIN
        for sign, room, label in entries:
            needed = room + width(label, SMALL) + 18
            if x > MARGIN and x + needed > WIDTH - MARGIN:
                x, y = MARGIN, y + 24
            body.append(element("g", sign, transform=f"translate({x:g} {y:g})"))
            body.append(text(x + room, y, label, size=SMALL))
            x += needed
        return body, y + 24

    def _sample(self, transport: Transport) -> str:
        stroke = line(0, 0, 32, 0, **_dressed(transport.value))
        return stroke + element(
            "path", d=_sign(transport.value), transform="translate(16 0)", cls=_filled(transport.value)
        )

    def _box(self, layer: str) -> str:
        mark = LAYER_MARKS[layer]
        return (
            self.textures.fill(0, -9, 22, 18, mark.fill, mark.texture)
            + rect(0, -9, 22, 18, cls="ws-edge", fill="none")
            + _letter(11, 0, layer)
        )

    # --- Bars ---

    def bars(self, chart: dict[str, Any], x: float, y: float) -> tuple[list[str], float]:
        """The chart of bars, and where it ends."""
        body = [text(x, y, chart["title"], "ws-t ws-b", size=15)]
        top = y + 22
        bottom = top + ROW * len(chart["rows"])
        for place, label in chart["x"]["ticks"]:
            at = x + place * PANEL
            body.append(line(at, top, at, bottom + 4, cls="ws-line", stroke_width=0.5))
            body.append(text(at, bottom + 14, label, "ws-m", size=SMALL, anchor=_anchor(place)))
        for number, row in enumerate(chart["rows"]):
            body += self._row(row, x, top + ROW * number)
        body.append(text(x + PANEL / 2, bottom + 31, chart["x"]["label"], "ws-m", size=SMALL, anchor="middle"))
        return self._said(body, chart["said"], x, bottom + 52)

    def _row(self, row: dict[str, Any], x: float, y: float) -> Iterator[str]:
        yield text(x, y + 8, row["label"], size=SMALL)
        for layer, begin, end in row["parts"]:
            left, size = x + begin * PANEL, max((end - begin) * PANEL, 0.5)
            mark = LAYER_MARKS[layer]
            yield self.textures.fill(left, y + 17, size, BAR, mark.fill, mark.texture)
            yield rect(left, y + 17, size, BAR, cls="ws-edge", fill="none", stroke_width=0.6)
            if size >= 14:
                yield rect(left + size / 2 - 6, y + 20, 12, 16, fill=mark.fill)
                yield _letter(left + size / 2, y + 28, layer)
        yield text(x + row["end"] * PANEL + 6, y + 28, row["total"], "ws-t ws-b", size=SMALL)
        if row["dot"] is not None:
            yield element("circle", cx=x + row["dot"] * PANEL, cy=y + 28, r=6, cls="ws-closed", stroke_width=2.5)

    # --- Lines ---

    def lines(self, chart: dict[str, Any], x: float, y: float) -> tuple[list[str], float]:
        """A chart of curves, and where it ends."""
        body = [text(x, y, chart["title"], "ws-t ws-b", size=15)]
        body.append(text(x, y + 22, chart["y"]["label"], "ws-m", size=SMALL))
        if chart["key"]:
            body.append(text(x + PANEL - 26, y + 22, chart["key"], "ws-m", size=SMALL, anchor="end"))
            body.append(element("circle", cx=x + PANEL - 15, cy=y + 22, r=5, cls="ws-closed", stroke_width=2))
        left, top, broad = x + LEFT, y + 36, PANEL - LEFT - 10
        bottom = top + PLOT
        for place, label in chart["y"]["ticks"]:
            at = bottom - place * PLOT
            body.append(line(left, at, left + broad, at, cls="ws-line", stroke_width=0.5))
            body.append(text(left - 8, at, label, "ws-m", size=SMALL, anchor="end"))
        for place, label in chart["x"]["ticks"]:
            at = left + place * broad
            body.append(line(at, top, at, bottom + 4, cls="ws-line", stroke_width=0.5))
            body.append(text(at, bottom + 14, label, "ws-m", size=SMALL, anchor="middle"))
        body.append(text(left + broad / 2, bottom + 31, chart["x"]["label"], "ws-m", size=SMALL, anchor="middle"))

        def spots(flat: Sequence[float]) -> list[tuple[float, float]]:
            return [(left + a * broad, bottom - b * PLOT) for a, b in zip(flat[::2], flat[1::2], strict=True)]

        for one in chart["lines"]:
            body += _curve(one["name"], spots(one["points"]), spots(one["signs"]))
        for one in chart["dots"]:
            body += _dots(one["name"], spots(one["points"]))
        for mark in chart["marks"]:
            body += _mark(mark, left + mark["place"] * broad, top, bottom)
        return self._said(body, chart["said"], x, bottom + 52)

    def _said(self, body: list[str], said: str, x: float, y: float) -> tuple[list[str], float]:
        for part in wrap(said, PANEL, SMALL):
            body.append(text(x, y, shorten(part, PANEL, SMALL), size=SMALL))
            y += PITCH
        return body, y


def _curve(name: str, points: list[tuple[float, float]], signs: list[tuple[float, float]]) -> Iterator[str]:
    steps = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
    yield element("path", d=f"M{steps}", fill="none", **_dressed(name))
    for a, b in signs:
        yield element("path", d=_sign(name), transform=f"translate({a:.1f} {b:.1f})", cls=_filled(name))


def _dots(name: str, points: list[tuple[float, float]]) -> Iterator[str]:
    for a, b in points:
        place = f"translate({a:.1f} {b:.1f})"
        yield element("path", d=_sign(name), transform=place, cls=f"ws-closed {_lined(name)}", stroke_width=2)


def _mark(mark: dict[str, Any], x: float, top: float, bottom: float) -> Iterator[str]:
    crossing = mark["kind"] == "crossing"
    yield line(x, top, x, bottom, cls="ws-fore", stroke_width=1.5, stroke_dasharray="2 4" if crossing else "7 4")
    side = "end" if mark["place"] > 0.5 else "start"
    shift = -5 if side == "end" else 5
    low = bottom - 9 - PITCH * mark["row"]
    yield text(x + shift, low if crossing else top + 8, mark["label"], "ws-t ws-b", size=SMALL, anchor=side)


def _anchor(place: float) -> str:
    return "start" if place < 0.02 else "end" if place > 0.98 else "middle"


def _lined(name: str) -> str:
    return f"wso-{name}"


def _filled(name: str) -> str:
    return f"wso-f-{name}"


def _dressed(name: str) -> dict[str, Any]:
    dash = STROKES[Transport(name)].dash
    return {"cls": _lined(name), "stroke_width": 2.4, "stroke_dasharray": " ".join(f"{2 * d:g}" for d in dash) or None}


def _sign(name: str) -> str:
    return SIGN_PATHS[STROKES[Transport(name)].sign]


def _letter(x: float, y: float, layer: str) -> str:
    mark = LAYER_MARKS[layer]
    return text(x, y, mark.letter, "ws-b", size=SMALL, anchor="middle", fill=mark.ink)
