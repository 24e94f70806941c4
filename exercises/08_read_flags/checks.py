"""What `read_flags` has to do."""

from random import Random
from typing import Any

from wsedu.grading.difference import Difference
from wsedu.grading.outcome import Outcome
from wsedu.grading.steps import Case, Step, call, equals, judged, step
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.types import Opcode

PUBLISHED = (  # RFC 6455 §5.7
    "81 05 48 65 6c 6c 6f",
    "81 85 37 fa 21 3d 7f 9f 4d 51 58",
    "01 03 48 65 6c",
    "80 02 6c 6f",
    "89 05 48 65 6c 6c 6f",
    "8a 85 37 fa 21 3d 7f 9f 4d 51 58",
    "82 7e 01 00",
    "82 7f 00 00 00 00 00 01 00 00",
)
TELLING = ("c1 84", "8a 40", "02 86", "a2 7d", "91 00", "f0 ff", "0f 80", "00 00", "ff ff", "10 01")
LENGTHS = (0, 125, 126, 127, 65_535, 65_536, 40_000)
KEY = bytes.fromhex("37 fa 21 3d")


def steps(random: Random) -> list[Step]:
    """The published frames, pairs that tell wrong readers apart, the boundaries of the length, bytes by chance."""
    return [
        step("published", *(_read(bytes.fromhex(frame)) for frame in PUBLISHED)),
        step("telling", *(_read(bytes.fromhex(pair)) for pair in TELLING)),
        step("lengths", *(_read(_frame(length, key)) for length in LENGTHS for key in (None, KEY))),
        step("chance", *(_read(random.randbytes(random.randrange(2, 12))) for _ in range(12))),
    ]


def _frame(length: int, key: bytes | None) -> bytes:
    """The beginning of a binary frame of that length."""
    return encode_frame(Frame(Opcode.BINARY, bytes(length), masking_key=key))[:20]


def _read(data: bytes) -> Case:
    bits = {field.name: field.value for field in dissect(data[:2], most=1).fields if field.bits < 8}
    bits["length"] = bits.pop("payload_length")
    return judged(call("read_flags", data), _as_numbers(bits), normal=_numbers)


def _as_numbers(bits: dict[str, Any]) -> Any:
    """A judge for whom True is as good as 1."""
    judge = equals(bits)

    def judge_numbers(outcome: Outcome) -> Difference | None:
        plain = outcome.returned and type(outcome.value) is dict
        return judge(Outcome("value", _numbers(outcome.value)) if plain else outcome)

    return judge_numbers


def _numbers(answer: dict[Any, Any]) -> dict[Any, Any]:
    return {name: int(value) if type(value) is bool else value for name, value in answer.items()}
