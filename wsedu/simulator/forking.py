"""Forks: the same past, and another future."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..protocol.steps import HandshakeRequest, TransportOpened
from ..protocol.types import Direction
from ..scenarios import SCENARIOS, VIRTUAL_SCENARIOS
from ..scenarios import scenario as find_scenario
from ..scenarios.network import Fault
from ..trace.trace import Trace
from .differing import counterpart
from .setup import SimulatedTrace
from .simulate import simulate
from .world import World


class ForkError(ValueError):
    """A trace cannot be forked.

    Arguments:
        problem: `step`, `script`, `scenario`, `seed` or `other`, for the catalogues.
        told: what is wrong, in English.
        facts: of the case, by name.
    """

    def __init__(self, problem: str, told: str, **facts: Any) -> None:
        super().__init__(told)
        self.problem = problem
        self.facts = facts


def fork(source: Trace | World, *, at_step: int, fault: Fault) -> SimulatedTrace:
    """Play a run again, and have something go wrong in it.

    A run in virtual time is played again as it was, to the byte. Of a trace that was recorded on a real socket, or
    read from a file, the scenario is played again in virtual time, with the same keys; `replay` tells how.

    Arguments:
        source: a world, or a trace; it is not changed.
        at_step: the number of the last step of the source that is to be as it was.
        fault: what happens next; it needs no condition, and may have a direction.

    Returns:
        A trace whose past is that of the source, up to the step that its `forked_at` tells: the same number, where
        the source is a run in virtual time. It can be forked again; `differences` tells what is not as it was.

    Raises:
        ForkError: the source has no such step, cannot be played again, or a function that drove it did not do the
            same again; a `ValueError`.
        ValueError: the fault has conditions on a frame besides.
    """
    trace = source.trace if isinstance(source, World) else source
    record = next((one for one in trace.records if one.n == at_step), None)
    if record is None:
        count = len(trace.records)
        raise ForkError("step", f"there is no step {at_step}: this trace has {count}", n=at_step, count=count)
    if isinstance(trace, SimulatedTrace) and trace.again is not None:
        played, at = trace, at_step
    else:
        played = replay(trace)
        at = _same_step(trace, played, at_step)
    assert played.again is not None
    past = played.records[:at]
    forked = played.again((replace(fault, step=at),))
    if forked.records[:at] != past:
        raise ForkError(
            "script", "the script did not do the same again: whatever it takes from outside has to be the same"
        )
    forked.forked_at = at
    return forked


def replay(trace: Trace) -> SimulatedTrace:
    """Play the scenario of a recorded trace once more, in virtual time.

    Arguments:
        trace: of a scenario that has a name, with a seed: as `wsedu.loopback.record` and `simulate` make it.

    Returns:
        The same exchange in virtual time: the same bytes in both directions.

    Raises:
        ForkError: the trace is of no scenario, or has no seed, or is not what its scenario gives.
    """
    name, seed = trace.header.scenario, trace.header.seed
    if name not in SCENARIOS and name not in VIRTUAL_SCENARIOS:
        raise ForkError(
            "scenario", "only a trace of a scenario can be played again: nobody knows what this one would do next"
        )
    if seed is None:
        raise ForkError("seed", "a trace without a seed cannot be played again: its keys cannot be had a second time")
    only_virtual = name in VIRTUAL_SCENARIOS
    scenario = find_scenario(
        name,
        tls=not only_virtual and any(one.step.tls for one in trace if isinstance(one.step, TransportOpened)),
        compress=not only_virtual and any(_offers_compression(one.step) for one in trace),
    )
    level = max((record.step.level for record in trace.records), default=trace.level)
    played = simulate(scenario, seed=seed, level=level)
    for direction in Direction:
        sent = trace.bytes_of(direction)
        if sent != played.bytes_of(direction)[: len(sent)]:
            raise ForkError(
                "other",
                f"the scenario {name} with the seed {seed} does not give what this trace holds: "
                "it was played with other options, or by another version",
                name=name,
                seed=str(seed),
            )
    return played


def _offers_compression(step: object) -> bool:
    if not isinstance(step, HandshakeRequest):
        return False
    return any(
        name.lower() == "sec-websocket-extensions" and "permessage-deflate" in value for name, value in step.headers
    )


def _same_step(trace: Trace, played: Trace, number: int) -> int:
    """The step that corresponds to one of a recorded trace, or to the last one before it that happened again.

    How TCP cuts the stream is not the same on a real socket.
    """
    record = next(one for one in trace.records if one.n == number)
    earlier = [one for one in trace.records if one.n <= number and one.step.endpoint is record.step.endpoint]
    for one in reversed(earlier):
        found = counterpart(one, trace.records, played.records)
        if found is not None:
            return found.n
    return 1
