"""Frames (RFC 6455 §5.2): layout, reserved bits, opcodes and lengths."""

from __future__ import annotations

import pytest

from wsedu import Frame, FrameDecoder, Opcode, Role, dissect, encode_frame
from wsedu.protocol.events import BinaryReceived, TextReceived

from ..support import KEY, Cut, one_byte, open_client, open_endpoint, open_server, vectors, whole
from .peers import BOTH, assert_fails, from_peer, m, receive, sent

FRAMES = vectors()["rfc6455"]["frames"]
BOUNDARIES = [vector for vector in vectors()["rfc6455"]["length_boundaries"] if vector["payload_length"] < 1 << 20]


@pytest.mark.parametrize("cut", [whole, one_byte])
def test_frame_is_read_field_by_field(cut: Cut) -> None:
    """6455-5.2-01"""
    decoder = FrameDecoder()
    frames = [frame for piece in cut(bytes.fromhex("81 05 48 65 6c 6c 6f")) for frame in decoder.feed(piece)]
    assert frames == [Frame(Opcode.TEXT, b"Hello", True, False, False, False, None, 7)]


@pytest.mark.parametrize("vector", [vector for vector in FRAMES if "hex" in vector], ids=lambda vector: vector["name"])
def test_examples_of_the_rfc_both_ways(vector: dict[str, str | int]) -> None:
    """6455-5.2-01, 6455-6.1-04"""
    data = bytes.fromhex(str(vector["hex"]))
    key = vector["masking_key_hex"]
    fin, rsv1, rsv2, rsv3 = (bool(vector[name]) for name in ("fin", "rsv1", "rsv2", "rsv3"))
    payload = bytes.fromhex(str(vector["payload_hex"]))
    masking_key = None if key is None else bytes.fromhex(str(key))
    expected = Frame(int(vector["opcode"]), payload, fin, rsv1, rsv2, rsv3, masking_key)
    (frame,) = FrameDecoder().feed(data)
    assert frame.same_as(expected)
    assert encode_frame(expected) == data


@pytest.mark.parametrize(
    "frame",
    [
        Frame(16),
        Frame(-1),
        Frame.binary(bytes(126))._replace(length_form=7),
        Frame.binary(bytes(65536))._replace(length_form=16),
        Frame.binary(b"")._replace(length_form=8),
    ],
)
def test_value_that_its_field_has_no_bits_for_cannot_be_encoded(frame: Frame) -> None:
    """6455-5.2-01"""
    with pytest.raises(ValueError, match="FIELD_WIDTH"):
        encode_frame(frame)


@pytest.mark.parametrize("role", BOTH)
def test_reserved_bits_are_sent_as_0(role: Role) -> None:
    """6455-5.2-04"""
    endpoint = open_endpoint(role)
    endpoint.send_text("a", fin=False)
    endpoint.send_continuation("b")
    endpoint.send_binary(b"c")
    endpoint.send_ping()
    endpoint.send_pong()
    endpoint.close()
    assert [frame.first & 0x70 for frame in sent(endpoint)] == [0] * 6


@pytest.mark.parametrize("frame", ["c1 00", "a1 00", "91 00", "f2 00", "c0 00", "c8 00", "c9 00", "ca 00"])
@pytest.mark.parametrize("role", BOTH)
def test_reserved_bit_without_a_meaning_fails(role: Role, frame: str) -> None:
    """6455-5.2-05, 6455-5.8-01"""
    assert_fails(open_endpoint(role), from_peer(role, frame), 1002)


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("role", BOTH)
def test_unknown_opcode_fails(role: Role, opcode: int) -> None:
    """6455-5.2-06, 6455-5.5-01, 6455-5.6-01"""
    assert_fails(open_endpoint(role), from_peer(role, f"8{opcode:x} 00"), 1002)


@pytest.mark.parametrize("vector", vectors()["rfc6455"]["opcodes"], ids=lambda vector: vector["hex"])
def test_opcodes_are_those_of_the_registry(vector: dict[str, str | int | bool]) -> None:
    """6455-5.2-07, 6455-5.5-01, 6455-5.6-01"""
    frame = Frame(int(vector["opcode"]))
    assert (frame.opcode in list(Opcode)) is vector["registered"]
    assert frame.is_control is (frame.opcode >= 8)
    if vector["registered"]:
        assert frame.name == vector["name"]
        assert frame.is_control is (vector["kind"] == "control")
    else:
        assert frame.name == "reserved"


@pytest.mark.parametrize(
    ("form", "masked", "size"), [(7, 0, 2), (16, 0, 4), (64, 0, 10), (7, 1, 6), (16, 1, 8), (64, 1, 14)]
)
def test_masking_key_is_there_exactly_when_mask_says_so(form: int, masked: int, size: int) -> None:
    """6455-5.2-08, 6455-5.2-14"""
    data = encode_frame(Frame(Opcode.BINARY, b"", masking_key=KEY if masked else None, length_form=form))
    assert len(data) == size
    assert data[1] >> 7 == masked
    assert data.endswith(KEY) is bool(masked)
    (frame,) = FrameDecoder(strict=False).feed(data)
    assert frame.masking_key == (KEY if masked else None)


@pytest.mark.parametrize("key", [b"", b"123", b"12345"])
def test_masking_key_has_4_bytes(key: bytes) -> None:
    """6455-5.2-14"""
    with pytest.raises(ValueError, match="KEY_LENGTH"):
        encode_frame(Frame.text("Hello", masking_key=key))


@pytest.mark.parametrize("vector", BOUNDARIES, ids=lambda vector: vector["payload_length"])
def test_lengths_at_the_boundaries(vector: dict[str, str | int]) -> None:
    """6455-5.2-09, 6455-5.2-11"""
    length = int(vector["payload_length"])
    data = encode_frame(Frame.binary(bytes(length)))
    assert data == bytes.fromhex("82" + str(vector["length_field_hex"])) + bytes(length)
    assert FrameDecoder().feed(data)[0].payload == bytes(length)


@pytest.mark.parametrize(("length", "header"), [(1, "82 01"), (127, "82 7e 00 7f"), (65534, "82 7e ff fe")])
def test_lengths_beside_the_boundaries(length: int, header: str) -> None:
    """6455-5.2-09"""
    server, client = open_server(), open_client()
    server.send_binary(bytes(length))
    data = server.data_to_send()
    assert data == bytes.fromhex(header) + bytes(length)
    assert receive(client, data) == [BinaryReceived(bytes(length))]


@pytest.mark.parametrize("role", BOTH)
def test_length_with_its_top_bit_set_fails(role: Role) -> None:
    """6455-5.2-10"""
    mask = "ff" if role is Role.SERVER else "7f"
    assert_fails(open_endpoint(role), bytes.fromhex(f"82 {mask} 80 00 00 00 00 00 00 00"), 1002)


@pytest.mark.parametrize(
    "frame",
    ["82 7e 00 7c" + "00" * 124, "81 7e 00 00", "82 7f 00 00 00 00 00 00 ff ff", "82 7f 00 00 00 00 00 00 00 00"],
)
@pytest.mark.parametrize("role", BOTH)
def test_length_in_more_bytes_than_it_needs_fails(role: Role, frame: str) -> None:
    """6455-5.2-11"""
    assert_fails(open_endpoint(role), from_peer(role, frame), 1002)


def test_length_in_more_bytes_passes_where_strict_is_off() -> None:
    """6455-5.2-11"""
    assert receive(open_server(strict=False), m("81 7e 00 02 68 69")) == [TextReceived("hi")]


@pytest.mark.parametrize(("header", "length"), [("82 7e 01 00", 256), ("82 7f 00 00 00 00 00 01 00 00", 65536)])
def test_extended_lengths_are_big_endian(header: str, length: int) -> None:
    """6455-5.2-12"""
    data = bytes.fromhex(header)
    assert dissect(data).missing == length
    assert receive(open_client(), data + bytes(length)) == [BinaryReceived(bytes(length))]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 70000])
def test_payload_is_the_application_data(length: int) -> None:
    """6455-5.2-13, 6455-5.2-15"""
    server, client = open_server(), open_client()
    server.send_binary(bytes(length))
    (frame,) = dissect(server.data_to_send(), sender=Role.SERVER).frames
    assert frame.size == (2 if length < 126 else 4 if length < 65536 else 10) + length
    server.send_binary(b"x" * length)
    assert receive(client, server.data_to_send()) == [BinaryReceived(b"x" * length)]


@pytest.mark.parametrize("payload", ["00", "ff", "00 ff", "88 00", "81 05 48 65 6c 6c 6f", "89 80"])
def test_length_and_not_content_ends_a_frame(payload: str) -> None:
    """6455-10.7-05"""
    data = bytes.fromhex(payload)
    for cut in (whole, one_byte):
        server = open_server()
        events = [event for piece in cut(m(f"82 {len(data):02x} {payload}")) for event in receive(server, piece)]
        assert events == [BinaryReceived(data)]
