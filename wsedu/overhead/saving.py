"""The figures of the overhead lab as files that other programs read: CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from .results import Measured
from .rows import Row
from .setting import RANGES, Setting

COLUMNS = ("transport", "figure", "unit", "measured", "modelled")
UNITS = {
    "socket_bytes": "bytes per event",
    "wire_bytes": "bytes per event",
    "packets": "packets per event",
    "requests": "requests per second",
    "delay": "seconds",
    "delay_95": "seconds",
    "cpu": "seconds per event",
}


def as_csv(rows: Sequence[Row]) -> str:
    """A line for each figure of each transport; an empty cell where there is none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        for name, pair in row.pairs().items():
            writer.writerow((row.transport.value, name, UNITS[name], _cell(pair.measured), _cell(pair.modelled)))
    return text.getvalue()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.9g}"


def as_json(setting: Setting, rows: Sequence[Row], runs: Sequence[Measured] = ()) -> str:
    """Everything: the setting, the rows, and of each run the bytes by layer and every delay."""
    made: dict[str, Any] = {
        "setting": setting_as_data(setting),
        "rows": [
            {
                "transport": row.transport.value,
                "happened": row.happened,
                "delivered": row.delivered,
                **{name: {"measured": pair.measured, "modelled": pair.modelled} for name, pair in row.pairs().items()},
            }
            for row in rows
        ],
        "runs": [run_as_data(run) for run in runs],
    }
    return json.dumps(made, indent=1)


def run_as_data(run: Measured) -> dict[str, Any]:
    """A run as JSON has it."""
    return {
        **{
            field.name: getattr(run, field.name)
            for field in fields(run)
            if field.name not in ("transport", "setting", "delays", "up", "down")
        },
        "transport": run.transport.value,
        "setting": setting_as_data(run.setting),
        "up": dict(run.up),
        "down": dict(run.down),
        "delays": [round(float(one), 6) for one in run.delays],
    }


def setting_as_data(setting: Setting) -> dict[str, Any]:
    """A setting as JSON has it."""
    made: dict[str, Any] = {}
    for field in fields(setting):
        value = getattr(setting, field.name)
        if field.name in RANGES:
            numbers = np.asarray(value)
            value = numbers.tolist() if numbers.ndim else numbers.item()
        made[field.name] = value
    return made
