"""Sending and receiving messages (RFC 6455 §6, §5.6, §2.1)."""

from __future__ import annotations

import pytest

from wsedu import LocalViolation, Role
from wsedu.protocol.events import BinaryReceived, Event, PingReceived, TextReceived

from ..support import all_cuts, one_byte, open_client, open_endpoint, open_server, pair, pump, random_cuts
from .doubles import MarkFactory
from .peers import BOTH, assert_fails, from_peer, m, new_client, receive, response, sent


def test_messages_may_leave_together() -> None:
    """6455-2.1-01, 6455-6.1-01"""
    client, server = pair()
    client.send_text("a")
    client.send_text("b")
    data = client.data_to_send()
    assert client.data_to_send() == b""
    assert receive(server, data) == [TextReceived("a"), TextReceived("b")]


def test_either_side_sends_at_any_time() -> None:
    """6455-5.1-08"""
    client, server = pair()
    for number in range(3):
        client.send_text(f"c{number}")
        server.send_text(f"s{number}")
    pump(client, server)
    assert client.events() == [TextReceived(f"s{number}") for number in range(3)]
    assert server.events() == [TextReceived(f"c{number}") for number in range(3)]


def test_binary_message_is_opaque() -> None:
    """6455-5.6-04"""
    assert receive(open_server(), m("82 02 c3 28")) == [BinaryReceived(b"\xc3\x28")]


@pytest.mark.parametrize("role", BOTH)
def test_sending_needs_an_open_connection(role: Role) -> None:
    """6455-6.1-02"""
    endpoint = open_endpoint(role)
    endpoint.close()
    endpoint.data_to_send()
    for send in (endpoint.send_text, lambda text: endpoint.send_binary(text.encode())):
        with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
            send("x")
    assert endpoint.data_to_send() == b""


def test_sending_needs_a_checked_response() -> None:
    """6455-6.1-02"""
    client = new_client()
    client.data_to_send()
    receive(client, response(Upgrade=None))
    with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
        client.send_text("x")
    assert client.data_to_send() == b""


@pytest.mark.parametrize("role", BOTH)
def test_rest_of_a_message_is_abandoned_when_the_connection_fails(role: Role) -> None:
    """6455-6.1-03"""
    endpoint = open_endpoint(role)
    endpoint.send_text("a", fin=False)
    endpoint.data_to_send()
    assert_fails(endpoint, from_peer(role, "83 00"), 1002)
    with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
        endpoint.send_continuation("b")
    assert endpoint.data_to_send() == b""


def test_message_is_a_frame() -> None:
    """6455-6.1-04, 6455-6.1-10"""
    server = open_server()
    server.send_text("Hello")
    assert server.data_to_send() == bytes.fromhex("81 05 48 65 6c 6c 6f")


@pytest.mark.parametrize("role", BOTH)
def test_message_in_several_frames(role: Role) -> None:
    """6455-6.1-05, 6455-6.1-07"""
    endpoint = open_endpoint(role)
    endpoint.send_text("a", fin=False)
    endpoint.send_continuation("b", fin=False)
    endpoint.send_continuation("c")
    frames = sent(endpoint)
    assert [(frame.opcode, frame.fin, frame.payload) for frame in frames] == [
        (1, False, b"a"),
        (0, False, b"b"),
        (0, True, b"c"),
    ]


@pytest.mark.parametrize("role", BOTH)
def test_opcode_fits_the_data(role: Role) -> None:
    """6455-6.1-06"""
    endpoint = open_endpoint(role)
    endpoint.send_text("x")
    endpoint.send_binary(b"x")
    assert [frame.opcode for frame in sent(endpoint)] == [1, 2]


def test_extension_takes_part_in_sending() -> None:
    """6455-6.1-09"""
    client = open_client({"Sec-WebSocket-Extensions": "foo"}, extensions=[MarkFactory("foo")])
    client.send_text("Hello")
    client.send_ping(b"p")
    assert [(frame.first, frame.payload) for frame in sent(client)] == [(0xC1, b"Hello<foo>"), (0x89, b"p")]


STREAM = ["01 03 48 65 6c", "89 01 70", "80 02 6c 6f", "82 7e 00 7e" + "ab" * 126, "81 00", "82 02 c3 28"]
MESSAGES: list[Event] = [
    PingReceived(b"p"),
    TextReceived("Hello", 2),
    BinaryReceived(b"\xab" * 126),
    TextReceived(""),
    BinaryReceived(b"\xc3\x28"),
]


@pytest.mark.parametrize("role", BOTH)
def test_cuts_of_the_stream_mean_nothing(role: Role, seed: int) -> None:
    """6455-6.2-01"""
    data = from_peer(role, *STREAM)
    cuts = [[data], one_byte(data), *all_cuts(data), *(random_cuts(data, seed + number) for number in range(20))]
    for pieces in cuts:
        endpoint = open_endpoint(role)
        assert [event for piece in pieces for event in receive(endpoint, piece)] == MESSAGES
        assert [(frame.opcode, frame.payload) for frame in sent(endpoint)] == [(10, b"p")]


def test_type_is_that_of_the_first_frame() -> None:
    """6455-6.2-03"""
    assert receive(open_server(), m("02 01 61") + m("80 01 62")) == [BinaryReceived(b"ab", 2)]
    assert receive(open_server(), m("01 01 61") + m("80 01 62")) == [TextReceived("ab", 2)]


def test_frame_outside_a_fragmented_message_is_a_message() -> None:
    """6455-6.2-04"""
    assert receive(open_server(), m("81 05 48 65 6c 6c 6f")) == [TextReceived("Hello")]


def test_fragments_are_joined_when_fin_arrives() -> None:
    """6455-6.2-05"""
    server = open_server()
    assert receive(server, m("01 03 48 65 6c")) == []
    assert receive(server, m("80 02 6c 6f")) == [TextReceived("Hello", 2)]


def test_data_after_a_message_is_a_new_message() -> None:
    """6455-6.2-06"""
    assert receive(open_server(), m("81 01 61") + m("82 01 62")) == [TextReceived("a"), BinaryReceived(b"b")]
