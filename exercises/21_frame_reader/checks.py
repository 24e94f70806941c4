"""What `Reader` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, equals, fed, step
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame

HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")  # RFC 6455 §5.7
MASKED = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")
FRAGMENTS = bytes.fromhex("01 03 48 65 6c 80 02 6c 6f")
PING = bytes.fromhex("89 05 48 65 6c 6c 6f")
KEY = bytes.fromhex("37 fa 21 3d")


def steps(random: Random) -> list[Step]:
    """The published frames whole, several in one chunk, byte by byte, cut in headers, sizes, cuts by chance."""
    stream = FRAGMENTS + MASKED + b"\x82\x00" + PING + b"\x8a\x80" + KEY + HELLO
    longer = _frame(126, KEY) + _frame(3)
    chance = [b"".join(_chance(random) for _ in range(random.randrange(2, 6))) for _ in range(8)]
    return [
        step("published", *(_fed([frame]) for frame in (HELLO, MASKED, PING, FRAGMENTS[:5]))),
        step("chunk", _fed([HELLO + PING]), _fed([stream]), _fed([FRAGMENTS, MASKED + HELLO])),
        step("half", _fed([MASKED[:8], MASKED[8:]]), _fed([HELLO[:1], HELLO[1:]]), _fed([MASKED[:5], MASKED[5:]])),
        step(
            "bytes", _fed(_cut(stream, range(len(stream)))), _fed(_cut(longer, (*range(16), *range(128, len(longer)))))
        ),
        step("empty", _fed([b"\x81\x00"]), _fed([b"\x82\x80" + KEY]), _fed([b"", HELLO[:3], b"", HELLO[3:], b""])),
        step("header", *(_fed(_cut(_frame(size, KEY) + HELLO, (1, 2, 3, 5, 9, 12))) for size in (125, 126, 65_536))),
        step("sizes", *(_fed(_cut(_frame(size) + PING, (size,))) for size in (125, 126, 127, 40_000, 65_535, 65_536))),
        step("chance", *(_fed(_cut(data, _places(random, data))) for data in chance)),
    ]


def _frame(length: int, key: bytes | None = None) -> bytes:
    payload = (bytes(range(251)) * (length // 251 + 1))[:length]
    return encode_frame(Frame(2, payload, masking_key=key))


def _chance(random: Random) -> bytes:
    payload = random.randbytes(random.choice((0, 1, 5, 125, 126, 300)))
    opcode, fin = random.choice((0, 1, 2, 9, 10)), random.random() < 0.5
    if opcode > 8:
        payload, fin = payload[:125], True
    return encode_frame(Frame(opcode, payload, fin, masking_key=random.choice((None, random.randbytes(4)))))


def _places(random: Random, data: bytes) -> list[int]:
    return [random.randrange(len(data)) for _ in range(random.randrange(12))]


def _cut(data: bytes, places: range | list[int] | tuple[int, ...]) -> list[bytes]:
    ends = sorted({*places, len(data)} - {0})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _fed(pieces: list[bytes]) -> Case:
    """Each frame has to come out with the piece that completes it."""
    decoder = FrameDecoder(None)
    expected = [[_plain(frame) for frame in decoder.feed(piece)] for piece in pieces]
    assert decoder.violation is None
    return fed("Reader", "feed", pieces, equals(expected))


def _plain(frame: Frame) -> tuple[bool, int, bytes]:
    return bool(frame.fin), int(frame.opcode), bytes(frame.payload)
