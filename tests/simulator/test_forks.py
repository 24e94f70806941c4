"""Forks: the same past to the byte, another future; and the original as it was."""

from __future__ import annotations

import itertools

import pytest

from wsedu import Frame, Role
from wsedu.protocol.events import Event, TextReceived
from wsedu.protocol.steps import Level
from wsedu.simulator import (
    RANDOM_CUTS,
    CloseBoth,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Fault,
    Flip,
    Inject,
    Link,
    Vanish,
    World,
    fork,
    simulate,
)
from wsedu.trace.worldsteps import FaultHappened

from .tools import opened, saved, steps

FAULTS: list[Fault] = [
    Drop(),
    Cut(),
    Delay(seconds=1.0),
    Duplicate(),
    Flip(bit=5),
    Inject(frame=Frame.ping(b"?"), to=Role.CLIENT),
    Vanish(who=Role.SERVER),
    CloseBoth(code=1001),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[type(fault).__name__.lower() for fault in FAULTS])
@pytest.mark.parametrize("name", ["fragments", "idle-proxy-heartbeat"])
def test_a_fork_at_any_step_has_the_same_past_and_another_future(name: str, fault: Fault) -> None:
    link = Link(latency=0.02, jitter=0.01, loss=0.1)
    trace = simulate(name, seed=5, link=link, chunks=RANDOM_CUTS, level=Level.CORE)
    before = saved(trace)
    happened = 0
    for at in range(1, len(trace) + 1, 7):
        forked = fork(trace, at_step=at, fault=fault)
        assert saved(forked).splitlines()[1 : at + 1] == before.splitlines()[1 : at + 1]
        found = steps(forked, FaultHappened)
        happened += len(found)
        assert forked.records != trace.records if found else forked.records == trace.records
    assert happened > 3
    assert saved(trace) == before


def test_a_fork_can_be_forked() -> None:
    trace = simulate("tour", seed=1, level=Level.CORE)
    first = fork(trace, at_step=20, fault=Delay(seconds=3.0))
    second = fork(first, at_step=30, fault=Cut())
    assert second.records[:30] == first.records[:30]
    assert [step.fault for step in steps(second, FaultHappened)] == ["delay", "cut"]


def test_a_world_that_was_driven_by_hand_can_be_forked() -> None:
    world = opened(level=Level.CORE)

    def echo(world: World, event: Event) -> None:
        if isinstance(event, TextReceived):
            world.server.send_text(event.text.upper())

    world.on_event(Role.SERVER, echo)
    world.at(2.0, lambda world: world.server.send_text("clock"))
    world.client.send_text("one")
    world.settle()
    at = len(world.trace)
    world.client.send_text("two")
    world.wait(3)
    world.client.close()
    world.run()
    assert world.client.messages == ["ONE", "TWO", "clock"]
    forked = fork(world, at_step=at, fault=Drop())
    assert forked.records[:at] == world.trace.records[:at]
    received = forked.bytes_of(Role.CLIENT.receives, received=True)
    assert (b"ONE" in received, b"TWO" in received, b"clock" in received) == (True, False, True)


def test_a_function_can_be_forked() -> None:
    def script(world: World) -> None:
        world.settle()
        world.client.send_text("hello")
        world.settle()
        world.client.close()
        world.run()

    trace = simulate(script, seed=3, level=Level.CORE)
    assert saved(trace) == saved(simulate(script, seed=3, level=Level.CORE))
    for at in range(1, len(trace), 5):
        assert fork(trace, at_step=at, fault=Vanish(who=Role.CLIENT)).records[:at] == trace.records[:at]


def test_a_function_that_does_something_else_is_found_out() -> None:
    calls = itertools.count()

    def fickle(world: World) -> None:
        world.settle()
        world.client.send_text(str(next(calls)))
        world.settle()

    trace = simulate(fickle, seed=3, level=Level.CORE)
    with pytest.raises(ValueError, match="same"):
        fork(trace, at_step=len(trace), fault=Drop())


@pytest.mark.parametrize("at", [0, -1, 10_000])
def test_a_step_that_is_not_there_cannot_be_forked_at(at: int) -> None:
    trace = simulate("hello", seed=1, level=Level.CORE)
    with pytest.raises(ValueError, match="step"):
        fork(trace, at_step=at, fault=Drop())
