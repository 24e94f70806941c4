"""`dissect` and the layout behind it (RFC 6455 §5.2): every bit in one field, and a verdict for either sender."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.test_frames import FRAMES, RULES, STREAM, mutated, payload_of, wire_of
from tests.support import KEY, all_cuts, as_bytes, as_sent_by, frames_begin, masked, one_byte, open_endpoint, xor
from wsedu.protocol.dissection import Dissection, dissect
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.layout import lay_out_header
from wsedu.protocol.types import Role

HELLO = as_bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58")


def assert_every_bit_in_one_field(data: bytes) -> Dissection:
    """The fields, one after the other, are the bits of the input; their values are those bits."""
    found = dissect(data)
    bits = "".join(f"{byte:08b}" for byte in data)
    position = 0
    for field in found.fields:
        assert field.first_bit == position, f"gap or overlap before {field}"
        assert field.bits > 0
        here = bits[position : position + field.bits]
        value = field.value if isinstance(field.value, int) else int.from_bytes(field.value, "big")
        assert int(here, 2) == value, field
        assert field.section[0] == "5"
        position += field.bits
    assert position == len(bits)
    assert_frames_cover(found)
    return found


def assert_frames_cover(found: Dissection) -> None:
    """The frames, one after the other, are the bytes of the input; only the last may want more."""
    place = 0
    for number, frame in enumerate(found.frames):
        assert (frame.number, frame.offset) == (number, place)
        assert sum(field.bits for field in found.fields_of(number)) == 8 * frame.size
        place += frame.size
        assert frame.missing == 0 or number == len(found.frames) - 1
    assert place == len(found.data)
    assert found.missing == (found.frames[-1].missing if found.frames else 0)


def named(found: Dissection) -> dict[str, Any]:
    return {field.name: field for field in found.fields}


# --- Every bit in exactly one field ---


@given(st.binary(max_size=60))
def test_of_any_bytes(data: bytes) -> None:
    assert_every_bit_in_one_field(data)


@given(mutated())
def test_of_streams_with_mistakes(data: bytes) -> None:
    assert_every_bit_in_one_field(data)


@given(STREAM)
def test_what_is_written_again_is_what_was_read(data: bytes) -> None:
    """Whole frames, encoded again from what was found, are the input."""
    found = dissect(data)
    whole = [frame.frame for frame in found.frames if frame.frame is not None and not frame.missing]
    if found.missing == 0:
        assert b"".join(map(encode_frame, whole)) == data


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_of_every_truncation_of_legal_frames(vector: dict[str, Any]) -> None:
    wire = wire_of(vector)
    for end in {*range(min(len(wire), 40) + 1), len(wire) - 1, len(wire)}:
        found = assert_every_bit_in_one_field(wire[:end])
        if end >= vector["header_length"]:
            assert found.missing == len(wire) - end, "what is missing is what was cut off"


@pytest.mark.parametrize("size", [0, 5, 125, 126, 127, 65535, 65536])
@pytest.mark.parametrize("sender", list(Role))
def test_what_is_missing_is_known_as_soon_as_the_length_is(size: int, sender: Role) -> None:
    form = 0 if size < 126 else 2 if size < 65536 else 8
    length = bytes([size]) if not form else bytes([126 if form == 2 else 127]) + size.to_bytes(form, "big")
    wire = as_sent_by(sender, b"\x82" + length + bytes(size))
    for end in range(2 + form, 2 + form + 5):
        if end <= len(wire):
            assert dissect(wire[:end]).missing == len(wire) - end
    assert dissect(wire[:1]).missing == 1
    if form:
        assert dissect(wire[:3]).missing >= form - 1


# --- What fields say ---


def test_the_masked_hello_of_the_rfc_field_by_field() -> None:
    found = dissect(HELLO)
    facts = [(field.name, field.first_bit, field.bits, field.value, field.meaning) for field in found.fields]
    assert facts == [
        ("fin", 0, 1, 1, "fin.final"),
        ("rsv1", 1, 1, 0, "rsv.clear"),
        ("rsv2", 2, 1, 0, "rsv.clear"),
        ("rsv3", 3, 1, 0, "rsv.clear"),
        ("opcode", 4, 4, 1, "opcode.text"),
        ("mask", 8, 1, 1, "mask.set"),
        ("payload_length", 9, 7, 5, "length.7"),
        ("masking_key", 16, 32, KEY, "key"),
        ("payload", 48, 40, HELLO[6:], "payload.text"),
    ]
    assert found.fields[-1].facts == {"length": 5, "missing": 0, "plain": b"Hello"}
    [frame] = found.frames
    assert frame.frame is not None
    assert frame.frame.payload == b"Hello"
    assert frame.frame.masking_key == KEY


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_the_values_of_the_vectors(vector: dict[str, Any]) -> None:
    found = dissect(wire_of(vector))
    fields = named(found)
    for name in ("fin", "rsv1", "rsv2", "rsv3", "opcode"):
        assert fields[name].value == vector[name]
    assert fields["mask"].value == vector["masked"]
    assert found.frames[0].frame is not None
    assert found.frames[0].frame.payload == payload_of(vector)
    marked = vector["rsv1"] and vector["opcode_name"] == "text"
    assert fields["opcode"].meaning == f"opcode.{vector['opcode_name']}{'.rsv1' if marked else ''}"


@pytest.mark.parametrize(
    ("data", "name", "meaning", "facts"),
    [
        ("01", "fin", "fin.more", {"value": 0}),
        ("f1", "rsv2", "rsv.set", {"value": 1}),
        ("83 00", "opcode", "opcode.reserved", {"value": 3}),
        ("82 00", "mask", "mask.clear", {"value": 0}),
        ("82 7e", "payload_length", "length.16", {"value": 126}),
        ("82 7f", "payload_length", "length.64", {"value": 127}),
        ("82 7e 01 00", "extended_payload_length", "extended.minimal", {"value": 256, "missing": 0, "size": 2}),
        (
            "82 7e 00 05",
            "extended_payload_length",
            "extended.longer",
            {"value": 5, "missing": 0, "size": 2, "minimal": 7},
        ),
        (
            "82 7f 00 00 00 00 00 00 00 7e",
            "extended_payload_length",
            "extended.longer",
            {"value": 126, "missing": 0, "size": 8, "minimal": 16},
        ),
        ("82 7f 00 01", "extended_payload_length", "extended.cut", {"value": 1, "missing": 6, "size": 8}),
        ("82 85 37 fa", "masking_key", "key.cut", {"missing": 2}),
        ("81 05 48 65", "payload", "payload.cut", {"length": 5, "missing": 3, "plain": b"He"}),
        ("88 02 03 e8", "status_code", "close.code", {"plain": b"\x03\xe8", "code": 1000, "missing": 0}),
        ("88 05 03 e8 62 79 65", "reason", "close.reason", {"plain": b"bye", "missing": 0}),
        ("88 05 03 e8 62", "reason", "payload.cut", {"plain": b"b", "missing": 2}),
        ("88 01 03", "status_code", "close.code.cut", {"plain": b"\x03", "code": 3, "missing": 1}),
    ],
)
def test_what_a_field_means(data: str, name: str, meaning: str, facts: dict[str, Any]) -> None:
    field = named(assert_every_bit_in_one_field(as_bytes(data)))[name]
    assert (field.meaning, field.facts) == (meaning, facts)


def test_a_masked_close_is_read_through_its_mask() -> None:
    fields = named(assert_every_bit_in_one_field(masked("88 05 03 e8 62 79 65")))
    assert fields["status_code"].facts["code"] == 1000
    assert fields["status_code"].value == xor(b"\x03\xe8", KEY)
    assert fields["reason"].facts["plain"] == b"bye"


def test_a_flip_that_makes_the_rest_unreadable_is_a_length_to_wait_for() -> None:
    """The mask bit of the masked Hello aside, its length turned into 126: the key's first bytes are the length now."""
    flipped = bytearray(HELLO)
    flipped[1] |= 0x7E
    flipped[1] &= 0xFE
    found = assert_every_bit_in_one_field(bytes(flipped))
    length = int.from_bytes(HELLO[2:4], "big")
    assert named(found)["extended_payload_length"].value == length
    assert found.missing == length - (len(HELLO) - 8)


def test_the_layout_of_a_header_begins_anywhere() -> None:
    fields, head = lay_out_header(b"??" + HELLO, 2, 7)
    assert fields[0].first_bit == 16
    assert {field.frame for field in fields} == {7}
    assert (head.size, head.missing, head.length, head.masking_key) == (6, 0, 5, KEY)


def test_nothing_has_no_fields() -> None:
    found = dissect(b"")
    assert (found.fields, found.frames, found.missing) == ((), (), 0)
    assert found.legal


# --- Verdicts ---


def test_the_verdict_depends_on_the_sender() -> None:
    found = dissect(HELLO)
    assert found.client.legal
    assert found.client.legal_until == len(HELLO)
    assert found.server.violation is not None
    assert found.server.violation.rule.name == "SERVER_MUST_NOT_MASK"
    assert found.server.legal_until == 1
    assert found.verdicts == (found.client, found.server)
    assert found.legal, "one of the two may have sent it"
    assert dissect(HELLO, sender="client").legal
    assert dissect(HELLO, sender=Role.CLIENT).verdicts == (found.client,)
    assert not dissect(HELLO, sender="server").legal


@pytest.mark.parametrize(("rule", "reader", "data", "place", "rest"), RULES)
def test_the_verdict_is_that_of_the_decoder(rule: str, reader: Role, data: str, place: int, rest: str) -> None:
    if rule == "FRAME_TOO_BIG":
        unlimited = dissect(as_bytes(data))
        assert all(
            verdict.violation is None or verdict.violation.rule.name != rule for verdict in unlimited.verdicts
        ), "a dissection has no limits"
        return
    [verdict] = dissect(as_bytes(data) + as_bytes(rest), sender=reader.peer).verdicts
    assert verdict.violation is not None
    assert (verdict.violation.rule.name, verdict.legal_until) == (rule, place)


@pytest.mark.parametrize(
    ("data", "rule", "offset"),
    [
        ("80 00", "CONTINUATION_WITHOUT_START", 0),
        ("01 00 81 00", "MESSAGE_INTERLEAVED", 2),
        ("81 02 61 ff", "TEXT_UTF8", 3),
        ("88 01 03", "CLOSE_BODY", 2),
        ("88 02 03 ed", "CLOSE_CODE", 2),
        ("88 03 03 e8 ff", "CLOSE_REASON_UTF8", 4),
        ("89 00 88 00 81 00", "DATA_AFTER_CLOSE", 4),
    ],
)
def test_messages_and_closing_are_judged_too(data: str, rule: str, offset: int) -> None:
    [verdict] = dissect(as_bytes(data), sender="server").verdicts
    assert verdict.violation is not None
    assert (verdict.violation.rule.name, verdict.violation.offset) == (rule, offset)
    assert not dissect(as_bytes(data), sender="server").legal


@pytest.mark.parametrize("data", ["81 05 48", "81", "01 00", "01 00 89 00"])
def test_what_is_not_whole_is_not_legal_yet_but_breaks_no_rule(data: str) -> None:
    [verdict] = dissect(as_bytes(data), sender="server").verdicts
    assert verdict.legal
    assert not verdict.complete
    assert not dissect(as_bytes(data), sender="server").legal


def test_a_control_frame_after_close_breaks_no_rule() -> None:
    assert dissect(as_bytes("88 00 89 00"), sender="server").legal


def streams() -> Iterator[bytes]:
    for _, reader, data, _, rest in RULES:
        yield as_sent_by(reader.peer, "89 00") + as_bytes(data) + as_bytes(rest)


@pytest.mark.parametrize("role", list(Role))
def test_the_verdict_is_that_of_an_endpoint(role: Role) -> None:
    """What a `Connection` refuses, and where, is what the verdict says, for every breach of a header."""
    for data in streams():
        endpoint = open_endpoint(role)
        start = frames_begin(endpoint)
        endpoint.receive_data(data)
        [verdict] = dissect(data, sender=role.peer).verdicts
        if endpoint.violation is None:
            assert verdict.legal
        elif endpoint.violation.rule.name != "FRAME_TOO_BIG":
            assert verdict.violation is not None
            assert verdict.violation.rule is endpoint.violation.rule
            assert endpoint.violation.offset == start + verdict.legal_until


@given(mutated(), st.sampled_from(list(Role)))
def test_the_verdict_does_not_depend_on_cuts(data: bytes, sender: Role) -> None:
    [verdict] = dissect(data, sender=sender).verdicts
    decoder = FrameDecoder(sender.peer)
    for piece in one_byte(data):
        decoder.feed(piece)
    if decoder.violation is not None:
        assert verdict.violation is not None
        assert verdict.legal_until <= (decoder.violation.offset or 0)
    else:
        assert verdict.violation is None or verdict.violation.rule.section not in ("5.1", "5.2", "5.5")


def test_facts_can_be_shown() -> None:
    """Facts are numbers and bytes: what a view or a file can hold."""
    for pieces in all_cuts(HELLO):
        for field in dissect(pieces[0]).fields:
            json.dumps(
                {name: value.hex() if isinstance(value, bytes) else value for name, value in field.facts.items()}
            )
