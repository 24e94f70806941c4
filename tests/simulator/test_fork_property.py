"""Whatever is played, over whichever link, cut however, and forked wherever: the same script gives the same trace."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wsedu import Frame, Role
from wsedu.protocol.steps import Level
from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS
from wsedu.simulator import (
    BufferingProxy,
    Chunks,
    CloseBoth,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Fault,
    Flip,
    IdleTimeout,
    Inject,
    Link,
    Middlebox,
    Vanish,
    differences,
    fork,
    simulate,
)
from wsedu.trace.worldsteps import FaultHappened

from .tools import saved, steps

NAMES = sorted({*SCENARIOS, *VIRTUAL_SCENARIOS} - {"large", "tour"})
"""The two that are left out are long, and have nothing that the others have not."""

roles = st.sampled_from(list(Role))
links = st.builds(
    Link,
    latency=st.floats(0, 0.1),
    jitter=st.floats(0, 0.1),
    bandwidth=st.none() | st.floats(5_000, 1e6),
    loss=st.floats(0, 0.3),
    segment=st.integers(20, 1460),
    timeout=st.floats(0.05, 0.5),
)
chunks = st.builds(Chunks, size=st.none() | st.integers(1, 40), random=st.booleans())
boxes = st.lists(
    st.builds(IdleTimeout, seconds=st.floats(1, 100), reset=st.booleans())
    | st.builds(BufferingProxy, size=st.integers(1, 200), seconds=st.floats(0.1, 5)),
    max_size=2,
)
faults = st.one_of(
    st.just(Drop()),
    st.just(Cut()),
    st.just(Duplicate()),
    st.builds(Delay, seconds=st.floats(0, 10)),
    st.builds(Flip, bit=st.integers(0, 200)),
    st.builds(Inject, frame=st.just(Frame.ping(b"?")), to=roles),
    st.builds(Vanish, who=roles),
    st.just(CloseBoth()),
)


@given(
    name=st.sampled_from(NAMES),
    seed=st.integers(0, 1 << 32),
    link=links,
    cut=chunks,
    between=boxes,
    place=st.floats(0, 1),
    fault=faults,
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_script_gives_the_same_trace_and_a_fork_the_same_past(
    name: str, seed: int, link: Link, cut: Chunks, between: list[Middlebox], place: float, fault: Fault
) -> None:
    def play() -> str:
        return saved(simulate(name, seed=seed, link=link, chunks=cut, middleboxes=between, level=Level.CORE))

    trace = simulate(name, seed=seed, link=link, chunks=cut, middleboxes=between, level=Level.CORE)
    text = saved(trace)
    assert play() == text
    at = 1 + round(place * (len(trace) - 1))
    forked = fork(trace, at_step=at, fault=fault)
    assert saved(fork(trace, at_step=at, fault=fault)) == saved(forked)
    assert saved(trace) == text
    assert saved(forked).splitlines()[: at + 1] == text.splitlines()[: at + 1]
    found = differences(trace, forked)
    assert all(number > at for part in found for number in part)
    assert bool(steps(forked, FaultHappened)) == bool(found.new)
