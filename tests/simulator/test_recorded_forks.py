"""Forks of what was recorded on a real socket or read from a file, and what differs between a fork and its original."""

from __future__ import annotations

import functools

import pytest

from wsedu import Frame, Opcode, Role, Trace
from wsedu.loopback import record
from wsedu.protocol.steps import CloseStatus, FrameComplete, Level, MessageComplete
from wsedu.protocol.types import Direction
from wsedu.scenarios import SCENARIOS
from wsedu.simulator import (
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
    differences,
    fork,
    replay,
    simulate,
)
from wsedu.simulator.differing import key_of
from wsedu.trace.jsonl import loads
from wsedu.trace.trace import Record
from wsedu.trace.worldsteps import FaultHappened

from .tools import DOWN, UP, frames, saved, steps

FAULTS: dict[str, Fault] = {
    "drop": Drop(),
    "cut": Cut(),
    "delay": Delay(seconds=2.0),
    "duplicate": Duplicate(),
    "flip": Flip(bit=3),
    "inject": Inject(frame=Frame.ping(b"?"), to=Role.CLIENT),
    "vanish": Vanish(who=Role.SERVER),
    "close-both": CloseBoth(code=1001),
}


@functools.cache
def real(name: str, level: Level = Level.BASE) -> Trace:
    return record(name, seed=4, level=level)


def number_of(trace: Trace, kind: type, role: Role | None = None) -> int:
    return next(one.n for one in trace if isinstance(one.step, kind) and (role is None or one.step.endpoint is role))


def by_number(trace: Trace) -> dict[int, Record]:
    return {one.n: one for one in trace}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_recorded_exchange_has_another_future_in_virtual_time(fault: str) -> None:
    original = real("tour")
    before = saved(original)
    at = number_of(original, MessageComplete, Role.SERVER)
    forked = fork(original, at_step=at, fault=FAULTS[fault])
    assert saved(original) == before
    assert [step.fault for step in steps(forked, FaultHappened)] == [fault]
    found = differences(original, forked)
    # The fault itself is new, and nothing in the past of the endpoint at whose step it was forked differs.
    assert number_of(forked, FaultHappened) in found.new
    assert forked.forked_at is not None
    assert all(number > forked.forked_at for number in found.new)
    same = by_number(forked)[forked.forked_at].step
    assert key_of(same) == key_of(by_number(original)[at].step)
    # A real clock cannot be compared with a virtual one.
    assert found.moved == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_played_again_as_it_was_recorded(name: str) -> None:
    original = real(name)
    played = replay(original)
    for direction in Direction:
        assert played.bytes_of(direction) == original.bytes_of(direction)
    found = differences(original, played)
    # How a real TCP cuts the stream is its own affair; nothing else may differ.
    kinds = {by_number(original)[n].step.kind for n in found.gone} | {by_number(played)[n].step.kind for n in found.new}
    assert kinds <= {"bytes.received", "frame.field"}


@pytest.mark.parametrize("options", [{"tls": True}, {"compress": True}, {"tls": True, "compress": True}])
def test_tls_and_compression_are_recognised(options: dict[str, bool]) -> None:
    original = record("hello", seed=2, level=Level.BASE, **options)
    played = replay(original)
    assert played.bytes_of(UP) == original.bytes_of(UP)
    assert not differences(original, played).new


def test_every_step_of_a_recorded_trace_can_be_forked() -> None:
    original = real("fragments", Level.CORE)
    for one in original:
        forked = fork(original, at_step=one.n, fault=Vanish(who=Role.SERVER))
        assert forked.forked_at is not None
        assert number_of(forked, FaultHappened) > forked.forked_at


def test_a_saved_trace_can_be_forked_and_a_fork_forked_again() -> None:
    trace = simulate("idle-proxy", seed=3, level=Level.BASE)
    loaded = loads(saved(trace))
    at = number_of(loaded, MessageComplete)
    forked = fork(loaded, at_step=at, fault=Cut())
    assert saved(forked) == saved(fork(trace, at_step=at, fault=Cut()))
    again = fork(forked, at_step=5, fault=Delay(seconds=1.0))
    assert [step.fault for step in steps(again, FaultHappened)] == ["delay", "cut"]


def test_what_cannot_be_played_again_says_why() -> None:
    rough = loads(saved(simulate("hello", seed=1, link=Link(latency=0.5), level=Level.CORE)))
    assert fork(rough, at_step=3, fault=Drop()).bytes_of(UP)
    other = loads(saved(simulate("hello", seed=1, level=Level.CORE)).replace('"seed":1', '"seed":2', 1))
    unseeded = loads(saved(simulate("hello", seed=1, level=Level.CORE)).replace('"seed":1', '"seed":null', 1))
    nameless = loads(
        saved(simulate("hello", seed=1, level=Level.CORE)).replace('"scenario":"hello"', '"scenario":"x"', 1)
    )
    for trace, reason in ((other, "other options"), (unseeded, "seed"), (nameless, "scenario")):
        with pytest.raises(ValueError, match=reason):
            fork(trace, at_step=3, fault=Drop())


# --- Differences ---


def test_a_run_does_not_differ_from_itself() -> None:
    trace = simulate("tour", seed=1, level=Level.BASE)
    assert differences(trace, simulate("tour", seed=1, level=Level.BASE)) == ((), (), ())


def test_a_lost_frame_is_gone_and_what_follows_is_as_it_was() -> None:
    """Though it lies at another place in the stream that the server reads."""
    trace = simulate("hello", seed=1, level=Level.BASE)
    forked = simulate("hello", seed=1, level=Level.BASE, faults=[Drop(opcode=Opcode.TEXT, direction=UP)])
    found = differences(trace, forked)
    gone = [by_number(trace)[number].step for number in found.gone]
    assert {step.endpoint for step in gone} == {Role.SERVER}
    assert [step.data for step in gone if isinstance(step, MessageComplete)] == [b"Hello"]
    assert not [step for step in gone if isinstance(step, CloseStatus)]
    assert [by_number(forked)[number].step.kind for number in found.new] == ["fault"]


def test_a_delay_moves_everything_behind_it_and_changes_nothing() -> None:
    trace = simulate("hello", seed=1, level=Level.BASE)
    at = number_of(trace, FrameComplete, Role.CLIENT)
    forked = fork(trace, at_step=at, fault=Delay(seconds=3.0))
    found = differences(trace, forked)
    assert found.gone == ()
    assert [by_number(forked)[number].step.kind for number in found.new] == ["fault"]
    moved = [by_number(forked)[number] for number in found.moved]
    assert all(one.t > 3.0 for one in moved)
    assert {one.n for one in forked if one.t > 3.0} == set(found.moved)


def test_an_injected_ping_and_its_answer_are_new() -> None:
    trace = simulate("hello", seed=1, level=Level.BASE)
    at = number_of(trace, MessageComplete, Role.CLIENT)
    forked = fork(trace, at_step=at, fault=Inject(frame=Frame.ping(b"?"), to=Role.CLIENT))
    found = differences(trace, forked)
    new = [by_number(forked)[number].step for number in found.new]
    answers = [step.frame.opcode for step in new if isinstance(step, FrameComplete) and step.sent]
    # The Pong takes a masking key, so the frames behind it have other keys than before.
    assert answers[0] == Opcode.PONG
    assert [one.opcode for one in frames(forked, DOWN)] == [one.opcode for one in frames(trace, DOWN)]
