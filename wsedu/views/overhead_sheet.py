"""The tables of the overhead lab: the numbers of its charts, and what each figure of a run is beside the model's."""

from __future__ import annotations

from typing import Any

from ..overhead import curves
from ..overhead.rows import rows
from ..overhead.transports import LAYERS
from .overhead_marks import LAYER_MARKS
from .overhead_picture import View
from .overhead_table import FIGURES, figure_told, too_few

Rows = list[list[str]]


def figures(view: View) -> dict[str, Any]:
    """What each way takes: a row for what was measured, if it was, and one for the model; as JSON."""
    say, own = view.words.say, view.own.say
    heads = [" ".join(say(f"table.{name}").split()) for name in FIGURES]
    told: Rows = []
    for row in rows(view.setting, view.transports, view.runs):
        pairs = [row.pairs()[name] for name in FIGURES]
        kinds = [("chart.measured.short", [pair.measured for pair in pairs])]
        kinds += [("chart.modelled", [pair.modelled for pair in pairs])]
        for key, values in kinds:
            if any(value is not None for value in values):
                cells = [figure_told(name, value, view.language) for name, value in zip(FIGURES, values, strict=True)]
                told.append([view.name(row.transport), say(key), *cells])
    uncounted = any(run.packets is None for run in view.runs)
    note = [say("table.note_uncounted" if uncounted else "table.note"), too_few(view.runs, view.language)]
    return {
        "title": own("table.figures"),
        "head": [own("table.way"), own("table.source"), *heads],
        "rows": told,
        "note": own("said.join").join(filter(None, note)),
    }


def layers(view: View) -> dict[str, Any]:
    """The bytes of every layer for each event, also of those that are left out of the bars; as JSON."""
    data = curves.bars(view.setting, view.transports, LAYERS, view.runs)
    told: Rows = []
    for name in LAYERS:
        cells = [figure_told("bytes", data.parts[transport][name], view.language) for transport in view.transports]
        told.append([f"{LAYER_MARKS[name].letter} · {view.words.say(f'layer.{name}')}", *cells])
    totals = [figure_told("bytes", data.total(transport), view.language) for transport in view.transports]
    own = view.own.say
    return {
        "title": own("table.layers"),
        "head": [own("table.layer"), *map(view.name, view.transports)],
        "rows": [*told, [own("table.total"), *totals]],
        "note": "",
    }


def lines(table: dict[str, Any]) -> list[str]:
    """A table as plain text, its columns below each other."""
    every = [table["head"], *table["rows"]]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    made = [table["title"]]
    for row in every:
        cells = [cell.ljust(size) if not place else cell.rjust(size) for place, (cell, size) in _sized(row, widths)]
        made.append(f"  {'  '.join(cells)}".rstrip())
    return made


def _sized(row: list[str], widths: list[int]) -> Any:
    return enumerate(zip(row, widths, strict=True))
