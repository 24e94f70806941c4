"""TCP streams put together from captured segments: out of order, sent again, overlapping, or lost (RFC 9293 §3.10).

Each direction becomes chunks of bytes in order, each with the time at which its reader could read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from .pcapread import Captured
from .pcapsegments import Address

_MODULUS = 1 << 32
_HALF = 1 << 31


class Happened(Enum):
    """What a stream does."""

    DATA = "data"
    END = "end"
    RESET = "reset"


class StreamEvent(NamedTuple):
    """Something that happens in one direction of a connection.

    Arguments:
        t: when, in seconds since 1970.
        sender: 0 for the end that the connection begins with, 1 for the other one.
        what: data, the end of this direction, or a reset.
        data: the next bytes of the direction.
    """

    t: Decimal
    sender: int
    what: Happened
    data: bytes = b""


class Gap(NamedTuple):
    """Bytes that passed and that the capture does not have.

    Arguments:
        sender: 0 or 1.
        offset: where they are in the direction's stream.
        size: how many, at least.
        behind: bytes that were captured behind them, and that nobody can put in their place.
    """

    sender: int
    offset: int
    size: int
    behind: int


@dataclass
class TcpConnection:
    """One TCP connection of a capture.

    Arguments:
        ends: the two addresses; the first is the one that opened it, or, where that was not captured, the one that
            sent the first segment.
        start: when its first segment was captured, in seconds since 1970.
        opened: whether its first SYN was captured, so that its streams begin at their beginning.
        events: what happened, in order.
        gaps: what is missing.
    """

    ends: tuple[Address, Address]
    start: Decimal
    opened: bool
    events: list[StreamEvent] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


@dataclass
class _Half:
    """One direction: what waits for bytes before it.

    Arguments:
        first: the sequence number of its first byte; None until that is known.
        next: offset of the first byte that has not come.
        reach: offset after the last byte that is known to have passed.
        waiting: bytes that came too early, by offset.
        end: offset after the last byte of the direction, once FIN has told.
        ended: whether all before that end has come.
    """

    first: int | None = None
    next: int = 0
    reach: int = 0
    waiting: dict[int, bytes] = field(default_factory=dict)
    end: int | None = None
    ended: bool = False

    def offset(self, seq: int) -> int:
        """Where a sequence number stands in the stream; sequence numbers come round again after 4 GiB."""
        assert self.first is not None
        return self.next + ((seq - self.first - self.next + _HALF) % _MODULUS - _HALF)

    def add(self, offset: int, data: bytes, missing: int) -> bytes:
        """Take a segment's bytes, and how many of them were not captured.

        Returns:
            The bytes that can be read now.
        """
        self.reach = max(self.reach, offset + len(data) + missing)
        if offset < self.next:
            data = data[self.next - offset :]
            offset = self.next
        if len(data) > len(self.waiting.get(offset, b"")):
            self.waiting[offset] = data
        return self._readable()

    def _readable(self) -> bytes:
        pieces = []
        while self.waiting and (offset := min(self.waiting)) <= self.next:
            piece = self.waiting.pop(offset)[self.next - offset :]
            pieces.append(piece)
            self.next += len(piece)
        return b"".join(pieces)

    def acknowledged(self, ack: int) -> None:
        """The peer has read up to here, whether that was captured or not; FIN may take one number of it."""
        if self.first is not None:
            self.reach = max(self.reach, self.offset(ack) - 1)

    def gap(self, sender: int) -> Gap | None:
        """What is missing before the rest can be read."""
        if self.reach <= self.next:
            return None
        until = min(self.waiting, default=self.reach)
        return Gap(sender, self.next, until - self.next, sum(map(len, self.waiting.values())))


class _Assembler:
    """One connection while its segments come."""

    def __init__(self, first: Captured, beginnings: dict[Address, int]) -> None:
        opener, other = first.source, first.target
        if first.syn and first.acks:
            # Its first SYN was not captured, but who answered was.
            opener, other = other, opener
        self.connection = TcpConnection((opener, other), first.t, first.syn and not first.acks)
        self._halves = (_Half(), _Half())
        self._beginnings = beginnings
        self.closed = False

    def _half(self, segment: Captured) -> _Half:
        return self._halves[self._sender(segment)]

    def _sender(self, segment: Captured) -> int:
        return 0 if segment.source == self.connection.ends[0] else 1

    def add(self, segment: Captured) -> None:
        sender, half = self._sender(segment), self._half(segment)
        if half.first is None:
            known = self._beginnings.get(segment.source, segment.seq)
            half.first = (segment.seq + 1) % _MODULUS if segment.syn else known
        seq = (segment.seq + segment.syn) % _MODULUS
        if segment.data and not half.ended:
            self._tell(segment.t, sender, half.add(half.offset(seq), segment.data, segment.missing))
        if segment.fin and half.end is None:
            half.end = half.offset(seq) + len(segment.data) + segment.missing
            half.reach = max(half.reach, half.end)
        if half.end is not None and half.next >= half.end and not half.ended:
            half.ended = True
            self.connection.events.append(StreamEvent(segment.t, sender, Happened.END))
        if segment.acks:
            self._halves[1 - sender].acknowledged(segment.ack)
        if segment.rst and not self.closed:
            self.closed = True
            self.connection.events.append(StreamEvent(segment.t, sender, Happened.RESET))

    def _tell(self, t: Decimal, sender: int, data: bytes) -> None:
        if data:
            self.connection.events.append(StreamEvent(t, sender, Happened.DATA, data))

    def finish(self) -> TcpConnection:
        found = (half.gap(sender) for sender, half in enumerate(self._halves))
        self.connection.gaps = [gap for gap in found if gap is not None]
        return self.connection


def assemble(segments: Iterable[Captured]) -> list[TcpConnection]:
    """Put the connections of a capture together.

    Arguments:
        segments: in the order of the capture.

    Returns:
        The connections in the order of their first segments.
    """
    groups: list[list[Captured]] = []
    current: dict[frozenset[Address], int] = {}
    opened_with: dict[int, tuple[Address, int]] = {}
    for segment in segments:
        pair = frozenset((segment.source, segment.target))
        number = current.get(pair)
        fresh = segment.syn and not segment.acks
        if number is None or (fresh and opened_with.get(number, (None, -1)) != (segment.source, segment.seq)):
            number = current[pair] = len(groups)
            groups.append([])
        if fresh:
            opened_with[number] = (segment.source, segment.seq)
        groups[number].append(segment)
    return [_assemble_one(group) for group in groups]


def _assemble_one(group: list[Captured]) -> TcpConnection:
    assembler = _Assembler(group[0], _beginnings(group))
    for segment in group:
        assembler.add(segment)
    return assembler.finish()


def _beginnings(group: list[Captured]) -> dict[Address, int]:
    """For directions without a SYN, the sequence number from which on they can be read.

    That is the lowest one seen with data: the segments at the beginning of a capture may be out of order. A probe
    that keeps TCP alive has one byte of no meaning, from before.
    """
    found: dict[Address, int] = {}
    for segment in group:
        if len(segment.data) < 2 and segment.source in found:
            continue
        least = found.setdefault(segment.source, segment.seq)
        if (segment.seq - least) % _MODULUS >= _HALF:
            found[segment.source] = segment.seq
    return found
