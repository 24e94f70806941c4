"""Faults in virtual time: which of them are due, and what they make of the bytes that go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from ..protocol.frames import encode_frame
from ..protocol.steps import FrameComplete, byte_span
from ..protocol.types import Direction, Role
from ..scenarios.network import CloseBoth, Cut, Delay, Drop, Duplicate, Fault, Flip, Inject, Vanish
from ..trace.trace import Record
from ..trace.worldsteps import FaultHappened
from .wire import Teller

NAMES: dict[type[Fault], str] = {
    Drop: "drop",
    Cut: "cut",
    Delay: "delay",
    Duplicate: "duplicate",
    Flip: "flip",
    Inject: "inject",
    Vanish: "vanish",
    CloseBoth: "close-both",
}
"""What each fault is called in a trace."""

OF_BYTES = (Drop, Delay, Duplicate, Flip)
"""Faults that happen to bytes on their way out; the others happen also when nothing is sent."""


class Piece(NamedTuple):
    """What goes out in place of what was sent.

    Arguments:
        data: the bytes.
        delay: seconds that they are held back.
        cut: TCP is torn here, and nothing more goes out.
    """

    data: bytes
    delay: float = 0.0
    cut: bool = False


class Region(NamedTuple):
    """The bytes of a stream that a fault is about."""

    first: int
    end: int
    fault: Fault


class Faults:
    """Watches the trace for the moment of each fault.

    Arguments:
        faults: what is to go wrong.
        tell: called with a step for each.

    Raises:
        ValueError: a fault does not say when.
    """

    def __init__(self, faults: Iterable[Fault], tell: Teller) -> None:
        self._waiting = list(faults)
        self._tell = tell
        self._due: list[Fault] = []  # that wait for the next bytes
        self._regions: dict[Direction, list[Region]] = {direction: [] for direction in Direction}
        self._now: list[Fault] = []
        for fault in self._waiting:
            fault.check()

    def see(self, record: Record) -> None:
        """Take note of a step."""
        for fault in self._waiting[:]:
            if fault.by_frame:
                self._see_frame(fault, record)
            elif record.n == fault.step:
                self._waiting.remove(fault)
                (self._due if isinstance(fault, OF_BYTES) else self._now).append(fault)

    def _see_frame(self, fault: Fault, record: Record) -> None:
        step = record.step
        if not isinstance(step, FrameComplete) or not step.sent or step.span is None:
            return
        if fault.matches(step.frame, step.span.direction):
            self._waiting.remove(fault)
            if isinstance(fault, (Vanish, CloseBoth)):
                self._now.append(fault)
            else:
                first = step.span.first_bit // 8
                region = Region(first, first + step.span.bits // 8, fault)
                self._regions[step.span.direction].append(region)

    def happening(self) -> list[Fault]:
        """The faults that happen now, whether anything is sent or not; each once."""
        if not self._now:
            return self._now
        now, self._now = self._now, []
        return now

    def change(self, direction: Direction, offset: int, data: bytes) -> Iterator[Piece]:
        """What goes out in place of these bytes.

        Arguments:
            direction: of the stream.
            offset: where they begin in it.
            data: the bytes.
        """
        end = offset + len(data)
        regions, self._regions[direction] = self._regions[direction], []
        for fault in [fault for fault in self._due if fault.direction in (None, direction)]:
            self._due.remove(fault)
            regions.append(Region(offset, end, fault))
        for region in regions:
            part = data[region.first - offset : region.end - offset]
            self._told(region, direction, part)
        cuts = sorted({offset, end, *(place for region in regions for place in region[:2])})
        for first, last in pairwise(cuts):
            here = [region for region in regions if region.first <= first and last <= region.end]
            yield from _changed(data[first - offset : last - offset], first, here)
            if any(isinstance(region.fault, Cut) for region in here):
                return

    def _told(self, region: Region, direction: Direction, data: bytes) -> None:
        fault = region.fault
        if isinstance(fault, Flip):
            data = _flipped(data, fault.bit)
        elif isinstance(fault, Inject):
            data = encode_frame(fault.frame)
        self.tell(fault, data, direction, region.first, region.end - region.first)

    def tell(self, fault: Fault, data: bytes, direction: Direction | None, first: int = 0, length: int = 0) -> None:
        """Make the step of a fault.

        Arguments:
            fault: that happens.
            data: what it makes of the bytes, or adds to them.
            direction: of the bytes; None if there are none.
            first: the first one's offset.
            length: how many of the stream's own there are.
        """
        to = None if direction is None else next(role for role in Role if role.receives is direction)
        who = fault.who if isinstance(fault, Vanish) else to if isinstance(fault, Inject) else None
        self._tell(
            FaultHappened(
                span=None if direction is None else byte_span(direction, first, length),
                decided_by=f"{__name__}:Faults.change",
                fault=NAMES[type(fault)],
                data=data,
                seconds=fault.seconds if isinstance(fault, Delay) else 0.0,
                bit=fault.bit if isinstance(fault, Flip) else None,
                who=None if who is None else who.value,
            )
        )


def _changed(data: bytes, first: int, regions: Iterable[Region]) -> Iterator[Piece]:
    """What becomes of bytes that all of these faults are about."""
    delay, copies, extra = 0.0, 1, b""
    for region in regions:
        fault = region.fault
        if isinstance(fault, Cut):
            yield Piece(b"", cut=True)
            return
        if isinstance(fault, Drop):
            copies = 0
        elif isinstance(fault, Duplicate):
            copies *= 2
        elif isinstance(fault, Delay):
            delay += fault.seconds
        elif isinstance(fault, Flip):
            data = _flipped(data, fault.bit - 8 * (first - region.first))
        elif isinstance(fault, Inject) and first + len(data) == region.end:
            extra += encode_frame(fault.frame)
    for _ in range(copies):
        yield Piece(data, delay)
    if extra:
        yield Piece(extra, delay)


def _flipped(data: bytes, bit: int) -> bytes:
    """The bytes with one bit turned over; as they are if the bit is not among theirs."""
    if not 0 <= bit < 8 * len(data):
        return data
    changed = bytearray(data)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)
