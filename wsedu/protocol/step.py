"""Steps: what an endpoint did and why, as immutable typed records without number or time.

A step is made where the decision is made and handed to one hook, the *tracer*: any callable that takes a
`Step`. A tracer may carry an attribute `level`; what is finer than that is not even built.
The `kind` of a step names it in a saved trace; `wsedu.trace` numbers and times it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Protocol

from .rules import RULES
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


def filtered(tracer: Tracer | None) -> Tracer | None:
    """A tracer behind a filter for its level: for what happens once, and is told step by step whatever the level."""
    if tracer is None:
        return None
    level = tracer_level(tracer)

    def coarse(step: Step) -> None:
        if step.level <= level:
            tracer(step)

    return coarse


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
