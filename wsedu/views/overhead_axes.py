"""Axes of the overhead lab: where a value lies, from 0 to 1, and which places of an axis are labelled."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Tick = tuple[float, str]
"""A place from 0 to 1, and its label."""

MOST_TICKS = 7
DIGITS = 4
"""Decimals of a place: a tenth of a pixel on the broadest screen."""


@dataclass(frozen=True)
class Axis:
    """One axis of a chart.

    Arguments:
        low: the value at its beginning.
        high: the value at its end.
        log: whether equal ways are equal factors; both ends are above 0 then.
    """

    low: float
    high: float
    log: bool = False

    def places(self, values: Any) -> Any:
        """Where values lie: 0 at the beginning, 1 at the end, kept within."""
        low, high, at = (np.asarray(value, dtype=float) for value in (self.low, self.high, values))
        if self.log:
            low, high, at = np.log(low), np.log(high), np.log(np.maximum(at, self.low))
        return np.clip((at - low) / (high - low), 0, 1)

    def place(self, value: float) -> float:
        """Where one value lies."""
        at, low, high = value, self.low, self.high
        if self.log:
            at, low, high = math.log(max(at, low)), math.log(low), math.log(high)
        return round(min(1.0, max(0.0, (at - low) / (high - low))), DIGITS)

    def ticks(self, label: Callable[[float], str]) -> list[Tick]:
        """The places that are labelled: powers of ten, or multiples of a round number."""
        values = _powers(self.low, self.high) if self.log else _multiples(self.low, self.high)
        return [(self.place(value), label(value)) for value in values]


def log_axis(values: Any, *, decades: int = 2) -> Axis:
    """A logarithmic axis from a power of ten to a power of ten with all values above 0 between them.

    Arguments:
        values: that have to find a place.
        decades: that it spans at least.
    """
    positive = np.asarray(values, dtype=float)
    positive = positive[positive > 0]
    if not len(positive):
        return Axis(1.0, 10.0**decades, log=True)
    low = math.floor(math.log10(float(positive.min())) + 1e-9)
    high = max(math.ceil(math.log10(float(positive.max())) - 1e-9), low + decades)
    return Axis(10.0**low, 10.0**high, log=True)


def _powers(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / MOST_TICKS))
    return [10.0**power for power in range(first, last + 1, step)]


def _multiples(low: float, high: float) -> list[float]:
    rough = (high - low) / (MOST_TICKS - 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= rough)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
