"""Messages (RFC 6455 §5.4, §5.6, §6.2, §8.1): fragments, control frames between them, UTF-8, limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import all_cuts, as_bytes, as_sent_by, frames_begin, one_byte, open_endpoint, random_cuts
from wsedu.protocol.connection import Connection
from wsedu.protocol.events import BinaryReceived, Event, PingReceived, PongReceived, TextReceived, ViolationFound
from wsedu.protocol.types import Limits, Role, State

ROLES = pytest.mark.parametrize("role", list(Role))


def reader(role: Role, **options: Any) -> Connection:
    """An open endpoint that reads."""
    return open_endpoint(role, **options)


def wire(role: Role, *frames: str | bytes) -> bytes:
    """Frames as the peer of that role sends them."""
    return b"".join(as_sent_by(role.peer, frame) for frame in frames)


def frame(first: int, payload: bytes) -> bytes:
    """An unmasked frame of up to 125 bytes."""
    return bytes([first, len(payload)]) + payload


def place_of_payload(role: Role, frames: list[bytes], number: int) -> int:
    """Where the payload of a frame begins, counted from the first byte after the handshake."""
    header = 6 if role is Role.SERVER else 2
    return sum(len(as_sent_by(role.peer, before)) for before in frames[:number]) + header


# --- Fragments ---


@ROLES
def test_the_fragmented_message_of_the_rfc(role: Role) -> None:
    endpoint = reader(role)
    endpoint.receive_data(wire(role, "01 03 48 65 6c", "80 02 6c 6f"))
    assert endpoint.events() == [TextReceived("Hello", 2)]


@ROLES
@pytest.mark.parametrize("sizes", [[0], [0, 0], [5, 0, 0], [0, 5], [1, 1, 1, 1, 1]])
def test_a_message_may_be_cut_anywhere_even_into_nothing(role: Role, sizes: list[int]) -> None:
    data, frames, place = b"\x00\xff\x80ab", [], 0
    for number, size in enumerate(sizes):
        last = number == len(sizes) - 1
        frames.append(frame((0x80 if last else 0) | (0 if number else 2), data[place : place + size]))
        place += size
    endpoint = reader(role)
    endpoint.receive_data(wire(role, *frames))
    assert endpoint.events() == [BinaryReceived(data[:place], len(sizes))]


@ROLES
def test_control_frames_between_fragments_are_handled_at_once(role: Role) -> None:
    endpoint = reader(role)
    endpoint.receive_data(wire(role, "01 02 48 65", "89 01 70", "00 00", "8a 01 71"))
    assert endpoint.events() == [PingReceived(b"p"), PongReceived(b"q")]
    assert endpoint.data_to_send()[0] == 0x8A, "the Ping is answered before the message is complete"
    endpoint.receive_data(wire(role, "80 03 6c 6c 6f"))
    assert endpoint.events() == [TextReceived("Hello", 3)]


@ROLES
def test_messages_follow_each_other(role: Role) -> None:
    endpoint = reader(role)
    endpoint.receive_data(wire(role, "01 01 61", "80 01 62", "81 01 63", "02 01 64", "80 01 65", "82 00", "81 00"))
    assert endpoint.events() == [
        TextReceived("ab", 2),
        TextReceived("c"),
        BinaryReceived(b"de", 2),
        BinaryReceived(b""),
        TextReceived(""),
    ]


@ROLES
@pytest.mark.parametrize(
    ("frames", "rule", "place"),
    [
        (["80 01 61"], "CONTINUATION_WITHOUT_START", 0),
        (["00 00"], "CONTINUATION_WITHOUT_START", 0),
        (["81 00", "80 00"], "CONTINUATION_WITHOUT_START", 1),
        (["01 00", "80 00", "80 00"], "CONTINUATION_WITHOUT_START", 2),
        (["01 01 61", "81 01 62"], "MESSAGE_INTERLEAVED", 1),
        (["01 01 61", "02 01 62"], "MESSAGE_INTERLEAVED", 1),
        (["02 01 61", "89 00", "01 01 62"], "MESSAGE_INTERLEAVED", 2),
    ],
)
def test_fragments_out_of_order(role: Role, frames: list[str], rule: str, place: int) -> None:
    endpoint = reader(role)
    start = frames_begin(endpoint)
    endpoint.receive_data(wire(role, *frames))
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == rule
    assert endpoint.violation.offset == start + len(wire(role, *frames[:place]))
    assert endpoint.violation.rule.code == 1002


@ROLES
def test_a_wrong_fragment_is_refused_before_its_payload_comes(role: Role) -> None:
    endpoint = reader(role)
    endpoint.receive_data(wire(role, "80 05 61 62")[:2])
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "CONTINUATION_WITHOUT_START"


# --- UTF-8 (§8.1) ---

# A text, and the index of its first byte that no UTF-8 text can have there (Unicode, table 3-7).
BAD_TEXTS = [
    (b"\x80", 0),
    (b"\xff", 0),
    (b"\xfe", 0),
    (b"\xc0\x80", 0),
    (b"\xc1\xbf", 0),
    (b"\xf5\x80\x80\x80", 0),
    (b"ab\xbf", 2),
    (b"\xc3\x28", 1),
    (b"\xc3\xc3", 1),
    (b"\xe0\x80\x80", 1),
    (b"\xe0\x9f\xbf", 1),
    (b"\xed\xa0\x80", 1),
    (b"\xed\xbf\xbf", 1),
    (b"\xe2\x82\x28", 2),
    (b"\xf0\x80\x80\x80", 1),
    (b"\xf0\x8f\xbf\xbf", 1),
    (b"\xf4\x90\x80\x80", 1),
    (b"\xf0\x9f\x98\x28", 3),
    ("\u03ba\u1f79\u03c3\u03bc\u03b5".encode() + b"\xed\xa0\x80edited", 12),
]
GOOD_TEXTS = ["", "Hello", "\u00e9", "\u20ac", "\U0001f600", "\ufeff", "\x00", "\ud7ff\ue000", "\uffff", "\U0010ffff"]


@ROLES
@pytest.mark.parametrize("text", GOOD_TEXTS)
def test_text_may_be_split_inside_a_character(role: Role, text: str) -> None:
    data = text.encode()
    for place in range(len(data) + 1):
        endpoint = reader(role)
        frames = wire(role, frame(0x01, data[:place]), "89 00", frame(0x80, data[place:]))
        for piece in one_byte(frames):
            endpoint.receive_data(piece)
        assert endpoint.events() == [PingReceived(b""), TextReceived(text, 2)]


@ROLES
@pytest.mark.parametrize(("data", "wrong"), BAD_TEXTS)
def test_bad_text_is_refused_at_its_first_wrong_byte(role: Role, data: bytes, wrong: int) -> None:
    stream = wire(role, frame(0x81, data))
    for pieces in ([stream], one_byte(stream), *all_cuts(stream)):
        endpoint = reader(role)
        for piece in pieces:
            endpoint.receive_data(piece)
        [found] = endpoint.events()
        assert isinstance(found, ViolationFound)
        assert found.violation.rule.name == "TEXT_UTF8"
        assert found.violation.rule.code == 1007
        assert found.violation.offset == frames_begin(endpoint) + place_of_payload(role, [], 0) + wrong
        assert found.violation.detail == {"position": wrong}


@ROLES
@pytest.mark.parametrize(("data", "wrong"), BAD_TEXTS)
def test_bad_text_fails_at_once(role: Role, data: bytes, wrong: int) -> None:
    """The byte before the first wrong one is fine; with it the connection fails, whatever is still to come."""
    stream = wire(role, frame(0x01, data + bytes(20)))
    header = place_of_payload(role, [], 0)
    endpoint = reader(role)
    endpoint.receive_data(stream[: header + wrong])
    assert endpoint.violation is None
    endpoint.receive_data(stream[header + wrong : header + wrong + 1])
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "TEXT_UTF8"


@ROLES
@pytest.mark.parametrize(("data", "wrong"), BAD_TEXTS)
def test_bad_text_in_fragments_is_named_in_its_own_frame(role: Role, data: bytes, wrong: int) -> None:
    for cut in range(len(data) + 1):
        frames = [frame(0x01, data[:cut]), frame(0x80, data[cut:])]
        number, index = (0, wrong) if wrong < cut else (1, wrong - cut)
        for pieces in ([wire(role, *frames)], one_byte(wire(role, *frames))):
            endpoint = reader(role)
            for piece in pieces:
                endpoint.receive_data(piece)
            assert endpoint.violation is not None
            assert endpoint.violation.offset == frames_begin(endpoint) + place_of_payload(role, frames, number) + index
            assert endpoint.violation.detail == {"position": wrong}


@ROLES
@pytest.mark.parametrize("data", [b"\xc3", b"ab\xe2\x82", b"\xf0\x9f\x98"])
def test_a_text_that_ends_inside_a_character_is_refused_the_same_however_it_is_cut(role: Role, data: bytes) -> None:
    stream = wire(role, frame(0x81, data))
    seen = set()
    for pieces in ([stream], one_byte(stream), *all_cuts(stream)):
        endpoint = reader(role)
        for piece in pieces:
            endpoint.receive_data(piece)
        assert endpoint.violation is not None
        assert endpoint.violation.rule.name == "TEXT_UTF8"
        seen.add((endpoint.violation.offset, endpoint.violation.detail["position"]))
    assert len(seen) == 1, f"the place of the breach depends on the chunks: {seen}"


@ROLES
@pytest.mark.parametrize("frames", [["01 01 c3", "80 00"], ["01 01 e2", "00 01 82", "80 00"], ["01 00", "80 02 61 c3"]])
def test_fragments_that_end_inside_a_character(role: Role, frames: list[str]) -> None:
    endpoint = reader(role)
    endpoint.receive_data(wire(role, *frames[:-1]))
    assert endpoint.violation is None
    endpoint.receive_data(wire(role, frames[-1]))
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "TEXT_UTF8"
    assert endpoint.events()[-1] == ViolationFound(endpoint.violation)


@ROLES
def test_binary_and_pings_are_not_text(role: Role) -> None:
    endpoint = reader(role)
    for piece in one_byte(wire(role, "82 01 ff", "89 01 ff", "02 01 fe", "80 01 ff")):
        endpoint.receive_data(piece)
    assert endpoint.events() == [BinaryReceived(b"\xff"), PingReceived(b"\xff"), BinaryReceived(b"\xfe\xff", 2)]


@ROLES
def test_each_text_begins_anew(role: Role) -> None:
    endpoint = reader(role)
    endpoint.receive_data(wire(role, "01 01 c3", "80 01 a9", "81 01 61", "01 01 62", "80 01 63"))
    assert endpoint.events() == [TextReceived("\u00e9", 2), TextReceived("a"), TextReceived("bc", 2)]


@given(st.binary(max_size=12) | st.text(max_size=6).map(str.encode), st.integers(0, 12), st.integers())
def test_what_python_reads_is_what_is_read(data: bytes, split: int, cuts: int) -> None:
    """The standard library is the oracle of what is UTF-8 and what it says."""
    role = Role.CLIENT
    stream = wire(role, frame(0x01, data[:split]), frame(0x80, data[split:]))
    endpoint = reader(role)
    for piece in random_cuts(stream, cuts):
        endpoint.receive_data(piece)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        assert endpoint.violation is not None
        assert endpoint.violation.rule.name == "TEXT_UTF8"
    else:
        assert endpoint.events() == [TextReceived(text, 2)]


# --- Limits (§10.4) ---


@ROLES
@pytest.mark.parametrize("first", [0x81, 0x82])
def test_a_message_may_be_as_large_as_the_limit_and_no_larger(role: Role, first: int) -> None:
    limits = Limits(max_message_size=10)
    endpoint = reader(role, limits=limits)
    endpoint.receive_data(wire(role, frame(first, b"a" * 10)))
    assert len(endpoint.events()) == 1
    start = frames_begin(endpoint) + len(wire(role, frame(first, b"a" * 10)))
    endpoint.receive_data(wire(role, frame(first, b"a" * 11)))
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "FRAME_TOO_BIG"
    assert endpoint.violation.offset == start + 1
    assert endpoint.violation.rule.code == 1009


@ROLES
def test_the_fragments_of_a_message_count_together(role: Role) -> None:
    endpoint = reader(role, limits=Limits(max_message_size=10))
    frames = [frame(0x02, bytes(6)), frame(0x00, bytes(4)), frame(0x00, bytes(1))]
    for one in frames[:-1]:
        endpoint.receive_data(wire(role, one))
    assert endpoint.violation is None
    start = frames_begin(endpoint) + len(wire(role, *frames[:-1]))
    endpoint.receive_data(wire(role, frames[-1])[: 2 if role is Role.CLIENT else 6])
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "MESSAGE_TOO_BIG"
    assert endpoint.violation.offset == start + 1
    assert endpoint.violation.detail == {"length": 11, "limit": 10}


@ROLES
def test_a_message_may_have_as_many_fragments_as_the_limit_and_no_more(role: Role) -> None:
    limits = Limits(max_fragments=3)
    endpoint = reader(role, limits=limits)
    endpoint.receive_data(wire(role, "02 00", "00 00", "80 00"))
    assert endpoint.events() == [BinaryReceived(b"", 3)]
    endpoint.receive_data(wire(role, "02 00", "00 00", "00 00"))
    assert endpoint.violation is None
    start = frames_begin(endpoint) + 2 * len(wire(role, "02 00", "00 00", "00 00"))
    endpoint.receive_data(wire(role, "80 00"))
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "TOO_MANY_FRAGMENTS"
    assert endpoint.violation.offset == start
    assert endpoint.violation.detail == {"limit": 3}


@ROLES
def test_a_frame_may_have_a_limit_of_its_own(role: Role) -> None:
    endpoint = reader(role, limits=Limits(max_message_size=100, max_frame_size=5))
    endpoint.receive_data(wire(role, frame(0x02, bytes(5)), frame(0x80, bytes(5))))
    assert endpoint.events() == [BinaryReceived(bytes(10), 2)]
    endpoint.receive_data(wire(role, frame(0x82, bytes(6))))
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "FRAME_TOO_BIG"
    assert endpoint.violation.detail == {"length": 6, "limit": 5}


# --- Cuts ---


@ROLES
def test_cuts_change_nothing(role: Role, seed: int) -> None:
    stream = wire(role, "01 02 48 c3", "89 01 70", "80 02 a9 6f", "82 03 00 ff 00", frame(0x81, b"a" * 125), "8a 00")

    def read(pieces: list[bytes]) -> tuple[list[Event], State]:
        endpoint = reader(role)
        for piece in pieces:
            endpoint.receive_data(piece)
        return endpoint.events(), endpoint.state

    expected = (
        [
            PingReceived(b"p"),
            TextReceived("H\u00e9o", 2),
            BinaryReceived(as_bytes("00 ff 00")),
            TextReceived("a" * 125),
            PongReceived(b""),
        ],
        State.OPEN,
    )
    assert read([stream]) == expected
    assert read(one_byte(stream)) == expected
    for pieces in all_cuts(stream):
        assert read(pieces) == expected
    for number in range(20):
        assert read(random_cuts(stream, seed + number)) == expected
