"""Whatever a stranger sends or a file has in it: only documented errors come out, and memory stays under the limits."""

from __future__ import annotations

import random
import tracemalloc
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import seed as begin_with
from hypothesis import strategies as st

from fuzz.targets import LIMITS, TARGETS, endpoint
from wsedu.protocol.closing import Phase
from wsedu.protocol.types import Role
from wsedu.trace.hexinput import HexError, read_hex

EXAMPLES = 200
"""For each target, in every run."""

DEEP = 1600
"""For each target, in the long run: more than 20,000 over all."""


def test_there_are_enough_examples() -> None:
    assert DEEP * len(TARGETS) >= 20_000


def inputs(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Random bytes, and good inputs one after the other, with some of their bytes changed, cut out or put in."""
    good = st.lists(st.sampled_from(seeds), min_size=1, max_size=4).map(b"".join)
    damage = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), st.binary(max_size=4)), max_size=4)
    return st.binary(max_size=300) | st.builds(damaged, good, damage)


def damaged(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The input with each change made: at a place, so many bytes replaced by others."""
    for place, size, new in changes:
        at = place % (len(data) + 1)
        data = data[:at] + new + data[at + size :]
    return data


def attack(name: str, examples: int, first: int) -> None:
    """Feed a target what `inputs` makes of its own seeds, from the seed of the run on."""
    target = TARGETS[name]

    @begin_with(first)
    @settings(max_examples=examples)
    @given(inputs(target.seeds))
    @example(b"")
    def hostile(data: bytes) -> None:
        target.run(data)

    for data in target.seeds:
        target.run(data)
    hostile()


@pytest.mark.parametrize("name", TARGETS)
def test_only_documented_errors_come_out(name: str, seed: int) -> None:
    attack(name, EXAMPLES, seed)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", TARGETS)
def test_only_documented_errors_come_out_of_many_inputs(name: str, seed: int) -> None:
    attack(name, DEEP, seed)


# --- Memory ---

ROOM = 64 << 10
"""Bytes that an endpoint, its events and the interpreter may need beside a message of the size of the limit."""


HELLO = bytes.fromhex("f248cdc9c90700")
"""RFC 7692 §7.2.3.1."""


def peak_of(end_input: bytes, *, compress: bool, step: int) -> int:
    """Bytes of memory at the worst moment while a server reads this."""

    def read() -> None:
        end = endpoint(Role.SERVER, Phase.OPEN, compress=compress)
        for start in range(0, len(end_input), step):
            end.receive_data(end_input[start : start + step])
            end.data_to_send()
            end.events()

    # Once before, so that what is imported on first need does not count.
    read()
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def masked_zeros(first: int, payload: bytes) -> bytes:
    """A client's frame whose masking key is zero."""
    return bytes([first, 0xFE]) + len(payload).to_bytes(2, "big") + bytes(4) + payload


def test_a_length_that_is_announced_takes_no_memory() -> None:
    announced = b"\x82\xff" + (1 << 40).to_bytes(8, "big") + bytes(4) + bytes(100_000)
    assert peak_of(announced, compress=False, step=1000) < ROOM


def test_fragments_take_no_more_than_the_limit() -> None:
    """A thousand fragments of 1,000 bytes: the third does not fit any more."""
    stream = b"".join(masked_zeros(0x02 if number == 0 else 0x00, bytes(1000)) for number in range(1000))
    assert peak_of(stream, compress=False, step=4096) < ROOM


def test_a_bomb_is_not_unpacked() -> None:
    squeeze = zlib.compressobj(wbits=-15)
    packed = squeeze.compress(bytes(32 << 20)) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    # Cut so that it is within the limit of a frame: it still stands for a hundred times what is allowed.
    packed = packed[: LIMITS.frame_size]
    assert len(zlib.decompressobj(wbits=-15).decompress(packed)) > 100 * LIMITS.max_message_size
    # What zlib itself needs, window and all, is the same for a message that is harmless.
    harmless = peak_of(masked_zeros(0xC2, HELLO), compress=True, step=4096)
    assert peak_of(masked_zeros(0xC2, packed), compress=True, step=4096) < harmless + ROOM


def test_an_endless_head_takes_no_memory(request: pytest.FixtureRequest) -> None:
    source = random.Random(request.config.getoption("--seed"))
    end = endpoint(Role.SERVER, Phase.CONNECTING)
    tracemalloc.start()
    try:
        end.receive_data(b"GET / HTTP/1.1\r\n")
        for _ in range(2000):
            end.receive_data(b"X-%d: %s\r\n" % (source.randrange(10**6), b"a" * 500))
            end.events()
            end.data_to_send()
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()
    assert end.phase in (Phase.FAILED, Phase.CLOSED)


@pytest.mark.parametrize("offset", ["0fffffff", "ffffffffffffffff"])
def test_a_dump_does_not_take_the_memory_that_its_offset_claims(offset: str) -> None:
    """Found by fuzzing: a star stands for equal rows up to the next offset, whatever that is."""
    row = "00000000  81 05 48 65 6c 6c 6f 00  81 05 48 65 6c 6c 6f 00\n"
    tracemalloc.start()
    try:
        with pytest.raises(HexError) as caught:
            read_hex(f"{row}*\n{offset}\n")
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()
    assert (caught.value.line, caught.value.problem) == (3, "squeezed")
    assert len(read_hex(f"{row}*\n00000100\n")) == 0x100
