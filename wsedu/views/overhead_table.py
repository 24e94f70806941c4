"""The overhead lab in a terminal: a table with what was measured above the model, and bars of letters."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ..explain.catalogue import part_catalogue
from ..overhead.curves import Bars, bars, crossover, passing, rates
from ..overhead.model import evaluate
from ..overhead.results import Measured
from ..overhead.rows import SMALL, Row
from ..overhead.setting import Setting
from ..overhead.transports import LAYERS, Transport
from .overhead_charts import PART
from .overhead_fitting import ByFit, Headed
from .overhead_marks import LAYER_MARKS
from .prose import Prose
from .styles import MUTED, NONE, STRONG
from .tables import plain_table

BAR = 48
"""Cells of the longest bar, where there is room."""

SHORT_BAR = 16
"""Cells of the longest bar below which the names stand above the bars."""

FIGURES = ("socket_bytes", "wire_bytes", "packets", "requests", "delay", "delay_95", "cpu")
"""The columns of the table."""


def overhead_table(rows: Sequence[Row], language: str) -> RenderableType:
    """For each transport its name, and below it what was measured and what the model says.

    Where the columns have no room, each figure has a line of its own.

    Arguments:
        rows: of the transports.
        language: `en` or `zh`.
    """
    return ByFit(_wide_table(rows, language), _narrow_table(rows, language))


def _wide_table(rows: Sequence[Row], language: str) -> Headed:
    say = part_catalogue(PART, language).say
    table, heads = plain_table(), {}
    table.add_column("", no_wrap=True)
    for name in FIGURES:
        table.add_column(say(f"table.{name}"), justify="right", no_wrap=True)
    for row in rows:
        pairs = [row.pairs()[name] for name in FIGURES]
        heads[len(table.rows)] = say(f"transport.{row.transport.value}")
        told = [("chart.measured.short", [pair.measured for pair in pairs], NONE)]
        told += [("chart.modelled", [pair.modelled for pair in pairs], MUTED)]
        for key, values, style in told:
            if any(value is not None for value in values):
                cells = [figure_told(name, value, language) for name, value in zip(FIGURES, values, strict=True)]
                table.add_row(f" {say(key)}", *cells, style=style)
    return Headed(table, heads)


def _narrow_table(rows: Sequence[Row], language: str) -> RenderableType:
    say = part_catalogue(PART, language).say
    lines: list[RenderableType] = [Prose(say("table.lines"), MUTED)]
    for row in rows:
        lines.append(Prose(say(f"transport.{row.transport.value}"), STRONG))
        pairs = row.pairs()
        for name in FIGURES:
            told = {side: figure_told(name, getattr(pairs[name], side), language) for side in ("measured", "modelled")}
            heading = " ".join(say(f"table.{name}").split())
            lines.append(Prose(f" {say('table.line', name=heading, **told)}"))
    return Group(*lines)


def figure_told(name: str, value: float | None, language: str) -> str:
    """A figure of a row as it is told.

    Arguments:
        name: one of `FIGURES`.
        value: None where there is none.
        language: `en` or `zh`.
    """
    if value is None:
        return "–"
    if name in ("delay", "delay_95"):
        return time_told(value, language)
    if name == "cpu":
        return part_catalogue(PART, language).say("table.microseconds", value=f"{value * 1e6:,.0f}")
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def too_few(runs: Sequence[Measured], language: str) -> str:
    """Why a run has no time for 95 of 100 events; empty where each has one."""
    few = any(0 < run.delivered < SMALL for run in runs)
    return part_catalogue(PART, language).say("table.few", small=SMALL) if few else ""


def time_told(seconds: float, language: str) -> str:
    """A time with its unit, to three digits."""
    say = part_catalogue(PART, language).say
    if seconds < 1:
        return say("chart.milliseconds", value=float(f"{seconds * 1000:.3g}"))
    return say("chart.seconds", value=float(f"{seconds:.3g}"))


def overhead_bars(
    setting: Setting, transports: Sequence[Transport], language: str, runs: Sequence[Measured] = ()
) -> RenderableType:
    """Bytes for each event by layer, as bars of letters, with a legend.

    Arguments:
        setting: in which.
        transports: which.
        language: `en` or `zh`.
        runs: for a transport that was measured, the bar is what the model says of the same run.
    """
    say = part_catalogue(PART, language).say
    measured = any(run.delivered for run in runs)
    title = Prose(say("chart.bars.text.measured" if measured else "chart.bars.text"), STRONG)
    return Group(title, _Bars(bars(setting, transports, LAYERS, runs), language), _Legend(language))


class _Bars:
    """Bars as long as the console has room for."""

    def __init__(self, data: Bars, language: str) -> None:
        say = part_catalogue(PART, language).say
        self._data = data
        self._names = {transport: say(f"transport.{transport.value}") for transport in data.parts}
        self._totals = {transport: f"{data.total(transport):,.0f}" for transport in data.parts}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - 1 - max(map(cell_len, self._totals.values()))
        beside = room - 1 - max(map(cell_len, self._names.values()))
        above = beside < SHORT_BAR
        cells = min(BAR, max(room if above else beside, 1))
        table = plain_table(header=False)
        if not above:
            table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, min_width=cells)
        table.add_column(no_wrap=True, justify="right")
        for transport, name in self._names.items():
            row = (self._bar(transport, cells), self._totals[transport])
            table.add_row(*row if above else (name, *row))
        yield Headed(table, dict(enumerate(self._names.values())) if above else {})

    def _bar(self, transport: Transport, cells: int) -> Text:
        longest = max(self._data.total(one) for one in self._data.parts)
        bar, at = Text(), 0.0
        for layer in LAYERS:
            mark, begin = LAYER_MARKS[layer], round(at)
            at += self._data.parts[transport][layer] / longest * cells
            bar.append(mark.letter * (round(at) - begin), Style(color=mark.ink, bgcolor=mark.fill))
        return bar


class _Legend:
    """What the letters mean; no entry is broken."""

    def __init__(self, language: str) -> None:
        self._say = part_catalogue(PART, language).say

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text()
        for layer in LAYERS:
            mark = LAYER_MARKS[layer]
            entry = Text().append(mark.letter, Style(color=mark.ink, bgcolor=mark.fill))
            entry.append(f" {self._say(f'layer.{layer}')}")
            if line and line.cell_len + 3 + entry.cell_len > options.max_width:
                yield line
                line = Text()
            line = Text("   ").join([line, entry]) if line else entry
        yield line


def overhead_month(
    setting: Setting,
    transports: Sequence[Transport],
    language: str,
    *,
    kwh_per_gb: float,
    price_per_gb: float,
    dollars: bool = False,
) -> RenderableType:
    """What all clients take in 30 days: traffic, energy, and what it costs.

    Arguments:
        setting: in which.
        transports: which.
        language: `en` or `zh`.
        kwh_per_gb: energy of the network for 10^9 bytes, in kWh.
        price_per_gb: of 10^9 bytes.
        dollars: whether the price is known to be in dollars; else nobody knows of what it is.
    """
    say = part_catalogue(PART, language).say
    figures = {
        say(f"transport.{transport.value}"): [
            amount_told(float(figure)) for figure in evaluate(transport, setting).month(kwh_per_gb, price_per_gb)
        ]
        for transport in transports
    }
    price = say("month.dollars" if dollars else "month.any", price=price_per_gb)
    title = say("month.title", kwh=kwh_per_gb, price=price)
    names = [say(f"month.{name}") for name in ("gigabytes", "kwh", "cost.dollars" if dollars else "cost")]
    wide, narrow = _month_table(names), _month_table(names)
    wide.columns[0].min_width = max(map(cell_len, figures))
    for name, told in figures.items():
        wide.add_row(name, *told)
        narrow.add_row("", *told)
    return Group(Prose(title, STRONG), ByFit(wide, Headed(narrow, dict(enumerate(figures)))))


def amount_told(value: float) -> str:
    """A number to three digits, and all of those before its point: never with an exponent where that can be read."""
    if value >= 100 or not value:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else "< 0.001"


def _month_table(names: Sequence[str]) -> Table:
    table = plain_table()
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def overhead_lesson(
    setting: Setting, transports: Sequence[Transport], language: str, runs: Sequence[Measured] = ()
) -> list[str]:
    """What the bars say, in sentences: who takes least, and when polling is the right choice.

    Arguments:
        setting: in which.
        transports: those that are compared; fewer than two teach nothing.
        language: `en` or `zh`.
        runs: as the bars have them.
    """
    if len(transports) < 2:
        return []
    say = part_catalogue(PART, language).say
    data = bars(setting, transports, LAYERS, runs)
    costs = {transport: data.total(transport) for transport in transports}
    least, most = min(costs, key=costs.__getitem__), max(costs, key=costs.__getitem__)
    names = {transport: say(f"transport.{transport.value}") for transport in transports}
    ratio = f"{costs[most] / costs[least]:.3g}"
    lines = [say("lesson.least", least=names[least], most=names[most], ratio=ratio)]
    curves = rates(setting, transports)
    crossing = crossover(curves)
    if crossing is not None:
        lines.append(say("lesson.crossover", rate=_rate_told(crossing, language)))
    cheaper = passing(curves, Transport.WEBSOCKET, Transport.POLLING)
    if cheaper is not None:
        interval = f"{float(setting.interval):g}"
        lines.append(say("lesson.polling", rate=_rate_told(cheaper, language), interval=interval))
    return lines


def _rate_told(rate: float, language: str) -> str:
    say, told = part_catalogue(PART, language).say, f"{rate:.3g}"
    return say("lesson.rate.one") if told == "1" else say("lesson.rate", rate=told)
