"""Steps of states and deadlines, of violations, and of what somebody between the endpoints does (RFC 6455 §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .rules import ProtocolViolation
from .step import Level, Step, byte_span
from .types import Direction, Role


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
