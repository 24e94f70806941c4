"""What `length_field` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, call, gives, step
from wsedu.protocol.frames import frame_header


def steps(random: Random) -> list[Step]:
    """The published headers, each boundary with and without MASK, the largest, sizes by chance."""
    chance = [random.randrange(1 << bits) for bits in (7, 16, 16, 24, 40)]
    return [
        step("published", *_published()),
        step("empty", *_both(0, 1)),
        step("seven", *_both(124, 125, 126, 127, 128)),
        step("sixteen", *_both(32_767, 32_768, 40_000, 65_535, 65_536)),
        step("huge", *_both(2**24, 2**32 - 1, 2**32, 2**63 - 1)),
        step("chance", *_both(*chance)),
    ]


def _published() -> list[Case]:
    """Of the frames in RFC 6455 §5.7, the second byte and the extended length."""
    fields = ((5, False, "05"), (5, True, "85"), (256, False, "7e0100"), (65_536, False, "7f0000000000010000"))
    return [gives(call("length_field", size, masked), bytes.fromhex(field)) for size, masked, field in fields]


def _both(*sizes: int) -> list[Case]:
    """Each size, unmasked and masked."""
    return [_case(size, masked) for size in sizes for masked in (False, True)]


def _case(size: int, masked: bool) -> Case:
    """What follows the first byte in the header that wsedu's own encoder makes."""
    return gives(call("length_field", size, masked), frame_header(0x82, size, 0x80 if masked else 0)[1:])
