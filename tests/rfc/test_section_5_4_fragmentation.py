"""Fragments (RFC 6455 §5.4): one message in several frames."""

from __future__ import annotations

import pytest

from wsedu import LocalViolation, Role
from wsedu.protocol.events import BinaryReceived, Event, PingReceived, TextReceived

from ..support import one_byte, open_client, open_endpoint, open_server, pair, pump
from .peers import BOTH, assert_fails, from_peer, m, receive, sent


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, TextReceived)]


def test_fin_marks_the_last_frame() -> None:
    """6455-5.2-02, 6455-6.2-05"""
    server = open_server()
    assert receive(server, m("01 03 48 65 6c")) == []
    assert receive(server, m("80 02 6c 6f")) == [TextReceived("Hello", 2)]


def test_first_frame_may_be_the_last() -> None:
    """6455-5.2-03, 6455-6.2-04"""
    assert receive(open_client(), bytes.fromhex("81 05 48 65 6c 6c 6f")) == [TextReceived("Hello")]


@pytest.mark.parametrize(
    "frames",
    [
        ["81 06 61 c3 a9 62 63 64"],
        ["01 03 61 c3 a9", "80 03 62 63 64"],
        ["01 02 61 c3", "00 01 a9", "80 03 62 63 64"],
        ["01 00", "00 00", "00 06 61 c3 a9 62 63 64", "80 00"],
        ["01 01 61", "00 01 c3", "00 01 a9", "00 01 62", "00 01 63", "80 01 64"],
    ],
)
@pytest.mark.parametrize("role", BOTH)
def test_boundaries_of_frames_mean_nothing(role: Role, frames: list[str]) -> None:
    """6455-5.4-01, 6455-5.4-11, 6455-5.4-04"""
    assert texts(receive(open_endpoint(role), from_peer(role, *frames))) == ["aébcd"]
    endpoint = open_endpoint(role)
    assert texts([event for byte in one_byte(from_peer(role, *frames)) for event in receive(endpoint, byte)]) == [
        "aébcd"
    ]


@pytest.mark.parametrize("frame", ["80 01 61", "00 01 61", "00 00"])
@pytest.mark.parametrize("role", BOTH)
def test_continuation_of_nothing_fails(role: Role, frame: str) -> None:
    """6455-5.4-02, 6455-5.4-03"""
    assert_fails(open_endpoint(role), from_peer(role, frame), 1002)


def test_continuation_after_the_end_of_a_message_fails() -> None:
    """6455-5.4-02, 6455-5.4-03"""
    server = open_server()
    assert_fails(server, m("01 01 61") + m("80 01 62") + m("80 01 63"), 1002, delivered=1)


def test_message_in_three_frames() -> None:
    """6455-5.4-03"""
    assert receive(open_server(), m("01 01 61") + m("00 01 62") + m("80 01 63")) == [TextReceived("abc", 3)]


@pytest.mark.parametrize("second", ["81 01 62", "01 01 62", "82 01 62", "02 00"])
@pytest.mark.parametrize("role", BOTH)
def test_message_inside_a_message_fails(role: Role, second: str) -> None:
    """6455-5.4-03, 6455-5.4-08"""
    assert_fails(open_endpoint(role), from_peer(role, "01 01 61", second), 1002)


def test_empty_fragments_count() -> None:
    """6455-5.4-04"""
    assert receive(open_server(), m("01 00") + m("00 01 61") + m("80 00")) == [TextReceived("a", 3)]


@pytest.mark.parametrize("role", BOTH)
def test_ping_between_fragments_goes_out_at_once(role: Role) -> None:
    """6455-5.4-05, 6455-5.4-06, 6455-5.5-03"""
    endpoint = open_endpoint(role)
    endpoint.send_text("a", fin=False)
    endpoint.send_ping(b"p")
    endpoint.send_pong(b"q")
    endpoint.send_continuation("b", fin=False)
    endpoint.close()
    frames = sent(endpoint)
    assert [(frame.opcode, frame.fin) for frame in frames] == [(1, False), (9, True), (10, True), (0, False), (8, True)]


@pytest.mark.parametrize("frame", ["09 01 61", "09 00", "08 00", "0a 00", "08 02 03 e8"])
@pytest.mark.parametrize("role", BOTH)
def test_fragmented_control_frame_fails(role: Role, frame: str) -> None:
    """6455-5.4-06, 6455-5.5-03"""
    assert_fails(open_endpoint(role), from_peer(role, frame), 1002)


def test_fragments_keep_their_order() -> None:
    """6455-5.4-07"""
    client, server = pair()
    client.send_text("1", fin=False)
    for number in range(2, 9):
        client.send_continuation(str(number), fin=False)
    client.send_continuation("9")
    pump(client, server, cut=one_byte)
    assert texts(server.events()) == ["123456789"]


def test_second_message_cannot_start_inside_the_first() -> None:
    """6455-5.4-08"""
    client = open_client()
    client.send_text("a", fin=False)
    with pytest.raises(LocalViolation, match="MESSAGE_INTERLEAVED"):
        client.send_text("x")
    with pytest.raises(LocalViolation, match="MESSAGE_INTERLEAVED"):
        client.send_binary(b"x", fin=False)
    client.send_continuation("b")
    client.send_text("c")
    assert [(frame.opcode, frame.payload) for frame in sent(client)] == [(1, b"a"), (0, b"b"), (1, b"c")]


def test_continuation_of_nothing_cannot_be_sent() -> None:
    """6455-5.4-02, 6455-5.4-03"""
    server = open_server()
    with pytest.raises(LocalViolation, match="CONTINUATION_WITHOUT_START"):
        server.send_continuation("x")
    assert server.data_to_send() == b""


def test_control_frame_between_fragments_is_answered_at_once() -> None:
    """6455-5.4-09"""
    server = open_server()
    assert receive(server, m("01 01 61") + m("89 01 70")) == [PingReceived(b"p")]
    assert server.data_to_send() == bytes.fromhex("8a 01 70")
    assert receive(server, m("80 01 62")) == [TextReceived("ab", 2)]


@pytest.mark.parametrize("role", BOTH)
def test_sender_picks_the_size_of_fragments(role: Role) -> None:
    """6455-5.4-10"""
    client, server = pair()
    sender, reader = (client, server) if role is Role.CLIENT else (server, client)
    for part in (b"", b"x", b"y" * 70000):
        if part:
            sender.send_continuation(part, fin=False)
        else:
            sender.send_binary(part, fin=False)
    sender.send_continuation(b"")
    pump(client, server)
    assert reader.events() == [BinaryReceived(b"x" + b"y" * 70000, 4)]


def test_all_fragments_have_the_type_of_the_first() -> None:
    """6455-5.4-17"""
    assert receive(open_server(), m("02 01 ff") + m("80 01 fe")) == [BinaryReceived(b"\xff\xfe", 2)]
    assert receive(open_server(), m("01 01 61") + m("80 01 62")) == [TextReceived("ab", 2)]
