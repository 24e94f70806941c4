"""UTF-8 (RFC 6455 §5.6, §8.1): text is checked as it arrives."""

from __future__ import annotations

import pytest

from wsedu import LocalViolation, Role
from wsedu.protocol.events import TextReceived

from ..support import masked, one_byte, open_endpoint, open_server, pair, pump
from .peers import BOTH, assert_fails, from_peer, m, receive

INVALID = {
    "c0 af": "overlong",
    "e0 80 80": "overlong",
    "ed a0 80": "surrogate",
    "f4 90 80 80": "beyond U+10FFFF",
    "f5 80 80 80": "no first byte",
    "80": "continuation without a first byte",
    "ff": "no byte of UTF-8",
    "c3 28": "no continuation byte",
    "c3": "cut short",
    "f0 9f 98": "cut short",
}


@pytest.mark.parametrize("data", INVALID, ids=INVALID.get)
@pytest.mark.parametrize("role", BOTH)
def test_text_that_is_not_utf8_fails(role: Role, data: str) -> None:
    """6455-5.6-03, 6455-8.1-01, 6455-7.4.1-10"""
    size = len(bytes.fromhex(data))
    assert_fails(open_endpoint(role), from_peer(role, f"81 {size:02x} {data}"), 1007)


@pytest.mark.parametrize("data", INVALID, ids=INVALID.get)
def test_text_in_fragments_of_one_byte_that_is_not_utf8_fails(data: str) -> None:
    """6455-5.6-03, 6455-8.1-01"""
    first, *rest = (f"{byte:02x}" for byte in bytes.fromhex(data))
    frames = [f"01 01 {first}", *(f"00 01 {byte}" for byte in rest), "80 00"]
    server = open_server()
    for frame in frames[:-1]:
        receive(server, m(frame))
    receive(server, m(frames[-1]))
    assert server.violation is not None
    assert server.violation.rule.code == 1007
    assert server.data_to_send()[2:4] == bytes.fromhex("03 ef")


def test_character_split_between_fragments_is_checked() -> None:
    """6455-8.1-01"""
    assert_fails(open_server(), m("01 01 ce") + m("80 01 28"), 1007)


@pytest.mark.parametrize("role", BOTH)
def test_first_bad_byte_fails_at_once(role: Role) -> None:
    """6455-8.1-01"""
    # Ten bytes are announced, three have come: the third cannot be part of any text.
    data = from_peer(role, "81 0a 61 62 ff 00 00 00 00 00 00 00")
    assert_fails(open_endpoint(role), data[: len(data) - 7], 1007)


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        (["01 01 c3", "80 01 a9"], "é"),
        (["01 02 f0 9f", "80 02 98 80"], "\U0001f600"),
        (["01 01 f0", "00 01 9f", "00 01 98", "80 01 80"], "\U0001f600"),
        (["81 09 ef bb bf ee 80 80 ef bf bf"], "\ufeff\ue000\uffff"),
        (["81 04 f4 8f bf bf"], "\U0010ffff"),
    ],
)
def test_character_may_be_split(frames: list[str], text: str) -> None:
    """6455-5.6-02"""
    server = open_server()
    data = b"".join(masked(frame) for frame in frames)
    assert receive(server, data) == [TextReceived(text, len(frames))]
    server = open_server()
    assert [event for byte in one_byte(data) for event in receive(server, byte)] == [TextReceived(text, len(frames))]


def test_character_may_be_split_when_sending() -> None:
    """6455-5.6-02"""
    client, server = pair()
    client.send_text("é".encode()[:1], fin=False)
    client.send_continuation("é".encode()[1:])
    pump(client, server)
    assert server.events() == [TextReceived("é", 2)]


@pytest.mark.parametrize("text", ["\ud800", b"\xff", b"\xc3", "a\udfff"])
def test_what_is_not_text_cannot_be_sent_as_text(text: str | bytes) -> None:
    """6455-5.6-03"""
    server = open_server()
    with pytest.raises(LocalViolation, match="TEXT_UTF8"):
        server.send_text(text)
    assert server.data_to_send() == b""
    server.send_text("still open")
    assert server.data_to_send().endswith(b"still open")


def test_fragments_that_are_no_text_together_cannot_be_sent() -> None:
    """6455-5.6-03"""
    server = open_server()
    server.send_text(b"\xc3", fin=False)
    server.data_to_send()
    with pytest.raises(LocalViolation, match="TEXT_UTF8"):
        server.send_continuation(b"\x28")
    assert server.data_to_send() == b""
