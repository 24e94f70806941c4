"""Forks: the same past to the byte, and another future."""

from __future__ import annotations

from dataclasses import replace

from ..scenarios.network import Fault
from ..trace.trace import Trace
from .setup import SimulatedTrace
from .world import World


def fork(source: Trace | World, *, at: int, fault: Fault) -> SimulatedTrace:
    """Play a run again, and have something go wrong in it.

    Arguments:
        source: a world, or a trace that `simulate` gave; it is not changed.
        at: the number of the last step that is to be as it was.
        fault: what happens next; it needs no condition, and may have a direction.

    Returns:
        A trace whose first `at` records are those of the source. It can be forked again.

    Raises:
        ValueError: the source is no run in virtual time, or has no such step, or a function that drove it did not
            do the same again.
    """
    trace = source.trace if isinstance(source, World) else source
    if not isinstance(trace, SimulatedTrace) or trace.again is None:
        raise ValueError("only a run in virtual time can be forked: the past of any other cannot be had again")
    if not 1 <= at <= len(trace.records):
        raise ValueError(f"there is no step {at}: this trace has {len(trace.records)}")
    past = trace.records[:at]
    forked = trace.again((replace(fault, step=at),))
    if forked.records[:at] != past:
        raise ValueError("the script did not do the same again: whatever it takes from outside has to be the same")
    return forked
