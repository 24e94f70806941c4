"""permessage-deflate at the endpoint (RFC 7692): places of faults, final blocks, steps, and what its owner may ask."""

from __future__ import annotations

import pickle
import zlib
from typing import Any

import pytest

from tests.deflating import NAME, TAIL, Inflater, compressed, compressing, deflated, unmasked
from tests.protocol.dummy import DummyFactory
from tests.support import as_sent_by, frames_begin, one_byte, pair, pump
from wsedu import Connection, Limits, Role
from wsedu.protocol.deflate import MAX_FINAL_BLOCKS, Agreed, PerMessageDeflate, PerMessageDeflateFactory
from wsedu.protocol.events import BinaryReceived, TextReceived
from wsedu.protocol.extensions import negotiate, parse_extensions
from wsedu.protocol.rules import ProtocolViolation
from wsedu.protocol.steps import DeflateCompressed, DeflateInflated, Level, Step

EMPTY_FINAL_BLOCK = bytes.fromhex("0300")
BOTH = pytest.mark.parametrize("role", list(Role))


def frame(role: Role, first: int, payload: bytes) -> bytes:
    """A frame as the peer of that role sends it."""
    return as_sent_by(role.peer, unmasked(first, payload))


def violation_of(endpoint: Connection) -> ProtocolViolation:
    assert endpoint.violation is not None
    return endpoint.violation


# --- What its owner may ask for ---


@pytest.mark.parametrize(
    "options",
    [
        {"server_max_window_bits": 8},
        {"server_max_window_bits": 16},
        {"client_max_window_bits": 0},
        {"client_max_window_bits": 16},
        {"level": -2},
        {"level": 10},
    ],
    ids=str,
)
def test_a_number_that_zlib_does_not_know_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(options.values())))):
        PerMessageDeflateFactory(**options)


def test_a_client_without_a_response_to_its_hint_keeps_to_it() -> None:
    """What it said it would use at most, it uses at most, although the server has to be ready for more (§7.1.2.2)."""
    factory = PerMessageDeflateFactory(client_max_window_bits=9)
    extension = factory.accepted(())
    assert extension is not None
    assert extension.agreed == Agreed(client_max_window_bits=9)


def test_the_name_is_that_of_the_registry() -> None:
    factory = PerMessageDeflateFactory()
    extension = PerMessageDeflate(Role.CLIENT, Agreed())
    assert factory.name == extension.name == NAME
    assert not factory.required


def test_a_level_is_zlibs() -> None:
    data = b"to be or not to be " * 99
    for level in range(-1, 10):
        endpoint = compressing(Role.SERVER, extensions=[PerMessageDeflateFactory(level=level)])
        endpoint.send_binary(data)
        (payload,) = compressed(data, level=level)
        assert endpoint.data_to_send().endswith(payload)


@BOTH
def test_a_threshold_is_for_messages_in_one_frame(role: Role) -> None:
    """Of a fragmented message nobody knows the size when it begins."""
    endpoint = compressing(role, extensions=[PerMessageDeflateFactory(threshold=100)])
    endpoint.send_text("He", fin=False)
    assert endpoint.data_to_send()[0] == 0x41
    endpoint.send_continuation("llo")
    assert endpoint.data_to_send()[0] == 0x80
    endpoint.send_binary(bytes(99))
    assert endpoint.data_to_send()[0] == 0x82
    endpoint.send_binary(bytes(100))
    assert endpoint.data_to_send()[0] == 0xC2


# --- Where a fault is ---


@BOTH
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "bytewise"])
def test_a_text_that_is_inflated_is_wrong_at_its_frame_and_at_an_inflated_byte(role: Role, cut: bool) -> None:
    endpoint = compressing(role)
    begin = frames_begin(endpoint)
    fine = frame(role, 0xC1, compressed(b"fine")[0])
    wrong = frame(role, 0xC1, compressed(b"fine", b"ok\xffok")[1])
    for piece in one_byte(fine + wrong) if cut else [fine + wrong]:
        endpoint.receive_data(piece)
    violation = violation_of(endpoint)
    assert violation.rule.name == "TEXT_UTF8"
    assert violation.offset == begin + len(fine)
    assert violation.detail == {"position": 2, "inflated_offset": 2}


@BOTH
def test_in_fragments_the_inflated_byte_is_counted_from_the_start_of_the_message(role: Role) -> None:
    endpoint = compressing(role)
    first, last = deflated(b"abc\xc3", b"(")
    one, two = frame(role, 0x41, first), frame(role, 0x80, last.removesuffix(TAIL))
    endpoint.receive_data(one + two)
    violation = violation_of(endpoint)
    assert violation.offset == frames_begin(endpoint) + len(one)
    assert violation.detail == {"position": 4, "inflated_offset": 4}


@BOTH
def test_a_text_that_ends_inside_a_character_in_an_empty_frame_is_wrong_at_that_frame(role: Role) -> None:
    """A last frame without a byte still has the tail behind it: its payload is inflated, to nothing."""
    endpoint = compressing(role)
    (payload,) = deflated(b"abc\xe2\x82")
    one = frame(role, 0x41, payload.removesuffix(TAIL))
    endpoint.receive_data(one + frame(role, 0x80, b""))
    violation = violation_of(endpoint)
    assert violation.rule.name == "TEXT_UTF8"
    assert violation.offset == frames_begin(endpoint) + len(one)
    assert violation.detail == {"position": 5, "inflated_offset": 5}


@BOTH
def test_a_plain_text_is_wrong_at_its_byte_as_ever(role: Role) -> None:
    endpoint = compressing(role)
    hello = frame(role, 0xC1, compressed(b"Hello")[0])
    endpoint.receive_data(hello + frame(role, 0x81, b"ok\xff"))
    header = 2 + (0 if role is Role.CLIENT else 4)
    violation = violation_of(endpoint)
    assert violation.offset == frames_begin(endpoint) + len(hello) + header + 2
    assert violation.detail == {"position": 2}


@BOTH
def test_data_that_does_not_inflate_is_wrong_at_its_frame(role: Role) -> None:
    endpoint = compressing(role)
    fine = frame(role, 0xC2, compressed(b"fine")[0])
    endpoint.receive_data(fine + frame(role, 0xC2, b"\x07"))
    violation = violation_of(endpoint)
    assert (violation.rule.name, violation.rule.code) == ("INFLATE", 1007)
    assert violation.offset == frames_begin(endpoint) + len(fine)
    assert "invalid block type" in violation.detail["problem"], "zlib says what it is"
    assert violation.decided_by == "wsedu.protocol.deflate:PerMessageDeflate._inflate"
    again = pickle.loads(pickle.dumps(violation))
    assert (again.rule, again.offset) == (violation.rule, violation.offset)
    assert endpoint.events()[0] == BinaryReceived(b"fine"), "what came before is not lost"


# --- Final blocks (§7.2.3.4) ---


def final(data: bytes, window: bytes = b"") -> bytes:
    """A message that ends with BFINAL=1, and the octet that the example of the RFC puts behind it."""
    compressor = zlib.compressobj(-1, zlib.DEFLATED, -15, zdict=window) if window else zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush(zlib.Z_FINISH) + b"\x00"


@BOTH
@pytest.mark.parametrize("takeover", [True, False])
def test_messages_with_final_blocks_follow_each_other(role: Role, takeover: bool) -> None:
    endpoint = compressing(role, "" if takeover else f"{role.peer.value}_no_context_takeover")
    texts = [b"Hello", b"Hello, world", b"", b"world"]
    window = b""
    for text in texts:
        endpoint.receive_data(frame(role, 0xC2, final(text, window)))
        assert endpoint.events() == [BinaryReceived(text)]
        window = window + text if takeover else b""


@BOTH
def test_a_final_block_may_end_any_fragment(role: Role) -> None:
    endpoint = compressing(role)
    pieces = [final(b"Hel")[:-1], final(b"lo", b"Hel")[:-1] + EMPTY_FINAL_BLOCK, b"\x00"]
    for number, piece in enumerate(pieces):
        endpoint.receive_data(frame(role, (0x41, 0x00, 0x80)[number], piece))
    assert endpoint.events() == [TextReceived("Hello", 3)]
    endpoint.receive_data(frame(role, 0xC1, bytes.fromhex("f200110000")))
    assert endpoint.events() == [TextReceived("Hello")], "the window is kept"


@BOTH
def test_there_may_be_so_many_final_blocks_in_a_frame_and_no_more(role: Role) -> None:
    endpoint = compressing(role)
    endpoint.receive_data(frame(role, 0xC2, EMPTY_FINAL_BLOCK * MAX_FINAL_BLOCKS + b"\x00"))
    assert endpoint.events() == [BinaryReceived(b"")]
    endpoint.receive_data(frame(role, 0xC2, EMPTY_FINAL_BLOCK * (MAX_FINAL_BLOCKS + 1) + b"\x00"))
    assert violation_of(endpoint).rule.name == "INFLATE"


# --- Nothing ---


@BOTH
def test_empty_messages_and_fragments(role: Role) -> None:
    near, far = pair(extensions=[PerMessageDeflateFactory()])
    sender, reader = (near, far) if role is Role.CLIENT else (far, near)
    for pieces in ([""], ["", ""], ["a", ""], ["", "a"], ["", "", "", ""], ["a", "", "b"]):
        for number, piece in enumerate(pieces):
            fin = number == len(pieces) - 1
            if number:
                sender.send_continuation(piece, fin=fin)
            else:
                sender.send_text(piece, fin=fin)
        pump(near, far)
        assert reader.events() == [TextReceived("".join(pieces), len(pieces))]


# --- Steps ---


class Recorder:
    """A tracer that keeps what it is told."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.steps: list[Step] = []

    def __call__(self, step: Step) -> None:
        self.steps.append(step)


def story(parameters: PerMessageDeflateFactory, level: Level) -> list[Any]:
    """The steps of compression in an exchange with plain messages, fragments and a long message."""
    recorder = Recorder(level)
    client, server = pair(extensions=[parameters], tracer=recorder)
    for sender in (client, server):
        for data in (b"Hello" * 50, b"ab", b"Hello" * 50, bytes(1000), b"x" * 40_000):
            sender.send_binary(data)
        sender.send_binary(b"frag" * 20, fin=False)
        sender.send_ping(b"p")
        sender.send_continuation(b"ment" * 20)
        pump(client, server)
    return [step for step in recorder.steps if isinstance(step, DeflateCompressed | DeflateInflated)]


@pytest.mark.parametrize("bits", [9, 10, 15])
@pytest.mark.parametrize("fresh", [False, True], ids=["takeover", "no takeover"])
def test_steps_tell_sizes_and_windows(bits: int, fresh: bool) -> None:
    """Counted by hand and by raw zlib: short messages stay plain and move no window."""
    factory = PerMessageDeflateFactory(fresh, fresh, bits, bits, threshold=10)
    found = story(factory, Level.BASE)
    pieces = [[b"Hello" * 50], [b"Hello" * 50], [bytes(1000)], [b"x" * 40_000], [b"frag" * 20, b"ment" * 20]]
    expected = []
    packer, window = zlib.compressobj(wbits=-bits), 0
    for message in pieces:
        if fresh:
            packer, window = zlib.compressobj(wbits=-bits), 0
        for number, piece in enumerate(message):
            payload = packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
            size = len(payload) - (len(TAIL) if number == len(message) - 1 else 0)
            after = min(1 << bits, window + len(piece))
            expected.append((len(piece), size, window, after))
            window = after
    for kind in (DeflateCompressed, DeflateInflated):
        for role in Role:
            steps = [step for step in found if type(step) is kind and step.endpoint is role]
            facts = [(step.plain, step.compressed, step.window_before, step.window_after) for step in steps]
            assert facts == expected
    assert {step.decided_by for step in found} == {
        "wsedu.protocol.deflate:PerMessageDeflate.encode",
        "wsedu.protocol.deflate:PerMessageDeflate.decode",
    }


def test_steps_of_compression_are_for_those_who_want_details() -> None:
    assert story(PerMessageDeflateFactory(), Level.CORE) == []
    assert story(PerMessageDeflateFactory(), Level.EXTRA) == story(PerMessageDeflateFactory(), Level.BASE)


# --- The limit, to the byte; for what lies far beyond it see test_deflate_limits ---


@BOTH
@pytest.mark.parametrize("fragments", [1, 3])
def test_a_message_may_be_as_long_as_the_limit_and_no_longer(role: Role, fragments: int) -> None:
    for size, fits in ((999, True), (1000, True), (1001, False)):
        endpoint = compressing(role, limits=Limits(max_message_size=1000))
        data = bytes(size)
        cut = size // fragments
        texts = [*(data[cut * number : cut * (number + 1)] for number in range(fragments - 1))]
        texts.append(data[cut * (fragments - 1) :])
        *more, last = deflated(*texts)
        payloads = [*more, last.removesuffix(TAIL)]
        assert Inflater().message(payloads) == data
        for number, payload in enumerate(payloads):
            first = (0x42 if number == 0 else 0) | (0x80 if number == fragments - 1 else 0)
            endpoint.receive_data(frame(role, first, payload))
        if fits:
            assert endpoint.events() == [BinaryReceived(data, fragments)]
        else:
            violation = violation_of(endpoint)
            assert (violation.rule.name, violation.rule.code) == ("MESSAGE_TOO_BIG", 1009)
            assert violation.offset is not None


def test_what_a_server_answers_is_what_it_uses() -> None:
    factory = PerMessageDeflateFactory(True, True, 11, 12)
    (offer,) = parse_extensions(f"{NAME}; client_max_window_bits; server_max_window_bits=13")
    answer = factory.accept(offer.parameters)
    assert answer is not None
    parameters, extension = answer
    assert dict(parameters) == {
        "server_no_context_takeover": None,
        "client_no_context_takeover": None,
        "server_max_window_bits": "11",
        "client_max_window_bits": "12",
    }
    assert extension.agreed == Agreed(True, True, 11, 12)


# --- Negotiation, element by element; the rows of the RFC are in tests/rfc ---


def read(elements: str) -> tuple[tuple[str, str | None], ...]:
    """The parameters of an element."""
    (offer,) = parse_extensions(f"{NAME}; {elements}" if elements else NAME)
    return offer.parameters


@pytest.mark.parametrize(
    ("options", "offer"),
    [
        ({}, "client_max_window_bits"),
        ({"client_max_window_bits": 10}, "client_max_window_bits=10"),
        (
            {"server_no_context_takeover": True, "client_no_context_takeover": True, "server_max_window_bits": 9},
            "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
        ),
    ],
    ids=str,
)
def test_what_is_offered(options: dict[str, Any], offer: str) -> None:
    assert list(PerMessageDeflateFactory(**options).offers()) == [read(offer)]


NO_OFFERS = ["foo", "server_max_window_bits", "server_max_window_bits=8", "server_no_context_takeover=1", "a; a"]
NO_RESPONSES = ["foo", "client_max_window_bits", "client_max_window_bits=8", "server_max_window_bits=16"]


@pytest.mark.parametrize("parameters", NO_OFFERS)
def test_what_a_server_declines(parameters: str) -> None:
    assert PerMessageDeflateFactory().accept(read(parameters)) is None


@pytest.mark.parametrize("parameters", NO_RESPONSES)
def test_what_a_client_does_not_take(parameters: str) -> None:
    assert PerMessageDeflateFactory().accepted(read(parameters)) is None


def test_what_a_client_demanded_has_to_be_there() -> None:
    assert PerMessageDeflateFactory(server_no_context_takeover=True).accepted(()) is None
    assert PerMessageDeflateFactory(server_max_window_bits=10).accepted(read("server_max_window_bits=11")) is None
    assert PerMessageDeflateFactory(server_max_window_bits=10).accepted(read("server_max_window_bits=9")) is not None


def test_compression_goes_with_no_other_claim_to_rsv1() -> None:
    """RFC 7692 §5: it would not be plain whose bit it is."""
    both = [PerMessageDeflateFactory(), DummyFactory("other")]
    chosen, _ = negotiate(parse_extensions(f"{NAME}, other"), both)
    assert [element.name for element in chosen] == [NAME]
    chosen, _ = negotiate(parse_extensions(f"other, {NAME}"), both)
    assert [element.name for element in chosen] == ["other"]


def test_compression_comes_before_marks_on_frames() -> None:
    """RFC 7692 §5: a message that is compressed keeps nothing that stood on its frames."""
    both = [PerMessageDeflateFactory(), DummyFactory("other", bit=0x20)]
    chosen, _ = negotiate(parse_extensions(f"{NAME}, other"), both)
    assert [element.name for element in chosen] == [NAME, "other"]
    chosen, _ = negotiate(parse_extensions(f"other, {NAME}"), both)
    assert [element.name for element in chosen] == ["other"]
