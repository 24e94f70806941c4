"""Faults: each does what it says, leaves a step that says so, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

from wsedu import Frame, Opcode, Role, Trace, encode_frame
from wsedu.protocol.steps import BytesSent, CloseStatus, Level, MessageComplete, TimerExpired, Violation
from wsedu.simulator import (
    CloseBoth,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Fault,
    Flip,
    Inject,
    SimulatedTrace,
    Vanish,
    World,
    simulate,
)
from wsedu.trace.worldsteps import FaultHappened

from .tools import DOWN, UP, frames, opened, steps

HELLO = {"opcode": Opcode.TEXT, "direction": UP}


def played(*faults: Fault, name: str = "hello") -> SimulatedTrace:
    return simulate(name, seed=1, faults=faults, level=Level.BASE)


def delivered(trace: Trace, role: Role) -> list[bytes]:
    return [step.data for step in steps(trace, MessageComplete, role)]


def told(trace: Trace) -> list[str]:
    return [step.fault for step in steps(trace, FaultHappened)]


def test_a_dropped_frame_never_comes_and_the_rest_does() -> None:
    trace = played(Drop(**HELLO))
    assert delivered(trace, Role.SERVER) == []
    assert delivered(trace, Role.CLIENT) == [b"Hello"]
    (fault,) = steps(trace, FaultHappened)
    assert trace.bytes_of(UP).replace(fault.data, b"") == trace.bytes_of(UP, received=True)
    assert [end.clean for end in steps(trace, CloseStatus)] == [True, True]


def test_a_doubled_frame_is_delivered_twice() -> None:
    trace = played(Duplicate(**HELLO))
    assert delivered(trace, Role.SERVER) == [b"Hello", b"Hello"]
    (fault,) = steps(trace, FaultHappened)
    assert len(trace.bytes_of(UP, received=True)) == len(trace.bytes_of(UP)) + len(fault.data)


def test_a_delayed_frame_comes_later_and_so_does_what_follows() -> None:
    world = opened(faults=[Delay(seconds=7.0, text="first")])
    start = world.now
    world.client.send_text("first")
    world.client.send_text("second")
    world.settle()
    assert world.server.messages == ["first", "second"]
    assert 7.0 < world.now - start < 7.1


@pytest.mark.parametrize(("bit", "rule"), [(0, None), (1, "RSV_BITS"), (5, "OPCODE_RESERVED"), (8, "CLIENT_MUST_MASK")])
def test_a_flipped_bit_is_that_bit(bit: int, rule: str | None) -> None:
    """Bit 0 is FIN, 1 is RSV1, 4 to 7 are the opcode, 8 is MASK (§5.2)."""
    trace = played(Flip(bit=bit, **HELLO))
    (fault,) = steps(trace, FaultHappened)
    sent, got = trace.bytes_of(UP), trace.bytes_of(UP, received=True)
    differing = [index for index, (one, other) in enumerate(zip(sent, got, strict=False)) if one != other]
    assert differing == [fault.span.first_bit // 8 + bit // 8]
    assert sent[differing[0]] ^ got[differing[0]] == 0x80 >> bit % 8
    found = [step.rule for step in steps(trace, Violation, Role.SERVER)]
    # Without FIN the message does not end, and nothing is delivered.
    assert delivered(trace, Role.SERVER) == []
    assert (found[:1] == [rule]) if rule else found == []


def test_an_injected_frame_is_answered_though_nobody_sent_it() -> None:
    frame = Frame.ping(b"who is there?")
    trace = played(Inject(frame=frame, opcode=Opcode.TEXT, direction=DOWN))
    assert encode_frame(frame) in trace.bytes_of(DOWN, received=True)
    assert encode_frame(frame) not in trace.bytes_of(DOWN)
    assert b"who is there?" in [one.payload for one in frames(trace, UP) if one.opcode == Opcode.PONG]


def test_a_torn_connection_is_lost_to_both() -> None:
    trace = played(Cut(**HELLO))
    assert [(end.code, end.clean) for end in steps(trace, CloseStatus)] == [(1006, False)] * 2
    assert delivered(trace, Role.SERVER) == []
    # What the script wants afterwards is refused, and told.
    assert {step.rule for step in steps(trace, Violation) if step.local} == {"SEND_WHEN_OPEN"}


def test_a_vanished_peer_is_only_missed() -> None:
    trace = played(Vanish(who=Role.SERVER, **HELLO))
    assert delivered(trace, Role.SERVER) == []
    assert [(end.endpoint, end.code) for end in steps(trace, CloseStatus)] == [(Role.CLIENT, 1006)]
    assert [step.timer for step in steps(trace, TimerExpired)] == ["closing"]


def test_both_close_in_the_same_moment() -> None:
    trace = played(CloseBoth(code=1001, reason="now", **HELLO))
    for direction in (UP, DOWN):
        assert [one.payload for one in frames(trace, direction) if one.opcode == Opcode.CLOSE] == [b"\x03\xe9now"]
    assert [(end.code, end.clean) for end in steps(trace, CloseStatus)] == [(1001, True)] * 2


CONDITIONS: list[tuple[dict[str, Any], bytes]] = [
    ({"opcode": Opcode.BINARY}, bytes(number % 251 for number in range(65_536))),
    ({"direction": DOWN}, b"Hello"),
    ({"min_size": 127}, bytes(number % 251 for number in range(65_536))),
    ({"text": "xyz"}, "".join(chr(ord("a") + number % 26) for number in range(126)).encode()),
    ({"opcode": Opcode.PING}, b"still there?"),
]


@pytest.mark.parametrize(("condition", "payload"), CONDITIONS, ids=[next(iter(each)) for each, _ in CONDITIONS])
def test_the_first_frame_that_fulfils_the_condition_is_meant(condition: dict[str, Any], payload: bytes) -> None:
    trace = played(Drop(**condition), name="tour")
    (fault,) = steps(trace, FaultHappened)
    (meant,) = [one for one in frames(trace, fault.span.direction) if one.payload == payload and one.opcode != 10][:1]
    assert fault.data == encode_frame(meant)


def test_a_fault_at_a_step_follows_it() -> None:
    plain = simulate("hello", seed=1, level=Level.BASE)
    number = next(one.n for one in plain if isinstance(one.step, BytesSent) and one.t > 0.035)
    trace = played(Drop(step=number))
    assert trace.records[:number] == plain.records[:number]
    record = trace.records[number]
    assert isinstance(record.step, FaultHappened)
    assert record.step.data == plain.records[number - 1].step.facts()["data"]


def test_several_faults_happen_in_one_run() -> None:
    trace = played(Duplicate(**HELLO), Flip(bit=0, **HELLO), Delay(seconds=1, direction=DOWN))
    assert sorted(told(trace)) == ["delay", "duplicate", "flip"]


def test_a_condition_that_never_holds_changes_nothing() -> None:
    assert played(Drop(text="never said")).records == simulate("hello", seed=1, level=Level.BASE).records


@pytest.mark.parametrize("fault", [Drop(), Drop(step=0), Drop(step=3, opcode=1)])
def test_a_fault_says_when(fault: Fault) -> None:
    with pytest.raises(ValueError, match="fault"):
        simulate("hello", faults=[fault])


def test_faults_need_a_trace() -> None:
    with pytest.raises(ValueError, match="trace"):
        World(faults=[Drop(opcode=1)], traced=False)
