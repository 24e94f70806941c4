"""What `encode_frame` has to do."""

from collections.abc import Sequence
from random import Random

from wsedu.grading.steps import Case, Step, call, gives, step
from wsedu.protocol.frames import Frame, encode_frame

KEY = bytes.fromhex("37fa213d")
FULL = b"\x03\xe8" + b"x" * 123  # as much as a control frame may hold
TEXTS = ("é€😀", "你好")


def steps(random: Random) -> list[Step]:
    """The published frames, first bytes, empty payloads, text, the boundaries, control frames, chance."""
    chance = [_case(random.randbytes(random.randrange(6, 300)), random.choice([1, 2]), mask=random.randbytes(4))]
    chance += [_case(random.randbytes(random.randrange(6, 300)), 2, random.random() < 0.5) for _ in range(2)]
    return [
        step("published", *_published()),
        step("masked", *_published_masked()),
        step("first", *(_case(b"abc", opcode, fin) for opcode in (0, 1, 2) for fin in (False, True))),
        step("empty", *(_case(b"", opcode, True, mask) for opcode in (1, 2) for mask in (None, KEY, bytes(4)))),
        step("text", *(_case(text.encode(), 1) for text in TEXTS), _case(TEXTS[0].encode(), 1, False, KEY)),
        step("seven", *_sizes(124, 125, 126, 127, 128)),
        step("sixteen", *_sizes(32_767, 32_768, 40_000, masks=[None]), *_sizes(65_535, 65_536)),
        step("large", *_published_sizes()),
        step("control", *(_case(data, code, True, KEY) for code in (8, 9, 10) for data in (b"", FULL))),
        step("chance", *chance, *(_case(random.randbytes(9), 2, True, random.randbytes(4)) for _ in range(3))),
    ]


def _case(payload: bytes, opcode: int, fin: bool = True, mask: bytes | None = None) -> Case:
    """A call with all arguments, and what wsedu's own encoder makes of them."""
    frame = encode_frame(Frame(opcode, payload, fin, masking_key=mask))
    return gives(call("encode_frame", payload, opcode, fin, mask), frame, kind="frame")


def _sizes(*sizes: int, masks: Sequence[bytes | None] = (None, KEY)) -> list[Case]:
    """Binary frames of these sizes, each with each of the masking keys."""
    return [_case(bytes([size % 251]) * size, 2, True, mask) for size in sizes for mask in masks]


def _published() -> list[Case]:
    """The unmasked frames of RFC 6455 §5.7, with the arguments that are needed."""
    return [
        gives(call("encode_frame", b"Hello"), bytes.fromhex("810548656c6c6f"), kind="frame"),
        gives(call("encode_frame", b"Hel", fin=False), bytes.fromhex("010348656c"), kind="frame"),
        gives(call("encode_frame", b"lo", opcode=0), bytes.fromhex("80026c6f"), kind="frame"),
        gives(call("encode_frame", b"Hello", opcode=9), bytes.fromhex("890548656c6c6f"), kind="frame"),
    ]


def _published_masked() -> list[Case]:
    """The masked frames of RFC 6455 §5.7."""
    text, pong = bytes.fromhex("818537fa213d7f9f4d5158"), bytes.fromhex("8a8537fa213d7f9f4d5158")
    return [
        gives(call("encode_frame", b"Hello", mask=KEY), text, kind="frame"),
        gives(call("encode_frame", b"Hello", opcode=10, mask=KEY), pong, kind="frame"),
    ]


def _published_sizes() -> list[Case]:
    """The two large frames of RFC 6455 §5.7, of which it gives the headers."""
    headers = ((256, "827e0100"), (65_536, "827f0000000000010000"))
    return [
        gives(call("encode_frame", b"*" * size, opcode=2), bytes.fromhex(header) + b"*" * size, kind="frame")
        for size, header in headers
    ]
