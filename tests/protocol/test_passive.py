"""Reading on after a violation: every one is named, and what is legal after it is read as if nothing had been."""

from __future__ import annotations

import zlib

import pytest

from tests.protocol.test_observer import DOWN, UP, Log, named, opened, said
from tests.support import as_bytes, masked, one_byte
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.types import Role

DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate"}
AFTER = "81 02 68 69"
"""The message `hi`, which is legal."""

STREAMS = [
    ("83 00 84 01 61 8b 00", ["OPCODE_RESERVED"] * 3),
    ("f1 01 ff", ["RSV_BITS"]),
    ("f3 01 ff", ["RSV_BITS", "OPCODE_RESERVED"]),
    ("49 00", ["RSV_BITS", "CONTROL_FRAGMENTED"]),
    ("81 81 00 00 00 00 61", ["SERVER_MUST_NOT_MASK"]),
    ("89 fe 00 01 00 00 00 00 61", ["SERVER_MUST_NOT_MASK", "CONTROL_TOO_LONG", "MINIMAL_LENGTH"]),
    ("82 7e 00 01 61", ["MINIMAL_LENGTH"]),
    ("80 00", ["CONTINUATION_WITHOUT_START"]),
    ("c0 00", ["RSV_BITS", "CONTINUATION_WITHOUT_START"]),
    ("01 01 61 81 01 62 80 01 63", ["MESSAGE_INTERLEAVED"]),
    ("01 01 61 81 01 ff 80 01 63", ["MESSAGE_INTERLEAVED", "TEXT_UTF8"]),
    ("01 01 61 c1 01 ff 80 01 63", ["RSV_BITS", "MESSAGE_INTERLEAVED"]),
    ("01 01 61 01 01 62 80 01 63", ["MESSAGE_INTERLEAVED"]),
    ("81 02 ff fe", ["TEXT_UTF8"]),
    ("01 01 ff 00 01 fe 80 00", ["TEXT_UTF8"]),
    ("01 01 e2 80 01 82", ["TEXT_UTF8"]),
    ("41 01 ff 00 01 fe 80 01 ff", ["RSV_BITS"]),
    ("81 01 ff 83 00 81 01 fe", ["TEXT_UTF8", "OPCODE_RESERVED", "TEXT_UTF8"]),
]


def messages(logs: dict[Role, Log]) -> list[bytes]:
    return [facts["data"] for facts in logs[Role.CLIENT].facts("message.complete")]


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize(("data", "rules"), STREAMS)
def test_every_violation_is_named_and_what_follows_is_read(data: str, rules: list[str], pieces: bool) -> None:
    stream = as_bytes(data + AFTER)
    observer, logs = opened(*((DOWN, piece) for piece in (one_byte(stream) if pieces else [stream])))
    assert named(observer) == [("server", rule) for rule in rules]
    assert messages(logs)[-1] == b"hi"
    [verdict] = dissect(stream, sender="server").verdicts
    assert [violation.rule.name for violation in verdict.violations] == rules
    assert verdict.violation is verdict.violations[0]


def test_each_is_named_at_its_own_place() -> None:
    [verdict] = dissect(as_bytes("83 00 81 02 61 ff 81 80 00 00 00 00"), sender="server").verdicts
    assert [violation.offset for violation in verdict.violations] == [0, 5, 7]
    assert verdict.legal_until == 0


def test_what_breaks_a_rule_is_no_message_that_is_delivered() -> None:
    _, logs = opened((DOWN, as_bytes("82 7e 00 01 61 02 01 61 00 7e 00 01 62 00 01 63 80 01 64" + AFTER)))
    assert messages(logs) == [b"hi"]


def test_a_message_inside_another_does_not_end_it() -> None:
    _, logs = opened((DOWN, as_bytes("02 01 61 82 01 62 80 01 63")))
    assert messages(logs) == [b"ac"]


# --- What is too long to be kept ---


@pytest.mark.parametrize("opcode", [0x1, 0x2, 0x3, 0x9])
def test_a_frame_that_is_too_long_is_passed_over(opcode: int) -> None:
    long = encode_frame(Frame(opcode, bytes(100)))
    observer, logs = opened(*((DOWN, piece) for piece in one_byte(long)), (DOWN, as_bytes(AFTER)), max_kept=50)
    assert [rule for _, rule in named(observer)] == (["OPCODE_RESERVED"] if opcode == 3 else [])
    assert (said(logs), messages(logs)) == (["long"], [b"hi"])


def test_the_message_of_a_frame_that_was_passed_over_goes_on() -> None:
    first, last = encode_frame(Frame(2, bytes(100), fin=False)), encode_frame(Frame(0, b"end"))
    more = encode_frame(Frame(0, bytes(100), fin=False))
    parts = [piece for frame in (first, more) for piece in (frame[:5], frame[5:])]
    observer, logs = opened(*((DOWN, part) for part in parts), (DOWN, last + as_bytes(AFTER)), max_kept=50)
    assert (named(observer), messages(logs)) == ([], [b"hi"])


def test_a_long_frame_that_continues_nothing_or_interrupts_is_passed_over() -> None:
    long = encode_frame(Frame(0, bytes(100)))
    inside = encode_frame(Frame(2, bytes(100)))
    talk = [long[:9], long[9:], as_bytes("02 01 61"), inside[:9], inside[9:], as_bytes("80 01 62" + AFTER)]
    observer, logs = opened(*((DOWN, piece) for piece in talk), max_kept=50)
    assert [rule for _, rule in named(observer)] == ["CONTINUATION_WITHOUT_START", "MESSAGE_INTERLEAVED"]
    assert messages(logs) == [b"ab", b"hi"]


def test_fragments_that_add_up_to_too_much_are_not_kept() -> None:
    part = bytes(40)
    talk = b"".join(encode_frame(Frame(opcode, part, fin=fin)) for opcode, fin in ((2, False), (0, False), (0, True)))
    observer, logs = opened((DOWN, talk + as_bytes(AFTER)), max_kept=50)
    assert (named(observer), messages(logs)) == ([], [b"hi"])


# --- Compression ---


def deflated(payload: bytes, compressor: zlib._Compress) -> bytes:
    """RFC 7692 §7.2.1, by Python's zlib."""
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\0\0\xff\xff")


def compressed(payload: bytes, *, opcode: int = 2, fin: bool = True) -> bytes:
    return encode_frame(Frame(opcode, payload, fin=fin, rsv1=bool(opcode)))


def test_what_cannot_be_inflated_is_named_and_the_window_is_lost() -> None:
    compressor = zlib.compressobj(wbits=-15)
    talk = compressed(b"\xff" * 8) + compressed(deflated(b"a" * 50, compressor)) + as_bytes(AFTER)
    observer, logs = opened((DOWN, talk), request=DEFLATE, response=DEFLATE)
    assert named(observer) == [("server", "INFLATE")]
    assert messages(logs) == [b"hi"], "what is not compressed is still read"


def test_what_cannot_be_inflated_may_be_a_fragment() -> None:
    talk = compressed(b"\xff" * 8, fin=False) + as_bytes("00 01 61 80 01 62" + AFTER)
    observer, logs = opened((DOWN, talk), request=DEFLATE, response=DEFLATE)
    assert (named(observer), messages(logs)) == ([("server", "INFLATE")], [b"hi"])


def test_what_inflates_to_more_than_is_kept_is_no_fault_of_its_sender() -> None:
    compressor = zlib.compressobj(wbits=-15)
    observer, logs = opened(
        (DOWN, compressed(deflated(bytes(1000), compressor)) + as_bytes(AFTER)),
        request=DEFLATE,
        response=DEFLATE,
        max_kept=50,
    )
    assert (named(observer), said(logs), messages(logs)) == ([], ["long"], [b"hi"])


def test_both_directions_are_read_apart() -> None:
    observer, _ = opened((UP, masked("83 00")), (DOWN, b"\x83\x00"), (UP, b"\x81\x00"))
    assert named(observer) == [
        ("client", "OPCODE_RESERVED"),
        ("server", "OPCODE_RESERVED"),
        ("client", "CLIENT_MUST_MASK"),
    ]
