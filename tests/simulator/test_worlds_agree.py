"""Real sockets and virtual time play the same exchange, and virtual time the same one every time."""

from __future__ import annotations

import functools
import inspect
import random
from importlib import import_module
from typing import Any

import pytest

from wsedu import Frame, Role
from wsedu.loopback import record
from wsedu.protocol.steps import (
    BytesReceived,
    CloseStatus,
    HandshakeKey,
    Level,
    MessageComplete,
    TimerExpired,
    Violation,
)
from wsedu.protocol.types import Direction
from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS, scenario
from wsedu.simulator import (
    EVERY_BYTE,
    RANDOM_CUTS,
    Chunks,
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
    simulate,
)
from wsedu.trace.jsonl import lines, loads

from .tools import frames, saved, steps

ALL = [*SCENARIOS, *VIRTUAL_SCENARIOS]
ROUGH = Link(latency=0.03, jitter=0.02, bandwidth=200_000, loss=0.2)


def test_the_scenarios_of_virtual_time_are_there_by_name_and_say_so() -> None:
    wanted = {"idle-proxy", "idle-proxy-heartbeat", "cache-poisoning", "cache-poisoning-masked"}
    assert wanted <= set(VIRTUAL_SCENARIOS)
    assert not set(SCENARIOS) & set(VIRTUAL_SCENARIOS)
    assert all(scenario(name).name == name for name in ALL)
    assert {name for name in ALL if scenario(name).virtual} == set(VIRTUAL_SCENARIOS)


def test_a_scenario_of_virtual_time_is_as_it_is() -> None:
    with pytest.raises(ValueError, match="idle-proxy"):
        scenario("idle-proxy", tls=True)
    with pytest.raises(KeyError, match="nowhere"):
        simulate("nowhere")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_real_and_a_simulated_run_give_the_same_frames(name: str, seed: int) -> None:
    real = record(name, seed=seed, level=Level.BASE)
    virtual = simulate(name, seed=seed, level=Level.BASE)
    for direction in Direction:
        assert frames(virtual, direction) == frames(real, direction)
        assert virtual.bytes_of(direction) == real.bytes_of(direction) != b""
    for role in Role:
        for kind in (MessageComplete, CloseStatus, Violation, TimerExpired):
            assert steps(virtual, kind, role) == steps(real, kind, role)


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "silent-peer"])
@pytest.mark.parametrize("chunks", [EVERY_BYTE, Chunks(7), RANDOM_CUTS], ids=["byte", "seven", "random"])
def test_neither_cuts_nor_a_rough_link_change_the_frames(name: str, chunks: Chunks, seed: int) -> None:
    if name == "large":
        chunks = Chunks(997, random=chunks.random)
    smooth = simulate(name, seed=seed, level=Level.CORE)
    rough = simulate(name, seed=seed, link=ROUGH, chunks=chunks, level=Level.CORE)
    for direction in Direction:
        assert frames(rough, direction) == frames(smooth, direction)
        assert rough.bytes_of(direction, received=True) == smooth.bytes_of(direction, received=True)


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_gives_the_same_trace_to_the_byte(name: str, seed: int) -> None:
    options: dict[str, Any] = {"link": ROUGH, "chunks": RANDOM_CUTS, "level": Level.BASE}
    first, second = (simulate(name, seed=seed, **options) for _ in range(2))
    assert saved(first) == saved(second)
    assert saved(simulate(name, seed=seed + 1, **options)) != saved(first)


def test_without_a_seed_the_header_tells_the_one_that_was_drawn() -> None:
    first, second = simulate("hello"), simulate("hello")
    assert first.header.seed != second.header.seed
    assert steps(first, HandshakeKey) != steps(second, HandshakeKey)
    assert saved(simulate("hello", seed=first.header.seed)) == saved(first)


@pytest.mark.parametrize("name", ALL)
def test_a_trace_of_virtual_time_is_saved_and_read(name: str, seed: int) -> None:
    trace = simulate(name, seed=seed, link=ROUGH, level=Level.CORE)
    text = saved(trace)
    again = loads(text)
    assert "\n".join(lines(again)) == text
    assert [one.step for one in again] == [one.step for one in trace]


@pytest.mark.parametrize("name", ALL)
def test_time_never_goes_back(name: str, seed: int) -> None:
    moments = [one.t for one in simulate(name, seed=seed, link=ROUGH, level=Level.CORE)]
    assert moments[0] == 0
    assert moments == sorted(moments)


@pytest.mark.parametrize("name", ALL)
def test_every_step_names_a_function_that_exists(name: str, seed: int) -> None:
    faults = [Duplicate(direction=Direction.TO_SERVER), Vanish(who=Role.SERVER, step=60)]
    trace = simulate(name, seed=seed, link=ROUGH, faults=faults, level=Level.CORE)
    for path in {one.step.decided_by or "" for one in trace}:
        module, _, names = path.partition(":")
        assert inspect.isfunction(functools.reduce(getattr, names.split("."), import_module(module))), path


def test_whatever_goes_wrong_the_run_ends_and_can_be_saved(seed: int) -> None:
    """Faults of every kind at random steps, with any cuts: nothing is raised, and every byte has its place."""
    source = random.Random(seed)
    for number in range(60):
        faults: list[Fault] = [
            Drop(step=source.randint(1, 60)),
            Flip(step=source.randint(1, 60), bit=source.randrange(400)),
            Inject(step=source.randint(1, 60), frame=Frame.ping(b"?"), to=source.choice(list(Role))),
            Delay(step=source.randint(1, 60), seconds=source.random()),
            Duplicate(step=source.randint(1, 60)),
            CloseBoth(step=source.randint(1, 90)),
            Cut(step=source.randint(1, 200)),
        ]
        name = source.choice(["tour", "fragments", "compressed", "both-close", "cache-poisoning", "buffering-proxy"])
        chosen = source.sample(faults, 3)
        trace = simulate(name, seed=number, faults=chosen, chunks=RANDOM_CUTS, link=ROUGH, level=Level.CORE)
        for role in Role:
            place = 0
            for step in steps(trace, BytesReceived, role):
                assert (step.span.first_bit, step.span.bits) == (8 * place, 8 * len(step.data))
                place += len(step.data)
        assert [one.step for one in loads(saved(trace))] == [one.step for one in trace], (name, chosen)
