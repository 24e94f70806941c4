"""The observer behind the tap: heads judged in full, extensions, what is too long, and what cannot be explained."""

from __future__ import annotations

import zlib

import pytest

from tests.support import Change, masked, random_cuts, request_head, response_head
from wsedu.protocol.observer import Observer
from wsedu.protocol.steps import Level
from wsedu.protocol.types import Direction, Role
from wsedu.trace.trace import Trace

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
DEFLATE: dict[str, Change] = {"Sec-WebSocket-Extensions": "permessage-deflate"}


def observed(
    request: dict[str, Change] | None = None, response: dict[str, Change] | None = None, **options: int
) -> tuple[Observer, Trace]:
    """An observer that has seen a handshake."""
    trace = Trace(level=Level.BASE)
    observer = Observer(tracer_for=lambda role: trace.recorder(1), **options)
    observer.feed(UP, request_head(request))
    observer.feed(DOWN, response_head(changes=response))
    return observer, trace


def named(observer: Observer) -> list[tuple[str, str]]:
    return [(breach.sender.value, breach.violation.rule.name) for breach in observer.violations]


def said(trace: Trace) -> list[str]:
    return [record.step.facts()["reason"] for record in trace.filter(kind="observer.unexplained")]


def deflated(payload: bytes) -> bytes:
    """RFC 7692 §7.2.1, by Python's zlib."""
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\0\0\xff\xff")


def test_everything_wrong_with_two_heads_is_named() -> None:
    observer, _ = observed(
        {"Connection": "close", "Sec-WebSocket-Key": "short", "Sec-WebSocket-Version": "12"},
        {"Upgrade": "websocket, h2c", "Sec-WebSocket-Accept": "wrong", "Sec-WebSocket-Protocol": "unasked"},
    )
    assert named(observer) == [
        ("client", "REQUEST_CONNECTION"),
        ("client", "REQUEST_KEY"),
        ("client", "REQUEST_VERSION_SUPPORTED"),
        ("server", "RESPONSE_UPGRADE"),
        ("server", "RESPONSE_ACCEPT"),
        ("server", "RESPONSE_SUBPROTOCOL_OFFERED"),
    ]
    assert not observer.opened, "no client takes such a response"


def test_a_refusal_is_no_violation() -> None:
    trace = Trace()
    observer = Observer(tracer_for=lambda role: trace.recorder(1))
    observer.feed(UP, request_head())
    observer.feed(DOWN, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
    assert (named(observer), observer.opened) == ([], False)
    assert set(said(trace)) == {"refused"}


def test_compressed_messages_are_inflated() -> None:
    observer, trace = observed(DEFLATE, DEFLATE)
    payload = deflated(b"Hello Hello Hello")
    observer.feed(UP, masked(bytes([0xC1, len(payload)]) + payload))
    observer.feed(DOWN, bytes([0xC1, len(payload)]) + payload)
    assert named(observer) == []
    messages = trace.filter(kind="message.complete")
    assert [record.step.facts()["data"] for record in messages] == [b"Hello Hello Hello"] * 2


def test_a_bomb_is_passed_over_and_reading_goes_on() -> None:
    observer, trace = observed(DEFLATE, DEFLATE, max_kept=1000)
    payload = deflated(bytes(100_000))
    assert len(payload) < 126 * 2
    head = bytes([0xC2, 126]) + len(payload).to_bytes(2, "big") if len(payload) > 125 else bytes([0xC2, len(payload)])
    observer.feed(DOWN, head + payload + b"\x89\x00")
    assert named(observer) == []
    assert said(trace) == ["long"]
    assert trace.frames(DOWN, sent=False)[-1].step.facts()["frame"].name == "ping"


def test_an_extension_that_nobody_knows_is_said_and_not_judged() -> None:
    unknown: dict[str, Change] = {"Sec-WebSocket-Extensions": "x-unknown"}
    observer, trace = observed(unknown, unknown)
    observer.feed(DOWN, b"\xf1\x01\xff\x83\x00")
    assert said(trace) == ["extension", "extension"]
    assert named(observer) == [("server", "OPCODE_RESERVED")]


def test_a_payload_that_is_too_long_is_counted_and_not_kept() -> None:
    observer, trace = observed(max_kept=1000)
    length = 50_000_000
    observer.feed(DOWN, b"\x82\x7f" + length.to_bytes(8, "big"))
    for _ in range(length // 50_000):
        observer.feed(DOWN, bytes(50_000))
    observer.feed(DOWN, b"\x81\x02hi")
    assert (named(observer), said(trace)) == ([], ["long"])
    messages = trace.filter(kind="message.complete")
    assert [record.step.facts()["data"] for record in messages] == [b"hi"]


def test_a_length_that_cannot_be_ends_the_explanation_of_one_direction() -> None:
    observer, trace = observed()
    observer.feed(DOWN, b"\x82\xff" + b"\xff" * 8 + b"\x83\x00")
    observer.feed(UP, masked("81 01 41"))
    assert named(observer) == [("server", "SERVER_MUST_NOT_MASK"), ("server", "LENGTH_TOP_BIT")]
    assert observer.unexplained == {DOWN: "length"}
    assert len(trace.filter(kind="message.complete").records) == 1


def test_tcp_that_ends_inside_a_frame_is_said() -> None:
    observer, trace = observed()
    observer.feed(UP, masked("81 05 48 65"))
    observer.end(UP)
    assert said(trace) == ["cut"]


def test_a_message_that_interrupts_another_does_not_spoil_it() -> None:
    observer, trace = observed()
    observer.feed(DOWN, b"\x01\x01a" + b"\x81\x01X" + b"\x80\x01b")
    assert named(observer) == [("server", "MESSAGE_INTERLEAVED")]
    messages = trace.filter(kind="message.complete")
    assert [record.step.facts()["data"] for record in messages] == [b"ab"]


@pytest.mark.parametrize("number", range(5))
def test_cuts_make_no_difference(seed: int, number: int) -> None:
    stream = b"".join(
        [
            masked("81 05 48 65 6c 6c 6f"),
            bytes.fromhex("8101ff"),
            masked("c3 00"),
            masked("01 01 e4"),
            masked("80 01 bd"),
        ]
    )
    whole, _ = observed()
    whole.feed(UP, stream)
    pieces, _ = observed()
    for piece in random_cuts(stream, seed + number):
        pieces.feed(UP, piece)

    def found(observer: Observer) -> list[tuple[Role, str, int | None]]:
        return [(breach.sender, breach.violation.rule.name, breach.violation.offset) for breach in observer.violations]

    assert len(found(whole)) >= 5
    assert found(pieces) == found(whole)


# --- Beginning after the handshake ---


def begun_late(*ways: Direction) -> tuple[Observer, Trace]:
    """An observer that has not seen a handshake, and reads frames in these directions."""
    trace = Trace(level=Level.BASE)
    observer = Observer(tracer_for=lambda role: trace.recorder(1))
    for way in ways:
        observer.start(way)
    return observer, trace


NAMED_LATE = [
    ("client", "CLIENT_MUST_MASK", 1),
    ("client", "OPCODE_RESERVED", 3),
    ("server", "SERVER_MUST_NOT_MASK", 1),
    ("server", "CLOSE_CODE", 9),
]
LATE_UP, LATE_DOWN = bytes.fromhex("810141") + masked("83 01 41"), masked("81 01 41") + bytes.fromhex("880203ed")


@pytest.mark.parametrize("number", range(5))
def test_a_late_beginning_judges_both_directions_from_their_first_byte(seed: int, number: int) -> None:
    observer, trace = begun_late(UP, DOWN)
    for way, stream in ((UP, LATE_UP), (DOWN, LATE_DOWN)):
        for piece in random_cuts(stream, seed + number):
            observer.feed(way, piece)
    found = [
        (breach.sender.value, breach.violation.rule.name, breach.violation.offset) for breach in observer.violations
    ]
    assert found == NAMED_LATE
    assert said(trace) == []
    assert observer.unexplained == {}


def test_a_late_beginning_of_one_direction_leaves_the_other_one_to_its_handshake() -> None:
    observer, trace = begun_late(DOWN)
    observer.feed(DOWN, b"\x81\x05Hello")
    observer.feed(UP, request_head())
    assert observer.request is not None
    assert named(observer) == []
    messages = trace.filter(kind="message.complete")
    assert [record.step.facts()["data"] for record in messages] == [b"Hello"]


def test_a_message_that_had_begun_before_is_an_orphan_and_the_next_one_is_whole() -> None:
    observer, trace = begun_late(DOWN)
    observer.feed(DOWN, b"\x80\x03end" + b"\x81\x04next")
    assert named(observer) == [("server", "CONTINUATION_WITHOUT_START")]
    messages = trace.filter(kind="message.complete")
    assert [record.step.facts()["data"] for record in messages] == [b"next"]


def test_a_late_beginning_ends_as_the_close_frames_say() -> None:
    observer, trace = begun_late(UP, DOWN)
    observer.feed(UP, masked(b"\x88\x05" + (1000).to_bytes(2, "big") + b"bye"))
    observer.feed(DOWN, b"\x88\x02" + (1000).to_bytes(2, "big"))
    for way in (DOWN, UP):
        observer.end(way)
    ends = {record.step.endpoint.value: record.step.facts() for record in trace.filter(kind="close.status")}
    assert {who: (facts["code"], facts["reason"], facts["clean"]) for who, facts in ends.items()} == {
        "client": (1000, "", True),
        "server": (1000, "bye", True),
    }


def test_after_a_handshake_a_late_beginning_changes_nothing() -> None:
    observer, trace = observed()
    observer.feed(DOWN, b"\x01\x01a")
    observer.start(DOWN)
    observer.feed(DOWN, b"\x80\x01b")
    assert named(observer) == []
    assert [record.step.facts()["data"] for record in trace.filter(kind="message.complete")] == [b"ab"]


def test_a_late_compressed_stream_is_shown_and_not_judged() -> None:
    observer, trace = begun_late()
    observer.start(DOWN, compressed=True)
    observer.feed(DOWN, b"\xc1\x03\xff\xff\xff" + b"\x83\x00")
    assert said(trace) == ["extension"]
    assert named(observer) == [("server", "OPCODE_RESERVED")]
