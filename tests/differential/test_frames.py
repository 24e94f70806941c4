"""The same frames read by three implementations: where they agree, and a list of where they do not, with reasons."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.peers import LISTENERS, SPEAKERS
from tests.support import KEY, as_bytes, as_sent_by, masked, one_byte, random_cuts
from wsedu.protocol.closing import code_senders
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.types import Opcode, Role

ROLES = pytest.mark.parametrize("role", list(Role))
MESSAGES = st.lists(st.text(max_size=30) | st.binary(max_size=30), max_size=5)
BIG: list[str | bytes] = [
    "",
    b"",
    "a" * 125,
    b"b" * 126,
    "\u20ac" * 42,
    b"c" * 65535,
    "d" * 65536,
    bytes(range(256)) * 300,
]


# --- What each says, all understand ---


@ROLES
@pytest.mark.parametrize("speaker", SPEAKERS)
@pytest.mark.parametrize("listener", LISTENERS)
def test_every_size_is_understood(role: Role, speaker: str, listener: str) -> None:
    data = SPEAKERS[speaker](role.peer, BIG)
    heard = LISTENERS[listener](role, [data])
    assert (heard.messages, heard.code) == (BIG, None)


@ROLES
@pytest.mark.parametrize("speaker", SPEAKERS)
@given(messages=MESSAGES, cuts=st.integers())
def test_any_messages_are_understood_however_they_are_cut(
    role: Role, speaker: str, messages: list[str | bytes], cuts: int
) -> None:
    data = SPEAKERS[speaker](role.peer, messages)
    for listener, listen in LISTENERS.items():
        heard = listen(role, random_cuts(data, cuts))
        assert (heard.messages, heard.code) == (messages, None), f"{speaker} to {listener}"


@ROLES
def test_without_masking_keys_the_bytes_are_the_same(role: Role) -> None:
    """Every frame of every implementation, its key taken out, is the same to the byte."""
    plain = set()
    for speak in SPEAKERS.values():
        decoder = FrameDecoder(role.peer)
        frames = decoder.feed(speak(role, BIG))
        assert decoder.violation is None
        plain.add(b"".join(encode_frame(frame._replace(masking_key=None)) for frame in frames))
    assert len(plain) == 1


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_what_each_says_is_legal_to_our_dissection(speaker: str) -> None:
    for role in Role:
        found = dissect(SPEAKERS[speaker](role, BIG), sender=role)
        assert found.legal
        assert len(found.frames) == len(BIG) + 3


@st.composite
def fragmented(draw: st.DrawFn) -> tuple[list[Frame], list[str | bytes]]:
    """Messages in fragments with control frames between them, and what they say."""
    frames: list[Frame] = []
    messages: list[str | bytes] = []
    for message in draw(MESSAGES):
        raw = message.encode() if isinstance(message, str) else message
        places = sorted(draw(st.lists(st.integers(0, len(raw)), max_size=3)))
        parts = [raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True)]
        first = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
        for number, part in enumerate(parts):
            frames.append(Frame(Opcode.CONTINUATION if number else first, part, number == len(parts) - 1))
            frames += draw(st.lists(st.sampled_from([Frame.ping(b"p"), Frame.pong()]), max_size=1))
        messages.append(message)
    return frames, messages


@ROLES
@given(told=fragmented(), cuts=st.integers())
def test_fragments_are_put_together_the_same(
    role: Role, told: tuple[list[Frame], list[str | bytes]], cuts: int
) -> None:
    frames, messages = told
    key = KEY if role is Role.SERVER else None
    data = b"".join(encode_frame(frame._replace(masking_key=key)) for frame in frames)
    for pieces in ([data], one_byte(data), random_cuts(data, cuts)):
        for listener, listen in LISTENERS.items():
            heard = listen(role, pieces)
            assert (heard.messages, heard.code) == (messages, None), listener


# --- What is illegal, and who minds ---


class Case(NamedTuple):
    """One input and the code with which each implementation fails the connection, None if it does not.

    Arguments:
        frames: unmasked; to a server they are sent masked.
        wsedu: our own code.
        others: the codes of those that differ from ours, by name.
        reason: why they differ, if they do.
    """

    frames: tuple[str, ...]
    wsedu: int | None
    others: dict[str, int | None] = {}  # noqa: RUF012
    reason: str = ""


CASES = {
    "RSV1 without an extension": Case(("c1 01 61",), 1002),
    "RSV2": Case(("a1 01 61",), 1002),
    "RSV3": Case(("91 01 61",), 1002),
    "RSV1 on a Ping": Case(("c9 00",), 1002),
    "reserved data opcode": Case(("83 00",), 1002),
    "reserved control opcode": Case(("8b 00",), 1002),
    "fragmented Ping": Case(("09 00",), 1002),
    "fragmented Close": Case(("08 00",), 1002),
    "Ping of 126 bytes": Case(("89 7e 00 7e" + "61" * 126,), 1002),
    "16-bit length for 5 bytes": Case(
        ("82 7e 00 05" + "61" * 5,),
        1002,
        {"websockets": None},
        "§5.2 MUST for the sender, silent for the receiver: websockets takes any form of the length",
    ),
    "64-bit length for 1 byte": Case(
        ("82 7f 00 00 00 00 00 00 00 01 61",),
        1002,
        {"websockets": None},
        "as above: websockets takes any form of the length",
    ),
    "64-bit length with its top bit": Case(
        ("82 7f 80 00 00 00 00 00 00 00",),
        1002,
        {"websockets": 1009},
        "§5.2: the top bit MUST be 0; websockets reads it as part of a length that is too big for it",
    ),
    "length above the limit": Case(
        ("82 7f 00 00 00 01 00 00 00 00",),
        1009,
        {"wsproto": None},
        "§10.4 leaves the limit to each implementation: wsproto has none, and waits for the payload",
    ),
    "continuation without a start": Case(("80 01 61",), 1002),
    "continuation after a whole message": Case(("81 01 61", "80 01 61"), 1002),
    "text inside a text": Case(("01 01 61", "81 01 62"), 1002),
    "binary inside a text": Case(("01 01 61", "02 01 62"), 1002),
    "text that is not UTF-8": Case(
        ("81 01 ff",),
        1007,
        {"websockets": None},
        "§8.1: websockets leaves the decoding of texts to the layers above the one compared here",
    ),
    "fragment that is not UTF-8": Case(
        ("01 01 ff",), 1007, {"websockets": None}, "as above: websockets decodes a whole message, above this layer"
    ),
    "text that ends inside a character": Case(
        ("01 01 c3", "80 00"), 1007, {"websockets": None}, "as above: websockets decodes above this layer"
    ),
    "text with a surrogate": Case(
        ("81 03 ed a0 80",), 1007, {"websockets": None}, "as above: websockets decodes above this layer"
    ),
    "Close with a body of one byte": Case(("88 01 03",), 1002),
    "Close with a reason that is not UTF-8": Case(("88 03 03 e8 ff",), 1007),
    "Close inside a message": Case(
        ("01 01 61", "88 02 03 e8"),
        None,
        {"websockets": 1002},
        "§5.4 lets control frames stand between fragments, Close among them; websockets sees a message cut short",
    ),
    "text after Close": Case(("88 02 03 e8", "81 01 61"), None),
    "a reserved opcode after Close": Case(("88 02 03 e8", "83 00"), None),
    "empty Close": Case(("88 00",), None),
}

KNOWN = {"wsproto": (1014,)}
"""Codes that travel for us and not for others: 1014 was registered after the RFC, and wsproto does not know it."""


@ROLES
@pytest.mark.parametrize("name", CASES)
def test_verdicts(role: Role, name: str) -> None:
    """Where another implementation differs from us the table says so; it must be right about that, too."""
    case = CASES[name]
    assert bool(case.reason) is bool(case.others), "a difference has a reason"
    stream = b"".join(as_sent_by(role.peer, frame) for frame in case.frames)
    found = {listener: listen(role, [stream]).code for listener, listen in LISTENERS.items()}
    assert found == {"wsedu": case.wsedu, "websockets": case.wsedu, "wsproto": case.wsedu, **case.others}


@ROLES
def test_masks(role: Role) -> None:
    """All three refuse a mask that should not be there, and the lack of one that should (§5.1)."""
    frame = as_bytes("81 01 61")
    wrong = frame if role is Role.SERVER else masked(frame)
    assert {listener: listen(role, [wrong]).code for listener, listen in LISTENERS.items()} == dict.fromkeys(
        LISTENERS, 1002
    )


@ROLES
def test_every_close_code(role: Role) -> None:
    """Which codes may travel (§7.4): the others agree with us at the edges of all ranges, but for those listed."""
    differ: dict[str, list[int]] = {listener: [] for listener in LISTENERS if listener != "wsedu"}
    edges = {edge + step for edge in (0, 1000, 1016, 2000, 3000, 4000, 5000, 0xFFFF) for step in (-1, 0, 1)}
    for code in sorted({*range(1000, 1020), *edges} & set(range(1 << 16))):
        stream = as_sent_by(role.peer, b"\x88\x02" + code.to_bytes(2, "big"))
        ours = LISTENERS["wsedu"](role, [stream]).code
        assert (ours is None) is bool(code_senders(code))
        for listener, codes in differ.items():
            if LISTENERS[listener](role, [stream]).code != ours:
                codes.append(code)
    assert {listener: tuple(codes) for listener, codes in differ.items() if codes} == KNOWN
