"""The WebSocket connections of a capture file, each as a trace (extra `capture`).

A capture was taken between the endpoints, so each direction is read as its receiver would read it, and what an
endpoint must have thought is not made up: see `wsedu.protocol.observer`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ..protocol.heads import looks_like_head
from ..protocol.observer import Observer
from ..protocol.steps import (
    BytesReceived,
    FrameComplete,
    HandshakeAgreed,
    HandshakeRequest,
    HandshakeResponse,
    TransportOpened,
    Unexplained,
    Violation,
)
from ..protocol.types import Direction, Role
from .gzipped import unpack
from .pcapfile import extent
from .pcapfile import key_log as key_log_of
from .pcapread import read_segments
from .pcapresync import beginning
from .pcaproles import Other, Roles, beginning_of, roles_of
from .pcapsegments import Address
from .pcapstreams import Gap, Happened, TcpConnection, assemble
from .pcaptls import Opened, opened, read_keys
from .pcaptunnel import without_tunnel
from .trace import Record, Trace, new_header


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
        skipped: for each direction that was captured from inside a frame, bytes that were passed over before the
            first place where frames seem to begin: a guess.
        locked: for each direction whose TLS could not be opened to its end, offset of the plaintext that is missing.
        tls: the version of the TLS that was opened, such as `TLSv1.3`; None without.
        tunnel: where the proxy led to through which it went, such as `example.org:443`; None without.
    """

    number: int
    client: Address
    server: Address
    start: Decimal
    trace: Trace
    gaps: tuple[tuple[Direction, Gap], ...] = ()
    skipped: tuple[tuple[Direction, int], ...] = ()
    locked: tuple[tuple[Direction, int], ...] = ()
    tls: str | None = None
    tunnel: str | None = None

    @property
    def violations(self) -> list[Violation]:
        """What was found to be illegal."""
        return [record.step for record in self.trace if isinstance(record.step, Violation)]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, and neither direction ends inside a head or a frame."""
        lacks = self.gaps or self.skipped or self.locked
        return not lacks and all(_ends_whole(self.trace, direction) for direction in Direction)

    @property
    def opened(self) -> bool:
        """Whether there was a WebSocket connection: not if the handshake was refused or had no answer."""
        steps = [record.step for record in self.trace]
        asked = any(isinstance(step, (HandshakeRequest, HandshakeResponse)) for step in steps)
        return not asked or any(isinstance(step, HandshakeAgreed) for step in steps)

    @property
    def answer(self) -> str | None:
        """The first line of the response of the handshake; None if none was captured."""
        steps = (record.step for record in self.trace)
        return next((step.line for step in steps if isinstance(step, HandshakeResponse)), None)

    @property
    def legal(self) -> bool:
        """Whether everything is in order and whole: what two endpoints would have written down without a violation."""
        return self.opened and self.complete and not self.violations


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


def read_capture(data: bytes, *, as_websocket: Role | str | None = None, key_log: str = "") -> Capture:
    """Find the WebSocket connections of a capture by their opening handshakes, and read them.

    Arguments:
        data: a pcap or pcapng file, compressed by gzip or not; of a damaged one, the whole records before the damage
            are read.
        as_websocket: take connections whose handshake was not captured for WebSocket as well, with this role for
            the end that opened the connection, or, if that was not captured either, sent the first segment.
        key_log: the lines of a file of SSLKEYLOGFILE; connections whose keys are there, or in the capture itself,
            are read through their TLS.

    Raises:
        NoCaptureError: it is no capture file.
        MissingExtraError: scapy is not installed.
    """
    unpacked = unpack(data)
    data = unpacked.data
    whole = extent(data)
    damaged_at = whole.whole if whole.damaged_at is None and not unpacked.whole else whole.damaged_at
    role = None if as_websocket is None else Role(as_websocket)
    connections = assemble(read_segments(data[: whole.whole]))
    logged = "\n".join((key_log_of(data), key_log)).strip()
    keys = read_keys(logged) if logged else {}
    found: list[CapturedConnection] = []
    others: Counter[Other] = Counter()
    for connection in connections:
        inside, tunnel = without_tunnel(connection)
        plain = opened(inside, keys) if keys else None
        roles = roles_of(inside if plain is None else plain.connection, role)
        if isinstance(roles, Other):
            others[roles] += 1
        else:
            found.append(_read(inside, plain, tunnel, roles, len(found) + 1))
    return Capture(tuple(found), others, damaged_at)


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


def _read(
    captured: TcpConnection, plain: Opened | None, tunnel: str | None, roles: Roles, number: int
) -> CapturedConnection:
    """One connection, as each end reads it."""
    connection = captured if plain is None else plain.connection
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
                tls=None if plain is None else plain.version,
            ),
            number,
        )
    skipped = [0, 0]
    if not any(looks_like_head(beginning_of(connection, sender)) for sender in (0, 1)):
        skipped = _start_late(connection, roles, observer)
    left = list(skipped)
    for event in connection.events:
        now = float(event.t - connection.start)
        direction = roles[event.sender].sends
        if event.what is Happened.DATA:
            passed = min(left[event.sender], len(event.data))
            left[event.sender] -= passed
            observer.feed(direction, event.data[passed:])
        elif event.what is Happened.END:
            observer.end(direction)
        else:
            for broken in (direction, roles[event.sender].receives):
                observer.end(broken, clean=False)
    ways = [role.sends for role in roles]
    return CapturedConnection(
        number,
        addresses[Role.CLIENT],
        addresses[Role.SERVER],
        connection.start,
        trace,
        gaps=tuple((ways[gap.sender], gap) for gap in connection.gaps),
        skipped=tuple((way, size) for way, size in zip(ways, skipped, strict=True) if size),
        locked=() if plain is None else tuple((ways[sender], offset) for sender, offset in plain.locked),
        tls=None if plain is None else plain.version,
        tunnel=tunnel,
    )


def _start_late(connection: TcpConnection, roles: Roles, observer: Observer) -> list[int]:
    """Have both directions read as frames; how many bytes of each are before the first of them."""
    found = []
    for sender, role in enumerate(roles):
        stream = b"".join(event.data for event in connection.events if event.sender == sender)
        begins = beginning(stream, role.peer)
        observer.start(role.sends, compressed=begins.compressed)
        found.append(begins.skipped)
    return found


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
