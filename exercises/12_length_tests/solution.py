from collections.abc import Callable


def test_lengths(encode: Callable[[int, bool], bytes]) -> None:
    # <gap>
    fields = {
        0: b"\x00",
        125: b"\x7d",
        126: b"\x7e\x00\x7e",
        127: b"\x7e\x00\x7f",
        40_000: b"\x7e\x9c\x40",
        65_535: b"\x7e\xff\xff",
        65_536: b"\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
        2**63 - 1: b"\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
    }
    for size, field in fields.items():
        assert encode(size, False) == field
        assert encode(size, True) == bytes([field[0] + 0x80]) + field[1:]
    # </gap>
