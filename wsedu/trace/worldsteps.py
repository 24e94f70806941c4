"""Steps of the world between two endpoints: what a link, a middlebox or a fault does to their bytes.

They belong to no endpoint, which is how the two can disagree. A span counts in the stream as it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..protocol.steps import KINDS, Level, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldStep(Step):
    """A step of no endpoint."""

    level: ClassVar[Level] = Level.CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLost(WorldStep):
    """A segment of TCP was lost this often, and its bytes come so many seconds later."""

    kind: ClassVar[str] = "link.lost"
    times: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultHappened(WorldStep):
    """A fault that the script asked for happens, to these bytes where it is about bytes.

    Arguments:
        fault: `drop`, `cut`, `delay`, `duplicate`, `flip`, `inject`, `vanish` or `close-both`.
        data: the bytes that it lost, delayed, doubled, changed (as they are now) or injected.
        seconds: of delay, else 0.
        bit: that was flipped, counted from the first of the bytes.
        who: the endpoint that vanished, or to which bytes were injected.
    """

    kind: ClassVar[str] = "fault"
    fault: str
    data: bytes
    seconds: float
    bit: int | None
    who: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MiddleboxActed(WorldStep):
    """A middlebox did something to the connection or to bytes.

    Arguments:
        action: `forgot`, `reset`, `swallowed`, `held`, `released` or `stripped`.
        length: bytes that it swallowed, holds, handed on or took away.
        seconds: of silence, for `forgot` and `reset`, else 0.
        fields: names of the header fields that it took away.
    """

    kind: ClassVar[str] = "middlebox"
    action: str
    length: int
    seconds: float
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRequest(WorldStep):
    """A caching proxy takes these bytes for a request; `inside` if they lie inside a WebSocket frame."""

    kind: ClassVar[str] = "cache.request"
    section: ClassVar[str | None] = "10.3"
    url: str
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyStored(WorldStep):
    """A caching proxy keeps these bytes as the answer to a request."""

    kind: ClassVar[str] = "cache.stored"
    section: ClassVar[str | None] = "10.3"
    url: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyAsked(WorldStep):
    """Another client asks a caching proxy: what it is given from the cache; `found` is false if there is nothing."""

    kind: ClassVar[str] = "cache.asked"
    section: ClassVar[str | None] = "10.3"
    url: str
    found: bool
    body: bytes


WORLD_KINDS: dict[str, type[Step]] = {
    kind.kind: kind for kind in (SegmentLost, FaultHappened, MiddleboxActed, ProxyRequest, ProxyStored, ProxyAsked)
}
"""The steps of this module by their kinds."""

ALL_KINDS: dict[str, type[Step]] = {**KINDS, **WORLD_KINDS}
"""Every class of steps that a trace can hold, by its kind."""
