"""The overhead lab in a terminal: a table with what was measured above the model, and bars of letters."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from ..explain.catalogue import part_catalogue
from ..overhead.curves import bars, crossover, rates
from ..overhead.model import evaluate
from ..overhead.results import Measured
from ..overhead.rows import Row
from ..overhead.setting import Setting
from ..overhead.transports import FOUR, LAYERS, Transport
from .overhead_charts import PART
from .overhead_marks import LAYER_MARKS
from .styles import MUTED, NONE, STRONG
from .tables import plain_table

BAR = 48
"""Cells of the longest bar."""

NAME = 14
"""Cells of a transport's name in the table; longer ones are broken."""

FIGURES = ("socket_bytes", "wire_bytes", "packets", "requests", "delay", "delay_95", "cpu")
"""The columns of the table."""


def overhead_table(rows: Sequence[Row], language: str) -> RenderableType:
    """A row for each transport: what was measured, and in the row below what the model says.

    Arguments:
        rows: of the transports.
        language: `en` or `zh`.
    """
    say = part_catalogue(PART, language).say
    table = plain_table()
    table.add_column("", max_width=NAME, overflow="fold")
    for name in FIGURES:
        table.add_column(say(f"table.{name}"), justify="right", no_wrap=True)
    for row in rows:
        pairs = [row.pairs()[name] for name in FIGURES]
        table.add_row(Text(say(f"transport.{row.transport.value}"), style=STRONG))
        told = [("chart.measured.short", [pair.measured for pair in pairs], NONE)]
        told += [("chart.modelled", [pair.modelled for pair in pairs], MUTED)]
        for key, values, style in told:
            if any(value is not None for value in values):
                cells = [figure_told(name, value, language) for name, value in zip(FIGURES, values, strict=True)]
                table.add_row(f" {say(key)}", *cells, style=style)
    return table


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
    data = bars(setting, transports, LAYERS, runs)
    longest = max(data.total(transport) for transport in transports)
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    for transport in transports:
        bar = Text()
        at = 0.0
        for layer in LAYERS:
            mark, begin = LAYER_MARKS[layer], round(at)
            at += data.parts[transport][layer] / longest * BAR
            bar.append(mark.letter * (round(at) - begin), Style(color=mark.ink, bgcolor=mark.fill))
        table.add_row(say(f"transport.{transport.value}"), bar, f"{data.total(transport):,.0f}")
    legend = Text()
    for layer in LAYERS:
        mark = LAYER_MARKS[layer]
        legend.append(f"{mark.letter}", Style(color=mark.ink, bgcolor=mark.fill))
        legend.append(f" {say(f'layer.{layer}')}   ")
    return Group(Text(say("chart.bars.text"), style=STRONG), table, legend)


def overhead_month(
    setting: Setting, transports: Sequence[Transport], language: str, *, kwh_per_gb: float, price_per_gb: float
) -> RenderableType:
    """What all clients take in 30 days: traffic, energy, and what it costs.

    Arguments:
        setting: in which.
        transports: which.
        language: `en` or `zh`.
        kwh_per_gb: energy of the network for 10^9 bytes, in kWh.
        price_per_gb: of 10^9 bytes.
    """
    say = part_catalogue(PART, language).say
    table = plain_table()
    table.add_column("")
    for name in ("gigabytes", "kwh", "price"):
        table.add_column(say(f"month.{name}"), justify="right")
    for transport in transports:
        figures = evaluate(transport, setting).month(kwh_per_gb, price_per_gb)
        table.add_row(say(f"transport.{transport.value}"), *(f"{float(figure):,.4g}" for figure in figures))
    title = say("month.title", kwh=kwh_per_gb, price=price_per_gb)
    return Group(Text(title, style=STRONG), table)


def overhead_lesson(setting: Setting, language: str) -> list[str]:
    """What the figures of a setting say, in sentences: who takes least, and when polling is the right choice."""
    say = part_catalogue(PART, language).say
    costs = {transport: float(evaluate(transport, setting).total()) for transport in FOUR}
    least, most = min(costs, key=costs.__getitem__), max(costs, key=costs.__getitem__)
    names = {transport: say(f"transport.{transport.value}") for transport in FOUR}
    lines = [
        say("lesson.least", least=names[least], most=names[most], ratio=f"{costs[most] / costs[least]:.3g}"),
    ]
    data = rates(setting)
    crossing = crossover(data)
    if crossing is not None:
        lines.append(say("lesson.crossover", rate=f"{crossing:.3g}"))
    cheaper = data.x[data.y[Transport.POLLING] < data.y[Transport.WEBSOCKET]]
    if len(cheaper):
        lines.append(say("lesson.polling", rate=f"{float(cheaper[0]):.3g}", interval=f"{float(setting.interval):g}"))
    return lines
