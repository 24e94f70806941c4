"""The WebSocket connections of a capture file, each as a trace (extra `capture`).

A capture was taken between the endpoints, so each direction is read as its receiver would read it, and what an
endpoint must have thought is not made up: see `wsedu.protocol.observer`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from ..protocol.heads import looks_like_head
from ..protocol.http import HeadReader
from ..protocol.observer import Observer
from ..protocol.overheard import wants_websocket
from ..protocol.rules import ProtocolViolation
from ..protocol.steps import (
    BytesReceived,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    TransportOpened,
    Unexplained,
    Violation,
)
from ..protocol.types import Direction, Limits, Role
from .pcapfile import extent
from .pcapread import read_segments
from .pcapsegments import Address
from .pcapstreams import Gap, Happened, TcpConnection, assemble
from .trace import Record, Trace, new_header


class Other(StrEnum):
    """What a TCP connection can be that is not taken for WebSocket."""

    HTTP = "http"
    TLS = "tls"
    LATE = "late"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CapturedConnection:
    """One WebSocket connection of a capture.

    Arguments:
        number: from 1, the connection's number in its trace.
        client: the address of the client.
        server: the address of the server.
        start: when its first segment was captured, in seconds since 1970.
        trace: what each end read.
        gaps: bytes that the capture does not have, by direction; what came behind them is not in the trace.
    """

    number: int
    client: Address
    server: Address
    start: Decimal
    trace: Trace
    gaps: tuple[tuple[Direction, Gap], ...] = ()

    @property
    def violations(self) -> list[Violation]:
        """What was found to be illegal."""
        return [record.step for record in self.trace if isinstance(record.step, Violation)]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, and neither direction ends inside a head or a frame."""
        return not self.gaps and all(_ends_whole(self.trace, direction) for direction in Direction)

    @property
    def legal(self) -> bool:
        """Whether everything is in order and whole."""
        return self.complete and not self.violations


@dataclass(frozen=True)
class Capture:
    """What was found in a capture file.

    Arguments:
        connections: of WebSocket, in the order of their first segments.
        others: how many TCP connections of each other kind there are.
        damaged_at: offset of the first record of the file that is not whole; None if all are.
    """

    connections: tuple[CapturedConnection, ...]
    others: Counter[Other] = field(default_factory=Counter)
    damaged_at: int | None = None

    @property
    def traces(self) -> list[Trace]:
        """The trace of each connection."""
        return [connection.trace for connection in self.connections]


def read_capture(data: bytes, *, as_websocket: Role | str | None = None) -> Capture:
    """Find the WebSocket connections of a capture by their opening handshakes, and read them.

    Arguments:
        data: a pcap or pcapng file; of a damaged one, the whole records before the damage are read.
        as_websocket: take connections whose handshake was not captured for WebSocket as well, with this role for
            the end that opened the connection, or, if that was not captured either, sent the first segment.

    Raises:
        NoCaptureError: it is no capture file.
        MissingExtraError: scapy is not installed.
    """
    whole = extent(data)
    role = None if as_websocket is None else Role(as_websocket)
    found: list[CapturedConnection] = []
    others: Counter[Other] = Counter()
    for connection in assemble(read_segments(data[: whole.whole])):
        roles = _roles(connection, role)
        if isinstance(roles, Other):
            others[roles] += 1
        else:
            found.append(_read(connection, roles, len(found) + 1))
    return Capture(tuple(found), others, whole.damaged_at)


def merged(connections: Sequence[CapturedConnection]) -> Trace:
    """All connections as one trace, in the order of time, numbered anew."""
    return merge([connection.trace for connection in connections], [connection.start for connection in connections])


def merge(traces: Iterable[Trace], starts: Iterable[Decimal | float]) -> Trace:
    """Several traces as one, in the order of time, their steps numbered anew.

    Arguments:
        traces: each with a connection number of its own.
        starts: when each began, in seconds since 1970.
    """
    moved: list[tuple[Decimal, Record]] = [
        (Decimal(start) + Decimal(record.t), record)
        for trace, start in zip(traces, starts, strict=True)
        for record in trace
    ]
    moved.sort(key=lambda pair: pair[0])
    result = Trace(new_header())
    for number, (t, record) in enumerate(moved, 1):
        result.records.append(record._replace(n=number, t=float(t - moved[0][0])))
    return result


# --- Which end is which ---

_ENOUGH = 16 << 10
"""Bytes of a direction that are looked at to find out what it is."""

Roles = tuple[Role, Role]


def _roles(connection: TcpConnection, as_websocket: Role | None) -> Roles | Other:
    """The roles of the two ends; or what the connection is, if it is not WebSocket."""
    beginnings = [_beginning(connection, sender) for sender in (0, 1)]
    for sender, data in enumerate(beginnings):
        if looks_like_head(data):
            client = sender if not data.startswith(b"HTTP/") else 1 - sender
            return _with_client(client) if _opens_websocket(data) else Other.HTTP
    if not any(beginnings):
        return Other.EMPTY
    if any(data.startswith(_TLS_RECORD) for data in beginnings):
        return Other.TLS
    if as_websocket is not None:
        return as_websocket, as_websocket.peer
    return Other.UNKNOWN if connection.opened else Other.LATE


_TLS_RECORD = bytes.fromhex("1603")
"""How a handshake of TLS begins."""


def _with_client(index: int) -> Roles:
    return (Role.CLIENT, Role.SERVER) if index == 0 else (Role.SERVER, Role.CLIENT)


def _beginning(connection: TcpConnection, sender: int) -> bytes:
    data = b""
    for event in connection.events:
        if event.sender == sender:
            data += event.data
        if len(data) >= _ENOUGH:
            break
    return data[:_ENOUGH]


def _opens_websocket(data: bytes) -> bool:
    """Whether a head belongs to the opening handshake of WebSocket, or was meant to."""
    reader = HeadReader(Limits(max_head_size=_ENOUGH))
    try:
        if reader.feed(data) is not None:
            if not data.startswith(b"HTTP/"):
                return wants_websocket(reader.request())
            response = reader.response()
            return response.status == 101 and response.headers.get("Sec-WebSocket-Accept") is not None
    except ProtocolViolation:
        pass
    return b"sec-websocket-" in data.partition(b"\r\n\r\n")[0].lower()


# --- A connection as a trace ---


def _read(connection: TcpConnection, roles: Roles, number: int) -> CapturedConnection:
    now = 0.0
    trace = Trace(new_header(), clock=lambda: now)
    for _ in range(number):
        trace.new_connection()
    observer = Observer(tracer_for=lambda role: trace.recorder(number))
    addresses = dict(zip(roles, connection.ends, strict=True))
    for role in Role:
        trace.add(
            TransportOpened(
                endpoint=role,
                decided_by=f"{__name__}:read_capture",
                local=str(addresses[role]),
                remote=str(addresses[role.peer]),
            ),
            number,
        )
    if not any(looks_like_head(_beginning(connection, sender)) for sender in (0, 1)):
        for direction in Direction:
            observer.start(direction)
    for event in connection.events:
        now = float(event.t - connection.start)
        direction = roles[event.sender].sends
        if event.what is Happened.DATA:
            observer.feed(direction, event.data)
        elif event.what is Happened.END:
            observer.end(direction)
        else:
            for broken in (direction, roles[event.sender].receives):
                observer.end(broken, clean=False)
    gaps = tuple((roles[gap.sender].sends, gap) for gap in connection.gaps)
    return CapturedConnection(number, addresses[Role.CLIENT], addresses[Role.SERVER], connection.start, trace, gaps)


_EXPLAINING = (FrameComplete, HandshakeRequest, HandshakeResponse, Unexplained)


def _ends_whole(trace: Trace, direction: Direction) -> bool:
    """Whether every byte of a direction belongs to a whole head or frame; from what is unexplained on, none has to."""
    told = received = 0
    for record in trace:
        step = record.step
        if step.span is None or step.span.direction is not direction:
            continue
        end = step.span.first_bit + step.span.bits
        if isinstance(step, BytesReceived):
            received = max(received, end)
        elif isinstance(step, _EXPLAINING):
            told = max(told, end)
            if isinstance(step, Unexplained) and step.reason != "cut":
                return True
    return told >= received
