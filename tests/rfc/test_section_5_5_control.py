"""Control frames (RFC 6455 §5.5): their size, Ping and Pong."""

from __future__ import annotations

import pytest

from wsedu import FrameDecoder, LocalViolation, Opcode, Role, State
from wsedu.protocol.events import PingReceived, PongReceived, TextReceived

from ..support import open_client, open_endpoint, open_server, pair, pump
from .peers import BOTH, assert_fails, from_peer, m, receive, sent

FULL = bytes(range(125))
"""As many bytes as a control frame may have."""


@pytest.mark.parametrize("first", [0x88, 0x89, 0x8A])
@pytest.mark.parametrize("mark", [126, 127])
@pytest.mark.parametrize("role", BOTH)
def test_control_frame_of_more_than_125_bytes_fails(role: Role, first: int, mark: int) -> None:
    """6455-5.5-02"""
    # The second byte tells: nothing more is waited for.
    assert_fails(open_endpoint(role), bytes([first, mark | (0x80 if role is Role.SERVER else 0)]), 1002)


def test_ping_of_126_bytes_fails() -> None:
    """6455-5.5-02"""
    assert_fails(open_server(), m("89 7e 00 7e" + "00" * 126), 1002)


@pytest.mark.parametrize("role", BOTH)
def test_control_frame_of_125_bytes_is_answered(role: Role) -> None:
    """6455-5.5-02, 6455-5.5.3-02"""
    endpoint = open_endpoint(role)
    assert receive(endpoint, from_peer(role, "89 7d" + FULL.hex())) == [PingReceived(FULL)]
    assert [(frame.opcode, frame.payload) for frame in sent(endpoint)] == [(10, FULL)]


@pytest.mark.parametrize("role", BOTH)
def test_control_frame_of_126_bytes_cannot_be_sent(role: Role) -> None:
    """6455-5.5-02"""
    endpoint = open_endpoint(role)
    for send in (endpoint.send_ping, endpoint.send_pong, lambda _: endpoint.close(1000, "x" * 124)):
        with pytest.raises(ValueError, match="CONTROL_TOO_LONG"):
            send(b"x" * 126)
    assert endpoint.data_to_send() == b""
    assert endpoint.state is State.OPEN


def test_ping_and_pong_are_opcodes_9_and_10() -> None:
    """6455-5.5.2-01, 6455-5.5.3-01"""
    (ping,) = FrameDecoder(Role.CLIENT).feed(bytes.fromhex("89 05 48 65 6c 6c 6f"))
    assert (ping.opcode, ping.payload) == (Opcode.PING, b"Hello")
    (pong,) = FrameDecoder(Role.SERVER).feed(bytes.fromhex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"))
    assert (pong.opcode, pong.payload) == (Opcode.PONG, b"Hello")


@pytest.mark.parametrize(
    ("payload", "data"), [(b"", "89 00"), (b"Hello", "89 05 48 65 6c 6c 6f"), (b"\xff", "89 01 ff")]
)
def test_ping_may_carry_any_bytes(payload: bytes, data: str) -> None:
    """6455-5.5.2-02"""
    server = open_server()
    server.send_ping(payload)
    assert server.data_to_send() == bytes.fromhex(data)
    client = open_client()
    assert receive(client, bytes.fromhex(data)) == [PingReceived(payload)]
    assert [(frame.opcode, frame.payload) for frame in sent(client)] == [(10, payload)]


def test_ping_is_answered_with_its_own_data() -> None:
    """6455-5.5.2-03, 6455-5.5.3-02"""
    server = open_server()
    receive(server, m("89 05 48 65 6c 6c 6f"))
    assert server.data_to_send() == bytes.fromhex("8a 05 48 65 6c 6c 6f")


def test_ping_after_the_peers_close_is_not_answered() -> None:
    """6455-5.5.2-03"""
    server = open_server()
    receive(server, m("88 00") + m("89 00"))
    assert server.data_to_send() == bytes.fromhex("88 00")


@pytest.mark.parametrize("role", BOTH)
def test_ping_after_our_own_close_is_answered(role: Role) -> None:
    """6455-5.5.2-03"""
    endpoint = open_endpoint(role)
    endpoint.close()
    sent(endpoint)
    receive(endpoint, from_peer(role, "89 01 70"))
    assert [(frame.opcode, frame.payload) for frame in sent(endpoint)] == [(10, b"p")]


def test_pong_does_not_wait_for_the_application() -> None:
    """6455-5.5.2-04"""
    server = open_server()
    server.receive_data(m("81 02 68 69") + m("89 01 70"))
    assert server.data_to_send() == bytes.fromhex("8a 01 70")
    assert server.events() == [TextReceived("hi"), PingReceived(b"p")]


def test_either_side_may_ping() -> None:
    """6455-5.5.2-05"""
    client, server = pair()
    client.send_ping(b"c")
    server.send_ping(b"s")
    pump(client, server)
    assert set(client.events()) == {PingReceived(b"s"), PongReceived(b"c", (b"c",))}
    assert set(server.events()) == {PingReceived(b"c"), PongReceived(b"s", (b"s",))}


def test_pong_of_a_later_ping_answers_the_earlier_ones() -> None:
    """6455-5.5.3-03"""
    server = open_server()
    for payload in (b"a", b"b", b"c"):
        server.send_ping(payload)
    assert receive(server, m("8a 01 62")) == [PongReceived(b"b", (b"a", b"b"))]
    assert server.pending_pings == (b"c",)


def test_every_ping_of_several_is_answered_in_order() -> None:
    """6455-5.5.3-03"""
    server = open_server()
    receive(server, m("89 01 61") + m("89 01 62"))
    assert server.data_to_send() in (bytes.fromhex("8a 01 61 8a 01 62"), bytes.fromhex("8a 01 62"))


@pytest.mark.parametrize("role", BOTH)
def test_unsolicited_pong_changes_nothing(role: Role) -> None:
    """6455-5.5.3-04, 6455-5.5.3-05"""
    endpoint = open_endpoint(role)
    assert receive(endpoint, from_peer(role, "8a 01 78", "8a 00")) == [PongReceived(b"x"), PongReceived(b"")]
    assert endpoint.data_to_send() == b""
    assert endpoint.state is State.OPEN
    endpoint.send_pong(b"y")
    assert [(frame.opcode, frame.payload) for frame in sent(endpoint)] == [(10, b"y")]


def test_ping_needs_an_open_connection() -> None:
    """6455-5.5.2-05"""
    server = open_server()
    receive(server, m("88 00"))
    server.data_to_send()
    with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
        server.send_ping()
    assert server.data_to_send() == b""


def test_control_frames_are_handled_as_such() -> None:
    """6455-6.2-02"""
    server = open_server()
    assert receive(server, m("89 00") + m("8a 00")) == [PingReceived(b""), PongReceived(b"")]
    assert server.data_to_send() == bytes.fromhex("8a 00")
