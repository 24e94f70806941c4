"""The model: bytes by layer, requests and packets, for each transport, from the setting alone.

Each transport is a handful of *units*, things that are written, such as a request or a frame, and how often each one is
written. A unit knows its bytes at the socket; records of TLS, segments of TCP and ACKs follow from its size in one
place. So the same units give the rates of the model, the totals of a simulation, and what a measured run should have
cost. All functions are pure, and take arrays of numpy wherever they take numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import wire
from .opening import closing_handshake, heads, tls_flights
from .setting import Setting
from .transports import AT_THE_SOCKET, LAYERS, POLLS, WEBSOCKETS, Transport
from .units import Unit, units

SECONDS_PER_MONTH = 30 * 86_400.0


@dataclass(frozen=True)
class Cost:
    """What a transport costs one client, as rates.

    Arguments:
        transport: which.
        setting: in which.
        requests: of HTTP per second, opening ones included.
        messages: that arrive per second.
        up: bytes per second from the client, by layer.
        down: bytes per second from the server, by layer.
        packets: per second, both ways together.
    """

    transport: Transport
    setting: Setting
    requests: Any
    messages: Any
    up: Mapping[str, Any]
    down: Mapping[str, Any]
    packets: Any

    def layer(self, name: str) -> Any:
        """Bytes per second of a layer, both ways together."""
        return self.up[name] + self.down[name]

    def per_message(self, name: str) -> Any:
        """Bytes of a layer for each event that arrives, both ways together."""
        return self.layer(name) / self.messages

    def total(self, layers: tuple[str, ...] = LAYERS) -> Any:
        """Bytes per second of some layers, both ways together."""
        return sum(self.layer(name) for name in layers)

    def total_per_message(self, layers: tuple[str, ...] = LAYERS) -> Any:
        """Bytes of some layers for each event that arrives."""
        return self.total(layers) / self.messages

    def month(self, kwh_per_gb: float, price_per_gb: float) -> tuple[Any, Any, Any]:
        """The traffic of all clients in 30 days.

        Arguments:
            kwh_per_gb: energy that the network takes for 10^9 bytes, in kWh.
            price_per_gb: what 10^9 bytes cost, in any currency.

        Returns:
            Gigabytes (10^9 bytes), kWh, and the price.
        """
        gigabytes = self.total() * self.setting.clients * SECONDS_PER_MONTH / 1e9
        return gigabytes, gigabytes * kwh_per_gb, gigabytes * price_per_gb


# --- How often ---


@dataclass(frozen=True)
class Rhythm:
    """How often one client asks and is answered, per second.

    Arguments:
        requests: that it makes.
        full: answers with news.
        empty: answers without.
        batch: events in an answer with news, on the average.
    """

    requests: Any
    full: Any
    empty: Any
    batch: Any


def rhythm(transport: Transport, setting: Setting) -> Rhythm:
    """How often a transport asks; for one that pushes, an answer is an event."""
    rate = np.asarray(setting.events_per_second, dtype=float)
    if transport in POLLS:
        period = np.maximum(setting.interval, setting.rtt)
        some = -np.expm1(-rate * period)  # the probability that a poll finds news
        return Rhythm(1 / period, some / period, (1 - some) / period, rate * period / some)
    if transport is Transport.LONG_POLLING:
        return _long_polling(rate, setting)
    return Rhythm(np.zeros_like(rate), rate, np.zeros_like(rate), np.ones_like(rate))


def _long_polling(rate: Any, setting: Setting) -> Rhythm:
    """A renewal process: the gap of one round trip in which nobody asks, then the wait for news or the timeout.

    What happens in the gap is answered, all of it, as soon as the next request is there.
    """
    gap, timeout = np.asarray(setting.rtt, dtype=float), np.asarray(setting.timeout, dtype=float)
    quiet = np.exp(-rate * gap)
    cycle = gap + quiet * -np.expm1(-rate * timeout) / rate
    timed_out = quiet * np.exp(-rate * timeout)
    full = (1 - timed_out) / cycle
    return Rhythm(1 / cycle, full, timed_out / cycle, rate / full)


# --- What it costs ---


@dataclass
class _Sum:
    """Bytes and packets of many units.

    Arguments:
        setting: in which they are written.
        up: bytes from the client, by layer.
        down: bytes from the server, by layer.
        packets: both ways.
    """

    setting: Setting
    up: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(LAYERS, 0.0))
    down: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(LAYERS, 0.0))
    packets: Any = 0.0

    def add(self, unit: Unit, times: Any) -> None:
        """Count a unit that is written so often."""
        setting, data = self.setting, unit.data
        own, peer = (self.up, self.down) if unit.up else (self.down, self.up)
        for layer, part in unit.parts.items():
            own[layer] = own[layer] + times * part
        header = wire.packet_header(setting.tcp_options)
        carried = wire.segments(data + self._tls(data), setting.segment)
        own["tls"] = own["tls"] + times * self._tls(data)
        own["tcp_ip"] = own["tcp_ip"] + times * carried * header
        peer["ack"] = peer["ack"] + times * unit.acks * header
        self.packets = self.packets + times * (carried + unit.acks)
        if unit.connection:
            self.connect(Transport.POLLING_CLOSE, times * unit.connection)

    def connect(self, transport: Transport, times: Any) -> None:
        """Count connections that are opened and ended so often."""
        for own, sent in zip((self.up, self.down), opening(transport, self.setting), strict=True):
            own["setup"] = own["setup"] + times * sent.bytes
            self.packets = self.packets + times * sent.packets

    def _tls(self, data: Any) -> Any:
        return wire.tls_overhead(data) if self.setting.tls else 0.0


@dataclass(frozen=True)
class Opened:
    """What one end sends to open and to end a connection.

    Arguments:
        socket: bytes that pass through its socket.
        bytes: on the wire, with the headers of packets.
        packets: how many.
    """

    socket: Any
    bytes: Any
    packets: Any


def opening(transport: Transport, setting: Setting) -> tuple[Opened, Opened]:
    """What the client and the server send to open and to end one connection."""
    once, ends = heads(transport, setting.headers), closing_handshake()
    closes = transport in WEBSOCKETS
    made = []
    # TCP: SYN, ACK and the segments of the end from the client, SYN and those from the server.
    for place, bare in enumerate((1, 0)):
        writes = [once[place]] + ([ends[place]] if closes else [])
        data: float = sum(writes)
        if setting.tls:
            around = [*tls_flights()[place], wire.CLOSE_NOTIFY]  # the alert stands at the end
            data = data + sum(float(wire.tls_overhead(write)) for write in writes) + sum(around)
            writes = [*writes, *around]
        carried = sum(wire.segments(write, setting.segment) for write in writes if write)
        plain = bare + wire.CLOSING_SEGMENTS[place]
        header = wire.packet_header(setting.tcp_options)
        syn = wire.packet_header(wire.SYN_OPTIONS)
        made.append(Opened(data, data + syn + (plain + carried) * header, 1 + plain + carried))
    return made[0], made[1]


def evaluate(transport: Transport, setting: Setting) -> Cost:
    """What a transport costs one client in a setting."""
    how_often = rhythm(transport, setting)
    total = _Sum(setting)
    for name, unit in units(transport, setting, how_often.batch).items():
        total.add(unit, how_often.requests if name == "request" else getattr(how_often, name))
    lasts = transport is not Transport.POLLING_CLOSE
    if lasts:
        total.connect(transport, 1 / np.asarray(setting.lifetime))
    opens = 1 / np.asarray(setting.lifetime) if lasts and transport not in (*POLLS, Transport.LONG_POLLING) else 0.0
    messages = np.asarray(setting.events_per_second, dtype=float)
    return Cost(transport, setting, how_often.requests + opens, messages, total.up, total.down, total.packets)


@dataclass(frozen=True)
class Totals:
    """What so many exchanges come to.

    Arguments:
        up: bytes from the client through the socket, by layer.
        down: bytes from the server.
        around: bytes both ways of `tcp_ip` and `ack`, without those of connections that are opened and ended, and of
            `setup`, with them.
        packets: both ways.
    """

    up: Mapping[str, float]
    down: Mapping[str, float]
    around: Mapping[str, float]
    packets: float


def totals(
    transport: Transport,
    setting: Setting,
    *,
    requests: int,
    full: int,
    empty: int,
    messages: int,
    connections: int = 0,
    unseen: int = 0,
) -> Totals:
    """What so many exchanges come to.

    Arguments:
        transport: which.
        setting: in which; its rates do not count.
        requests: that were made.
        full: answers with news, or frames or events that were sent.
        empty: answers without news.
        messages: events that arrived.
        connections: that were opened and ended, beside those that each request opens; they have the layer `setup`.
        unseen: packets that end a connection and do not count.
    """
    total = _Sum(setting)
    times = {"request": requests, "full": full, "empty": empty}
    for name, unit in units(transport, setting, messages / full if full else 1.0).items():
        total.add(unit, times[name])
    opened = opening(transport, setting)
    count = requests if transport is Transport.POLLING_CLOSE else connections
    if transport is not Transport.POLLING_CLOSE:
        total.connect(transport, connections)
    up, down = (
        {layer: float(way[layer]) for layer in AT_THE_SOCKET} | {"setup": float(count * once.socket)}
        for way, once in zip((total.up, total.down), opened, strict=True)
    )
    around = {name: float(total.up[name] + total.down[name]) for name in ("tcp_ip", "ack", "setup")}
    total.packets = total.packets - count * unseen
    around["setup"] -= float(count * unseen * wire.packet_header(setting.tcp_options))
    return Totals(up, down, around, float(total.packets))
