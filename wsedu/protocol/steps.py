"""Steps: what an endpoint did and why, as immutable typed records without number or time.

A step is made where the decision is made and handed to one hook, the *tracer*: any callable that takes a
`Step`. A tracer may carry an attribute `level`; what is finer than that is not even built.
The `kind` of a step names it in a saved trace; `wsedu.trace` numbers and times it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Protocol

from .frame import Frame
from .rules import RULES, ProtocolViolation
from .types import Direction, Role


class Level(enum.IntEnum):
    """How fine a step is: the wire and whole frames; fields and decisions; every masked byte."""

    CORE = 0
    BASE = 1
    EXTRA = 2


NOTHING = -1
"""The level of an endpoint that nobody traces: below every `Level`."""


class Span(NamedTuple):
    """The bits that a step is about.

    Arguments:
        direction: which of the two byte streams.
        first_bit: counted from 0 at the first bit of that stream, most significant bit first.
        bits: how many.
    """

    direction: Direction
    first_bit: int
    bits: int


def byte_span(direction: Direction, offset: int, length: int) -> Span:
    """The span of `length` bytes from byte `offset` of a stream."""
    return Span(direction, 8 * offset, 8 * length)


class Tracer(Protocol):
    """The one hook: called with each step as it happens."""

    def __call__(self, step: Step, /) -> None: ...


def tracer_level(tracer: Tracer | None) -> int:
    """The finest level that a tracer wants: its attribute `level`, else everything; `NOTHING` without a tracer."""
    if tracer is None:
        return NOTHING
    return int(getattr(tracer, "level", Level.EXTRA))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What all kinds of steps share; every other field of a subclass is one of its facts.

    Arguments:
        endpoint: whose view it is; None for a function used on its own.
        span: the bits that it is about.
        rule: the name of the rule that decided it, a key of `rules.RULES`.
        decided_by: the function that decided it, as `module:qualified.name`.
    """

    kind: ClassVar[str] = ""
    level: ClassVar[Level] = Level.BASE
    section: ClassVar[str | None] = None

    endpoint: Role | None = None
    span: Span | None = None
    rule: str | None = None
    decided_by: str | None = None

    @property
    def rfc(self) -> str | None:
        """The section of RFC 6455 that decides: that of the rule, else that of the kind."""
        rule = None if self.rule is None else RULES.get(self.rule)
        return self.section if rule is None else rule.section

    def facts(self) -> dict[str, Any]:
        """What this kind of step says beyond the shared fields, by name, in order."""
        return {name: getattr(self, name) for name in fact_names(type(self))}


SHARED = frozenset({"endpoint", "span", "rule", "decided_by"})


def fact_names(kind: type[Step]) -> tuple[str, ...]:
    """The names of the facts of a class of steps, in order."""
    return tuple(field.name for field in fields(kind) if field.name not in SHARED)


# --- The wire ---


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOpened(Step):
    """A transport is there: the addresses as `host:port`, and whether TLS protects it."""

    kind: ClassVar[str] = "transport.opened"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "4.1"
    local: str
    remote: str
    tls: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesSent(Step):
    """Bytes were handed to the transport in one piece."""

    kind: ClassVar[str] = "bytes.sent"
    level: ClassVar[Level] = Level.CORE
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesReceived(Step):
    """One chunk was read from the transport."""

    kind: ClassVar[str] = "bytes.received"
    level: ClassVar[Level] = Level.CORE
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesIgnored(Step):
    """Bytes that came after the peer's Close frame, or after the connection failed: read and thrown away."""

    kind: ClassVar[str] = "bytes.ignored"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "7.1.7"
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSent(Step):
    """This endpoint ends its direction of the TCP connection."""

    kind: ClassVar[str] = "transport.end.sent"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "7.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReceived(Step):
    """The peer's direction of the TCP connection has ended; `clean` if no error ended it."""

    kind: ClassVar[str] = "transport.end.received"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "7.1.4"
    clean: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioAct(Step):
    """A scenario has this endpoint do something: a method of `Connection`, and the key of the reason why."""

    kind: ClassVar[str] = "scenario.act"
    level: ClassVar[Level] = Level.CORE
    verb: str
    note: str


# --- The opening handshake ---


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeKey(Step):
    """The client made its key: base64 of 16 random bytes."""

    kind: ClassVar[str] = "handshake.key"
    section: ClassVar[str | None] = "4.1"
    nonce: bytes
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeRequest(Step):
    """The request head, as sent or as received."""

    kind: ClassVar[str] = "handshake.request"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "4.1"
    sent: bool
    line: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeResponse(Step):
    """The response head, as sent or as received."""

    kind: ClassVar[str] = "handshake.response"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "4.2.2"
    sent: bool
    line: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeCheck(Step):
    """One point of §4.1 or §4.2.1 was checked: which field, what was found, whether it passes."""

    kind: ClassVar[str] = "handshake.check"
    field: str
    found: str | None
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAccept(Step):
    """One of the three steps from Sec-WebSocket-Key to Sec-WebSocket-Accept.

    Arguments:
        stage: `concatenate`, `sha1` or `base64`.
        result: the bytes after it.
    """

    kind: ClassVar[str] = "handshake.accept"
    section: ClassVar[str | None] = "4.2.2"
    stage: str
    given: bytes
    result: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAgreed(Step):
    """What the two endpoints agreed on; None and () where they agreed on nothing."""

    kind: ClassVar[str] = "handshake.agreed"
    section: ClassVar[str | None] = "4.2.2"
    subprotocol: str | None
    extensions: tuple[str, ...]


# --- Frames and messages ---


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameField(Step):
    """One field of a frame header, as read or as written: its bits are the span."""

    kind: ClassVar[str] = "frame.field"
    section: ClassVar[str | None] = "5.2"
    sent: bool
    name: str
    value: int | bytes
    meaning: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameComplete(Step):
    """A whole frame, as sent or as received."""

    kind: ClassVar[str] = "frame.complete"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "5.2"
    sent: bool
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskByte(Step):
    """One byte of payload was XORed with one byte of the key, at byte `index` of the payload."""

    kind: ClassVar[str] = "mask.byte"
    level: ClassVar[Level] = Level.EXTRA
    section: ClassVar[str | None] = "5.3"
    index: int
    given: int
    key_byte: int
    result: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFragment(Step):
    """A frame that does not end its message: fragment `number` (from 1), `size` bytes so far."""

    kind: ClassVar[str] = "message.fragment"
    section: ClassVar[str | None] = "5.4"
    opcode: int
    number: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageComplete(Step):
    """A whole message, put together from `fragments` frames, is delivered."""

    kind: ClassVar[str] = "message.complete"
    section: ClassVar[str | None] = "6.2"
    opcode: int
    fragments: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PingAnswered(Step):
    """A Ping is answered with a Pong that has the same application data."""

    kind: ClassVar[str] = "ping.answered"
    section: ClassVar[str | None] = "5.5.2"
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PongMatched(Step):
    """A Pong came in and answers this many of our Pings; none: it is unsolicited."""

    kind: ClassVar[str] = "pong.matched"
    section: ClassVar[str | None] = "5.5.3"
    payload: bytes
    answers: int


# --- permessage-deflate (RFC 7692) ---


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflateCompressed(Step):
    """A data frame was compressed (RFC 7692 §7.2.1).

    Arguments:
        plain: bytes before.
        compressed: bytes on the wire.
        window_before: bytes of earlier data that the compressor could point back to.
        window_after: bytes that it can point back to from now on.
    """

    kind: ClassVar[str] = "deflate.compressed"
    plain: int
    compressed: int
    window_before: int
    window_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflateInflated(Step):
    """A data frame was inflated (RFC 7692 §7.2.2); arguments as for `DeflateCompressed`."""

    kind: ClassVar[str] = "deflate.inflated"
    plain: int
    compressed: int
    window_before: int
    window_after: int


# --- States and faults ---


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Step):
    """The table of `closing` moved this endpoint: which event, from where to where, and what is to be done.

    `state` is the state of the RFC that the phase `after` belongs to.
    """

    kind: ClassVar[str] = "state.changed"
    level: ClassVar[Level] = Level.CORE
    event: str
    before: str
    after: str
    state: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseStatus(Step):
    """What §7.1.4 to §7.1.6 report once TCP has ended: code, reason, and whether the close was clean."""

    kind: ClassVar[str] = "close.status"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "7.1.5"
    code: int
    reason: str
    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerExpired(Step):
    """A deadline passed."""

    kind: ClassVar[str] = "timer.expired"
    level: ClassVar[Level] = Level.CORE
    timer: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation(Step):
    """A rule was broken: by whom, at which byte of that direction's stream, and what answers it.

    Arguments:
        local: our own caller asked for it; nothing went out.
        code: status code of the Close frame that answers it.
        status: HTTP status that answers it.
    """

    kind: ClassVar[str] = "violation"
    level: ClassVar[Level] = Level.CORE
    local: bool
    offset: int | None
    code: int | None
    status: int | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained(Step):
    """Somebody who only watches cannot explain what passes, or part of it; it passes all the same.

    Arguments:
        reason: in one word, why.
        detail: the facts of the case.
    """

    kind: ClassVar[str] = "observer.unexplained"
    level: ClassVar[Level] = Level.CORE
    reason: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TapActed(Step):
    """Somebody between the endpoints did something to a frame, by a rule of the user's; `endpoint` has sent it.

    Arguments:
        action: what was done, in one word.
        line: the rule, as the user wrote it.
        frames: what went on in place of the frame, or was put behind it.
    """

    kind: ClassVar[str] = "tap.acted"
    level: ClassVar[Level] = Level.CORE
    action: str
    line: str
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownStep(Step):
    """A step of a kind that this version does not know, read from a saved trace and kept as it was."""

    level: ClassVar[Level] = Level.CORE
    name: str
    values: dict[str, Any]


def violation_step(violation: ProtocolViolation, endpoint: Role | None, direction: Direction | None) -> Violation:
    """The step that tells of a violation; `direction` is that of the stream in which its offset counts."""
    span = None
    if violation.offset is not None and direction is not None:
        span = byte_span(direction, violation.offset, 1)
    return Violation(
        endpoint=endpoint,
        span=span,
        rule=violation.rule.name,
        decided_by=violation.decided_by,
        local=violation.local,
        offset=violation.offset,
        code=violation.rule.code,
        status=violation.rule.status,
        detail=dict(violation.detail),
    )


def _all_kinds(base: type[Step]) -> dict[str, type[Step]]:
    return {kind.kind: kind for kind in base.__subclasses__() if kind.kind}


KINDS: dict[str, type[Step]] = _all_kinds(Step)
"""Every class of steps by its kind."""
