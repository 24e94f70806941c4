"""What the panels of `FrameBuilder` say, against other implementations: no browser."""

from __future__ import annotations

import random
import zlib

import pytest
from websockets.frames import Frame as PeerFrame
from websockets.frames import Opcode as PeerOpcode

from wsedu.explain.catalogue import LANGUAGES
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.types import Role
from wsedu.views.challenges import CHALLENGES, HELLO, PLAIN, deck, solved
from wsedu.views.deflate_blocks import KINDS, deflate_blocks
from wsedu.views.deflate_sheet import deflate_text
from wsedu.views.microscope import WRONG, masked_payload, microscope, microscope_html, microscope_text, wrong_bytes
from wsedu.views.sheet import flipped
from wsedu.views.stream import cuts_of, stream

KEY = bytes.fromhex("37fa213d")


def peer(opcode: PeerOpcode, data: bytes = b"", *, mask: bool = False, fin: bool = True) -> bytes:
    """A frame as another library writes it."""
    return PeerFrame(opcode, data, fin).serialize(mask=mask)


ANSWERS = {
    "pong": peer(PeerOpcode.PONG, mask=True),
    "flip_1002": flipped(HELLO, 2),
    "flip_ping": flipped(HELLO, 4),
    "flip_wait": flipped(HELLO, 14),
    "flip_1007": flipped(HELLO, 48),
    "null_key": HELLO[:2] + bytes(4) + b"Hello",
    "longest_7": peer(PeerOpcode.BINARY, bytes(125)),
    "shortest_64": peer(PeerOpcode.BINARY, bytes(65536)),
    "minimal": bytes.fromhex("817e0005") + b"Hello",
    "four_bytes": peer(PeerOpcode.TEXT, "😀".encode()),
    "fragment": peer(PeerOpcode.TEXT, b"Hel", fin=False),
    "between": peer(PeerOpcode.TEXT, b"Hel", fin=False) + peer(PeerOpcode.PING) + peer(PeerOpcode.CONT, b"lo"),
    "close_1000": peer(PeerOpcode.CLOSE, (1000).to_bytes(2, "big")),
    "close_empty": peer(PeerOpcode.CLOSE, mask=True),
    "close_code": peer(PeerOpcode.CLOSE, (1006).to_bytes(2, "big")),
}
"""One answer to each challenge."""


@pytest.mark.parametrize("name", CHALLENGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_challenge_is_solved_by_its_answer_alone(name: str, language: str) -> None:
    for other, answer in ANSWERS.items():
        if other == name:
            assert solved(CHALLENGES[name], dissect(answer))
    for start in (HELLO, PLAIN, b"", HELLO[:1], ANSWERS["pong"] * 2):
        assert not solved(CHALLENGES[name], dissect(start))
        made = deck(dissect(start), name, (), True, language)
        assert made["hint"]
        assert not made["why"]
        missing = [part["want"] for part in made["parts"] if not part["met"]]
        assert missing
        assert all(want in made["sentence"] for want in missing)
        assert not any(part["want"] in made["sentence"] for part in made["parts"] if part["met"])
        assert not any(part["now"] for part in made["parts"] if part["met"])
        assert [part["now"] for part in made["parts"] if part["now"]]


@pytest.mark.parametrize("name", ["close_1000", "close_empty"])
def test_a_frame_that_is_no_close_frame_has_no_status_code(name: str) -> None:
    made = deck(dissect(PLAIN), name, (), False, "en")
    assert "18533" not in str(made)
    assert "it is no Close frame, so it has no status code" in [part["now"] for part in made["parts"]]


def test_near_misses_are_told_apart() -> None:
    masked = peer(PeerOpcode.BINARY, bytes(65536), mask=True)
    long = peer(PeerOpcode.BINARY, bytes(65537))
    nonminimal = bytes.fromhex("827f0000000000000000")
    for wrong in (masked, long, nonminimal, ANSWERS["shortest_64"][:-1]):
        assert not solved(CHALLENGES["shortest_64"], dissect(wrong))
    assert not solved(CHALLENGES["flip_1002"], dissect(flipped(flipped(HELLO, 2), 3)))
    assert not solved(CHALLENGES["flip_wait"], dissect(flipped(HELLO, 0)))


def test_every_flip_is_judged_as_a_server_that_reads_it() -> None:
    answered = [bit for bit in range(8 * len(HELLO)) if solved(CHALLENGES["flip_1002"], dissect(flipped(HELLO, bit)))]
    refused = []
    for bit in range(8 * len(HELLO)):
        decoder = FrameDecoder(Role.SERVER)
        decoder.feed(flipped(HELLO, bit))
        if decoder.violation is not None:
            refused.append(bit)
    assert refused
    assert set(refused) <= set(answered)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_wrong_rules_of_the_microscope(language: str) -> None:
    first = encode_frame(Frame.text("abc", fin=False, masking_key=KEY))
    data = first + encode_frame(Frame.continuation(b"Hello", masking_key=KEY))
    masked = masked_payload(dissect(data), len(first) + 6)
    assert masked is not None
    assert masked.plain == b"Hello"
    # As if the message were masked in one go.
    carried = bytes(byte ^ KEY[place % 4] for place, byte in enumerate(b"abcHello"))[3:]
    assert wrong_bytes(masked, WRONG["carried"]) == carried
    for rule in WRONG:
        made = microscope(dissect(data), len(first) + 6, rule, language)
        assert made["compare"]["sentence"]
        assert made["compare"]["sentence"] in microscope_text(dissect(data), len(first) + 6, rule, language)
        assert "<table" in microscope_html(dissect(data), len(first) + 6, rule, language)
    alike = dissect(encode_frame(Frame.text("Hello", masking_key=b"\x11" * 4)))
    assert microscope(alike, 0, "reversed", language)["compare"]["first"] == -1


def test_the_microscope_turns_the_page_of_a_long_payload() -> None:
    data = encode_frame(Frame.binary(bytes(range(256)), masking_key=KEY))
    made = microscope(dissect(data), 8 + 200, "", "en")
    assert made["pin"] == 200
    assert made["from"] <= 200 < made["from"] + len(made["columns"])
    assert made["columns"][200 - made["from"]]["wire"] == f"{data[208]:02x}"


def test_a_stream_gives_the_same_frames_however_it_is_cut(seed: int) -> None:
    chosen = random.Random(seed)
    data = HELLO + encode_frame(Frame.close(1000, "bye", masking_key=KEY)) + HELLO[:7]
    whole = stream(data, [], 1, "en")["log"][0]["gave"]
    for _ in range(20):
        cuts = sorted(chosen.sample(range(1, len(data)), chosen.randrange(1, len(data) - 1)))
        log = stream(data, cuts, len(cuts) + 1, "en")["log"]
        assert " ".join(entry["gave"] for entry in log if entry["gave"]) == whole
        assert log[-1]["needs"] == "4 more bytes of the payload: 1 of 5 are there"
    assert cuts_of("frames", data) == [frame.offset for frame in dissect(data).frames][1:]


def test_a_stream_ends_at_a_violation() -> None:
    first, second = len(HELLO), len(HELLO + PLAIN)
    log = stream(HELLO + PLAIN + HELLO, [first, second], 3, "en")["log"]
    assert [bool(entry["gave"]) for entry in log] == [True, False, False]
    assert "is not masked" in log[1]["needs"]
    assert log[2]["just"].startswith("nothing")


def inflated(data: bytes) -> bytes:
    """What the symbols of a stream's blocks make."""
    made = bytearray()
    for block in deflate_blocks(data):
        assert block.whole
        for symbol in block.symbols:
            if symbol.literal >= 0:
                made.append(symbol.literal)
            for _ in range(symbol.length):
                made.append(made[-symbol.distance])
    return bytes(made)


def test_the_blocks_of_a_stream_are_those_that_zlib_inflates(seed: int) -> None:
    chosen = random.Random(seed)
    texts = [b"", b"Hello", b"ab" * 400, chosen.randbytes(300), b" ".join(chosen.choices([b"frame", b"mask"], k=900))]
    kinds = set()
    for text in texts:
        for level in (0, 1, 6, 9):
            compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
            data = compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)
            assert inflated(data) == text
            kinds |= {block.kind for block in deflate_blocks(data)}
            assert sum(block.bits for block in deflate_blocks(data)) == 8 * len(data)
    assert kinds == set(KINDS)


def test_blocks_that_cannot_be_read_are_not_guessed_at(seed: int) -> None:
    data = zlib.compress(b"Hello, Hello, Hello" * 20, wbits=-15)
    for end in range(len(data)):
        assert not any(block.whole for block in deflate_blocks(data[:end]))
    chosen = random.Random(seed)
    for _ in range(300):
        noise = chosen.randbytes(chosen.randrange(40))
        assert sum(block.bits for block in deflate_blocks(noise)) <= 8 * len(noise)


def test_the_rfc_s_compressed_examples_are_told() -> None:
    # RFC 7692 §7.2.3.3: a stored block; §7.2.3.4: a final block.
    stored = deflate_blocks(bytes.fromhex("000500faff48656c6c6f00") + b"\x00\x00\xff\xff")
    assert [(block.kind, block.final) for block in stored] == [("stored", False), ("stored", False)]
    final = deflate_blocks(bytes.fromhex("f348cdc9c9070000") + b"\x00\x00\xff\xff")
    assert [(block.kind, block.final) for block in final][:1] == [("fixed", True)]
    told = deflate_text(dissect(bytes.fromhex("c107f248cdc9c90700")), None, "en")
    assert "f2 48 cd c9 c9 07 00 [00 00 ff ff]" in told
    assert "Window of earlier bytes: 0 before, 5 after." in told
