"""What `check_control` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, call, gives, holds, judged, step
from wsedu.protocol.frames import FrameDecoder, frame_header
from wsedu.protocol.types import Role

CONTROL = (0x88, 0x89, 0x8A)
UNKNOWN = (0x8B, 0x8C, 0x8D, 0x8E, 0x8F)


def steps(random: Random) -> list[Step]:
    """The published Ping and Pong, each rule for itself, the middle of a message, all first bytes by chance."""
    firsts = random.sample(range(256), 60)
    return [
        step("published", gives(call("check_control", 0x89, 5, False), "legal"), _case(0x8A, 5)),
        step("length", *(_case(first, size) for size in (0, 124, 125, 126, 127, 128, 65_536) for first in CONTROL)),
        step("fin", *(_case(first & 0x7F, size) for first in CONTROL for size in (0, 125))),
        step("opcode", *(_case(first, 2) for first in UNKNOWN)),
        step("reserved", *(_case(first | bit, 0) for bit in (0x40, 0x20, 0x10) for first in CONTROL)),
        step("inside", *(_case(first, 7, True) for first in (*CONTROL, 0x08, 0x09, 0x0A))),
        step("data", *(_case(first, size) for first in (0x01, 0x81, 0x02, 0x82, 0x00, 0x80) for size in (5, 126))),
        step("chance", *(_case(first, random.choice([0, 3, 125, 126]), random.random() < 0.5) for first in firsts)),
    ]


def _case(first: int, length: int, inside: bool = False) -> Case:
    """Where several things are wrong, each of them is a right answer."""
    right = _right(first, length)

    def normal(answer: str) -> str:
        return right[0] if answer in right else answer

    judge = holds(lambda answer: type(answer) is str and answer in right, "several", right[0])
    return judged(call("check_control", first, length, inside), judge, normal=normal)


def _right(first: int, length: int) -> list[str]:
    """What wsedu's own decoder has against frames with one property each of this one."""
    if first & 0x0F < 0x8:
        return ["data"]
    alone = {
        "reserved": (0x89 | first & 0x70, 0),
        "unknown": (0x80 | first & 0x0F, 0),
        "fragmented": (0x09 | first & 0x80, 0),
        "long": (0x89, length),
    }
    return [word for word, header in alone.items() if _refused(*header)] or ["legal"]


def _refused(first: int, length: int) -> bool:
    decoder = FrameDecoder(Role.CLIENT)
    decoder.feed(frame_header(first, length, 0))
    return decoder.violation is not None
