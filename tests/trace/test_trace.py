"""`Trace`: numbers, times, subscribers, filters, and the three levels of detail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from wsedu import Role, Trace
from wsedu.loopback import record
from wsedu.protocol.steps import KINDS, BytesIgnored, Level, Step, TransportOpened
from wsedu.protocol.types import Direction
from wsedu.scenarios import SCENARIOS
from wsedu.trace.trace import Record

from ..scenarios.world import World


def ignored(length: int, endpoint: Role | None = None) -> BytesIgnored:
    """A step that is easy to tell from others."""
    return BytesIgnored(length=length, endpoint=endpoint)


@pytest.fixture(scope="module")
def fragments() -> Trace:
    """A run with the finest steps; a test must not change it."""
    return World(SCENARIOS["fragments"], level=Level.EXTRA).play()


# --- Recording ---


def test_steps_are_numbered_and_timed_from_the_first_one() -> None:
    times = iter([100.0, 100.25, 103.5])
    trace = Trace(clock=lambda: next(times))
    for length in range(3):
        trace.add(ignored(length))
    assert [(one.n, one.t, one.step) for one in trace] == [
        (1, 0.0, ignored(0)),
        (2, 0.25, ignored(1)),
        (3, 3.5, ignored(2)),
    ]
    assert len(trace) == 3


def test_a_real_clock_never_runs_backwards() -> None:
    times = [one.t for one in record("hello", level=Level.CORE)]
    assert times == sorted(times)
    assert times[0] == 0
    assert times[-1] > 0


def test_connections_are_numbered_and_each_recorder_marks_its_own() -> None:
    trace = Trace()
    first, second = trace.recorder(trace.new_connection()), trace.recorder(trace.new_connection())
    second(ignored(1))
    first(ignored(2))
    trace.add(ignored(3))
    assert [(one.connection, one.step) for one in trace] == [(2, ignored(1)), (1, ignored(2)), (None, ignored(3))]


def test_a_recorder_asks_for_the_traces_level_or_for_its_own() -> None:
    trace = Trace(level=Level.BASE)
    assert trace.recorder().level is Level.BASE
    assert trace.recorder(level=Level.CORE).level is Level.CORE


def test_subscribers_hear_each_record_until_they_no_longer_want_to() -> None:
    trace = Trace()
    heard: list[Record] = []
    also: list[Record] = []
    unsubscribe = trace.subscribe(heard.append)
    trace.subscribe(also.append)
    trace.add(ignored(1))
    unsubscribe()
    unsubscribe()
    trace.add(ignored(2))
    assert [one.step for one in heard] == [ignored(1)]
    assert [one.step for one in also] == [ignored(1), ignored(2)]


def test_a_subscriber_may_end_its_subscription_while_it_hears() -> None:
    trace = Trace()
    heard: list[str] = []

    def once(one: Record) -> None:
        heard.append("once")
        unsubscribe()

    unsubscribe = trace.subscribe(once)
    trace.subscribe(lambda one: heard.append("always"))
    trace.add(ignored(1))
    trace.add(ignored(2))
    assert heard == ["once", "always", "always"]


def test_a_trace_that_keeps_nothing_still_tells_its_subscribers() -> None:
    trace = Trace(keep=False)
    heard: list[Record] = []
    trace.subscribe(heard.append)
    trace.add(ignored(1))
    trace.add(ignored(2))
    assert len(trace) == 0
    assert [one.n for one in heard] == [1, 2]


# --- Filters ---


def kinds(records: Iterable[Record]) -> set[str]:
    return {one.step.kind for one in records}


def test_filter_by_endpoint(fragments: Trace) -> None:
    for role in Role:
        found = fragments.filter(endpoint=role)
        assert {one.step.endpoint for one in found} == {role}
        assert found.records == fragments.filter(endpoint=role.value).records
    with pytest.raises(ValueError, match="nobody"):
        fragments.filter(endpoint="nobody")


def test_filter_by_kind_by_kinds_and_by_prefix(fragments: Trace) -> None:
    assert kinds(fragments.filter(kind="mask.byte")) == {"mask.byte"}
    assert kinds(fragments.filter(kind=["state.changed", "close.status"])) == {"state.changed", "close.status"}
    assert kinds(fragments.filter(kind="frame.")) == {"frame.field", "frame.complete"}
    assert kinds(fragments.filter(kind="frame")) == set()
    assert kinds(fragments.filter(kind="fram")) == set()


def test_filter_by_connection() -> None:
    trace = Trace()
    for connection in (1, 2, 1, None):
        trace.add(ignored(1), connection)
    assert [one.n for one in trace.filter(connection=1)] == [1, 3]


def test_a_filtered_trace_keeps_numbers_times_and_header_and_leaves_the_first_as_it_was(fragments: Trace) -> None:
    before = list(fragments)
    found = fragments.filter(kind="frame.complete", endpoint="client", level=Level.CORE)
    assert found.header == fragments.header
    assert [one for one in before if one in list(found)] == list(found)
    assert 0 < len(found) < len(before)
    assert list(fragments) == before
    assert found.filter().records == found.records


# --- Levels ---


def at(level: Level) -> set[str]:
    """The kinds of a level."""
    return {name for name, kind in KINDS.items() if kind.level == level}


def test_each_kind_has_one_level_and_each_level_its_kinds() -> None:
    assert at(Level.CORE) | at(Level.BASE) | at(Level.EXTRA) == set(KINDS)
    # The wire and frames; fields and decisions; every masked byte.
    assert {"bytes.sent", "bytes.received", "frame.complete", "state.changed", "violation"} <= at(Level.CORE)
    assert {"frame.field", "handshake.check", "message.complete"} <= at(Level.BASE)
    assert at(Level.EXTRA) == {"mask.byte"}


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - {"large"}))
def test_levels_nest(name: str) -> None:
    """A coarser recorder gets exactly the coarser steps of a finer one, in the same order."""
    finest = World(SCENARIOS[name], level=Level.EXTRA).play()
    for level in Level:
        coarse = World(SCENARIOS[name], level=level).play()
        assert [one.step for one in coarse] == [one.step for one in finest.filter(level=level)]
    counts = [len(finest.filter(level=level)) for level in Level]
    # An empty Close has no payload, and after a refusal there is no frame, so nothing is masked.
    assert 0 < counts[0] < counts[1] <= counts[2]
    assert (counts[1] < counts[2]) == (name not in ("empty-close", "cross-site-refused"))


def test_levels_nest_on_a_real_socket() -> None:
    def steps(trace: Trace, role: Role) -> list[Step]:
        # Only the addresses of the sockets differ from run to run.
        found = trace.filter(level=Level.CORE, endpoint=role)
        return [one.step for one in found if not isinstance(one.step, TransportOpened)]

    finest, coarsest = record("hello", seed=3, level=Level.EXTRA), record("hello", seed=3, level=Level.CORE)
    for role in Role:
        assert steps(coarsest, role) == steps(finest, role)
    assert kinds(coarsest) <= at(Level.CORE)


# --- Questions ---


def test_bytes_and_frames_of_a_direction(fragments: Trace) -> None:
    for direction in Direction:
        data = fragments.bytes_of(direction)
        assert data == fragments.bytes_of(direction, received=True) == fragments.bytes_of(direction, connection=1)
        assert fragments.bytes_of(direction, connection=2) == b""
        sent, received = fragments.frames(direction), fragments.frames(direction, sent=False)
        assert [frame(one).payload for one in sent] == [frame(one).payload for one in received]
    assert len(fragments.frames()) == sum(len(fragments.frames(direction)) for direction in Direction) == 8


def frame(one: Record) -> Any:
    """The frame of a record of one."""
    return one.step.facts()["frame"]
