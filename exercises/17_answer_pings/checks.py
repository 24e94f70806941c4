"""What `answer_pings` has to do."""

from collections.abc import Callable
from random import Random
from typing import Any

from wsedu.grading.difference import Difference
from wsedu.grading.outcome import Outcome
from wsedu.grading.steps import Case, Judge, Step, call, equals, holds, judged, step
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.types import Opcode, Role

KEY = bytes.fromhex("37 fa 21 3d")  # RFC 6455 §5.7
HELLO = b"Hello"
TEXT, BINARY, PING, PONG = 0x1, 0x2, 0x9, 0xA
OTHERS = ((TEXT, b"ping"), (BINARY, b"\x89\x00"), (PONG, b"not asked for"), (TEXT, b""), (PONG, b""))

MOST = 100  # frames of an answer that are looked at
Frames = list[tuple[int, bytes]]


def steps(random: Random) -> list[Step]:
    """The published Ping, the ends of its length, what is no Ping, several at once, chance."""
    return [
        step("published", _answered([(PING, HELLO)])),
        step("length", *(_answered([(PING, (b"\x00\xff" * 63)[:size])]) for size in (124, 125, 0))),
        step("others", *(_answered([frame]) for frame in OTHERS), _answered([]), _answered([*OTHERS, (PING, b"1")])),
        step("burst", _answered([(PING, bytes([number])) for number in range(5)]), _answered([(PING, b"")] * 3)),
        step("between", _answered([(PING, b"a"), OTHERS[0], (PING, b"b"), OTHERS[2], (PING, b"c"), OTHERS[1]])),
        step("chance", *(_answered(_chance(random)) for _ in range(8))),
    ]


def _chance(random: Random) -> Frames:
    opcodes = random.choices((PING, PING, PING, PONG, TEXT, BINARY), k=random.randrange(2, 9))
    return [(opcode, random.randbytes(random.choice((0, 1, 7, 125)))) for opcode in opcodes]


def _answered(frames: Frames) -> Case:
    pings = [payload for opcode, payload in frames if opcode == PING]
    return judged(call("answer_pings", frames), _judge(pings), normal=_normal)


def _judge(pings: list[bytes]) -> Judge:
    """No Ping, no Pong; else masked Pongs, one or more, of which the last answers the last Ping."""
    if not pings:
        return equals([])
    rules: dict[str, Callable[[Any], bool]] = {
        "frames": lambda answer: type(answer) is list and len(answer) <= MOST and all(_frame(data) for data in answer),
        "masked": lambda answer: all(_frame(data).masking_key for data in answer),
        "pongs": lambda answer: all((_frame(data).opcode, _frame(data).fin) == (PONG, True) for data in answer),
        "last": lambda answer: _answers([_frame(data).payload for data in answer], pings),
        "keys": lambda answer: _fresh([_frame(data) for data in answer]),
    }

    def judge(outcome: Outcome) -> Difference | None:
        expected = _pongs(pings, outcome)
        found = (holds(test, rule, expected)(outcome) for rule, test in rules.items())
        return next((difference for difference in found if difference is not None), None)

    return judge


def _pongs(pings: list[bytes], outcome: Outcome) -> list[bytes]:
    """A Pong for each Ping, with the learner's own keys as far as they are good: the difference is in the rest."""
    try:
        keys = [_frame(data).masking_key for data in outcome.value[:MOST]]
    except Exception:
        keys = []
    fresh = [*dict.fromkeys(key for key in keys if key), *(bytes([KEY[0] ^ at, *KEY[1:]]) for at in range(len(pings)))]
    pairs = zip(pings, fresh, strict=False)
    return [encode_frame(Frame(Opcode.PONG, payload, masking_key=key)) for payload, key in pairs]


def _frame(data: bytes) -> Frame:
    """The one frame that these bytes are; ValueError if they are none or more."""
    decoder = FrameDecoder(Role.SERVER if data[1] & 0x80 else Role.CLIENT)
    (frame,) = decoder.feed(data)
    if decoder.mid_frame or decoder.violation:
        raise ValueError("more than a frame")
    return frame


def _answers(pongs: list[bytes], pings: list[bytes]) -> bool:
    """Whether these Pongs answer Pings in their order, the last one among them; some may be passed over (§5.5.3)."""
    waiting = iter(pings)
    return pongs[-1:] == pings[-1:] and all(payload in waiting for payload in pongs)


def _fresh(frames: list[Frame]) -> bool:
    return len({frame.masking_key for frame in frames}) == len(frames)


def _normal(answer: list[bytes]) -> Any:
    """Answers without their keys, but with whether there are keys, and whether they are fresh."""
    frames = [_frame(data) for data in answer[:MOST]]
    plain = [(frame.opcode, frame.masking_key is not None, frame.payload) for frame in frames]
    keys = [frame for frame in frames if frame.masking_key is not None]
    return [plain, _fresh(keys)]
