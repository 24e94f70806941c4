"""Ending and failing a connection (RFC 6455 §7.1 to §7.3)."""

from __future__ import annotations

import pytest

from wsedu import Connection, Role, State, Timeouts
from wsedu.protocol.events import Closed, CloseReceived, Refused, ViolationFound
from wsedu.protocol.timers import Timer

from ..support import masked, open_client, open_endpoint, open_server, pair, pump
from .peers import BOTH, assert_fails, from_peer, m, new_client, parse_response, receive, request, response, sent


def test_client_gives_up_a_server_that_does_not_answer_its_close() -> None:
    """6455-7.1.1-05"""
    client = open_client(timeouts=Timeouts(closing=3.0))
    client.close()
    deadline = client.next_deadline()
    assert deadline is not None
    assert (deadline.timer, deadline.seconds) == (Timer.CLOSING, 3.0)
    client.timer_expired(Timer.CLOSING)
    assert client.events() == [Closed(1006, "", False)]
    assert client.ends_transport


@pytest.mark.parametrize("role", BOTH)
def test_close_sends_code_and_reason(role: Role) -> None:
    """6455-7.1.2-01, 6455-7.4-01"""
    endpoint = open_endpoint(role)
    endpoint.close(1001, "bye")
    assert [(frame.opcode, frame.payload) for frame in sent(endpoint)] == [(8, bytes.fromhex("03 e9 62 79 65"))]


@pytest.mark.parametrize("role", BOTH)
def test_close_sent_or_received_means_closing(role: Role) -> None:
    """6455-7.1.3-01"""
    sender, reader = open_endpoint(role), open_endpoint(role)
    sender.close()
    receive(reader, from_peer(role, "88 00"))
    assert sender.state is reader.state is State.CLOSING
    receive(sender, from_peer(role, "88 00"))
    assert sender.state is State.CLOSING


@pytest.mark.parametrize("role", BOTH)
def test_end_of_tcp_means_closed(role: Role) -> None:
    """6455-7.1.4-01, 6455-7.1.4-02, 6455-7.1.5-03, 6455-7.2.1-02"""
    for clean in (True, False):
        endpoint = open_endpoint(role)
        endpoint.receive_eof(clean=clean)
        assert endpoint.state is State.CLOSED
        assert endpoint.events() == [Closed(1006, "", False)]
        assert endpoint.data_to_send() == b""
        assert endpoint.ends_transport


def test_clean_means_that_both_close_frames_have_passed() -> None:
    """6455-7.1.4-02"""
    client, server = pair()
    client.close()
    pump(client, server)
    assert client.clean
    assert server.clean
    for role in BOTH:
        only_ours = open_endpoint(role)
        only_ours.close()
        only_ours.receive_eof()
        assert not only_ours.clean


def test_handshake_that_fails_is_closed_and_not_clean() -> None:
    """6455-7.1.4-03"""
    for end in (lambda client: receive(client, response(Upgrade=None)), lambda client: None):
        client = new_client()
        end(client)
        client.receive_eof()
        assert client.state is State.CLOSED
        assert not client.clean
        assert client.close_code == 1006


def test_code_is_that_of_the_first_close_received() -> None:
    """6455-7.1.5-01"""
    client = open_client()
    client.close(1000)
    receive(client, bytes.fromhex("88 02 03 e9 88 02 03 f0"))
    client.receive_eof()
    assert client.close_code == 1001
    assert client.events() == [Closed(1001, "", True)]


@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [("88 00", 1005, ""), ("88 02 03 e8", 1000, ""), ("88 05 03 e8 62 79 65", 1000, "bye")],
)
def test_code_and_reason_that_are_reported(frame: str, code: int, reason: str) -> None:
    """6455-7.1.5-02, 6455-7.1.6-01, 6455-7.1.6-02"""
    client = open_client()
    receive(client, bytes.fromhex(frame))
    client.receive_eof()
    assert (client.close_code, client.close_reason) == (code, reason)
    assert client.events() == [Closed(code, reason, True)]


@pytest.mark.parametrize("role", BOTH)
def test_violation_fails_the_connection(role: Role) -> None:
    """6455-7.1.7-01, 6455-7.1.7-03, 6455-7.1.7-05, 6455-7.2.1-01"""
    endpoint = open_endpoint(role)
    assert_fails(endpoint, from_peer(role, "83 00"), 1002)
    endpoint.receive_eof()
    assert endpoint.state is State.CLOSED
    assert endpoint.events() == [Closed(1006, "", False)]


def test_failed_handshake_sends_no_close_frame() -> None:
    """6455-7.1.7-05, 6455-7.2.2-01"""
    client = new_client()
    client.data_to_send()
    receive(client, response(Sec_WebSocket_Accept=None))
    assert client.data_to_send() == b""
    assert client.ends_transport
    server = Connection(Role.SERVER)
    receive(server, request(Host=None))
    data = server.data_to_send()
    assert parse_response(data).status_code == 400
    assert data.startswith(b"HTTP/1.1 ")
    assert server.ends_transport


@pytest.mark.parametrize("role", BOTH)
def test_no_close_to_a_peer_that_is_gone(role: Role) -> None:
    """6455-7.1.7-06"""
    endpoint = open_endpoint(role)
    endpoint.receive_eof(clean=False)
    assert [type(event) for event in endpoint.events()] == [Closed]
    assert endpoint.data_to_send() == b""
    assert receive(endpoint, from_peer(role, "83 00")) == []
    assert endpoint.data_to_send() == b""


def test_violation_after_our_close_sends_no_second_close() -> None:
    """6455-7.1.7-06"""
    server = open_server()
    server.close()
    server.data_to_send()
    assert [type(event) for event in receive(server, masked("83 00"))] == [ViolationFound]
    assert server.data_to_send() == b""
    assert server.ends_transport


def test_nothing_is_processed_after_a_failure() -> None:
    """6455-7.1.7-07"""
    server = open_server()
    data = m("83 00") + m("81 02 68 69") + m("89 00") + m("88 02 03 e8")
    assert_fails(server, data, 1002)
    server.receive_eof()
    assert server.events() == [Closed(1006, "", False)]


def test_idle_client_stays_open() -> None:
    """6455-7.1.7-08, 6455-7.2.1-03"""
    client = open_client(timeouts=Timeouts(ping_interval=None))
    assert client.next_deadline() is None
    for timer in Timer:
        client.timer_expired(timer)
    assert client.state is State.OPEN
    assert client.data_to_send() == b""


def test_silent_peer_is_given_up_only_when_asked_for() -> None:
    """6455-7.1.7-08"""
    client = open_client(timeouts=Timeouts(ping_interval=5.0, ping_timeout=7.0))
    for timer, seconds in ((Timer.PING, 5.0), (Timer.PONG, 7.0)):
        deadline = client.next_deadline()
        assert deadline is not None
        assert (deadline.timer, deadline.seconds) == (timer, seconds)
        assert client.state is State.OPEN
        client.timer_expired(timer)
    assert [(frame.opcode, frame.code) for frame in sent(client)][1:] == [(8, 1011)]
    assert client.state is State.CLOSING


def test_lost_transport_before_the_handshake_is_over() -> None:
    """6455-7.2.1-02"""
    client = new_client()
    client.receive_eof(clean=False)
    assert client.events() == [Refused(None), Closed(1006, "", False)]


def test_normal_closure_begins_with_a_close_frame() -> None:
    """6455-7.3-03"""
    for role in BOTH:
        endpoint = open_endpoint(role)
        endpoint.close()
        assert not endpoint.ends_transport
        assert [frame.opcode for frame in sent(endpoint)] == [8]


def test_trailing_bytes_are_dropped() -> None:
    """6455-7.1.1-02"""
    server = open_server()
    assert receive(server, m("88 00") + m("81 02 68 69")) == [CloseReceived(None, "")]
    assert receive(server, b"\xff" * 100) == []
    server.receive_eof()
    assert server.clean
