"""Which rule each of the given frames breaks."""

from random import Random

from wsedu.grading.steps import Case, Step, answered, step
from wsedu.protocol.dissection import judge
from wsedu.protocol.types import Role

FRAMES = {  # who sent it, its first bytes, how many more bytes of payload follow those
    1: ("client", "81 85 37 fa 21 3d 7f 9f 4d 51 58", 0),
    2: ("client", "81 05 48 65 6c 6c 6f", 0),
    3: ("server", "82 83 37 fa 21 3d 36 f8 22", 0),
    4: ("client", "89 00", 0),
    5: ("server", "8a 80 37 fa 21 3d", 0),
    6: ("client", "8a 84 00 00 00 00 70 69 6e 67", 0),
    7: ("server", "c1 02 48 69", 0),
    8: ("client", "a2 81 37 fa 21 3d c8", 0),
    9: ("server", "83 01 00", 0),
    10: ("client", "8b 80 37 fa 21 3d", 0),
    11: ("server", "89 7e 00 7e", 126),
    12: ("client", "09 80 37 fa 21 3d", 0),
    13: ("server", "82 7e 00 05 01 02 03 04 05", 0),
    14: ("client", "82 ff 00 00 00 00 00 00 01 00 00 00 00 00", 256),
    15: ("server", "82 7e 9c 40", 40_000),
    16: ("server", "81 00", 0),
}

LETTERS = {
    "CLIENT_MUST_MASK": "A",
    "SERVER_MUST_NOT_MASK": "B",
    "RSV_BITS": "C",
    "OPCODE_RESERVED": "D",
    "CONTROL_TOO_LONG": "E",
    "CONTROL_FRAGMENTED": "F",
    "MINIMAL_LENGTH": "G",
}

STEPS = {"masking": range(1, 7), "first_byte": range(7, 11), "control": (11, 12), "length": range(13, 17)}


def steps(random: Random) -> list[Step]:
    """The same frames for everybody; what is said of each is what an endpoint says."""
    return [step(name, *(_answer(number) for number in numbers)) for name, numbers in STEPS.items()]


def _answer(number: int) -> Case:
    sender, head, more = FRAMES[number]
    violations = judge(bytes.fromhex(head) + bytes(more), Role(sender)).violations
    letters = [LETTERS[violation.rule.name] for violation in violations]
    return answered("answers", number, "".join(letters) or "-")
