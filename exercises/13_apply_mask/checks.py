"""What `apply_mask` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, call, gives, step
from wsedu.protocol.masking import apply_mask

KEY = bytes.fromhex("37fa213d")  # RFC 6455 §5.7
MASKED = bytes.fromhex("7f9f4d5158")
SHORT_KEY = bytes.fromhex("01020408")
EVERY_BYTE = bytes(range(256))


def steps(random: Random) -> list[Step]:
    """The published example both ways, no bytes, six bytes, all sizes up to nine, all byte values, chance."""
    text = b"abcdefghi"
    chance = [(random.randbytes(random.randrange(5, 60)), random.randbytes(4)) for _ in range(6)]
    return [
        step("published", gives(call("apply_mask", MASKED, KEY), b"Hello")),
        step("empty", gives(call("apply_mask", b"", KEY), b"")),
        step("six", gives(call("apply_mask", bytes.fromhex("6060676c6464"), SHORT_KEY), b"abcdef")),
        step("again", gives(call("apply_mask", b"Hello", KEY), MASKED)),
        step("sizes", *(_masked(text[:size], SHORT_KEY) for size in range(1, 10))),
        step("values", _masked(EVERY_BYTE, KEY), _masked(EVERY_BYTE, bytes(4)), _masked(EVERY_BYTE, b"\xff" * 4)),
        step("long", _masked(EVERY_BYTE * 156 + bytes(64), KEY)),
        step("chance", *(_masked(data, key) for data, key in chance)),
    ]


def _masked(data: bytes, key: bytes) -> Case:
    return gives(call("apply_mask", data, key), apply_mask(data, key))
