"""What `read_length` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, call, gives, raises, step
from wsedu.protocol.frames import frame_header

KEY = bytes.fromhex("37fa213d")


def steps(random: Random) -> list[Step]:
    """The published headers, each boundary, missing bytes, what is not allowed, sizes by chance."""
    chance = [random.randrange(1 << bits) for bits in (7, 16, 16, 24, 40)]
    whole = [_field(size, masked) for size in (126, 40_000, 65_536) for masked in (False, True)]
    short = [field[: random.randrange(1, len(field))] for field in whole]
    legal = _both(1, 300, 70_000)  # in each step: who always refuses, or always waits, has noticed nothing
    return [
        step("published", *_published()),
        step("seven", *_both(0, 1, 124, 125)),
        step("sixteen", *_both(126, 127, 128, 256, 32_767, 32_768, 40_000, 65_535)),
        step("sixty_four", *_both(65_536, 65_537, 2**32, 2**63 - 1)),
        step("chance", *_both(*chance)),
        step("missing", *(gives(call("read_length", data), None) for data in (b"", *_one_less(whole), *short)), *legal),
        step(
            "top", *(_refused(f"{mark}{top}") for mark in ("7f", "ff") for top in ("80" + "00" * 7, "ff" * 8)), *legal
        ),
        step("minimal", *(_refused(field) for field in _too_long()), *legal),
    ]


def _published() -> list[Case]:
    """Of the frames in RFC 6455 §5.7, what follows the first byte."""
    hello, masked = "0548656c6c6f", "8537fa213d7f9f4d5158"
    fields = ((hello, 5, 1), (masked, 5, 1), ("7e0100", 256, 3), ("7f0000000000010000", 65_536, 9))
    return [gives(call("read_length", bytes.fromhex(field)), (size, used)) for field, size, used in fields]


def _both(*sizes: int) -> list[Case]:
    """Each size, unmasked and masked, with the bytes that come after it."""
    return [_case(size, masked) for size in sizes for masked in (False, True)]


def _case(size: int, masked: bool) -> Case:
    field = _field(size, masked)
    return gives(call("read_length", field + (KEY if masked else b"Hello")), (size, len(field)))


def _field(size: int, masked: bool) -> bytes:
    """What follows the first byte in the header that wsedu's own encoder makes."""
    return frame_header(0x82, size, 0x80 if masked else 0)[1:]


def _one_less(fields: list[bytes]) -> list[bytes]:
    return [field[:-1] for field in fields]


def _too_long() -> list[str]:
    """Lengths that a shorter form had room for."""
    sixteen = [f"{mark}{size:04x}" for mark in ("7e", "fe") for size in (0, 5, 125)]
    return sixteen + [f"{mark}{size:016x}" for mark in ("7f", "ff") for size in (5, 126, 40_000, 65_535)]


def _refused(field: str) -> Case:
    return raises(call("read_length", bytes.fromhex(field)))
