"""What cannot be measured here: up to a million clients in virtual time, each event drawn at random and followed.

Nothing of the closed forms is used for when an event arrives: polls, gaps and timeouts are played as they happen, one
event of each client after the other, for all clients at once with numpy. What it finds has to agree with the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .model import totals
from .setting import Setting
from .transports import AT_THE_SOCKET, POLLS, Transport

MAX_EVENTS = 200_000_000
"""Events that one simulation may have; at 100 million a minute goes by."""

CHUNK = 2_000_000
"""Events and polls that are in memory at once, about."""

BINS = 2_000
"""Steps of the delay that are told apart, from none to the longest that there can be."""

Array = np.ndarray[Any, np.dtype[Any]]


class TooManyEventsError(ValueError):
    """A simulation would have more events than `MAX_EVENTS`.

    Attributes:
        events: that it would have, about.
    """

    def __init__(self, events: float) -> None:
        super().__init__(f"about {events:,.0f} events are more than {MAX_EVENTS:,}: take less time, clients or events")
        self.events = events


@dataclass(frozen=True)
class Simulated:
    """What a simulation has counted.

    Arguments:
        transport: which.
        setting: in which.
        seconds: of virtual time.
        messages: events that happened and were delivered.
        requests: that were made.
        full: answers with news, or frames or events that were sent.
        empty: answers without news.
        edges: seconds at which the bins of the delay begin and end; one more than there are bins.
        counts: events in each bin.
        mean_delay: seconds.
    """

    transport: Transport
    setting: Setting
    seconds: float
    messages: int
    requests: int
    full: int
    empty: int
    edges: Array
    counts: Array
    mean_delay: float

    def quantile(self, part: float) -> float:
        """Seconds within which that part of the events arrives, to a bin.

        Arguments:
            part: 0 to 1.
        """
        reached = np.searchsorted(np.cumsum(self.counts), part * self.counts.sum())
        return float(self.edges[min(int(reached) + 1, len(self.edges) - 1)])

    def socket_bytes(self) -> dict[str, float]:
        """Bytes at the sockets by layer, both ways, without what is sent once for a connection."""
        found = totals(
            self.transport,
            self.setting,
            requests=self.requests,
            full=self.full,
            empty=self.empty,
            messages=self.messages,
        )
        return {layer: found.up[layer] + found.down[layer] for layer in AT_THE_SOCKET}


def simulate(transport: Transport, setting: Setting, *, seconds: float = 60.0, seed: int = 1) -> Simulated:
    """Play all clients of a setting.

    Arguments:
        transport: which.
        setting: in which; single numbers, no arrays.
        seconds: of virtual time in which events happen; what is on its way then still arrives.
        seed: of the random moments.

    Raises:
        TooManyEventsError: that would take too long.
    """
    rate, clients = float(setting.events_per_second), int(setting.clients)
    if rate * clients * seconds > MAX_EVENTS:
        raise TooManyEventsError(rate * clients * seconds)
    play = _polling if transport in POLLS else _long_polling if transport is Transport.LONG_POLLING else _push
    longest = float(setting.rtt) / 2 + _longest_wait(transport, setting)
    total = _Total(np.linspace(0, longest * (1 + 1e-9) + 1e-12, BINS + 1))
    random = np.random.default_rng(seed)
    each = rate * seconds + (seconds / _period(setting) if transport in POLLS else 0)
    size = max(1, round(CHUNK / (each + 1)))
    for first in range(0, clients, size):
        play(total, setting, min(size, clients - first), seconds, random)
    mean = total.delay / total.messages if total.messages else 0.0
    return Simulated(
        transport,
        setting,
        seconds,
        total.messages,
        total.requests,
        total.full,
        total.empty,
        total.edges,
        total.counts,
        mean,
    )


def _period(setting: Setting) -> float:
    """Seconds between two polls of a client."""
    return max(float(setting.interval), float(setting.rtt))


def _longest_wait(transport: Transport, setting: Setting) -> float:
    if transport in POLLS:
        return _period(setting)
    return float(setting.rtt) if transport is Transport.LONG_POLLING else 0.0


class _Total:
    """What is counted.

    Arguments:
        edges: of the bins of the delay.
    """

    def __init__(self, edges: Array) -> None:
        self.edges = edges
        self.counts: Array = np.zeros(len(edges) - 1, dtype=np.int64)
        self.messages = self.requests = self.full = self.empty = 0
        self.delay = 0.0

    def arrived(self, delays: Array) -> None:
        """Events that arrive after so many seconds."""
        self.messages += len(delays)
        self.delay += float(delays.sum())
        places = (delays * ((len(self.edges) - 1) / self.edges[-1])).astype(np.int64)
        self.counts += np.bincount(places, minlength=len(self.counts))[: len(self.counts)]


def _push(total: _Total, setting: Setting, clients: int, seconds: float, random: np.random.Generator) -> None:
    """Each event is sent when it happens."""
    count = int(random.poisson(float(setting.events_per_second) * seconds * clients))
    total.full += count
    total.arrived(np.full(count, float(setting.rtt) / 2))


def _polling(total: _Total, setting: Setting, clients: int, seconds: float, random: np.random.Generator) -> None:
    """Each client polls from a random moment on; a poll takes what has happened since the last one."""
    period = _period(setting)
    first = random.uniform(0, period, clients)
    counts = random.poisson(float(setting.events_per_second) * seconds, clients)
    owner = np.repeat(np.arange(clients), counts)
    moment = random.uniform(0, seconds, len(owner))
    # The number of the poll that finds it: the first at or after it.
    number = np.ceil((moment - first[owner]) / period)
    np.maximum(number, 0, out=number)
    total.arrived(first[owner] + number * period - moment + float(setting.rtt) / 2)
    # Polls until events end, and one more for each client that still waits then.
    polls = np.ceil((seconds - first) / period)
    waits = np.zeros(clients, dtype=bool)
    waits[owner[number >= polls[owner]]] = True
    asked = int(polls.sum()) + int(waits.sum())
    most = int(polls.max(initial=0)) + 1
    found = np.zeros(clients * most, dtype=bool)
    found[owner * most + number.astype(np.int64)] = True
    full = int(np.count_nonzero(found))
    total.requests += asked
    total.full += full
    total.empty += asked - full


def _long_polling(total: _Total, setting: Setting, clients: int, seconds: float, random: np.random.Generator) -> None:
    """Event by event: it finds a request that waits, or the gap between two, in which it waits for the next one."""
    rate, gap, timeout = (float(getattr(setting, name)) for name in ("events_per_second", "rtt", "timeout"))
    # When the request that waits now, or will next, came or comes to the server.
    asked = random.uniform(0, gap, clients) if gap else np.zeros(clients)
    moment = random.exponential(1 / rate, clients)
    held = np.zeros(clients, dtype=bool)  # whether events wait for it
    total.requests += clients
    going = moment < seconds
    while going.any():
        if not going.all():
            _end(total, asked[~going], held[~going], seconds, gap, timeout)
            asked, moment, held = asked[going], moment[going], held[going]
        # Whoever held events was answered when the request came, and asks again a gap later.
        answered = held & (moment >= asked)
        total.full += int(answered.sum())
        total.requests += int(answered.sum())
        asked = np.where(answered, asked + gap, asked)
        held = held & ~answered
        # A request that waited too long was answered with nothing, perhaps several times.
        timeouts = np.where(moment >= asked, np.floor((moment - asked) / (timeout + gap)), 0.0)
        late = (moment - asked - timeouts * (timeout + gap)) > timeout
        timeouts = np.where(moment >= asked, timeouts + late, 0.0)
        total.empty += int(timeouts.sum())
        total.requests += int(timeouts.sum())
        asked = asked + timeouts * (timeout + gap)
        at_once = moment >= asked
        total.arrived(np.where(at_once, 0.0, asked - moment) + gap / 2)
        total.full += int(at_once.sum())
        total.requests += int(at_once.sum())
        held = held | ~at_once
        asked = np.where(at_once, moment + gap, asked)
        moment = moment + random.exponential(1 / rate, len(moment))
        going = moment < seconds
    _end(total, asked, held, seconds, gap, timeout)


def _end(total: _Total, asked: Array, held: Array, seconds: float, gap: float, timeout: float) -> None:
    """Clients for which nothing happens any more: held events are answered, and the timeouts that are left pass."""
    total.full += int(held.sum())
    total.requests += int(held.sum())
    asked = np.where(held, asked + gap, asked)
    timeouts = np.maximum(np.floor((seconds - asked + gap) / (timeout + gap)), 0.0)
    total.empty += int(timeouts.sum())
    total.requests += int(timeouts.sum())
