"""The fields of the overhead lab: what can be set, in which unit, where its slider stops, and what a user may type."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ..explain.catalogue import part_catalogue
from ..overhead.setting import RANGES, Setting
from .overhead_picture import OWN

FACTORS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
"""Where a slider stops between two powers of ten."""


@dataclass(frozen=True)
class Field:
    """A number that can be set.

    Arguments:
        name: of it in a `Setting`.
        low: the least, in the unit that is shown.
        high: the greatest.
        scale: how many of the shown units the setting's own unit has.
    """

    name: str
    low: float
    high: float
    scale: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether it is a number of things."""
        return RANGES[self.name].whole

    def shown(self, setting: Setting) -> float:
        """Its value in a setting, in the unit that is shown."""
        return float(f"{float(getattr(setting, self.name)) * self.scale:.12g}")

    def put(self, setting: Setting, shown: float) -> Setting:
        """A setting with another value."""
        value: Any = int(shown) if self.whole else shown / self.scale
        return replace(setting, **{self.name: value})


FIELDS = {
    field.name: field
    for field in (
        Field("clients", 1, 1_000_000),
        Field("events_per_second", 0.01, 100),
        Field("interval", 0.1, 60),
        Field("payload", 0, 4096),
        Field("rtt", 1, 300, scale=1000),
    )
}
"""The fields by name; the round trip is shown in milliseconds."""

DEFAULT = Setting(clients=20, events_per_second=2.0, interval=1.0, payload=20, rtt=0.05)
"""What the lab begins with: it can be measured here."""

PRESETS: dict[str, dict[str, float]] = {
    "mail": {"clients": 10_000, "events_per_second": 0.01, "interval": 60.0, "payload": 200, "rtt": 0.05},
    "ticker": {"clients": 10_000, "events_per_second": 10.0, "interval": 1.0, "payload": 20, "rtt": 0.05},
    "chat": {"clients": 1000, "events_per_second": 0.2, "interval": 2.0, "payload": 80, "rtt": 0.05},
    "game": {"clients": 100, "events_per_second": 20.0, "interval": 0.1, "payload": 40, "rtt": 0.03},
}
"""Situations that a user knows, as values of a setting."""


@cache
def stops(name: str) -> tuple[float, ...]:
    """The values at which a field's slider stops, in the unit that is shown: about ten for each power of ten."""
    field = FIELDS[name]
    low = max(field.low, 1.0) if field.whole else field.low
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(field.high)) + 1)
    found = {float(f"{factor * 10.0**power:.6g}") for power in powers for factor in FACTORS}
    kept = {value for value in found if field.low <= value <= field.high} | {field.low, field.high}
    return tuple(sorted(value for value in kept if not field.whole or value == int(value)))


def nearest(name: str, shown: float) -> int:
    """The number of the stop that is nearest to a value, by its logarithm."""
    # No payload at all has no logarithm: it stands half as far down as one byte does.
    least = FIELDS[name].low or 0.5
    places = [math.log(max(value, least)) for value in stops(name)]
    at = math.log(max(shown, least))
    return min(range(len(places)), key=lambda number: abs(places[number] - at))


def number_text(shown: float) -> str:
    """A value as it stands in its box."""
    return f"{shown:,.10g}"


GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?|[1-9]\d{0,2}(?:\s\d{3})+(?:\.\d*)?")
"""A number whose digits stand in groups of three, all between commas or all between spaces."""


class NotAValueError(ValueError):
    """What was typed is no value of a field; the text is one line for the user."""


def typed(name: str, text: str, language: str) -> float:
    """The value that a user typed into a box, in the unit that is shown there.

    Arguments:
        name: of the field.
        text: as it was typed; commas or spaces between groups of three digits do not count.
        language: of the complaint, `en` or `zh`.

    Raises:
        NotAValueError: it is no number, or out of range.
    """
    field = FIELDS[name]
    say = part_catalogue(OWN, language).say
    facts = {"low": number_text(field.low), "high": number_text(field.high), "unit": say(f"unit.{name}")}
    shown = " ".join(text.split())[:40] or say("range.nothing")
    value = _number(text.strip())
    if field.low <= value <= field.high and not (field.whole and value != int(value)):
        return value
    key = "range.whole" if field.whole else "range.number"
    if not field.whole and math.isnan(value) and "," in text:
        key = "range.point"
    raise NotAValueError(say(key, text=shown, **facts))


def _number(text: str) -> float:
    """What was typed as a number; NaN where it is none."""
    if GROUPED.fullmatch(text):
        text = re.sub(r"[,\s]", "", text)
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def field_state(name: str, setting: Setting, complaint: str, language: str) -> dict[str, Any]:
    """A field as a page shows it.

    Arguments:
        name: of it.
        setting: whose value it has.
        complaint: about what was typed last; empty where nothing is wrong.
        language: `en` or `zh`.
    """
    say = part_catalogue(OWN, language).say
    shown = FIELDS[name].shown(setting)
    told = say("field.value", value=number_text(shown), unit=say(f"unit.{name}"))
    return {"value": number_text(shown), "stop": nearest(name, shown), "told": told, "complaint": complaint}
