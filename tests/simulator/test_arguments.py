"""What cannot be is refused where it is written, in one line that says what was wrong and what there is instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from wsedu.loopback import record
from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS
from wsedu.simulator import (
    BufferingProxy,
    Chunks,
    Delay,
    Drop,
    Flip,
    IdleTimeout,
    Link,
    World,
    simulate,
)

NO_NUMBERS = (math.nan, math.inf, -1)

REFUSED: list[tuple[Callable[..., Any], str, tuple[float, ...]]] = [
    (Link, "latency", NO_NUMBERS),
    (Link, "jitter", NO_NUMBERS),
    (Link, "timeout", (*NO_NUMBERS, 0)),
    (Link, "segment", (*NO_NUMBERS, 0)),
    (Link, "bandwidth", (*NO_NUMBERS, 0)),
    (Link, "loss", (*NO_NUMBERS, 1)),
    (Chunks, "size", (-1, 0)),
    (IdleTimeout, "seconds", (*NO_NUMBERS, 0)),
    (BufferingProxy, "size", (*NO_NUMBERS, 0)),
    (BufferingProxy, "seconds", (*NO_NUMBERS, 0)),
    (Delay, "seconds", NO_NUMBERS),
    (Flip, "bit", NO_NUMBERS),
    (Drop, "min_size", NO_NUMBERS),
    (Drop, "opcode", (-1, 16)),
    (World, "until", (*(value for value in NO_NUMBERS if value != float("inf")), 0)),
]
CASES = [(make, name, value) for make, name, values in REFUSED for value in values]


@pytest.mark.parametrize(("make", "name", "value"), CASES, ids=lambda part: getattr(part, "__name__", str(part)))
def test_a_value_that_cannot_be_is_refused_by_name(make: Callable[..., Any], name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"not {value}$") as caught:
        make(**{name: value})
    told = str(caught.value)
    assert "\n" not in told
    assert name in told or make is Chunks


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_time_does_not_run_backwards(value: float) -> None:
    world = World(seed=1)
    world.settle()
    now = world.now
    with pytest.raises(ValueError, match=f"not {value}$"):
        world.wait(value)
    with pytest.raises(ValueError, match=f"not {value}$"):
        world.at(value, World.settle)
    assert world.now == now


@pytest.mark.parametrize("play", [simulate, record])
def test_who_asks_for_a_scenario_that_there_is_not_is_told_all_that_there_are(play: Callable[..., Any]) -> None:
    with pytest.raises(KeyError) as caught:
        play("nosuch")
    _, _, names = str(caught.value.args[0]).partition(": ")
    assert names.split(", ") == [*SCENARIOS, *VIRTUAL_SCENARIOS]


def test_a_world_may_run_without_end() -> None:
    assert World(until=float("inf")).now == 0
