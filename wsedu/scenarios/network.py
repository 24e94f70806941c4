"""What lies between two endpoints, as data: links, how bytes are cut, middleboxes, and faults.

Nothing here acts; a world in virtual time gives it effect. Times are in seconds, sizes in bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..protocol.frame import Frame
from ..protocol.types import Direction, Role

WAIT = "wait"
"""Verb of an act in virtual time: nothing is done for so many seconds, its one argument."""


def check_number(what: str, value: float, *, positive: bool = False) -> None:
    """Refuse what is no size and no time.

    Arguments:
        what: is checked, in words.
        value: that is given for it.
        positive: 0 will not do either.

    Raises:
        ValueError: it is negative, infinite or not a number.
    """
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise ValueError(f"{what} is {'more than 0' if positive else '0 or more'}, not {value}")


# --- Links ---


@dataclass(frozen=True)
class Link:
    """One direction of a path, as TCP sees it: bytes arrive late, in order, and all of them.

    Arguments:
        latency: seconds from one end to the other.
        jitter: up to so many seconds more, drawn anew for each segment.
        bandwidth: bytes per second; None for no limit.
        loss: probability that a segment is lost, below 1; TCP sends it again, and what follows waits for it.
        segment: bytes of payload in a segment at most, which only loss, jitter and bandwidth can tell.
        timeout: seconds until TCP sends a lost segment again; twice as long each further time (RFC 6298 §5.5).

    Raises:
        ValueError: a value that no link can have.
    """

    latency: float = 0.01
    jitter: float = 0.0
    bandwidth: float | None = None
    loss: float = 0.0
    segment: int = 1460
    timeout: float = 0.2

    def __post_init__(self) -> None:
        check_number("the latency of a link", self.latency)
        check_number("the jitter of a link", self.jitter)
        check_number("the timeout of a link", self.timeout, positive=True)
        check_number("the segment of a link", self.segment, positive=True)
        if self.bandwidth is not None:
            check_number("the bandwidth of a link", self.bandwidth, positive=True)
        if not 0 <= self.loss < 1:
            raise ValueError(f"the loss of a link is a part of the segments from 0 to below 1, not {self.loss}")

    @property
    def plain(self) -> bool:
        """Whether every piece takes the same time, whatever its size."""
        return not (self.jitter or self.loss or self.bandwidth)


@dataclass(frozen=True)
class Chunks:
    """How what has arrived is cut when it is read.

    Arguments:
        size: bytes of a chunk at most; None for as many as there are.
        random: cut at places that the seed chooses.

    Raises:
        ValueError: a size below 1.
    """

    size: int | None = None
    random: bool = False

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 1:
            raise ValueError(f"a chunk has at least one byte, not {self.size}")


WHOLE = Chunks()
EVERY_BYTE = Chunks(1)
RANDOM_CUTS = Chunks(random=True)


# --- Middleboxes ---


@dataclass(frozen=True)
class IdleTimeout:
    """A proxy or an address translator that forgets a connection on which nothing passes.

    Arguments:
        seconds: of silence in both directions.
        reset: tell both endpoints with RST; otherwise what they send from then on is lost without a word.

    Raises:
        ValueError: no time at all.
    """

    seconds: float = 60.0
    reset: bool = False

    def __post_init__(self) -> None:
        check_number("the seconds of an idle timeout", self.seconds, positive=True)


@dataclass(frozen=True)
class BufferingProxy:
    """A proxy that hands on what follows the opening handshake only in large pieces.

    Arguments:
        size: bytes that it collects before it hands them on.
        seconds: after which it hands on what it has; None to wait for size, or for the end of TCP.

    Raises:
        ValueError: a size or a time that is none.
    """

    size: int = 4096
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_number("the size of a buffering proxy", self.size, positive=True)
        if self.seconds is not None:
            check_number("the seconds of a buffering proxy", self.seconds, positive=True)


@dataclass(frozen=True)
class PlainProxy:
    """An HTTP proxy that does not know Upgrade: it takes hop-by-hop fields out of the request (RFC 9110 §7.6.1)."""


@dataclass(frozen=True)
class CachingProxy:
    """A naive caching proxy that takes any line in the stream for a request or a response (RFC 6455 §10.3).

    Arguments:
        victim: what another client behind this proxy asks for when the connection is over, as
            `http://host/path`; empty for nothing.
    """

    victim: str = ""


Middlebox = IdleTimeout | BufferingProxy | PlainProxy | CachingProxy


# --- Faults ---


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong once, and when: at a step, or with the first frame for which all else holds.

    Arguments:
        step: as soon as the step of this number is recorded; what is about bytes happens to the next ones sent.
        opcode: of the frame.
        direction: of the frame; with `step`, of the bytes.
        min_size: bytes of payload that the frame has at least.
        text: what its payload contains.

    Raises:
        ValueError: a value that it cannot have.
    """

    step: int | None = None
    opcode: int | None = None
    direction: Direction | None = None
    min_size: int | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.opcode is not None and not 0 <= self.opcode <= 0xF:
            raise ValueError(f"the opcode of a fault is 0 to 15, not {self.opcode}")
        if self.min_size is not None:
            check_number("the min_size of a fault", self.min_size)

    @property
    def by_frame(self) -> bool:
        """Whether a frame decides."""
        return self.step is None

    def matches(self, frame: Frame, direction: Direction) -> bool:
        """Whether a frame, sent in that direction, fulfils every condition."""
        return (
            (self.opcode is None or frame.opcode == self.opcode)
            and (self.direction is None or direction is self.direction)
            and (self.min_size is None or len(frame.payload) >= self.min_size)
            and (self.text is None or self.text.encode() in frame.payload)
        )

    def check(self) -> None:
        """Refuse a fault that does not say when.

        Raises:
            ValueError: there is neither a step nor a condition, or both.
        """
        conditions = [self.opcode, self.min_size, self.text]
        if self.step is None and self.direction is None and conditions == [None] * len(conditions):
            raise ValueError("a fault needs a step, or a condition on a frame")
        if self.step is not None and (self.step < 1 or conditions != [None] * len(conditions)):
            raise ValueError("a fault has either a step, from 1 on, or conditions on a frame")


@dataclass(frozen=True, kw_only=True)
class Drop(Fault):
    """The bytes are lost, and TCP does not notice."""


@dataclass(frozen=True, kw_only=True)
class Cut(Fault):
    """TCP is torn, and the bytes and all others under way with it: both endpoints get RST."""


@dataclass(frozen=True, kw_only=True)
class Delay(Fault):
    """The bytes, and all that follow them, come so many seconds later."""

    seconds: float

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("the seconds of a delay", self.seconds)


@dataclass(frozen=True, kw_only=True)
class Duplicate(Fault):
    """The bytes come twice."""


@dataclass(frozen=True, kw_only=True)
class Flip(Fault):
    """One bit of the bytes, counted from 0 at the first one's highest bit, is turned over."""

    bit: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("the bit of a flip", self.bit)


@dataclass(frozen=True, kw_only=True)
class Inject(Fault):
    """A frame that neither endpoint has sent comes after the bytes.

    Arguments:
        frame: as it is, legal or not.
        to: who gets it; by default whoever gets the bytes, and the client where a step decides.
    """

    frame: Frame
    to: Role | None = None


@dataclass(frozen=True, kw_only=True)
class Vanish(Fault):
    """An endpoint neither reads nor writes from now on, and nobody is told."""

    who: Role


@dataclass(frozen=True, kw_only=True)
class CloseBoth(Fault):
    """Both endpoints start the closing handshake in the same moment."""

    code: int = 1000
    reason: str = ""


# --- All together ---


@dataclass(frozen=True)
class Network:
    """What lies between the client and the server: the middleboxes at the client's end, then the link.

    Arguments:
        link: both directions; a pair for one towards the server and one towards the client.
        middleboxes: the first one is next to the client.
        faults: what goes wrong.
        chunks: how the endpoints read.
    """

    link: Link | tuple[Link, Link] = field(default_factory=Link)
    middleboxes: tuple[Middlebox, ...] = ()
    faults: tuple[Fault, ...] = ()
    chunks: Chunks = WHOLE
