"""What the tests of virtual time share."""

from __future__ import annotations

from typing import Any

from wsedu import Frame, Role, Trace
from wsedu.protocol.steps import FrameComplete
from wsedu.protocol.types import Direction
from wsedu.simulator import World
from wsedu.trace.jsonl import lines

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def steps(trace: Trace, kind: type[Any], role: Role | None = None) -> list[Any]:
    """The steps of a kind, of one endpoint or of all."""
    found = (one.step for one in trace)
    return [step for step in found if isinstance(step, kind) and (role is None or step.endpoint is role)]


def times(trace: Trace, kind: type[Any]) -> list[float]:
    """When the steps of a kind happened."""
    return [one.t for one in trace if isinstance(one.step, kind)]


def frames(trace: Trace, direction: Direction, *, sent: bool = True) -> list[Frame]:
    """The frames of a direction, as sent or as received."""
    found = (one.step for one in trace.frames(direction, sent=sent))
    return [step.frame for step in found if isinstance(step, FrameComplete)]


def saved(trace: Trace) -> str:
    """A trace as it would be saved."""
    return "\n".join(lines(trace))


def opened(**options: Any) -> World:
    """A world whose opening handshake is done."""
    world = World(**{"seed": 1, **options})
    world.settle()
    assert world.client.opened
    assert world.server.opened
    return world
