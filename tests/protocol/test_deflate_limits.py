"""Bombs: what inflates to far more than a message may have is refused before it is unpacked (RFC 6455 §10.4)."""

from __future__ import annotations

import functools
import tracemalloc
import zlib
from typing import Any

import pytest

from tests.deflating import TAIL, compressing, deflated, unmasked
from tests.rfc.peers import wire_frames
from tests.support import as_sent_by, frames_begin
from wsedu import Connection, Limits, Role
from wsedu.protocol.deflate import MAX_FINAL_BLOCKS

MIB = 1 << 20
BOMB = 256 * MIB
LIMITS = Limits(max_message_size=MIB)
SPARE = 4 * MIB
"""What an endpoint may hold beside one message: the copy that it joins, and the inflater's own window."""

BOTH = pytest.mark.parametrize("role", list(Role))


@functools.cache
def packed(size: int, *, final: bool = False) -> bytes:
    """A run of zeros, compressed so that it can be put behind itself; with a last block or without one."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(size)) + packer.flush(zlib.Z_FINISH if final else zlib.Z_FULL_FLUSH)


def frames(role: Role, payloads: list[bytes]) -> bytes:
    """A compressed message in these frames."""
    # A key of zeros leaves the payload as it is, and the tests need not mask it.
    out = []
    for number, payload in enumerate(payloads):
        first = (0x42 if number == 0 else 0) | (0x80 if number == len(payloads) - 1 else 0)
        frame = unmasked(first, payload)
        header = len(frame) - len(payload)
        out.append(frame if role is Role.CLIENT else _with_mask(frame[:header]) + payload)
    return b"".join(out)


def _with_mask(header: bytes) -> bytes:
    return bytes([header[0], header[1] | 0x80]) + header[2:] + bytes(4)


def in_one_frame(size: int) -> list[bytes]:
    return [packed(MIB) * (size // MIB)]


def in_many_frames(size: int) -> list[bytes]:
    data = in_one_frame(size)[0]
    return [data[start : start + 500] for start in range(0, len(data), 500)]


def in_many_final_blocks(size: int) -> list[bytes]:
    """So many in a frame as it may have."""
    block = packed(size // 10_000, final=True)
    return [block * (MAX_FINAL_BLOCKS - 1) for _ in range(10_000 // (MAX_FINAL_BLOCKS - 1))]


def in_one_frame_of_final_blocks(size: int) -> list[bytes]:
    """A frame with more final blocks than it may have is refused for their number, or for what they inflate to."""
    return [packed(size // 10_000, final=True) * 10_000]


BOMBS = [in_one_frame, in_many_frames, in_many_final_blocks, in_one_frame_of_final_blocks]


@BOTH
@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_a_bomb_is_refused_before_it_is_unpacked(role: Role, make: Any) -> None:
    stream = frames(role, make(BOMB))
    assert len(stream) < 2 * MIB, "it is small on the wire"
    endpoint = compressing(role, limits=LIMITS)
    # What is loaded on first need, such as numpy, is not the bomb's.
    compressing(role).receive_data(stream)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for start in range(0, len(stream), 1 << 16):
            endpoint.receive_data(stream[start : start + (1 << 16)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert endpoint.violation is not None
    assert endpoint.violation.rule.code == 1009
    assert [(frame.opcode, frame.code) for frame in wire_frames(endpoint.data_to_send())] == [(8, 1009)]
    assert peak - before < LIMITS.max_message_size + SPARE


def test_the_bombs_are_as_big_as_they_claim() -> None:
    for make in (in_one_frame, in_many_frames):
        inflater, size = zlib.decompressobj(-15), 0
        for payload in make(BOMB // 32):
            size += len(inflater.decompress(payload))
        assert size == BOMB // 32
    for many in (in_many_final_blocks, in_one_frame_of_final_blocks):
        size, block = 0, len(packed(BOMB // 10_000, final=True))
        for payload in many(BOMB):
            size += len(payload) // block * len(zlib.decompress(payload[:block], -15))
        assert size > BOMB * 0.95


class Counting:
    """zlib, which counts what is inflated.

    Attributes:
        inflated: bytes that came out.
        inflaters: how many were made.
    """

    error = zlib.error
    compressobj = staticmethod(zlib.compressobj)
    DEFLATED, Z_SYNC_FLUSH = zlib.DEFLATED, zlib.Z_SYNC_FLUSH

    def __init__(self) -> None:
        self.inflated = self.inflaters = 0

    def decompressobj(self, *arguments: Any, **options: Any) -> Inflating:
        self.inflaters += 1
        return Inflating(self, zlib.decompressobj(*arguments, **options))


class Inflating:
    """An inflater of `Counting`."""

    def __init__(self, counts: Counting, inflater: Any) -> None:
        self._counts = counts
        self._inflater = inflater

    def decompress(self, data: bytes, max_length: int) -> bytes:
        assert max_length > 0, "0 is no limit"
        plain: bytes = self._inflater.decompress(data, max_length)
        self._counts.inflated += len(plain)
        return plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inflater, name)


@BOTH
@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_the_work_for_a_bomb_is_bounded(role: Role, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte more than a message may have is inflated at most, and with as few inflaters as that takes."""
    counts = Counting()
    monkeypatch.setattr("wsedu.protocol.deflate.zlib", counts)
    endpoint = compressing(role, limits=LIMITS)
    endpoint.receive_data(frames(role, make(BOMB)))
    assert endpoint.violation is not None
    assert counts.inflated <= LIMITS.max_message_size + 1
    assert counts.inflaters <= 2 + MAX_FINAL_BLOCKS + 1


@BOTH
def test_a_frame_of_empty_final_blocks_makes_few_inflaters(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """It inflates to nothing, so that no size tells of it."""
    counts = Counting()
    monkeypatch.setattr("wsedu.protocol.deflate.zlib", counts)
    endpoint = compressing(role, limits=LIMITS)
    endpoint.receive_data(frames(role, [bytes.fromhex("0300") * 500_000]))
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "INFLATE"
    assert endpoint.violation.offset == frames_begin(endpoint)
    assert counts.inflaters <= 2 + MAX_FINAL_BLOCKS


@BOTH
def test_what_is_announced_is_refused_before_it_comes(role: Role) -> None:
    """Compressed or not, a frame that is longer than the limit is not waited for."""
    endpoint = compressing(role, limits=Limits(max_message_size=1000))
    first, _ = deflated(bytes(900), b"")
    endpoint.receive_data(frames(role, [first, b"", b""])[: -2 - 4 * (role is Role.SERVER)])
    endpoint.receive_data(as_sent_by(role.peer, b"\x80\x7e\x00\xc8"))
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "MESSAGE_TOO_BIG"
    assert endpoint.violation.detail == {"length": 1100, "limit": 1000}


@BOTH
def test_one_message_of_many_at_the_limit_does_not_count_for_the_next(role: Role) -> None:
    endpoint = compressing(role, limits=LIMITS)
    for _ in range(3):
        receive_whole(endpoint, frames(role, [packed(MIB)[:-4]]))
    assert endpoint.violation is None


def receive_whole(endpoint: Connection, data: bytes) -> None:
    """Receive one message of the greatest size."""
    endpoint.receive_data(data)
    (event,) = endpoint.events()
    assert getattr(event, "data", b"") == bytes(MIB)
    assert data[-4:] != TAIL
