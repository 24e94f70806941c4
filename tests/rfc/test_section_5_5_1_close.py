"""The Close frame and the closing handshake (RFC 6455 §5.5.1)."""

from __future__ import annotations

import pytest

from wsedu import FrameDecoder, LocalViolation, Opcode, Role, State, Timeouts, dissect
from wsedu.protocol.events import Closed, CloseReceived
from wsedu.protocol.timers import Timer

from ..support import as_sent_by, open_client, open_endpoint, open_server, pair, pump, vectors
from .peers import BOTH, assert_fails, from_peer, m, receive, sent


def test_close_is_opcode_8() -> None:
    """6455-5.5.1-01"""
    (frame,) = FrameDecoder(Role.CLIENT).feed(bytes.fromhex("88 00"))
    assert (frame.opcode, frame.payload) == (Opcode.CLOSE, b"")


@pytest.mark.parametrize("vector", vectors()["rfc6455"]["close_frames"], ids=lambda vector: vector["hex"])
def test_close_may_have_a_body(vector: dict[str, str | int | None]) -> None:
    """6455-5.5.1-02, 6455-5.5.1-03, 6455-5.5.1-04"""
    server = open_server()
    assert receive(server, m(str(vector["hex"]))) == [CloseReceived(vector["code"], vector["reason"])]  # type: ignore[arg-type]
    closing = open_server()
    closing.close(vector["code"], str(vector["reason"]))  # type: ignore[arg-type]
    assert closing.data_to_send() == bytes.fromhex(str(vector["hex"]))


@pytest.mark.parametrize("role", BOTH)
def test_close_with_a_body_of_one_byte_fails(role: Role) -> None:
    """6455-5.5.1-03"""
    endpoint = open_endpoint(role)
    assert_fails(endpoint, from_peer(role, "88 01 03"), 1002)
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "CLOSE_BODY"


def test_reason_without_a_code_cannot_be_sent() -> None:
    """6455-5.5.1-03"""
    server = open_server()
    with pytest.raises(ValueError, match="CLOSE_BODY"):
        server.close(None, "bye")
    assert server.data_to_send() == b""


@pytest.mark.parametrize("role", BOTH)
def test_reason_has_at_most_123_bytes(role: Role) -> None:
    """6455-5.5.1-04"""
    endpoint = open_endpoint(role)
    for reason in ("x" * 124, "é" * 62):
        with pytest.raises(ValueError, match="CONTROL_TOO_LONG"):
            endpoint.close(1000, reason)
    endpoint.close(1000, "é" * 61 + "x")
    assert [len(frame.payload) for frame in sent(endpoint)] == [125]


@pytest.mark.parametrize("frame", ["88 03 03 e8 ff", "88 04 03 e8 c3 28", "88 03 03 e8 c3", "88 05 03 e8 ed a0 80"])
@pytest.mark.parametrize("role", BOTH)
def test_reason_that_is_not_utf8_fails(role: Role, frame: str) -> None:
    """6455-5.5.1-04, 6455-8.1-01"""
    assert_fails(open_endpoint(role), from_peer(role, frame), 1007)


def test_reason_that_is_not_text_cannot_be_sent() -> None:
    """6455-5.5.1-04"""
    server = open_server()
    with pytest.raises(ValueError, match="CLOSE_REASON_UTF8"):
        server.close(1000, "\ud800")
    assert server.data_to_send() == b""


@pytest.mark.parametrize("role", BOTH)
def test_no_data_after_our_close(role: Role) -> None:
    """6455-5.5.1-07"""
    endpoint = open_endpoint(role)
    endpoint.send_text("a", fin=False)
    endpoint.close()
    sent(endpoint)
    for send in (endpoint.send_text, endpoint.send_continuation, lambda text: endpoint.send_binary(text.encode())):
        with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
            send("x")
    with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
        endpoint.close()
    assert endpoint.data_to_send() == b""


@pytest.mark.parametrize("role", BOTH)
def test_data_after_the_peers_close_is_named(role: Role) -> None:
    """6455-5.5.1-07"""
    data = as_sent_by(role, "88 02 03 e8") + as_sent_by(role, "81 02 68 69")
    (verdict,) = dissect(data, sender=role).verdicts
    assert verdict.violation is not None
    assert verdict.violation.rule.name == "DATA_AFTER_CLOSE"


@pytest.mark.parametrize("role", BOTH)
def test_close_is_answered_once(role: Role) -> None:
    """6455-5.5.1-08, 6455-5.5.1-10"""
    endpoint = open_endpoint(role)
    receive(endpoint, from_peer(role, "88 02 03 e8"))
    assert [(frame.opcode, frame.code) for frame in sent(endpoint)] == [(8, 1000)]
    assert receive(endpoint, from_peer(role, "88 02 03 e8")) == []
    assert endpoint.data_to_send() == b""


@pytest.mark.parametrize(("frame", "answer"), [("88 02 0f a0", "88 02 0f a0"), ("88 00", "88 00")])
def test_answer_repeats_the_code(frame: str, answer: str) -> None:
    """6455-5.5.1-09"""
    server = open_server()
    receive(server, m(frame))
    assert server.data_to_send() == bytes.fromhex(answer)


def test_close_in_the_middle_of_our_message() -> None:
    """6455-5.5.1-11"""
    server = open_server()
    server.send_text("first", fin=False)
    server.data_to_send()
    receive(server, m("88 02 03 e8"))
    # We close at once: the rest of the message could not be read any more.
    assert server.data_to_send() == bytes.fromhex("88 02 03 e8")
    with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
        server.send_continuation("last")


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize("starter", BOTH)
def test_both_close_frames_end_the_connection(role: Role, starter: Role) -> None:
    """6455-5.5.1-12, 6455-7.1.1-01, 6455-7.1.2-02"""
    client, server = pair()
    (client if starter is Role.CLIENT else server).close(1000)
    pump(client, server)
    endpoint = client if role is Role.CLIENT else server
    assert endpoint.state is State.CLOSED
    assert endpoint.events()[-1] == Closed(1000, "", True)
    assert receive(endpoint, from_peer(role, "81 02 68 69")) == []
    assert endpoint.data_to_send() == b""


@pytest.mark.parametrize("starter", BOTH)
def test_server_ends_tcp_at_once(starter: Role) -> None:
    """6455-5.5.1-13, 6455-7.1.1-04, 6455-7.1.1-06"""
    server = open_server()
    if starter is Role.SERVER:
        server.close()
        assert not server.ends_transport
    receive(server, m("88 02 03 e8"))
    assert server.data_to_send() == bytes.fromhex("88 02 03 e8")
    assert server.ends_transport


@pytest.mark.parametrize("starter", BOTH)
def test_client_waits_for_the_server_to_end_tcp(starter: Role) -> None:
    """6455-5.5.1-14, 6455-7.1.1-07"""
    client = open_client()
    if starter is Role.CLIENT:
        client.close()
    receive(client, bytes.fromhex("88 02 03 e8"))
    client.data_to_send()
    assert not client.ends_transport
    client.receive_eof()
    assert client.ends_transport


def test_client_ends_tcp_when_the_server_does_not() -> None:
    """6455-5.5.1-15, 6455-7.1.1-05"""
    client = open_client(timeouts=Timeouts(closing=3.0))
    client.close()
    receive(client, bytes.fromhex("88 02 03 e8"))
    deadline = client.next_deadline()
    assert deadline is not None
    assert (deadline.timer, deadline.seconds) == (Timer.CLOSING, 3.0)
    assert not client.ends_transport
    client.timer_expired(deadline.timer)
    assert client.ends_transport
    assert client.state is State.CLOSED


def test_close_frames_that_cross_answer_each_other() -> None:
    """6455-5.5.1-16"""
    client, server = pair()
    client.close(1000)
    server.close(1001)
    moved = pump(client, server)
    assert moved.to_client == bytes.fromhex("88 02 03 e9")
    assert moved.to_server[0] == 0x88
    assert len(moved.to_server) == 8
    assert client.events()[-1] == Closed(1001, "", True)
    assert server.events()[-1] == Closed(1000, "", True)
