"""One direction of a link in virtual time: how late each piece of the stream arrives (RFC 9293, RFC 6298)."""

from __future__ import annotations

import enum
from collections.abc import Callable
from random import Random

from ..protocol.steps import byte_span
from ..protocol.types import Direction
from ..scenarios.network import Link
from ..trace.worldsteps import SegmentLost, WorldStep
from .agenda import Agenda

MAX_TIMEOUT = 60.0
"""Seconds beyond which TCP's retransmission timeout does not grow (RFC 6298 §2.5)."""


class Mark(enum.Enum):
    """What travels in the stream besides bytes."""

    OPEN = "open"
    END = "end"
    RESET = "reset"


Item = bytes | Mark
Taker = Callable[[Item], None]
Teller = Callable[[WorldStep], None]


class Wire:
    """Carries bytes and marks, in order, to whoever takes them.

    Arguments:
        agenda: the time.
        direction: of the stream.
        link: what it is like.
        random: decides of jitter and loss.
        tell: called with the steps of the link.

    Attributes:
        take: called with what has arrived; the world sets it.
        torn: nothing arrives any more.
    """

    def __init__(self, agenda: Agenda, direction: Direction, link: Link, random: Random, tell: Teller) -> None:
        self.torn = False
        self.take: Taker
        self._agenda = agenda
        self._direction = direction
        self._link = link
        self._plain = link.plain
        self._latency = link.latency
        self._random = random
        self._tell = tell
        self._offset = 0
        self._free = 0.0  # when what was sent so far has left
        self._last = 0.0  # when the last of it arrives

    def send(self, item: Item) -> None:
        """Have bytes or a mark arrive after everything that was sent before."""
        if self._plain or not isinstance(item, bytes):
            self._arrive_at(max(self._agenda.now, self._free) + self._latency, item)
            return
        size = self._link.segment
        for start in range(0, len(item), size):
            self._segment(item[start : start + size])

    def hold(self, seconds: float) -> None:
        """Have nothing more leave for so long."""
        self._free = max(self._agenda.now, self._free) + seconds

    def _segment(self, data: bytes) -> None:
        link = self._link
        left = max(self._agenda.now, self._free)
        if link.bandwidth is not None:
            left += len(data) / link.bandwidth
            self._free = left
        arrives = left + link.latency
        if link.jitter:
            arrives += link.jitter * self._random.random()
        if link.loss:
            arrives += self._lost(data)
        self._offset += len(data)
        self._arrive_at(arrives, data)

    def _lost(self, data: bytes) -> float:
        """How long TCP takes to get a segment through, beyond the link's own time."""
        times, seconds, timeout = 0, 0.0, self._link.timeout
        while self._random.random() < self._link.loss:
            times += 1
            seconds += timeout
            timeout = min(2 * timeout, max(MAX_TIMEOUT, self._link.timeout))
        if times:
            span = byte_span(self._direction, self._offset, len(data))
            self._tell(SegmentLost(span=span, decided_by=f"{__name__}:Wire._lost", times=times, seconds=seconds))
        return seconds

    def _arrive_at(self, time: float, item: Item) -> None:
        # TCP hands nothing on before everything in front of it is there.
        if time < self._last:
            time = self._last
        self._last = time
        self._agenda.moving += 1
        self._agenda.enter(time, self._arrive, item)

    def _arrive(self, item: Item) -> None:
        self._agenda.moving -= 1
        if not self.torn:
            self.take(item)
