"""permessage-deflate (RFC 7692 §6): RSV1, whole messages, and what stays as it is."""

from __future__ import annotations

import pytest

from wsedu import Role
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.events import BinaryReceived, PingReceived, PongReceived, TextReceived

from ..deflating import Inflater, compressed, compressing, unmasked
from ..support import as_sent_by, one_byte, random_cuts, vectors
from .peers import BOTH, assert_fails, from_peer, receive, sent

HELLO = "c1 07 f2 48 cd c9 c9 07 00"
FIRST, LAST = "41 03 f2 48 cd", "80 04 c9 c9 07 00"
FRAMES = vectors()["rfc7692"]["frames"]


def as_frame(first: int, payload: bytes) -> str:
    """A frame in hexadecimal."""
    return unmasked(first, payload).hex()


@pytest.mark.parametrize("role", BOTH)
def test_control_frames_are_never_compressed(role: Role) -> None:
    """7692-6-01"""
    endpoint = compressing(role)
    assert receive(endpoint, from_peer(role, "89 05 48 65 6c 6c 6f")) == [PingReceived(b"Hello")]
    endpoint.send_ping(b"Hello")
    endpoint.send_pong(b"Hello")
    endpoint.close(1000, "Hello")
    frames = [(frame.first, frame.payload) for frame in sent(endpoint)]
    assert frames == [(0x8A, b"Hello"), (0x89, b"Hello"), (0x8A, b"Hello"), (0x88, b"\x03\xe8Hello")]


@pytest.mark.parametrize("role", BOTH)
def test_each_message_decides_for_itself(role: Role) -> None:
    """7692-6-02, 7692-6.2-02"""
    endpoint = compressing(role)
    data = from_peer(role, HELLO, "81 05 48 65 6c 6c 6f", "01 02 48 65", "80 03 6c 6c 6f", HELLO)
    hello = TextReceived("Hello")
    assert receive(endpoint, data) == [hello, hello, TextReceived("Hello", 2), hello]


@pytest.mark.parametrize("role", BOTH)
def test_compressed_message_has_rsv1_on_its_first_frame(role: Role) -> None:
    """7692-6.1-01"""
    endpoint = compressing(role)
    endpoint.send_text("Hello")
    (frame,) = sent(endpoint)
    assert (frame.first, frame.payload.hex(" ")) == (0xC1, "f2 48 cd c9 c9 07 00")
    assert frame.masked == (role is Role.CLIENT)


@pytest.mark.parametrize("role", BOTH)
def test_message_below_the_threshold_goes_out_as_it_is(role: Role) -> None:
    """7692-6.1-02"""
    endpoint = compressing(role, extensions=[PerMessageDeflateFactory(threshold=6)])
    endpoint.send_text("Hello")
    endpoint.send_text("Hello!")
    plain, packed = sent(endpoint)
    assert (plain.first, plain.payload) == (0x81, b"Hello")
    assert (packed.first, Inflater().message([packed.payload])) == (0xC1, b"Hello!")


@pytest.mark.parametrize("role", BOTH)
def test_rsv1_is_on_no_other_frame(role: Role) -> None:
    """7692-6.1-03"""
    endpoint = compressing(role)
    endpoint.send_text("He", fin=False)
    endpoint.send_ping(b"between")
    endpoint.send_continuation("l", fin=False)
    endpoint.send_continuation("lo")
    frames = sent(endpoint)
    assert [frame.first for frame in frames] == [0x41, 0x89, 0x00, 0x80]
    assert Inflater().message([frame.payload for frame in frames if frame.opcode < 8]) == b"Hello"


WRONG = {
    "ping": (["c9 00"], 0),
    "pong": (["ca 00"], 0),
    "close": (["c8 02 03 e8"], 0),
    "last fragment": ([FIRST, "c0 04 c9 c9 07 00"], 0),
    "fragment": ([FIRST, "40 04 c9 c9 07 00"], 0),
    "fragment of a plain message": (["01 01 61", "c0 01 00"], 0),
    "RSV2": (["a1 00"], 0),
    "RSV3 beside RSV1": (["d1 07 f2 48 cd c9 c9 07 00"], 0),
    "after a message": ([HELLO, "c9 00"], 1),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("role", BOTH)
def test_rsv1_where_it_may_not_be_fails_the_connection(role: Role, name: str) -> None:
    """7692-6.1-04"""
    frames, delivered = WRONG[name]
    assert_fails(compressing(role), from_peer(role, *frames), 1002, delivered)


@pytest.mark.parametrize("role", BOTH)
def test_opcode_stays(role: Role) -> None:
    """7692-6.1-05"""
    endpoint = compressing(role)
    endpoint.send_text("Hello")
    endpoint.send_binary(b"Hello")
    assert [frame.first for frame in sent(endpoint)] == [0xC1, 0xC2]
    (payload,) = compressed(b"Hello")
    assert receive(endpoint, from_peer(role, as_frame(0xC2, payload))) == [BinaryReceived(b"Hello")]


@pytest.mark.parametrize("role", BOTH)
def test_text_is_judged_when_it_is_inflated(role: Role) -> None:
    """7692-6.1-06"""
    (wrong,) = compressed(b"\xc3\x28")
    assert_fails(compressing(role), from_peer(role, as_frame(0xC1, wrong)), 1007)
    (first, last) = (payload.removesuffix(b"\x00\x00\xff\xff") for payload in compressed(b"ok\xc3\x28"[:3], b"\x28"))
    fragments = from_peer(role, as_frame(0x41, first + b"\x00\x00\xff\xff"), as_frame(0x80, last))
    assert_fails(compressing(role), fragments, 1007)
    payload = bytes.fromhex(HELLO)[2:]
    with pytest.raises(UnicodeDecodeError):
        payload.decode()
    assert receive(compressing(role), from_peer(role, HELLO)) == [TextReceived("Hello")]


@pytest.mark.parametrize("role", BOTH)
def test_fragments_are_joined_and_inflated(role: Role) -> None:
    """7692-6.2-01"""
    endpoint = compressing(role)
    assert receive(endpoint, from_peer(role, FIRST, LAST)) == [TextReceived("Hello", 2)]
    ping = from_peer(role, FIRST, "89 01 70", LAST)
    assert receive(compressing(role), ping) == [PingReceived(b"p"), TextReceived("Hello", 2)]
    each = [as_frame(0x41 if not index else 0x00, bytes([byte])) for index, byte in enumerate(bytes.fromhex(HELLO)[2:])]
    assert receive(compressing(role), from_peer(role, *each, "80 00")) == [TextReceived("Hello", 8)]


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize("vector", [one for one in FRAMES if "plaintext" in one], ids=lambda one: one["name"])
def test_frames_of_the_rfc(role: Role, vector: dict[str, str], seed: int) -> None:
    """7692-6.2-01"""
    data = as_sent_by(role.peer, vector["hex"])
    for pieces in ([data], one_byte(data), random_cuts(data, seed)):
        endpoint = compressing(role)
        assert [event for piece in pieces for event in receive(endpoint, piece)] == [TextReceived(vector["plaintext"])]


@pytest.mark.parametrize("role", BOTH)
def test_fragments_of_the_rfc(role: Role, seed: int) -> None:
    """7692-6.2-01"""
    data = from_peer(role, *(one["hex"] for one in FRAMES if "message" in one))
    for pieces in ([data], one_byte(data), random_cuts(data, seed)):
        endpoint = compressing(role)
        assert [event for piece in pieces for event in receive(endpoint, piece)] == [TextReceived("Hello", 2)]


@pytest.mark.parametrize("role", BOTH)
def test_unsolicited_pong_passes_between_compressed_fragments(role: Role) -> None:
    """7692-6-01"""
    data = from_peer(role, FIRST, "8a 02 68 69", LAST)
    assert receive(compressing(role), data) == [PongReceived(b"hi", ()), TextReceived("Hello", 2)]
