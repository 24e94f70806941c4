"""The picture of the overhead lab as data: four charts whose every place is a number from 0 to 1, and their words.

All scaling, all labels and all sentences are made here; whoever draws it, a page or `overhead_svg`, only has to turn
places into pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..explain.catalogue import Catalogue, part_catalogue
from ..overhead import curves
from ..overhead.results import Measured
from ..overhead.setting import Setting
from ..overhead.transports import AT_THE_SOCKET, FOUR, LAYERS, Transport
from .overhead_axes import DIGITS, Axis, log_axis
from .overhead_charts import PART, grouped
from .overhead_table import time_told

OWN = "overhead_lab"
"""The texts of the lab itself."""

ROOM = 1.12
"""The length of the axis of bars, in parts of the longest one, so that its total has room beside it."""

DOTS = 25
"""Dots for the delays of one transport."""

STRIDE = 4
"""Of the points of a smooth curve, one in so many is drawn."""

SIGNS = 36
"""From one sign of a curve to the next, in points; each curve begins a little further in than the one before."""


NEAR = 0.015
"""Two curves that are nowhere further apart look like one, in parts of the axis."""

SEEN = 0.97
"""Nowhere is in so many of their points: where both jump at once, a point more or less tells nothing."""


@dataclass(frozen=True)
class View:
    """What is looked at.

    Arguments:
        setting: of the model.
        transports: which.
        layers: that count.
        runs: that were measured in this setting.
        language: `en` or `zh`.
    """

    setting: Setting
    transports: Sequence[Transport] = FOUR
    layers: Sequence[str] = LAYERS
    runs: Sequence[Measured] = ()
    language: str = "en"

    @property
    def words(self) -> Catalogue:
        """What charts and tables of the overhead lab say everywhere."""
        return part_catalogue(PART, self.language)

    @property
    def own(self) -> Catalogue:
        """What the lab alone says."""
        return part_catalogue(OWN, self.language)

    def name(self, transport: Transport) -> str:
        """A transport's name."""
        return self.words.say(f"transport.{transport.value}")

    def listed(self, figures: Mapping[Transport, str]) -> str:
        """A figure for each transport, in one line."""
        say = self.own.say
        return say("list.between").join(
            say("list.one", name=self.name(one), figure=figure) for one, figure in figures.items()
        )


def charts(view: View) -> dict[str, Any]:
    """The four charts, as JSON: `bars`, `delays`, `rates` and `crowds`."""
    return {"bars": _bars(view), "delays": _delays(view), "rates": _rates(view), "crowds": _crowds(view)}


def setting_line(setting: Setting, language: str, runs: Sequence[Measured] = ()) -> str:
    """A setting in one line; beside its round trip that of this machine, where runs are shown."""
    say = part_catalogue(PART, language).say
    trip, own = time_told(float(setting.rtt), language), curves.machine_trip(runs)
    if own is not None:
        trip = say("chart.setting.measured", rtt=trip, own=time_told(own, language))
    return say(
        "chart.setting",
        clients=int(setting.clients),
        rate=float(setting.events_per_second),
        interval=float(setting.interval),
        payload=int(setting.payload),
        rtt=trip,
        headers=say(f"headers.{setting.headers}"),
        tls=say("chart.setting.tls") if setting.tls else "",
    )


def short(value: float) -> str:
    """A number to three digits, with k, M, G or T."""
    return grouped(float(f"{value:.3g}"))


# --- Bars ---


def _bars(view: View) -> dict[str, Any]:
    data = curves.bars(view.setting, view.transports, view.layers, view.runs)
    totals = {transport: data.total(transport) for transport in view.transports}
    axis = Axis(0.0, ROOM * (max(totals.values()) or 1.0))
    dots = {run.transport: axis.place(_at_the_socket(run, view.layers)) for run in view.runs if run.delivered}
    rows = [
        {
            "name": transport.value,
            "label": view.name(transport),
            "total": f"{totals[transport]:,.0f}",
            "parts": list(_stack(data.parts[transport], axis)),
            "end": axis.place(totals[transport]),
            "dot": dots.get(transport),
        }
        for transport in view.transports
    ]
    told = view.listed({transport: f"{total:,.0f}" for transport, total in totals.items()})
    return {
        "title": view.words.say("chart.bars"),
        "x": {"label": view.words.say("chart.bars.x"), "ticks": axis.ticks(lambda value: f"{value:,.10g}")},
        "rows": rows,
        "said": view.own.say("said.bars", list=told),
    }


def _stack(parts: Mapping[str, float], axis: Axis) -> Iterable[tuple[str, float, float]]:
    """Each layer that has bytes, with its beginning and its end."""
    begin = 0.0
    for layer in (layer for layer in LAYERS if parts.get(layer, 0.0) > 0):
        yield layer, axis.place(begin), axis.place(begin + parts[layer])
        begin += parts[layer]


def _at_the_socket(run: Measured, layers: Sequence[str]) -> float:
    """What was measured of the layers that pass through the socket again and again, for each event."""
    return sum(run.up[name] + run.down[name] for name in AT_THE_SOCKET if name in layers) / run.delivered


# --- Curves ---


def _delays(view: View) -> dict[str, Any]:
    data = curves.delays(view.setting, view.transports, view.runs)
    x, y = Axis(float(data.x[0]), float(data.x[-1]), log=True), Axis(-0.02, 1.05)
    waits = curves.waits(view.setting, view.transports, view.runs)
    told = view.listed({one: time_told(float(wait.quantile(0.95)), view.language) for one, wait in waits.items()})
    said, trip = [view.own.say("said.delays", list=told), *_hidden(view, data, y)], curves.machine_trip(view.runs)
    if trip is not None:
        said.append(view.own.say("said.trip", rtt=time_told(trip, view.language)))
    lines = [_line(data, one, x, y, number) for number, one in enumerate(view.transports)]
    dots = [_delay_dots(run, x, y) for run in view.runs if len(run.delays)]
    dotted = {one["name"] for one in dots}
    return {
        **_chart(view, "delays", x, y, lambda value: time_told(value, view.language)),
        "y": {"label": view.words.say("chart.delays.y"), "ticks": [(y.place(p), f"{p:.0%}") for p in _QUARTERS]},
        # Signs along a line would look like dots, which are measured.
        "lines": [one | {"signs": []} if one["name"] in dotted else one for one in lines],
        "dots": dots,
        "key": view.words.say("chart.measured.short") if dots else "",
        "marks": [],
        "said": view.own.say("said.join").join(said),
    }


_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def _delay_dots(run: Measured, x: Axis, y: Axis) -> dict[str, Any]:
    parts = (np.arange(len(run.delays)) + 1) / len(run.delays)
    chosen = np.unique(np.linspace(0, len(parts) - 1, DOTS).astype(int))
    return {
        "name": run.transport.value,
        "points": _points(x.places(np.sort(run.delays)[chosen]), y.places(parts[chosen])),
    }


def _rates(view: View) -> dict[str, Any]:
    data = curves.rates(view.setting, view.transports, view.layers)
    here = float(view.setting.events_per_second)
    marks = [("here", here, view.own.say("mark.here"))]
    told = view.listed({one: short(_at(data, one, here)) for one in view.transports})
    said = [view.own.say("said.rates", list=told, rate=here)]
    for name, pushed in (("crossing", Transport.LONG_POLLING), ("pushed", Transport.WEBSOCKET)):
        from_there = curves.passing(data, pushed, Transport.POLLING)
        between = from_there is not None and from_there > data.x[0]
        if from_there is not None and between:
            marks.append(("crossing", from_there, view.own.say("mark.crossing", rate=from_there)))
        if curves.comparable(data, pushed):
            key = "" if between else ".none" if from_there is None else ".all"
            said.append(view.own.say(f"said.{name}{key}", rate=from_there))
    said += _hidden(view, data, log_axis(np.concatenate(list(data.y.values()))))
    return _log_log(view, "rates", data, marks) | {"said": view.own.say("said.join").join(said)}


def _crowds(view: View) -> dict[str, Any]:
    data = curves.crowds(view.setting, view.transports, view.layers)
    here = int(view.setting.clients)
    told = view.listed({one: short(_at(data, one, here)) for one in view.transports})
    made = _log_log(view, "crowds", data, [("here", float(here), view.own.say("mark.here"))], straight=True)
    said = [view.own.say("said.crowds", list=told, clients=here)]
    said += _hidden(view, data, log_axis(np.concatenate(list(data.y.values()))))
    return made | {"said": view.own.say("said.join").join(said)}


def _hidden(view: View, data: curves.Curves, y: Axis) -> list[str]:
    """Which curves nobody sees, because one that is drawn later lies on them all along; at most one sentence."""
    places = {one: y.places(data.y[one]) for one in view.transports if (data.y[one] > 0).any()}
    drawn = list(places)
    on_top = {
        one: next((over for over in reversed(drawn[at + 1 :]) if _same(places[one], places[over])), None)
        for at, one in enumerate(drawn)
    }
    pairs = [
        view.own.say("said.hidden.one", under=view.name(one), over=view.name(over))
        for one, over in on_top.items()
        if over is not None
    ]
    return [view.own.say("said.hidden", list=view.own.say("list.between").join(pairs))] if pairs else []


def _same(one: Any, other: Any) -> bool:
    """Whether two curves look like one."""
    return bool(np.quantile(np.abs(one - other), SEEN) < NEAR)


def _at(data: curves.Curves, transport: Transport, x: float) -> float:
    """A curve's value between its points; 0 for one that has no bytes."""
    y = data.y[transport]
    if not (y > 0).all():
        return float(np.interp(x, data.x, y))
    return float(np.exp(np.interp(np.log(x), np.log(data.x), np.log(y))))


def _log_log(
    view: View, name: str, data: curves.Curves, marks: Sequence[tuple[str, float, str]], *, straight: bool = False
) -> dict[str, Any]:
    x = Axis(float(data.x[0]), float(data.x[-1]), log=True)
    y = log_axis(np.concatenate([data.y[one] for one in view.transports]))
    drawn = [(number, one) for number, one in enumerate(view.transports) if (data.y[one] > 0).all()]
    return {
        **_chart(view, name, x, y, grouped),
        "lines": [
            _line(data, one, x, y, number, stride=len(data.x) - 1 if straight else STRIDE) for number, one in drawn
        ],
        "dots": [],
        "key": "",
        "marks": _marks([(kind, x.place(at), label) for kind, at, label in marks]),
    }


def _marks(found: Sequence[tuple[str, float, str]]) -> list[dict[str, Any]]:
    """Places that are marked; the labels of crossings, which may lie close together, have a row each, from below."""
    crossings = sorted(place for kind, place, _label in found if kind == "crossing")
    return [
        {"kind": kind, "place": place, "label": label, "row": crossings.index(place) if kind == "crossing" else 0}
        for kind, place, label in found
    ]


def _chart(view: View, name: str, x: Axis, y: Axis, label: Callable[[float], str]) -> dict[str, Any]:
    return {
        "title": view.words.say(f"chart.{name}"),
        "x": {"label": view.words.say(f"chart.{name}.x"), "ticks": x.ticks(label)},
        "y": {"label": view.words.say(f"chart.{name}.y"), "ticks": y.ticks(grouped)},
    }


def _line(data: curves.Curves, transport: Transport, x: Axis, y: Axis, number: int, stride: int = 1) -> dict[str, Any]:
    """A curve and its signs.

    Arguments:
        data: of the chart.
        transport: whose.
        x: of the chart.
        y: of the chart.
        number: of the curve, by which its signs begin further in.
        stride: from one point that is drawn to the next.
    """
    across, up = x.places(data.x), y.places(data.y[transport])
    kept = np.zeros(len(across), dtype=bool)
    kept[::stride] = kept[-1] = True
    if stride == 1:
        # What stays the same from one point to the next takes only its ends.
        kept[1:-1] = (up[1:-1] != up[:-2]) | (up[1:-1] != up[2:])
    signs = slice(9 + 5 * number, None, SIGNS)
    return {
        "name": transport.value,
        "points": _points(across[kept], up[kept]),
        "signs": _points(across[signs], up[signs]),
    }


def _points(x: Any, y: Any) -> list[float]:
    """Places, across and up in turn."""
    flat: list[float] = np.round(np.column_stack((x, y)).ravel(), DIGITS).tolist()
    return flat
