"""Frames (RFC 6455 §5.1, §5.2, §5.5): vectors both ways, every boundary of the length, every rule of a header."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import KEY, all_cuts, as_bytes, masked, one_byte, random_cuts, vectors, xor
from wsedu.protocol.frame import Frame, minimal_form
from wsedu.protocol.frames import FrameDecoder, encode_frame, frame_header
from wsedu.protocol.rules import LocalViolation, ProtocolViolation
from wsedu.protocol.types import Opcode, Role

RFC = vectors()["rfc6455"]
FRAMES = RFC["frames"] + vectors()["rfc7692"]["frames"]
LENGTHS = [vector for vector in RFC["length_boundaries"] if vector["payload_length"] <= 65536]


class Claims:
    """An extension that claims every reserved bit."""

    def claims(self, opcode: int, fin: bool) -> int:
        return 0x70


def payload_of(vector: dict[str, Any]) -> bytes:
    """The payload of a vector; where the RFC gives the header only, any of that length."""
    if vector.get("payload_hex") is None:
        return random.Random(vector["payload_length"]).randbytes(vector["payload_length"])
    return as_bytes(vector["payload_hex"])


def wire_of(vector: dict[str, Any]) -> bytes:
    return as_bytes(vector["hex"]) if "hex" in vector else as_bytes(vector["header_hex"]) + payload_of(vector)


def frame_of(vector: dict[str, Any]) -> Frame:
    key = None if vector["masking_key_hex"] is None else as_bytes(vector["masking_key_hex"])
    bits = {name: bool(vector[name]) for name in ("fin", "rsv1", "rsv2", "rsv3")}
    return Frame(vector["opcode"], payload_of(vector), **bits, masking_key=key)


def decode(pieces: Iterable[bytes], **options: Any) -> tuple[list[Frame], ProtocolViolation | None]:
    decoder = FrameDecoder(**options)
    frames = [frame for piece in pieces for frame in decoder.feed(piece)]
    return frames, decoder.violation


def same(frames: list[Frame], expected: list[Frame]) -> bool:
    return len(frames) == len(expected) and all(one.same_as(two) for one, two in zip(frames, expected, strict=True))


def outcome(pieces: Iterable[bytes], **options: Any) -> tuple[list[Frame], str | None, int | None]:
    """What a decoder makes of some bytes, in a form that can be compared."""
    frames, violation = decode(pieces, **options)
    return (frames, None, None) if violation is None else (frames, violation.rule.name, violation.offset)


# --- Vectors, both ways ---


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_vectors_are_encoded(vector: dict[str, Any]) -> None:
    assert encode_frame(frame_of(vector)) == wire_of(vector)
    assert frame_of(vector).header_size == vector["header_length"]


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_vectors_are_decoded_however_they_are_cut(vector: dict[str, Any], seed: int) -> None:
    wire, expected = wire_of(vector), frame_of(vector)
    cuts = [[wire], *(random_cuts(wire, seed + number) for number in range(10))]
    if len(wire) < 1000:
        cuts += [one_byte(wire), *all_cuts(wire)]
    for pieces in cuts:
        frames, violation = decode(pieces, extensions=(Claims(),))
        assert violation is None
        assert same(frames, [expected])
        assert frames[0].name == vector["opcode_name"]


@pytest.mark.parametrize("vector", LENGTHS, ids=lambda vector: str(vector["payload_length"]))
def test_every_boundary_of_the_length(vector: dict[str, Any], seed: int) -> None:
    payload = random.Random(seed).randbytes(vector["payload_length"])
    wire = b"\x82" + as_bytes(vector["length_field_hex"]) + payload
    assert encode_frame(Frame.binary(payload)) == wire
    assert encode_frame(Frame.binary(payload, masking_key=KEY)) == masked(wire)
    for data, key in ((wire, None), (masked(wire), KEY)):
        frames, violation = decode([data])
        assert violation is None
        assert same(frames, [Frame.binary(payload, masking_key=key)])


@pytest.mark.parametrize("vector", RFC["length_boundaries"], ids=lambda vector: str(vector["payload_length"]))
def test_a_header_on_its_own(vector: dict[str, Any]) -> None:
    """The header up to the key, for a length of which no payload need exist."""
    length = as_bytes(vector["length_field_hex"])
    assert frame_header(0x82, vector["payload_length"], 0) == b"\x82" + length
    assert frame_header(0x01, vector["payload_length"], 0x80) == bytes([0x01, 0x80 | length[0]]) + length[1:]


def test_the_largest_length_is_63_bits() -> None:
    [vector] = [vector for vector in RFC["length_boundaries"] if vector["payload_length"] >> 62]
    header = b"\x82" + as_bytes(vector["length_field_hex"])
    decoder = FrameDecoder()
    assert decoder.feed(header + b"abc") == []
    assert decoder.violation is None
    assert decoder.buffered == 3


@pytest.mark.parametrize("vector", RFC["close_frames"], ids=lambda vector: f"{vector['code']} {vector['reason']}")
def test_close_frames(vector: dict[str, Any]) -> None:
    assert encode_frame(Frame.close(vector["code"], vector["reason"])) == as_bytes(vector["hex"])


def test_the_constructors_name_what_they_make() -> None:
    assert Frame.text("\u00e9") == Frame(Opcode.TEXT, b"\xc3\xa9")
    assert Frame.binary(b"a", fin=False).fin is False
    assert Frame.continuation(b"a", masking_key=KEY) == Frame(Opcode.CONTINUATION, b"a", masking_key=KEY)
    assert Frame.ping(b"a") == Frame(Opcode.PING, b"a")
    assert Frame.pong(b"a") == Frame(Opcode.PONG, b"a")
    assert [Frame(opcode).is_control for opcode in range(16)] == [False] * 8 + [True] * 8


@pytest.mark.parametrize("vector", RFC["opcodes"], ids=lambda vector: vector["hex"])
def test_every_opcode_has_the_name_of_the_rfc(vector: dict[str, Any]) -> None:
    assert Frame(vector["opcode"]).name == (vector["name"] or "reserved")
    _, violation = decode([bytes([0x80 | vector["opcode"], 0])])
    assert (violation is None) is vector["registered"]


# --- Illegal values are kept ---

FRAME = st.builds(
    Frame,
    opcode=st.integers(0, 15),
    payload=st.binary(max_size=300),
    fin=st.booleans(),
    rsv1=st.booleans(),
    rsv2=st.booleans(),
    rsv3=st.booleans(),
    masking_key=st.none() | st.binary(min_size=4, max_size=4),
    length_form=st.sampled_from([7, 16, 64]) | st.none(),
).map(lambda frame: frame if frame.form >= minimal_form(len(frame.payload)) else frame._replace(length_form=None))


def naive_encode(frame: Frame) -> bytes:
    """The figure of §5.2, bit by bit."""
    bits = f"{frame.fin:b}{frame.rsv1:b}{frame.rsv2:b}{frame.rsv3:b}{frame.opcode:04b}"
    bits += f"{frame.masking_key is not None:b}"
    size = len(frame.payload)
    form = frame.length_form or (7 if size < 126 else 16 if size < 1 << 16 else 64)
    bits += {7: f"{size:07b}", 16: f"{126:07b}{size:016b}", 64: f"{127:07b}{size:064b}"}[form]
    header = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return header + (
        frame.payload if frame.masking_key is None else frame.masking_key + xor(frame.payload, frame.masking_key)
    )


@given(FRAME)
def test_any_frame_is_encoded_as_the_figure_says(frame: Frame) -> None:
    assert encode_frame(frame) == naive_encode(frame)
    assert frame.header_size == len(naive_encode(frame)) - len(frame.payload)


LEGAL_HEADER: dict[str, st.SearchStrategy[Any]] = {
    "opcode": st.sampled_from(list(Opcode)),
    "payload": st.binary(max_size=300),
    "fin": st.booleans(),
    "rsv1": st.booleans(),
    "rsv2": st.booleans(),
    "rsv3": st.booleans(),
    "masking_key": st.none() | st.binary(min_size=4, max_size=4),
    "length_form": st.none(),
}


def _legal(frame: Frame) -> Frame:
    return frame._replace(fin=True, payload=frame.payload[:125]) if frame.is_control else frame


LEGAL_FRAME = st.builds(Frame, **LEGAL_HEADER).map(_legal)


@given(st.lists(LEGAL_FRAME, max_size=4), st.integers())
def test_what_is_encoded_is_decoded_however_it_is_cut(frames: list[Frame], cuts: int) -> None:
    wire = b"".join(map(encode_frame, frames))
    for pieces in ([wire], one_byte(wire), random_cuts(wire, cuts)):
        decoded, violation = decode(pieces, extensions=(Claims(),))
        assert violation is None
        assert same(decoded, frames)
    assert b"".join(map(encode_frame, decoded)) == wire


def test_a_longer_form_of_the_length_is_kept_and_written_again() -> None:
    frame = Frame(Opcode.BINARY, b"Hello", length_form=64)
    wire = encode_frame(frame)
    assert wire == as_bytes("82 7f 00 00 00 00 00 00 00 05") + b"Hello"
    assert decode([wire], strict=False) == ([frame], None)


def test_frames_that_are_the_same_on_the_wire() -> None:
    assert Frame.text("a").same_as(Frame.text("a")._replace(length_form=7))
    assert not Frame.text("a").same_as(Frame.text("a")._replace(length_form=16))
    assert not Frame.text("a").same_as(Frame.text("b"))


@pytest.mark.parametrize("opcode", [-1, 16])
def test_an_opcode_has_four_bits(opcode: int) -> None:
    with pytest.raises(LocalViolation) as caught:
        encode_frame(Frame(opcode))
    assert caught.value.rule.name == "FIELD_WIDTH"
    assert caught.value.detail == {"field": "opcode", "value": opcode, "bits": 4}


@pytest.mark.parametrize(("size", "form"), [(126, 7), (65536, 16), (0, 8), (0, 0)])
def test_a_length_must_fit_its_form(size: int, form: int) -> None:
    with pytest.raises(LocalViolation) as caught:
        encode_frame(Frame(Opcode.BINARY, bytes(size), length_form=form))
    assert caught.value.rule.name == "FIELD_WIDTH"
    assert caught.value.detail == {"field": "payload_length", "value": size, "bits": form}


@pytest.mark.parametrize("key", [b"", b"abc", b"abcde"])
def test_a_masking_key_has_four_bytes(key: bytes) -> None:
    with pytest.raises(LocalViolation) as caught:
        encode_frame(Frame.text("a", masking_key=key))
    assert caught.value.rule.name == "KEY_LENGTH"


# --- The rules of a header ---

GOOD = as_bytes("89 01 61")  # a Ping: legal at any place, 3 bytes

RULES = [
    # rule, role of the reader, bytes that end with the first that shows the breach, offset in them, rest of the frame
    ("RSV_BITS", Role.CLIENT, "c1", 0, "01 61"),
    ("RSV_BITS", Role.CLIENT, "a2", 0, "00"),
    ("RSV_BITS", Role.CLIENT, "90", 0, "00"),
    ("RSV_BITS", Role.SERVER, "c9", 0, "80 00000000"),
    *[("OPCODE_RESERVED", Role.CLIENT, f"8{opcode:x}", 0, "00") for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)],
    ("OPCODE_RESERVED", Role.SERVER, "03", 0, "80 00000000"),
    ("CONTROL_FRAGMENTED", Role.CLIENT, "08", 0, "00"),
    ("CONTROL_FRAGMENTED", Role.CLIENT, "09", 0, "00"),
    ("CONTROL_FRAGMENTED", Role.SERVER, "0a", 0, "80 00000000"),
    ("CONTROL_TOO_LONG", Role.CLIENT, "89 7e", 1, "00 7e"),
    ("CONTROL_TOO_LONG", Role.CLIENT, "88 7f", 1, "00 00 00 00 00 00 00 7e"),
    ("CONTROL_TOO_LONG", Role.SERVER, "8a fe", 1, "00 7e"),
    ("CLIENT_MUST_MASK", Role.SERVER, "81 00", 1, ""),
    ("CLIENT_MUST_MASK", Role.SERVER, "82 7e", 1, "00 7e"),
    ("CLIENT_MUST_MASK", Role.SERVER, "89 00", 1, ""),
    ("SERVER_MUST_NOT_MASK", Role.CLIENT, "81 80", 1, "00000000"),
    ("SERVER_MUST_NOT_MASK", Role.CLIENT, "82 fe", 1, "00 7e"),
    ("MINIMAL_LENGTH", Role.CLIENT, "82 7e 00 7d", 2, ""),
    ("MINIMAL_LENGTH", Role.CLIENT, "82 7f 00 00 00 00 00 00 ff ff", 2, ""),
    ("MINIMAL_LENGTH", Role.SERVER, "82 ff 00 00 00 00 00 00 00 00", 2, ""),
    ("LENGTH_TOP_BIT", Role.CLIENT, "82 7f 80 00 00 00 00 00 00 00", 2, ""),
    ("LENGTH_TOP_BIT", Role.SERVER, "82 ff ff ff ff ff ff ff ff ff", 2, ""),
    ("FRAME_TOO_BIG", Role.CLIENT, "82 65", 1, ""),
    ("FRAME_TOO_BIG", Role.SERVER, "82 fe 00 7e", 2, ""),
    ("FRAME_TOO_BIG", Role.CLIENT, "82 7f 00 00 00 00 00 01 00 00", 2, ""),
]


@pytest.mark.parametrize(("rule", "role", "data", "place", "rest"), RULES)
def test_a_breach_is_found_at_the_byte_that_shows_it(rule: str, role: Role, data: str, place: int, rest: str) -> None:
    """The frame before it is delivered; the breach is named by rule and offset, as soon as its byte is in."""
    before = masked(GOOD) if role is Role.SERVER else GOOD
    shown = before + as_bytes(data)
    expected = ([Frame.ping(b"a", masking_key=KEY if role is Role.SERVER else None)], rule, len(before) + place)
    for pieces in ([shown], [shown + as_bytes(rest) + bytes(500)], one_byte(shown), *all_cuts(shown)):
        frames, found, offset = outcome(pieces, role=role, max_frame_size=100)
        assert same(frames, expected[0])
        assert (found, offset) == expected[1:]
    # Not before: without the byte that shows it nothing is wrong, unless the limit is on the second byte.
    _, found, _ = outcome([shown[:-1]], role=role, max_frame_size=100)
    assert found is None


@pytest.mark.parametrize("vector", RFC["invalid_lengths"], ids=lambda vector: vector["name"])
def test_a_length_that_is_not_minimal(vector: dict[str, Any]) -> None:
    wire = b"\x82" + as_bytes(vector["length_field_hex"]) + bytes(vector["payload_length"])
    assert outcome([wire]) == ([], "MINIMAL_LENGTH", 2)
    frames, violation = decode([wire], strict=False)
    assert violation is None
    assert len(frames[0].payload) == vector["payload_length"]


def test_the_facts_of_a_breach_are_told() -> None:
    _, violation = decode([as_bytes("82 7e 00 05")], role=Role.CLIENT)
    assert violation is not None
    assert violation.detail == {"length": 5, "form": 16, "minimal": 7}
    assert not violation.local
    assert violation.decided_by == "wsedu.protocol.frames:FrameDecoder._judge_length"
    assert "MINIMAL_LENGTH" in str(violation)
    assert "byte 2" in str(violation)


def test_nothing_is_read_after_a_violation() -> None:
    decoder = FrameDecoder(Role.CLIENT)
    assert decoder.feed(as_bytes("83")) == []
    first = decoder.violation
    assert decoder.feed(GOOD) == []
    assert decoder.violation is first
    assert decoder.buffered == 0


def test_nothing_is_read_after_stop() -> None:
    decoder = FrameDecoder(Role.CLIENT)
    decoder.stop()
    assert decoder.feed(GOOD) == []
    assert decoder.violation is None


def test_offsets_count_from_where_the_input_begins() -> None:
    decoder = FrameDecoder(Role.CLIENT, offset=1000)
    decoder.feed(GOOD)
    assert decoder.offset == 1000 + len(GOOD)
    decoder.feed(b"\x81\x7e\x00\x05")
    assert decoder.violation is not None
    assert decoder.violation.offset == 1000 + len(GOOD) + 2


def test_what_is_under_way_can_be_asked_for() -> None:
    decoder = FrameDecoder()
    assert not decoder.mid_frame
    decoder.feed(masked("82 03 61 62 63")[:4])
    assert (decoder.mid_frame, decoder.buffered, decoder.offset) == (True, 4, 0)
    decoder.feed(masked("82 03 61 62 63")[4:8])
    assert (decoder.mid_frame, decoder.buffered) == (True, 2)
    decoder.feed(masked("82 03 61 62 63")[8:])
    assert (decoder.mid_frame, decoder.buffered, decoder.offset) == (False, 0, 9)


def test_without_a_role_no_mask_is_judged() -> None:
    assert outcome([GOOD + masked(GOOD)])[1] is None


def test_input_may_be_any_kind_of_bytes() -> None:
    kinds: tuple[type, ...] = (bytes, bytearray, memoryview)
    for kind in kinds:
        frames, violation = decode([kind(masked(GOOD))], role=Role.SERVER)
        assert violation is None
        assert frames[0].payload == b"a"
        assert type(frames[0].payload) is bytes


# --- Memory (§10.4) ---


@pytest.mark.parametrize("limit", [None, 1 << 20])
def test_a_promised_length_takes_no_memory(limit: int | None) -> None:
    header = frame_header(0x82, 1 << 62, 0x80) + KEY
    decoder = FrameDecoder(Role.SERVER, limit)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        decoder.feed(header)
        decoder.feed(b"abc")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 64 << 10
    assert (decoder.violation is not None) is (limit is not None)


# --- Any bytes ---

STREAM = st.lists(
    st.builds(Frame, **LEGAL_HEADER).map(_legal).map(encode_frame) | st.binary(max_size=20),
    max_size=4,
).map(b"".join)


@st.composite
def mutated(draw: st.DrawFn, streams: st.SearchStrategy[bytes] = STREAM) -> bytes:
    """A stream in which some bytes are changed, left out or put in."""
    data = bytearray(draw(streams))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(data)


@given(mutated(), st.sampled_from([None, Role.CLIENT, Role.SERVER]), st.booleans(), st.integers())
def test_any_bytes_give_the_same_however_they_are_cut(data: bytes, role: Role | None, strict: bool, cuts: int) -> None:
    options: dict[str, Any] = {"role": role, "strict": strict, "max_frame_size": 200}
    result = outcome([data], **options)
    assert outcome(one_byte(data), **options) == result
    assert outcome(random_cuts(data, cuts), **options) == result
    if result[2] is not None:
        assert 0 <= result[2] < len(data)
