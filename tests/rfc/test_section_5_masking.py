"""Masking (RFC 6455 §5.1, §5.3, §10.3): who masks, with which keys, and how."""

from __future__ import annotations

import inspect
import itertools
import os

import pytest

from wsedu import Connection, FrameDecoder, Role, apply_mask
from wsedu.protocol.events import TextReceived

from ..support import KEY, open_client, open_server, xor
from .doubles import MarkFactory
from .peers import assert_fails, m, receive, sent


def test_client_masks_every_frame() -> None:
    """6455-5.1-01, 6455-5.2-08, 6455-5.5.1-06"""
    client = open_client()
    client.send_text("a", fin=False)
    client.send_continuation("b")
    client.send_binary(b"")
    client.send_ping(b"p")
    receive(client, bytes.fromhex("89 01 71"))
    client.send_pong(b"r")
    client.close(1000)
    frames = sent(client)
    assert [frame.opcode for frame in frames] == [1, 0, 2, 9, 10, 10, 8]
    assert all(frame.masked for frame in frames)


@pytest.mark.parametrize("frame", ["81 05 48 65 6c 6c 6f", "88 00", "88 02 03 e8", "89 00", "82 7e 00 7e"])
def test_unmasked_frame_fails_at_a_server(frame: str) -> None:
    """6455-5.1-03, 6455-5.1-04, 6455-5.5.1-06"""
    assert_fails(open_server(), bytes.fromhex(frame), 1002)


def test_server_masks_no_frame() -> None:
    """6455-5.1-05"""
    server = open_server()
    server.send_text("a", fin=False)
    server.send_continuation("b")
    server.send_binary(b"")
    server.send_ping(b"p")
    receive(server, m("89 01 71"))
    server.close(1000)
    frames = sent(server)
    assert [frame.opcode for frame in frames] == [1, 0, 2, 9, 10, 8]
    assert not any(frame.masked for frame in frames)


@pytest.mark.parametrize("frame", ["81 85 37 fa 21 3d 7f 9f 4d 51 58", "88 80 00 00 00 00", "89 80 37 fa 21 3d"])
def test_masked_frame_fails_at_a_client(frame: str) -> None:
    """6455-5.1-06, 6455-5.1-07"""
    assert_fails(open_client(), bytes.fromhex(frame), 1002)


def test_frame_that_is_masked_says_so() -> None:
    """6455-5.3-01"""
    client = open_client(random_bytes=lambda size: bytes(range(0x80, 0x80 + size)))
    client.send_text("Hello")
    data = client.data_to_send()
    assert data == bytes.fromhex("81 85 80 81 82 83") + xor(b"Hello", bytes.fromhex("80 81 82 83"))


def test_every_frame_has_its_own_key() -> None:
    """6455-5.3-02, 6455-5.3-04, 6455-6.1-08, 6455-10.3-01"""
    client = open_client()
    client.send_text("", fin=False)
    for _ in range(98):
        client.send_continuation("x", fin=False)
    client.send_continuation("")
    frames = sent(client)
    keys = [int.from_bytes(frame.key or b"", "big") for frame in frames]
    assert all(frame.masked for frame in frames)
    # 100 draws of 32 bits: two of them are equal about once in a million runs, ten never.
    assert len(set(keys)) > 90
    steps = [after - before for before, after in itertools.pairwise(keys)]
    assert len(set(steps)) > 90


def test_keys_come_from_the_random_source_and_not_from_the_application() -> None:
    """6455-5.3-03, 6455-10.3-01"""
    assert inspect.signature(Connection).parameters["random_bytes"].default is os.urandom
    drawn: list[bytes] = []

    def source(size: int) -> bytes:
        drawn.append(os.urandom(size))
        return drawn[-1]

    client = open_client(random_bytes=source)
    handshake = len(drawn)
    client.send_text("a")
    client.send_ping(b"b")
    client.close()
    assert [frame.key for frame in sent(client)] == drawn[handshake:]


def test_masking_is_its_own_inverse() -> None:
    """6455-5.3-05"""
    masked = bytes.fromhex("7f 9f 4d 51 58")
    assert apply_mask(b"Hello", KEY) == masked
    assert apply_mask(masked, KEY) == b"Hello"


@pytest.mark.parametrize("size", [1, 3, 5, 7, 383, 384, 1025])
def test_position_in_the_key_goes_on_from_piece_to_piece(size: int) -> None:
    """6455-5.3-05"""
    payload = bytes(index % 251 for index in range(3000))
    data = bytes.fromhex("82 fe 0b b8") + KEY + xor(payload, KEY)
    decoder = FrameDecoder(Role.SERVER)
    frames = [frame for start in range(0, len(data), size) for frame in decoder.feed(data[start : start + size])]
    assert [frame.payload for frame in frames] == [payload]


def test_masking_keeps_the_length() -> None:
    """6455-5.3-06"""
    client = open_client()
    client.send_text("Hello")
    data = client.data_to_send()
    assert data[:2] == bytes.fromhex("81 85")
    assert len(data) == 2 + 4 + 5
    assert receive(open_server(), data) == [TextReceived("Hello")]


def test_mask_covers_what_an_extension_has_added() -> None:
    """6455-5.3-07"""
    client = open_client({"Sec-WebSocket-Extensions": "foo"}, extensions=[MarkFactory("foo")])
    client.send_text("Hello")
    data = client.data_to_send()
    assert xor(data[6:], data[2:6]) == b"Hello<foo>"


def test_server_unmasks() -> None:
    """6455-6.2-09"""
    assert receive(open_server(), bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")) == [TextReceived("Hello")]


def test_payload_cannot_be_changed_after_it_was_sent() -> None:
    """6455-10.3-02"""
    for size in (5, 500, 5000):
        client = open_client()
        data = bytearray(b"a" * size)
        client.send_binary(data)  # type: ignore[arg-type]  # what a caller may do all the same
        client.send_ping(data[:5])  # type: ignore[arg-type]
        data[:] = b"b" * size
        assert [frame.payload for frame in sent(client)] == [b"a" * size, b"aaaaa"]
