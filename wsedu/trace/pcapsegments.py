"""A trace as TCP segments: what a capture of the exchange would have had (RFC 9293 §3.4, §3.6, §3.10).

The trace knows bytes and ends, not segments; here every direction is numbered, cut to the segment size that both
ends announce, and acknowledged when its reader read it. Nothing is invented that the trace contradicts: what was
never read is never acknowledged.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ..protocol.steps import BytesReceived, BytesSent, EndReceived, EndSent, TransportOpened
from ..protocol.types import Role
from .trace import Trace

MSS = 1460
"""Bytes of data that a segment carries at most: an Ethernet frame less the headers of IP and TCP."""

FIRST_SEQUENCE = {Role.CLIENT: 1_000_000, Role.SERVER: 5_000_000}
"""The initial sequence numbers; any would do, these differ so that the directions can be told apart."""

DEFAULT_HOST = "127.0.0.1"
DEFAULT_SERVER_PORT = 80
DEFAULT_CLIENT_PORT = 49152

HTTPS_PORT = 443
"""Where readers of captures expect TLS, and would not look for the plaintext that is written."""

_MODULUS = 1 << 32


class Segment(NamedTuple):
    """One TCP segment.

    Arguments:
        t: seconds since the first step of the trace.
        connection: its number in the trace, None where steps have none.
        sender: which end sends it.
        flags: the letters of its control bits, such as `PA` for PSH and ACK.
        seq: its sequence number.
        ack: its acknowledgment number, 0 without ACK.
        data: what it carries.
    """

    t: float
    connection: int | None
    sender: Role
    flags: str
    seq: int
    ack: int
    data: bytes


class Address(NamedTuple):
    """One end of a connection.

    Arguments:
        host: an IP address, as text.
        port: of TCP.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass
class _Flow:
    """One TCP connection, as far as the trace has been followed.

    Arguments:
        number: of the connection.
        recorded: the ends whose sending is in the trace; of the others, what was received shows what they sent.
    """

    number: int | None
    recorded: frozenset[Role]
    opened: bool = False
    reset: bool = False
    sent: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))
    read: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))
    ending: dict[Role, int] = field(default_factory=dict)
    ended: set[Role] = field(default_factory=set)
    saw_end: set[Role] = field(default_factory=set)

    # --- What happens to it ---

    def open(self, t: float) -> Iterator[Segment]:
        """The three segments of TCP's own handshake."""
        if self.opened:
            return
        self.opened = True
        client, server = FIRST_SEQUENCE[Role.CLIENT], FIRST_SEQUENCE[Role.SERVER]
        yield Segment(t, self.number, Role.CLIENT, "S", client, 0, b"")
        yield Segment(t, self.number, Role.SERVER, "SA", server, client + 1, b"")
        yield self._segment(t, Role.CLIENT, "A")

    def send(self, t: float, sender: Role, data: bytes, mss: int) -> Iterator[Segment]:
        """Bytes in as many segments as they need; the last one has PSH."""
        for start in range(0, len(data), mss):
            piece = data[start : start + mss]
            yield self._segment(t, sender, "PA" if start + mss >= len(data) else "A", piece)
            self.sent[sender] += len(piece)
        yield from self._finish(t, sender)

    def receive(self, t: float, reader: Role, data: bytes, mss: int) -> Iterator[Segment]:
        """Bytes that were read, and with that acknowledged."""
        if reader.peer not in self.recorded:
            yield from self.send(t, reader.peer, data, mss)
        # A fault may have added bytes on the way that nobody sent.
        self.read[reader] = min(self.read[reader] + len(data), self.sent[reader.peer])
        yield self._segment(t, reader, "A")

    def end(self, t: float, sender: Role, offset: int) -> Iterator[Segment]:
        """A direction ends after this many bytes, some of which may still be waiting."""
        self.ending.setdefault(sender, offset)
        yield from self._finish(t, sender)

    def see_end(self, t: float, reader: Role, *, clean: bool) -> Iterator[Segment]:
        """The other direction was seen to end: by FIN, or by an error, of which TCP knows RST."""
        peer = reader.peer
        if not clean:
            if len(self.ended) < len(Role):
                self.reset = True
                yield self._segment(t, peer, "RA")
            return
        if peer not in self.ended:
            yield from self.end(t, peer, self.sent[peer])
        self.saw_end.add(reader)
        yield self._segment(t, reader, "A")

    # --- Numbers ---

    def _finish(self, t: float, sender: Role) -> Iterator[Segment]:
        due = self.ending.get(sender)
        if due is not None and sender not in self.ended and self.sent[sender] >= due:
            yield self._segment(t, sender, "FA")
            self.ended.add(sender)

    def _segment(self, t: float, sender: Role, flags: str, data: bytes = b"") -> Segment:
        # SYN and FIN take a number each.
        seq = FIRST_SEQUENCE[sender] + 1 + self.sent[sender] + (sender in self.ended)
        ack = FIRST_SEQUENCE[sender.peer] + 1 + self.read[sender] + (sender in self.saw_end)
        return Segment(t, self.number, sender, flags, seq % _MODULUS, ack % _MODULUS, data)


def segments(trace: Trace, *, mss: int = MSS) -> Iterator[Segment]:
    """The segments of every connection of a trace, in the order of its steps.

    Arguments:
        trace: with the steps of one endpoint or of both.
        mss: bytes of data that a segment carries at most.
    """
    flows: dict[int | None, _Flow] = {}
    recorded = _recorded(trace)
    for record in trace:
        step, t = record.step, record.t
        if not isinstance(step, (TransportOpened, BytesSent, BytesReceived, EndSent, EndReceived)):
            continue
        flow = flows.get(record.connection)
        if flow is None:
            known = recorded.get(record.connection, frozenset())
            flow = flows[record.connection] = _Flow(record.connection, known)
        who = step.endpoint
        if flow.reset or who is None:
            continue
        yield from flow.open(t)
        if isinstance(step, BytesSent):
            yield from flow.send(t, who, step.data, mss)
        elif isinstance(step, BytesReceived):
            yield from flow.receive(t, who, step.data, mss)
        elif isinstance(step, EndSent):
            yield from flow.end(t, who, 0 if step.span is None else step.span.first_bit // 8)
        elif isinstance(step, EndReceived):
            yield from flow.see_end(t, who, clean=step.clean)


def _recorded(trace: Trace) -> dict[int | None, frozenset[Role]]:
    """For each connection, whose sending the trace has."""
    found: dict[int | None, set[Role]] = {}
    for record in trace:
        if isinstance(record.step, BytesSent) and record.step.endpoint is not None:
            found.setdefault(record.connection, set()).add(record.step.endpoint)
    return {connection: frozenset(roles) for connection, roles in found.items()}


class Ends(NamedTuple):
    """The addresses of a connection, and what protects it.

    Arguments:
        client: the end that opened it.
        server: the other one.
        tls: the version of TLS, None without.
    """

    client: Address
    server: Address
    tls: str | None

    def of(self, role: Role) -> Address:
        """The address of one end."""
        return self.client if role is Role.CLIENT else self.server


def ends(trace: Trace, connection: int | None) -> Ends:
    """The addresses of a connection of a trace as IPv4 has them; stand-ins where it has none.

    Arguments:
        trace: that may tell of the transport.
        connection: its number.
    """
    client = Address(DEFAULT_HOST, DEFAULT_CLIENT_PORT + (connection or 0) % (_PORTS - DEFAULT_CLIENT_PORT))
    server = Address(DEFAULT_HOST, DEFAULT_SERVER_PORT)
    tls = None
    for record in trace:
        step = record.step
        if isinstance(step, TransportOpened) and record.connection == connection:
            tls = tls or step.tls
            own, other = step.local, step.remote
            if step.endpoint is Role.SERVER:
                own, other = other, own
            client, server = _address(own, client), _address(other, server)
            break
    if tls is not None and server.port == HTTPS_PORT:
        server = Address(server.host, DEFAULT_SERVER_PORT)
    return Ends(client, server, tls)


_PORTS = 1 << 16


def _address(text: str, otherwise: Address) -> Address:
    """`host:port` as an IPv4 address and a port; what it lacks is taken from elsewhere."""
    host, _, port = text.rpartition(":")
    number = int(port) if port.isdecimal() and int(port) < _PORTS else otherwise.port
    try:
        return Address(str(ipaddress.IPv4Address(host)), number)
    except ValueError:
        return Address(otherwise.host, number)
