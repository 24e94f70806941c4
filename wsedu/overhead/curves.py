"""The data of the four charts: bars, delays, bytes against the rate of events, cost against the number of clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .delays import Delay, delay
from .model import evaluate
from .results import Measured, expected
from .setting import RANGES, Setting
from .transports import FOUR, LAYERS, Transport

POINTS = 200
"""Points of a curve."""

SHORTEST_DELAY = 1e-4
"""Seconds at which the axis of delays begins, where nothing was measured that is shorter."""

ROOM = 0.8
"""Where it begins instead, in parts of the shortest delay."""

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Curves:
    """A curve for each transport over one axis.

    Arguments:
        x: of its points.
        y: of its points, for each transport.
    """

    x: Array
    y: Mapping[Transport, Array]


@dataclass(frozen=True)
class Bars:
    """Bytes for each event that arrives, by transport and layer."""

    parts: Mapping[Transport, Mapping[str, float]]

    def total(self, transport: Transport) -> float:
        """All of a transport's bytes for an event."""
        return sum(self.parts[transport].values())


def bars(
    setting: Setting,
    transports: Sequence[Transport] = FOUR,
    layers: Sequence[str] = LAYERS,
    runs: Sequence[Measured] = (),
) -> Bars:
    """What each transport costs for each event that arrives.

    Arguments:
        setting: in which.
        transports: which.
        layers: that count.
        runs: for a transport that was measured, the bar is what the model says of the same run; the others have the
            round trip of this machine then, as in `waits`.
    """
    parts = {}
    trip = machine_trip(runs)
    here = setting if trip is None else replace(setting, rtt=trip)
    for transport in transports:
        cost = evaluate(transport, here)
        parts[transport] = {name: float(cost.per_message(name)) for name in layers}
    for run in runs:
        if run.delivered and run.transport in parts:
            model = expected(run)
            parts[run.transport] = {name: model.layer(name) / run.delivered for name in layers}
    return Bars(parts)


def delays(setting: Setting, transports: Sequence[Transport] = FOUR, runs: Sequence[Measured] = ()) -> Curves:
    """The part of the events that has arrived, against the time since they happened, in seconds.

    Arguments as in `waits`. The axis has room for every delay that was measured.
    """
    known = waits(setting, transports, runs)
    shown = [run.delays for run in runs if run.transport in known and len(run.delays)]
    shortest = min([SHORTEST_DELAY, *(ROOM * float(one.min()) for one in shown if one.min() > 0)])
    longest = max([float(one.quantile(1.0)) for one in known.values()] + [float(one.max()) for one in shown])
    x = np.geomspace(shortest, max(2 * longest, 10 * shortest), POINTS)
    return Curves(x, {transport: one.within(x) for transport, one in known.items()})


def waits(setting: Setting, transports: Sequence[Transport], runs: Sequence[Measured] = ()) -> dict[Transport, Delay]:
    """How long the events of each transport are on their way.

    Arguments:
        setting: in which.
        transports: which.
        runs: for a transport that was measured, it is what the model says of the same run. As soon as there is one,
            the round trip of the others is that of this machine too, so that they can be compared.
    """
    trip = machine_trip(runs)
    here = setting if trip is None else replace(setting, rtt=trip)
    known = {transport: delay(transport, here) for transport in transports}
    return known | {run.transport: expected(run).delay for run in runs if run.delivered and run.transport in known}


def machine_trip(runs: Sequence[Measured]) -> float | None:
    """The round trip that was found on this machine before runs in which events arrived; None without any."""
    return min((float(run.setting.rtt) for run in runs if run.delivered), default=None)


def rates(setting: Setting, transports: Sequence[Transport] = FOUR, layers: Sequence[str] = LAYERS) -> Curves:
    """Bytes per second of one client, against the events per second that it is sent."""
    low, high, *_ = RANGES["events_per_second"]
    x = np.geomspace(low, high, POINTS)
    totals = _totals(replace(setting, events_per_second=x), transports, layers)
    # Layers that have no bytes at all are one number, whatever the rate.
    return Curves(x, {transport: np.broadcast_to(total, x.shape) for transport, total in totals.items()})


def crowds(setting: Setting, transports: Sequence[Transport] = FOUR, layers: Sequence[str] = LAYERS) -> Curves:
    """Bits per second of all clients, against how many there are."""
    low, high, *_ = RANGES["clients"]
    x = np.geomspace(low, high, POINTS)
    each = _totals(setting, transports, layers)
    return Curves(x, {transport: 8 * total * x for transport, total in each.items()})


def _totals(setting: Setting, transports: Sequence[Transport], layers: Sequence[str]) -> dict[Transport, Any]:
    return {transport: evaluate(transport, setting).total(tuple(layers)) for transport in transports}


def comparable(curves: Curves, one: Transport, other: Transport = Transport.POLLING) -> bool:
    """Whether there are curves of both, everywhere above nothing."""
    return all(name in curves.y and bool((curves.y[name] > 0).all()) for name in (one, other))


def crossover(curves: Curves) -> float | None:
    """Events per second from which long polling takes more bytes than polling; None where they do not cross."""
    at = passing(curves, Transport.LONG_POLLING, Transport.POLLING)
    return None if at == curves.x[0] else at


def passing(curves: Curves, one: Transport, other: Transport) -> float | None:
    """Where on the axis one transport begins to take more than another: its beginning if it always does.

    Arguments:
        curves: of both.
        one: that takes more from there on.
        other: that takes less.

    Returns:
        None if it never does, if one of them is not there, or if one takes nothing of the layers that count.
    """
    if not comparable(curves, one, other):
        return None
    gap = np.log(curves.y[one]) - np.log(curves.y[other])
    places = np.flatnonzero(gap >= 0)
    if not len(places) or not places[0]:
        return float(curves.x[0]) if len(places) else None
    at = int(places[0])
    part = -gap[at - 1] / (gap[at] - gap[at - 1])
    return float(np.exp(np.interp(part, (0, 1), np.log(curves.x[at - 1 : at + 1]))))
