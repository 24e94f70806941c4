"""Deadlines as data: which timer is wanted when, for how long, and what happens when it expires."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import URI, as_sent_by, open_endpoint, pair, pump, request_head, seeded
from wsedu.protocol.closing import Phase
from wsedu.protocol.connection import Connection
from wsedu.protocol.events import Closed, PongReceived, Refused
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.timers import Deadline, Timer
from wsedu.protocol.types import Role, State, Timeouts

ROLES = pytest.mark.parametrize("role", list(Role))
TIMES = Timeouts(opening=1, closing=2, ping_interval=3, ping_timeout=4, idle=None)
NEVER = Timeouts(opening=None, closing=None, ping_interval=None, ping_timeout=None, idle=None)


def frames_of(endpoint: Connection) -> list[Frame]:
    return FrameDecoder(endpoint.role.peer).feed(endpoint.data_to_send())


def wanted(endpoint: Connection) -> tuple[Timer, float] | None:
    deadline = endpoint.next_deadline()
    return None if deadline is None else (deadline.timer, deadline.seconds)


def number(endpoint: Connection) -> int:
    deadline = endpoint.next_deadline()
    assert isinstance(deadline, Deadline)
    return deadline.number


def opened(role: Role, **times: Any) -> Connection:
    return open_endpoint(role, timeouts=TIMES if not times else Timeouts(**times))


# --- Opening ---


@ROLES
def test_the_opening_handshake_has_one_deadline(role: Role) -> None:
    endpoint = Connection(role, URI, timeouts=TIMES)
    assert wanted(endpoint) == (Timer.OPENING, 1)
    first = number(endpoint)
    endpoint.receive_data((request_head() if role is Role.SERVER else b"HTTP/1.1 101 ")[:10])
    assert number(endpoint) == first, "a peer that dribbles gets no more time"


@ROLES
def test_a_peer_that_does_not_open_in_time_is_given_up(role: Role) -> None:
    endpoint = Connection(role, URI, timeouts=TIMES)
    endpoint.data_to_send()
    endpoint.timer_expired(Timer.OPENING)
    assert endpoint.events() == [Refused(None), Closed(1006, "", False)]
    assert endpoint.data_to_send() == b""
    assert endpoint.ends_transport
    assert (endpoint.state, wanted(endpoint)) == (State.CLOSED, None)


# --- Keepalive ---


@ROLES
def test_silence_asks_for_a_ping_and_then_for_its_pong(role: Role) -> None:
    endpoint = opened(role)
    assert wanted(endpoint) == (Timer.PING, 3)
    first = number(endpoint)
    endpoint.timer_expired(Timer.PING)
    [ping] = frames_of(endpoint)
    assert (ping.name, len(ping.payload)) == ("ping", 4)
    assert endpoint.pending_pings == (ping.payload,)
    assert wanted(endpoint) == (Timer.PONG, 4)
    assert number(endpoint) > first
    endpoint.receive_data(as_sent_by(role.peer, b"\x8a\x04" + ping.payload))
    assert endpoint.events() == [PongReceived(ping.payload, (ping.payload,))]
    assert wanted(endpoint) == (Timer.PING, 3)


@ROLES
def test_the_payload_of_a_keepalive_ping_is_random(role: Role, seed: int) -> None:
    payloads: set[tuple[bytes, ...]] = set()
    for _ in range(3):
        endpoint = open_endpoint(role, timeouts=TIMES, random_bytes=seeded(seed + len(payloads)))
        endpoint.timer_expired(Timer.PING)
        payloads.add(endpoint.pending_pings)
    assert len(payloads) == 3


@ROLES
@pytest.mark.parametrize("data", [b"\x81", b"\x81\x01a", b"\x89\x00"])
def test_every_byte_of_the_peer_starts_the_time_anew(role: Role, data: bytes) -> None:
    endpoint = opened(role)
    first = number(endpoint)
    assert number(endpoint) == first, "asking again changes nothing"
    endpoint.send_text("what we send is not what we hear")
    assert number(endpoint) == first
    endpoint.receive_data(as_sent_by(role.peer, data) if len(data) > 1 else data)
    assert wanted(endpoint) == (Timer.PING, 3)
    second = number(endpoint)
    assert second > first
    endpoint.timer_expired(Timer.PING)
    assert wanted(endpoint) == (Timer.PONG, 4)
    endpoint.receive_data(b"" if len(data) == 1 else as_sent_by(role.peer, b"\x8a\x00"))
    if len(data) > 1:
        assert wanted(endpoint) == (Timer.PING, 3), "any sign of life will do"


@ROLES
def test_no_bytes_are_no_sign_of_life(role: Role) -> None:
    endpoint = opened(role)
    endpoint.timer_expired(Timer.PING)
    waiting = endpoint.next_deadline()
    endpoint.receive_data(b"")
    assert endpoint.next_deadline() == waiting


@ROLES
def test_a_peer_that_answers_no_ping_is_given_up(role: Role) -> None:
    endpoint = opened(role)
    endpoint.timer_expired(Timer.PING)
    endpoint.data_to_send()
    endpoint.timer_expired(Timer.PONG)
    [close] = frames_of(endpoint)
    assert close.payload == (1011).to_bytes(2, "big") + b"ping timeout"
    assert endpoint.ends_transport
    assert (endpoint.phase, wanted(endpoint)) == (Phase.FAILED, (Timer.CLOSING, 2))
    endpoint.timer_expired(Timer.CLOSING)
    assert endpoint.events() == [Closed(1006, "", False)]
    assert (endpoint.state, wanted(endpoint)) == (State.CLOSED, None)


# --- Idle ---


@ROLES
@pytest.mark.parametrize(
    ("interval", "timeout", "idle", "before", "after"),
    [
        (None, None, None, None, None),
        (None, 4, None, None, None),
        (3, None, None, (Timer.PING, 3), None),
        (None, None, 9, (Timer.IDLE, 9), None),
        (3, 4, 9, (Timer.PING, 3), (Timer.PONG, 4)),
        (3, 4, 5, (Timer.PING, 3), (Timer.IDLE, 2)),
        (3, None, 9, (Timer.PING, 3), (Timer.IDLE, 6)),
        (3, 4, 7, (Timer.PING, 3), (Timer.IDLE, 4)),
        (3, 4, 3, (Timer.IDLE, 3), None),
        (3, 4, 2, (Timer.IDLE, 2), None),
    ],
)
def test_the_sooner_of_idle_and_keepalive_is_wanted(
    role: Role,
    interval: float | None,
    timeout: float | None,
    idle: float | None,
    before: tuple[Timer, float] | None,
    after: tuple[Timer, float] | None,
) -> None:
    endpoint = opened(role, ping_interval=interval, ping_timeout=timeout, idle=idle)
    assert wanted(endpoint) == before
    if before is not None and before[0] is Timer.PING:
        endpoint.timer_expired(Timer.PING)
        assert wanted(endpoint) == after


@ROLES
def test_an_idle_connection_is_closed_in_good_order(role: Role) -> None:
    endpoint = opened(role, idle=1, closing=2)
    endpoint.timer_expired(Timer.IDLE)
    [close] = frames_of(endpoint)
    assert close.payload == (1001).to_bytes(2, "big")
    assert (endpoint.phase, wanted(endpoint)) == (Phase.CLOSE_SENT, (Timer.CLOSING, 2))


# --- Closing ---


@ROLES
def test_closing_has_one_deadline_from_the_first_close_on(role: Role) -> None:
    endpoint = opened(role)
    endpoint.close()
    assert wanted(endpoint) == (Timer.CLOSING, 2)
    first = number(endpoint)
    endpoint.receive_data(as_sent_by(role.peer, b"\x81\x01a"))
    assert number(endpoint) == first, "a peer that goes on talking gets no more time"
    endpoint.receive_data(as_sent_by(role.peer, b"\x88\x00"))
    assert (endpoint.phase, number(endpoint)) == (Phase.CLOSE_EXCHANGED, first)
    endpoint.events()
    endpoint.timer_expired(Timer.CLOSING)
    assert endpoint.events() == [Closed(1005, "", False)], "TCP was cut, so the end is not clean"
    assert endpoint.ends_transport
    assert (endpoint.state, wanted(endpoint)) == (State.CLOSED, None)


@ROLES
def test_a_peer_that_does_not_answer_our_close_is_cut_off(role: Role) -> None:
    endpoint = opened(role)
    endpoint.close()
    endpoint.timer_expired(Timer.CLOSING)
    assert endpoint.events() == [Closed(1006, "", False)]
    assert endpoint.ends_transport


@ROLES
def test_closing_begins_when_the_peer_closes_or_breaks_a_rule(role: Role) -> None:
    for frame in (b"\x88\x00", b"\x83\x00"):
        endpoint = opened(role)
        before = number(endpoint)
        endpoint.receive_data(as_sent_by(role.peer, frame))
        assert wanted(endpoint) == (Timer.CLOSING, 2)
        assert number(endpoint) > before


def test_a_refused_handshake_has_the_deadline_of_closing() -> None:
    server = Connection(Role.SERVER, timeouts=TIMES)
    server.receive_data(b"\x00")
    assert (server.phase, wanted(server)) == (Phase.FAILED, (Timer.CLOSING, 2))
    server.timer_expired(Timer.CLOSING)
    assert server.state is State.CLOSED


# --- Timers that are not wanted ---


@ROLES
@pytest.mark.parametrize("timer", list(Timer))
def test_a_timer_that_is_not_wanted_any_more_is_ignored(role: Role, timer: Timer) -> None:
    for endpoint in (opened(role), open_endpoint(role, timeouts=NEVER)):
        if wanted(endpoint) == (timer, 3):
            continue
        endpoint.timer_expired(timer)
        assert (endpoint.state, endpoint.data_to_send(), endpoint.events()) == (State.OPEN, b"", [])


@ROLES
def test_without_timeouts_nothing_is_ever_wanted(role: Role) -> None:
    endpoint = Connection(role, URI, timeouts=NEVER)
    assert wanted(endpoint) is None
    endpoint = open_endpoint(role, timeouts=NEVER)
    assert wanted(endpoint) is None
    endpoint.close()
    assert wanted(endpoint) is None


def test_a_pair_that_only_pings_stays_open() -> None:
    client, server = pair(timeouts=TIMES)
    for _ in range(5):
        for endpoint in (client, server):
            assert wanted(endpoint) == (Timer.PING, 3)
            endpoint.timer_expired(Timer.PING)
            pump(client, server)
            assert endpoint.pending_pings == ()
    assert (client.state, server.state) == (State.OPEN, State.OPEN)
