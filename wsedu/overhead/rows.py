"""One row for each transport: what was measured, and beside it what the model says; for every view and file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from . import wire
from .curves import machine_trip
from .delays import delay
from .model import evaluate, rhythm
from .results import Measured, expected
from .setting import Setting
from .transports import AT_THE_SOCKET, Transport

SMALL = 100
"""Events from which on a 95th percentile says something."""


@dataclass(frozen=True)
class Pair:
    """A figure of a run and of the model.

    Arguments:
        measured: None where nothing was measured.
        modelled: None where the model says nothing.
    """

    measured: float | None
    modelled: float | None

    @property
    def ratio(self) -> float | None:
        """The measured one as a part of the modelled one; None where one of them is missing or nothing."""
        if self.measured is None or not self.modelled:
            return None
        return self.measured / self.modelled


@dataclass(frozen=True)
class Row:
    """A transport.

    Arguments:
        transport: which.
        delivered: events that arrived in the run; None without one.
        happened: events in the run.
        socket_bytes: for each event that arrives, through the clients' sockets, without what opens connections.
        wire_bytes: for each event, with everything down to the packets; the measured one has the packets that the
            system counted, and is None where it does not count them.
        packets: for each event.
        requests: per second, of all clients.
        delay: seconds within which half of the events arrive.
        delay_95: seconds in which 95 of 100 events arrive; not measured from fewer than `SMALL`.
        cpu: seconds of processor time for each event; only measured.
    """

    transport: Transport
    delivered: int | None
    happened: int | None
    socket_bytes: Pair
    wire_bytes: Pair
    packets: Pair
    requests: Pair
    delay: Pair
    delay_95: Pair
    cpu: Pair

    def pairs(self) -> Mapping[str, Pair]:
        """All figures by name."""
        return {field.name: value for field in fields(self) if isinstance(value := getattr(self, field.name), Pair)}


def rows(setting: Setting, transports: Sequence[Transport], runs: Sequence[Measured] = ()) -> list[Row]:
    """A row for each transport: of a run and what the model says of that run; without a run, the model alone.

    Arguments:
        setting: of the model where there was no run; as soon as there is one of another transport, with the round trip
            of this machine, so that they can be compared.
        transports: which.
        runs: what was measured.
    """
    known = {run.transport: run for run in runs if run.delivered}
    trip = machine_trip(runs)
    here = setting if trip is None else replace(setting, rtt=trip)
    return [_measured(known[one]) if one in known else _modelled(one, here) for one in transports]


def _modelled(transport: Transport, setting: Setting) -> Row:
    cost, waited = evaluate(transport, setting), delay(transport, setting)

    def alone(value: Any) -> Pair:
        return Pair(None, float(value))

    return Row(
        transport,
        None,
        None,
        alone(cost.total_per_message(AT_THE_SOCKET)),
        alone(cost.total_per_message()),
        alone(cost.packets / cost.messages),
        alone(rhythm(transport, setting).requests * setting.clients),
        alone(waited.quantile(0.5)),
        alone(waited.quantile(0.95)),
        Pair(None, None),
    )


def _measured(run: Measured) -> Row:
    model, count = expected(run), run.delivered
    header = int(wire.packet_header(run.setting.tcp_options))
    # The two packets of a connection with SYN have more options than the others.
    syn = 2 * run.connections * (wire.SYN_OPTIONS - int(run.setting.tcp_options))
    on_the_wire = None if run.packets is None else (run.socket + run.packets * header + syn) / count
    often = rate_of(run)
    return Row(
        run.transport,
        count,
        run.happened,
        Pair(run.repeated / count, model.repeated / count),
        Pair(on_the_wire, (model.socket + model.packets * header + syn) / count),
        Pair(None if run.packets is None else run.packets / count, model.packets / count),
        Pair(run.requests / run.seconds, often),
        Pair(float(np.median(run.delays)), float(model.delay.quantile(0.5))),
        Pair(
            float(np.quantile(run.delays, 0.95)) if len(run.delays) >= SMALL else None,
            float(model.delay.quantile(0.95)),
        ),
        Pair(run.cpu / count, None),
    )


def rate_of(run: Measured) -> float:
    """Requests per second that the model expects of a run with just as many events."""
    clients = int(run.setting.clients)
    rate = run.delivered / (clients * run.seconds)
    setting = replace(run.setting, events_per_second=min(max(rate, 0.01), 100.0))
    often = float(rhythm(run.transport, setting).requests) * clients
    # Long polling begins with a request that waits, for which the run has no answer at its end.
    waiting = clients / run.seconds if run.transport is Transport.LONG_POLLING else 0.0
    return often + waiting
