"""What somebody who only watches a connection writes down: steps, violations, and what cannot be explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .closing import STATES, CloseCode, ClosingMachine, Happening, Phase
from .rules import ProtocolViolation, calling_function
from .steps import CloseStatus, StateChanged, Step, Tracer, Unexplained, byte_span, tracer_level, violation_step
from .types import Direction, Role


class Breach(NamedTuple):
    """A rule that somebody broke.

    Arguments:
        sender: who broke it: its bytes are wrong.
        violation: the rule, the offset in that sender's stream, and the facts.
    """

    sender: Role
    violation: ProtocolViolation


def sender_of(direction: Direction) -> Role:
    """The endpoint whose bytes travel in a direction."""
    return Role.CLIENT if direction is Direction.TO_SERVER else Role.SERVER


class Notes:
    """The notes on both endpoints of a connection, and the state in which each of them must be.

    Arguments:
        tracer_for: gives the tracer for the steps of an endpoint, whose view of what it reads is written down.

    Attributes:
        tracers: by endpoint, None where nobody traces.
        levels: the finest level that each of them wants.
        received: bytes seen so far, by direction.
        violations: what was found so far, in order.
        unexplained: why a direction is not explained any more, by direction.
        closes: code and reason of the first Close frame that each endpoint has received.
    """

    def __init__(self, tracer_for: Callable[[Role], Tracer | None]) -> None:
        self.tracers = {role: tracer_for(role) for role in Role}
        self.levels = {role: tracer_level(tracer) for role, tracer in self.tracers.items()}
        self.received = dict.fromkeys(Direction, 0)
        self.violations: list[Breach] = []
        self.unexplained: dict[Direction, str] = {}
        self.closes: dict[Role, tuple[int | None, str]] = {}
        self._machines = {role: ClosingMachine(role) for role in Role}

    def trace(self, role: Role, step: Step) -> None:
        """Tell the tracer of an endpoint, if it has one."""
        tracer = self.tracers[role]
        if tracer is not None:
            tracer(step)

    def note(self, sender: Role, violation: ProtocolViolation) -> None:
        """Note that a sender broke a rule."""
        # Without its traceback, which would keep every buffer that was being read.
        self.violations.append(Breach(sender, violation.with_traceback(None)))
        self.trace(sender.peer, violation_step(violation, sender.peer, sender.sends))

    def lose(self, direction: Direction, reason: str, **detail: Any) -> None:
        """Explain a direction no further, and say so, once."""
        if direction not in self.unexplained:
            self.unexplained[direction] = reason
            self.say(direction, reason, **detail)

    def say(self, direction: Direction, reason: str, **detail: Any) -> None:
        """Say that something in a direction cannot be explained: the reason in one word, and the facts."""
        reader = sender_of(direction).peer
        span = byte_span(direction, self.received[direction], 0)
        self.trace(
            reader,
            Unexplained(endpoint=reader, span=span, decided_by=calling_function(2), reason=reason, detail=detail),
        )

    def move(self, role: Role, happening: Happening) -> None:
        """Move an endpoint as the table of `closing` says; where it has no row, nothing changes."""
        machine = self._machines[role]
        before = machine.phase
        row = machine.move(happening)
        if row is None:
            return
        self.trace(
            role,
            StateChanged(
                endpoint=role,
                decided_by="wsedu.protocol.closing:ClosingMachine.move",
                event=happening.value,
                before=before.value,
                after=row.after.value,
                state=STATES[row.after].value,
                action=row.action.value,
            ),
        )
        if row.after is Phase.CLOSED:
            self._report_status(role, clean=before is Phase.CLOSE_EXCHANGED)

    def _report_status(self, role: Role, *, clean: bool) -> None:
        """What §7.1.4 to §7.1.6 have this endpoint report."""
        code, reason = self.closes.get(role, (CloseCode.ABNORMAL_CLOSURE, ""))
        shown = int(CloseCode.NO_STATUS_RCVD if code is None else code)
        self.trace(
            role,
            CloseStatus(endpoint=role, decided_by=calling_function(), code=shown, reason=reason, clean=clean),
        )
