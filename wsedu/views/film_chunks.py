"""What one piece of TCP holds: parts of heads and frames, which share it without a boundary between them (§5.2)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from ..protocol.steps import BytesReceived, BytesSent, FrameComplete, HandshakeRequest, HandshakeResponse, Step
from ..protocol.types import Direction
from ..trace.trace import Record
from .ladder_streams import Stretch, stretch_of

MOST = 4
"""Parts of a piece that are told of."""

UNITS = (FrameComplete, HandshakeRequest, HandshakeResponse)


class Units:
    """Where heads and frames lie in the streams of both directions, as one side counts their bytes."""

    def __init__(self) -> None:
        self._found: dict[Direction, list[Stretch]] = {direction: [] for direction in Direction}

    def add(self, direction: Direction, place: Stretch) -> None:
        """Take note of a head or a frame; they come in order, and a second telling of the same counts once."""
        found = self._found[direction]
        if not found or place.first >= found[-1].end:
            found.append(place)

    def parts(self, direction: Direction, place: Stretch) -> tuple[int, ...]:
        """How many bytes of a stretch belong to each head and frame in it; empty where it has none, or one."""
        found = self._found[direction]
        at = max(0, bisect_right(found, place.first, key=lambda unit: unit.first) - 1)
        sizes = []
        while at < len(found) and found[at].first < place.end:
            size = min(found[at].end, place.end) - max(found[at].first, place.first)
            sizes += [size] if size > 0 else []
            at += 1
        return tuple(sizes) if len(sizes) > 1 else ()


def parts_label(parts: tuple[int, ...]) -> str:
    """`159 B + 2 B`: the parts of a piece; empty for none."""
    told = [f"{size:,} B" for size in parts[:MOST]]
    return " + ".join([*told, *(["…"] if parts[MOST:] else [])])


def chunk_parts(records: Iterable[Record]) -> dict[int, tuple[int, ...]]:
    """The parts of each piece of TCP that has more than one, by the number of its step.

    Arguments:
        records: of one connection, in order.
    """
    sides = {True: Units(), False: Units()}
    pieces: list[tuple[int, bool, Step]] = []
    for record in records:
        step = record.step
        if step.span is None:
            continue
        if isinstance(step, UNITS):
            sides[step.sent].add(step.span.direction, stretch_of(step))
        elif isinstance(step, (BytesSent, BytesReceived)):
            pieces.append((record.n, isinstance(step, BytesSent), step))
    found = {}
    for n, sent, step in pieces:
        assert step.span is not None
        parts = sides[sent].parts(step.span.direction, stretch_of(step))
        if parts:
            found[n] = parts
    return found
