"""`record`: every scenario on a real socket, and what its trace must say."""

from __future__ import annotations

import asyncio
import functools
import inspect
from importlib import import_module
from typing import Any

import pytest

from wsedu import Trace
from wsedu.loopback import record
from wsedu.protocol.steps import (
    BytesReceived,
    BytesSent,
    CloseStatus,
    FrameComplete,
    HandshakeAgreed,
    HandshakeKey,
    Level,
    MessageComplete,
    StateChanged,
    TimerExpired,
    TransportOpened,
    Violation,
)
from wsedu.protocol.types import Direction, Role
from wsedu.scenarios import SCENARIOS, Act, Scenario
from wsedu.scenarios.model import VANISH

from ..deflating import deflated

NAMES = sorted(SCENARIOS)
FAULTY = {"silent-peer"}
"""Scenarios in which one end stops to read."""


@functools.cache
def recorded(name: str, seed: int | None = 1) -> Trace:
    """A trace of that scenario without its masked bytes, of which there are many; a test must not change it."""
    return record(name, seed=seed, level=Level.BASE)


def steps(trace: Trace, kind: type[Any], role: Role | None = None) -> list[Any]:
    """The steps of a kind, of one endpoint or of both."""
    found = (one.step for one in trace)
    return [step for step in found if isinstance(step, kind) and (role is None or step.endpoint is role)]


def sent_frames(trace: Trace, role: Role) -> list[tuple[int, bool, bytes]]:
    """Opcode, FIN and payload of every frame that an endpoint sent."""
    frames = [step.frame for step in steps(trace, FrameComplete, role) if step.sent]
    return [(int(frame.opcode), frame.fin, frame.payload) for frame in frames]


PATTERN = bytes(number % 251 for number in range(65_536))
LETTERS = ("abcdefghijklmnopqrstuvwxyz" * 5)[:126].encode()
BYE = b"\x03\xe8bye"
BYE_BACK = b"\x03\xe8"

VERSE = b"A text that says the same thing says the same thing again. "
ONCE, AGAIN = deflated(VERSE, VERSE)
HALVES = deflated(VERSE[:20], VERSE[20:])

FRAMES: dict[str, tuple[list[tuple[int, bool, bytes]], list[tuple[int, bool, bytes]]]] = {
    "tour": (
        [
            (1, True, b"Hello"),
            (1, True, LETTERS),
            (1, False, b"Hel"),
            (10, True, b"still there?"),
            (0, True, b"lo"),
            (8, True, BYE),
        ],
        [(1, True, b"Hello"), (2, True, PATTERN), (9, True, b"still there?"), (8, True, BYE_BACK)],
    ),
    "hello": ([(1, True, b"Hello"), (8, True, BYE)], [(1, True, b"Hello"), (8, True, BYE_BACK)]),
    "tls": ([(1, True, b"Hello"), (8, True, BYE)], [(1, True, b"Hello"), (8, True, BYE_BACK)]),
    "cross-site": ([(1, True, b"balance"), (8, True, BYE)], [(1, True, b"1000"), (8, True, BYE_BACK)]),
    "cross-site-refused": ([], []),
    "fragments": (
        [
            (1, False, b"Hel"),
            (9, True, b"between"),
            (0, False, b"lo, "),
            (0, False, b""),
            (0, True, b"world"),
            (8, True, BYE),
        ],
        [(10, True, b"between"), (8, True, BYE_BACK)],
    ),
    "early-frame": ([(10, True, b""), (8, True, BYE)], [(9, True, b""), (8, True, BYE_BACK)]),
    "both-close": ([(8, True, b"\x03\xe8done")], [(8, True, b"\x03\xe9restart")]),
    "unmasked": ([(1, True, b"Hello"), (8, True, b"\x03\xea")], [(8, True, b"\x03\xeaCLIENT_MUST_MASK")]),
    "split-utf8": (
        [(1, False, b"\xe2"), (0, True, b"\x82\xac"), (1, True, b"\xc3("), (8, True, b"\x03\xef")],
        [(8, True, b"\x03\xefTEXT_UTF8")],
    ),
    "empty-close": ([(8, True, b"")], [(8, True, b"")]),
    "large": (
        [(2, True, PATTERN[:40_000]), (8, True, BYE)],
        [(2, True, PATTERN[:65_535]), (2, True, PATTERN), (8, True, BYE_BACK)],
    ),
    "compressed": (
        [(1, True, ONCE[:-4]), (1, True, AGAIN[:-4]), (9, True, b"plain"), (8, True, BYE)],
        [(10, True, b"plain"), (1, False, HALVES[0]), (0, True, HALVES[1][:-4]), (8, True, BYE_BACK)],
    ),
}
"""What each endpoint has to send, by the scenario's purpose and the RFC; silent-peer has a test of its own."""


def test_there_is_an_expectation_for_every_scenario() -> None:
    assert {*FRAMES, "silent-peer"} == set(SCENARIOS)


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_the_frames_of_a_scenario(name: str) -> None:
    trace = recorded(name)
    assert (sent_frames(trace, Role.CLIENT), sent_frames(trace, Role.SERVER)) == FRAMES[name]


@pytest.mark.parametrize("name", NAMES)
def test_clients_mask_and_servers_do_not(name: str) -> None:
    for step in steps(recorded(name), FrameComplete):
        from_client = step.sent == (step.endpoint is Role.CLIENT)
        unmasked_on_purpose = name == "unmasked" and step.frame.opcode == 1
        assert (step.frame.masking_key is not None) == (from_client and not unmasked_on_purpose)


CLOSES: dict[str, tuple[tuple[int, str, bool], tuple[int, str, bool]]] = {
    "both-close": ((1001, "restart", True), (1000, "done", True)),
    "unmasked": ((1002, "CLIENT_MUST_MASK", True), (1006, "", False)),
    "split-utf8": ((1007, "TEXT_UTF8", True), (1006, "", False)),
    "empty-close": ((1005, "", True), (1005, "", True)),
}
"""Code, reason, and whether it was clean, as the client and as the server see it."""


@pytest.mark.parametrize("name", sorted(set(NAMES) - FAULTY - {"cross-site-refused"}))
def test_how_a_scenario_ends(name: str) -> None:
    client, server = CLOSES.get(name, ((1000, "", True), (1000, "bye", True)))
    for role, expected in ((Role.CLIENT, client), (Role.SERVER, server)):
        (end,) = steps(recorded(name), CloseStatus, role)
        assert (end.code, end.reason, end.clean) == expected
        states = [step.state for step in steps(recorded(name), StateChanged, role)]
        assert states[0] == "OPEN"
        assert states[-1] == "CLOSED"
        assert "CLOSING" in states


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"unmasked", "split-utf8", "cross-site-refused"}))
def test_nothing_else_breaks_a_rule(name: str) -> None:
    assert steps(recorded(name), Violation) == []


@pytest.mark.parametrize(
    ("name", "rule", "code"), [("unmasked", "CLIENT_MUST_MASK", 1002), ("split-utf8", "TEXT_UTF8", 1007)]
)
def test_the_rule_that_a_scenario_breaks(name: str, rule: str, code: int) -> None:
    (violation,) = steps(recorded(name), Violation)
    assert (violation.endpoint, violation.rule, violation.code, violation.local) == (Role.SERVER, rule, code, False)
    wrong = recorded(name).bytes_of(Direction.TO_SERVER)[violation.offset]
    # The first wrong byte: the one without the mask bit; the one that does not continue 0xC3.
    assert wrong == {"unmasked": 5, "split-utf8": 0x28}[name]


def test_silent_peer_is_pinged_given_up_and_left() -> None:
    trace = recorded("silent-peer")
    assert [step.timer for step in steps(trace, TimerExpired, Role.CLIENT)] == ["ping", "pong", "closing"]
    (end,) = steps(trace, CloseStatus, Role.CLIENT)
    assert (end.code, end.clean) == (1006, False)
    assert [opcode for opcode, _, _ in sent_frames(trace, Role.CLIENT)] == [1, 9, 8]
    assert sent_frames(trace, Role.SERVER) == []
    # The server fell silent while it was open, and nothing is known of it from then on.
    assert steps(trace, CloseStatus, Role.SERVER) == []


def test_early_frame_is_in_one_chunk_with_the_101() -> None:
    trace = recorded("early-frame")
    (first, *_) = steps(trace, BytesSent, Role.SERVER)
    assert first.data.startswith(b"HTTP/1.1 101 ")
    assert first.data.endswith(b"\r\n\r\n\x89\x00")


def test_split_utf8_delivers_the_character_that_was_cut() -> None:
    (message,) = steps(recorded("split-utf8"), MessageComplete, Role.SERVER)
    assert (message.data.decode(), message.fragments) == ("\u20ac", 2)


def test_tour_agrees_on_a_subprotocol_and_shows_every_length() -> None:
    trace = recorded("tour")
    assert [step.subprotocol for step in steps(trace, HandshakeAgreed)] == ["chat", "chat"]
    assert {step.frame.form for step in steps(trace, FrameComplete)} == {7, 16, 64}


def test_tls_says_so() -> None:
    assert all(step.tls is not None for step in steps(recorded("tls"), TransportOpened))
    assert all(step.tls is None for step in steps(recorded("hello"), TransportOpened))


# --- Bytes ---


@pytest.mark.parametrize("name", sorted(set(NAMES) - FAULTY))
@pytest.mark.parametrize("direction", list(Direction))
def test_what_is_sent_is_what_is_received(name: str, direction: Direction) -> None:
    trace = recorded(name)
    data = trace.bytes_of(direction)
    assert data == trace.bytes_of(direction, received=True)
    assert len(data) > 0


@pytest.mark.parametrize("name", NAMES)
def test_spans_count_the_bytes_of_each_direction_without_a_gap(name: str) -> None:
    for kind in (BytesSent, BytesReceived):
        for role in Role:
            place = 0
            for step in steps(recorded(name), kind, role):
                assert (step.span.first_bit, step.span.bits) == (8 * place, 8 * len(step.data))
                place += len(step.data)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    again = record(name, seed=1, level=Level.CORE)
    for direction in Direction:
        assert again.bytes_of(direction) == recorded(name).bytes_of(direction)
    assert (again.header.seed, again.header.scenario) == (1, name)


def test_another_seed_and_no_seed_give_other_keys() -> None:
    keys = [steps(recorded("hello", seed), HandshakeKey)[0].key for seed in (1, 2)]
    keys += [steps(record("hello"), HandshakeKey)[0].key for _ in range(2)]
    assert len(set(keys)) == 4
    masks = [steps(recorded("hello", seed), FrameComplete, Role.CLIENT)[0].frame.masking_key for seed in (1, 2)]
    assert masks[0] != masks[1]


# --- The call ---


def test_it_works_where_a_loop_is_already_running() -> None:
    async def in_a_notebook() -> Trace:
        return record("hello", seed=1)

    trace = asyncio.run(in_a_notebook())
    assert sent_frames(trace, Role.CLIENT) == FRAMES["hello"][0]


def test_an_error_comes_out_of_a_running_loop_too() -> None:
    async def in_a_notebook() -> None:
        with pytest.raises(AttributeError, match="no_such_method"):
            record(Scenario("broken", (Act(Role.CLIENT, "no_such_method"),)))

    asyncio.run(in_a_notebook())


def test_an_unknown_scenario_is_a_keyerror() -> None:
    with pytest.raises(KeyError, match="no-such-scenario"):
        record("no-such-scenario")


@pytest.mark.parametrize("level", list(Level))
def test_no_step_is_finer_than_asked_for(level: Level) -> None:
    trace = record("hello", seed=1, level=level)
    assert {one.step.level for one in trace} == {one for one in Level if one <= level}


def test_a_subscriber_hears_every_record_as_it_happens() -> None:
    heard: list[Any] = []
    trace = record("hello", seed=1, subscriber=heard.append)
    assert heard == trace.records


def test_a_scenario_of_ones_own_with_more_messages_than_an_endpoint_keeps_waiting() -> None:
    acts = tuple(Act(role, "send_text", (str(number),)) for number in range(40) for role in Role)
    trace = record(Scenario("many", (*acts, Act(Role.CLIENT, "close"))), seed=1)
    for role in Role:
        assert [step.data for step in steps(trace, MessageComplete, role)] == [str(n).encode() for n in range(40)]


def test_a_server_that_vanishes_at_once_is_no_problem() -> None:
    times = SCENARIOS["silent-peer"].client_timeouts
    trace = record(Scenario("gone", (Act(Role.SERVER, VANISH), Act(Role.CLIENT, "close")), client_timeouts=times))
    assert [step.code for step in steps(trace, CloseStatus)] == [1006]


# --- Why ---


@pytest.mark.parametrize("name", NAMES)
def test_every_step_names_a_function_that_exists(name: str) -> None:
    trace = record(name, seed=1) if name == "hello" else recorded(name)
    assert [one.step.kind for one in trace if one.step.decided_by is None] == []
    for path in {one.step.decided_by or "" for one in trace}:
        module, _, names = path.partition(":")
        found = functools.reduce(getattr, names.split("."), import_module(module))
        assert inspect.isfunction(found), path
        assert inspect.getsource(found)
