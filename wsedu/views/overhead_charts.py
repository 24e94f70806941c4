"""The charts of the overhead lab, each a function that returns a figure of matplotlib.

Bars and lines are the model. Dots are what was measured, and there are none where nothing was.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

import numpy as np

from ..explain.catalogue import Catalogue, part_catalogue
from ..extras import require
from ..overhead import curves
from ..overhead.results import Measured
from ..overhead.setting import Setting
from ..overhead.transports import AT_THE_SOCKET, FOUR, LAYERS, Transport
from .overhead_fonts import LATIN, chinese_fonts, font_note
from .overhead_fonts import PART as PART
from .overhead_fonts import spoken_language as spoken_language
from .overhead_marks import HATCHES, LAYER_MARKS, STROKES
from .palette import BLACK, THEMES, Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = (9.6, 5.4)
"""Inches of a chart: a projector's shape."""

DPI = 120
"""Dots of a `.png` for an inch."""

BASE = 13.0
"""Points of the type, which a room can read."""

NARROW = 0.022
"""The part of the axis that a bar's layer must have to carry its letter."""

DOTTED = ("bars", "delays")
"""The charts that show what was measured."""

ThemeName = Literal["light", "dark"]


class Options(TypedDict, total=False):
    """What every chart takes by name; one that has no use for an option is the same with it and without.

    Arguments:
        transports: which; by default `FOUR`.
        layers: that count; by default all.
        measured: runs that are drawn as dots; by default none.
        language: `en`, the default, or `zh`.
        theme: `light`, the default, or `dark`.
        figure: to draw on, one of matplotlib's or a part of one; by default a new one.
    """

    transports: Sequence[Transport]
    layers: Sequence[str]
    measured: Sequence[Measured]
    language: str
    theme: ThemeName
    figure: Figure | None


def stacked(setting: Setting, **options: Unpack[Options]) -> Figure:
    """Bytes for each event that arrives, stacked by layer.

    Arguments:
        setting: of the model.
        options: see `Options`.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    chart = _Chart("bars", setting, options)
    axes, transports, measured = chart.axes, chart.transports, chart.measured
    data = curves.bars(setting, transports, chart.layers, measured)
    widest = max(data.total(transport) for transport in transports) or 1.0
    for row, transport in enumerate(transports):
        left = 0.0
        for name in (name for name in LAYERS if name in chart.layers):
            mark, width = LAYER_MARKS[name], data.parts[transport][name]
            axes.barh(
                row,
                width,
                left=left,
                height=0.62,
                color=mark.fill,
                edgecolor=BLACK,
                linewidth=0.6,
                hatch=HATCHES[mark.texture],
                label=f"{mark.letter}  {chart.say(f'layer.{name}')}" if row == 0 else None,
            )
            if width > NARROW * widest:
                axes.text(
                    left + width / 2,
                    row,
                    mark.letter,
                    ha="center",
                    va="center",
                    color=BLACK,
                    weight="bold",
                    bbox={"facecolor": mark.fill, "edgecolor": "none", "pad": 1.5},
                )
            left += width
        axes.text(left + widest * 0.01, row, f"{left:,.0f}", va="center", weight="bold")
    if set(AT_THE_SOCKET) <= set(chart.layers):
        _dots_on_bars(chart)
    axes.set_yticks(range(len(transports)), [chart.name(transport) for transport in transports])
    axes.invert_yaxis()
    axes.set_xlim(0, widest * 1.1)
    axes.tick_params(axis="y", length=0)
    return chart.done(columns=4)


def _dots_on_bars(chart: _Chart) -> None:
    """What was measured at the sockets, on each bar where its layers of the socket end."""
    for run in chart.measured:
        if run.transport in chart.transports and run.delivered:
            chart.axes.plot(
                run.repeated / run.delivered,
                chart.transports.index(run.transport),
                "o",
                color=chart.theme.background,
                markeredgecolor=chart.theme.foreground,
                markeredgewidth=2,
                markersize=11,
                zorder=5,
                label=chart.say("chart.measured") if run is chart.measured[0] else None,
            )


def delays(setting: Setting, **options: Unpack[Options]) -> Figure:
    """The part of the events that has arrived, against the time since they happened; arguments as in `stacked`."""
    chart = _Chart("delays", setting, options)
    shown = [run for run in chart.measured if len(run.delays) and run.transport in chart.transports]
    chart.lines(curves.delays(setting, chart.transports, chart.measured), unsigned=[run.transport for run in shown])
    for run in shown:
        parts = (np.arange(len(run.delays)) + 1) / len(run.delays)
        chosen = np.unique(np.linspace(0, len(parts) - 1, 25).astype(int))
        chart.dots(run.transport, np.sort(run.delays)[chosen], parts[chosen])
    axes = chart.axes
    if shown:
        axes.plot([], [], label=chart.say("chart.measured.short"), **chart.hollow("o", chart.theme.foreground))
    axes.set_xscale("log")
    axes.set_ylim(-0.02, 1.05)
    axes.xaxis.set_major_formatter(chart.seconds)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return chart.done(columns=2)


def rates(setting: Setting, **options: Unpack[Options]) -> Figure:
    """Bytes per second against events per second, with the crossover of long polling; arguments as in `stacked`."""
    chart = _Chart("rates", setting, options)
    data = curves.rates(setting, chart.transports, chart.layers)
    chart.lines(data)
    chart.log_log()
    crossing = curves.crossover(data)
    if crossing is not None:
        axes = chart.axes
        axes.axvline(crossing, color=chart.theme.foreground, linestyle=(0, (2, 3)), linewidth=1.5)
        axes.text(
            crossing * 1.08,
            axes.get_ylim()[0] * 1.25,
            chart.say("chart.crossover", rate=crossing),
            va="bottom",
            fontsize=BASE - 2,
            wrap=True,
        )
    return chart.done(columns=2)


def crowds(setting: Setting, **options: Unpack[Options]) -> Figure:
    """Bits per second of all clients against their number; arguments as in `stacked`."""
    chart = _Chart("crowds", setting, options)
    chart.lines(curves.crowds(setting, chart.transports, chart.layers))
    chart.log_log()
    return chart.done(columns=2)


def overview(setting: Setting, **options: Unpack[Options]) -> Figure:
    """All four charts in one figure, two beside two; arguments as in `stacked`."""
    whole = require("matplotlib.figure", "overhead").Figure(figsize=(2 * SIZE[0], 2 * SIZE[1]), layout="constrained")
    whole.set_facecolor(THEMES[options.get("theme", "light")].background)
    for chart, part in zip((stacked, delays, rates, crowds), whole.subfigures(2, 2).flat, strict=True):
        chart(setting, **(options | {"figure": part}))
    return whole  # type: ignore[no-any-return]


def saved(figure: Figure, suffix: str) -> bytes:
    """A figure as a file.

    Arguments:
        figure: from a function of this module.
        suffix: `.png` or `.svg`; the latter has its text as outlines, so that it looks the same everywhere.
    """
    from matplotlib import rc_context

    data = io.BytesIO()
    with rc_context({"svg.hashsalt": "wsedu", "svg.fonttype": "path"}):
        metadata = {"Date": None} if suffix == ".svg" else {}
        figure.savefig(
            data, format=suffix.removeprefix("."), dpi=DPI, metadata=metadata, facecolor=figure.get_facecolor()
        )
    return data.getvalue()


class _Chart:
    """A figure with one pair of axes, in a language and a theme.

    Arguments:
        name: of the chart in the catalogue.
        setting: that it shows.
        options: see `Options`; what was measured counts only for charts that have dots.
    """

    def __init__(self, name: str, setting: Setting, options: Options) -> None:
        figures = require("matplotlib.figure", "overhead")
        self.language, missing = spoken_language(options.get("language", "en"))
        # In the chart it stands in the language that the chart can be written in.
        self.note = font_note(self.language) if missing else ""
        self._words: Catalogue = part_catalogue(PART, self.language)
        self.theme: Theme = THEMES[options.get("theme", "light")]
        self.transports = options.get("transports", FOUR)
        self.layers = options.get("layers", LAYERS)
        self.measured = options.get("measured", ()) if name in DOTTED else ()
        self._name = name
        self._setting = setting
        self.figure: Any = options.get("figure") or figures.Figure(figsize=SIZE, layout="constrained")
        self.axes: Any = self.figure.subplots()

    def say(self, key: str, **facts: Any) -> str:
        """A text in the chart's language."""
        return self._words.say(key, **facts)

    def name(self, transport: Transport) -> str:
        """A transport's name, in two lines where it is long."""
        told = self.say(f"transport.{transport.value}")
        return told.replace(", ", ",\n").replace(" (", "\n(").replace("（", "\n（")

    def colour(self, transport: Transport) -> str:
        """A transport's colour in this theme."""
        stroke = STROKES[transport]
        return stroke.dark if self.theme.name == "dark" else stroke.light

    def lines(self, data: curves.Curves, *, unsigned: Sequence[Transport] = ()) -> None:
        """A curve for each transport, with its sign here and there; without signs beside dots of the same shape."""
        for number, (transport, y) in enumerate(data.y.items()):
            stroke = STROKES[transport]
            self.axes.plot(
                data.x,
                y,
                color=self.colour(transport),
                linewidth=2.4,
                marker="" if transport in unsigned else stroke.sign,
                markersize=8,
                linestyle=(0, stroke.dash) if stroke.dash else "-",
                markevery=(9 + 5 * number, 36),
                label=self.say(f"transport.{transport.value}"),
            )

    def dots(self, transport: Transport, x: Any, y: Any) -> None:
        """What was measured."""
        self.axes.plot(x, y, zorder=5, **self.hollow(STROKES[transport].sign, self.colour(transport)))

    def hollow(self, sign: str, colour: str) -> dict[str, Any]:
        """How dots look that were measured."""
        return {
            "linestyle": "none",
            "marker": sign,
            "markersize": 7,
            "markerfacecolor": self.theme.background,
            "markeredgecolor": colour,
            "markeredgewidth": 1.8,
        }

    def log_log(self) -> None:
        """Both axes in powers of ten."""
        self.axes.set_xscale("log")
        self.axes.set_yscale("log")
        for axis in (self.axes.xaxis, self.axes.yaxis):
            axis.set_major_formatter(grouped)

    def seconds(self, value: float, _place: Any = None) -> str:
        """A time with its unit."""
        if value < 1:
            return self.say("chart.milliseconds", value=round(value * 1000, 6))
        return self.say("chart.seconds", value=value)

    def done(self, *, columns: int) -> Figure:
        """Labels, legend, fonts and colours; the finished figure."""
        axes, theme = self.axes, self.theme
        self.figure.suptitle(self.say(f"chart.{self._name}"), fontsize=BASE + 4, weight="bold", x=0.02, ha="left")
        axes.set_title(
            f"{self.setting_line()}\n{self._source()}",
            fontsize=BASE - 3,
            loc="left",
            color=theme.muted,
        )
        axes.set_xlabel(self.say(f"chart.{self._name}.x"))
        if self._words.has(f"chart.{self._name}.y"):
            axes.set_ylabel(self.say(f"chart.{self._name}.y"))
        self.figure.legend(loc="outside lower left", ncols=columns, frameon=False, handlelength=2.6)
        if self.note:
            self.figure.text(0.99, 0.005, self.note, ha="right", fontsize=BASE - 4)
        axes.grid(visible=True, axis="both" if self._name != "bars" else "x", color=theme.line, alpha=0.35)
        axes.set_axisbelow(True)
        self._dress()
        return self.figure  # type: ignore[no-any-return]

    def setting_line(self) -> str:
        """The setting in one line, with the round trip of this machine where all is drawn at that."""
        setting = self._setting
        own = curves.machine_trip(self.measured) if self._name == "delays" else None
        return self.say(
            "chart.setting",
            clients=int(setting.clients),
            rate=float(setting.events_per_second),
            interval=float(setting.interval),
            payload=int(setting.payload),
            rtt=self._told(float(setting.rtt) if own is None else own),
            headers=self.say(f"headers.{setting.headers}"),
            tls=self.say("chart.setting.tls") if setting.tls else "",
        )

    def _source(self) -> str:
        """What is modelled and what measured, in one line."""
        if not self.measured:
            return self.say("chart.unmeasured")
        own = curves.machine_trip(self.measured)
        if own is None:
            return self.say("chart.both")
        return self.say("chart.both.machine" if self._name == "delays" else "chart.both.own", own=self._told(own))

    def _told(self, trip: float) -> str:
        return self.seconds(float(f"{trip:.3g}"))

    def _dress(self) -> None:
        """Fonts that have the characters, and the colours of the theme."""
        texts = require("matplotlib.text", "overhead")
        families = [*LATIN, *(chinese_fonts() if self.language == "zh" else ())]
        figure, axes, theme = self.figure, self.axes, self.theme
        figure.set_facecolor(theme.background)
        axes.set_facecolor(theme.background)
        for spine in axes.spines.values():
            spine.set_color(theme.line)
        axes.tick_params(which="both", colors=theme.foreground, labelsize=BASE - 1)
        axes.xaxis.label.set_fontsize(BASE)
        axes.yaxis.label.set_fontsize(BASE)
        for text in figure.findobj(texts.Text):
            text.set_fontfamily(families)
            if self.language == "zh":
                text.set_fontweight("normal")  # most Chinese fonts have no bold
            if text.get_color() == "black" and text.get_bbox_patch() is None:
                text.set_color(theme.foreground)


def grouped(value: float, _place: Any = None) -> str:
    """A number as it is read, without powers."""
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g} {sign}"
    return f"{value:g}"
