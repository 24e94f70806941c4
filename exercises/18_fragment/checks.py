"""What `fragment` has to do."""

from collections.abc import Callable
from random import Random
from typing import Any

from wsedu.grading.difference import Difference
from wsedu.grading.outcome import Outcome
from wsedu.grading.steps import Case, Judge, Step, call, holds, judged, step

TEXT, CONTINUATION = 0x1, 0x0
MIXED = "naïve: 10 € – 😀 你好"
LETTERS = "aé€😀你\x00"

Frames = list[tuple[bool, int, bytes]]


def steps(random: Random) -> list[Step]:
    """The published fragments, one frame, no text, whole multiples, several bytes per character, sizes, chance."""
    chance = ["".join(random.choices(LETTERS, k=random.randrange(2, 40))) for _ in range(8)]
    return [
        step("published", _cut("Hello", 3)),
        step("whole", _cut("Hello", 5), _cut("Hello", 6), _cut("Hello", 125), _cut("H", 1)),
        step("empty", *(_cut("", size) for size in (1, 5, 125))),
        step("multiples", _cut("abcdef", 2), _cut("abcdef", 3), _cut("abcdef", 1), _cut("abcdefg", 2)),
        step("characters", *(_cut(MIXED, size) for size in (1, 2, 3, 5, 16)), _cut("€€€", 4), _cut("😀", 2)),
        step("sizes", *(_cut("x" * length, 125) for length in (124, 125, 126, 250)), _cut("é" * 20_000, 65_535)),
        step("large", _cut("y" * 65_535, 65_535), _cut("y" * 65_536, 65_535)),
        step("chance", *(_cut(text, random.randrange(1, 9)) for text in chance)),
    ]


def _cut(text: str, size: int) -> Case:
    """Any cuts will do, also shorter ones and an empty frame, if no frame is too large."""
    data = text.encode()
    pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    last = len(pieces) - 1
    expected = [(at == last, CONTINUATION if at else TEXT, piece) for at, piece in enumerate(pieces)]

    def normal(frames: Frames) -> Any:
        fins, opcodes = [bool(fin) for fin, _, _ in frames], [opcode for _, opcode, _ in frames]
        joined, largest = b"".join(data for _, _, data in frames), max((len(data) for _, _, data in frames), default=0)
        return [fins[-1:], any(fins[:-1]), opcodes[:1], sorted(set(opcodes[1:])), joined, largest <= size]

    return judged(call("fragment", text, size), _judge(data, size, expected), normal=normal)


def _judge(data: bytes, size: int, expected: Frames) -> Judge:
    rules: dict[str, Callable[[Any], bool]] = {
        "frames": lambda frames: len(frames) > 0 and type(frames) is list and all(map(_is_frame, frames)),
        "size": lambda frames: all(len(payload) <= size for _, _, payload in frames),
        "joined": lambda frames: b"".join(payload for _, _, payload in frames) == data,
        "opcodes": lambda frames: [opcode for _, opcode, _ in frames] == [TEXT] + [CONTINUATION] * (len(frames) - 1),
        "fin": lambda frames: [bool(fin) for fin, _, _ in frames] == [False] * (len(frames) - 1) + [True],
    }

    def judge(outcome: Outcome) -> Difference | None:
        found = (holds(test, rule, expected)(outcome) for rule, test in rules.items())
        return next((difference for difference in found if difference is not None), None)

    return judge


def _is_frame(frame: Any) -> bool:
    """FIN, which may be 0 or 1 as well, an opcode, a payload."""
    fin, opcode, payload = frame
    return type(fin) in (bool, int) and fin in (0, 1) and type(opcode) is int and type(payload) is bytes
