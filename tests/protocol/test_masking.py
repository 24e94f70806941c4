"""Masking (RFC 6455 §5.3) against a loop over bytes, at every size at which the method changes."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import KEY, as_bytes, vectors, xor
from wsedu.protocol import masking
from wsedu.protocol.masking import apply_mask, masked_frame, unmask_slice
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.steps import MaskByte, Step

# Around the sizes at which another method takes over, whatever they are, with every remainder modulo 4.
SIZES = sorted(
    {max(0, edge + step) for edge in (0, 126, masking._SMALL_MAX, masking._SCRATCH_MAX, 65536) for step in range(-5, 6)}
)


@pytest.fixture(params=["numpy", "integers"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With numpy, and on a machine that has none."""
    if request.param == "integers":
        monkeypatch.setattr(masking, "_ndarray", None)
        monkeypatch.setattr(masking, "_numpy_missing", False)
        monkeypatch.setitem(sys.modules, "numpy", None)
    return str(request.param)


def some_bytes(size: int, seed: int) -> bytes:
    return random.Random(seed + size).randbytes(size)


def test_the_example_of_the_rfc() -> None:
    [frame] = [vector for vector in vectors()["rfc6455"]["frames"] if vector["name"] == "masked text frame"]
    key = as_bytes(frame["masking_key_hex"])
    assert apply_mask(as_bytes(frame["payload_hex"]), key) == as_bytes(frame["wire_payload_hex"])
    assert apply_mask(as_bytes(frame["wire_payload_hex"]), key) == b"Hello"


@pytest.mark.parametrize("size", SIZES)
def test_every_method_is_the_loop_of_the_rfc(size: int, seed: int, method: str) -> None:
    payload = some_bytes(size, seed)
    for key in (KEY, bytes(4), b"\x00\x00\x00\xff", b"\xff\x00\x80\x01"):
        assert apply_mask(payload, key) == xor(payload, key)


@pytest.mark.parametrize("size", SIZES)
def test_a_piece_of_a_payload_goes_on_with_the_right_key_byte(size: int, seed: int, method: str) -> None:
    around = some_bytes(size + 7, seed)
    for phase in range(9):
        key = KEY[phase % 4 :] + KEY[: phase % 4]
        assert unmask_slice(around, 3, 3 + size, KEY, phase) == xor(around[3 : 3 + size], key)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("header_size", [2, 4, 10])
def test_a_masked_frame_is_header_key_and_masked_payload(size: int, header_size: int, seed: int, method: str) -> None:
    payload, header = some_bytes(size, seed), bytes(range(0xF0, 0xF0 + header_size))
    assert masked_frame(header, payload, KEY) == header + KEY + xor(payload, KEY)


@given(st.binary(max_size=2000), st.binary(min_size=4, max_size=4))
def test_masking_twice_gives_the_payload_back(payload: bytes, key: bytes) -> None:
    once = apply_mask(payload, key)
    assert once == xor(payload, key)
    assert apply_mask(once, key) == payload


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_takes_any_kind_of_bytes_and_leaves_them_alone(kind: type) -> None:
    given_bytes = kind(b"Hello, world" * 200)
    result = apply_mask(given_bytes, KEY)
    assert type(result) is bytes
    assert bytes(given_bytes) == b"Hello, world" * 200
    assert result == xor(b"Hello, world" * 200, KEY)


@pytest.mark.parametrize("key", [b"", b"abc", b"abcde"])
def test_a_key_has_four_bytes(key: bytes) -> None:
    with pytest.raises(LocalViolation) as caught:
        apply_mask(b"Hello", key)
    assert caught.value.rule.name == "KEY_LENGTH"
    assert caught.value.detail == {"length": len(key)}


def test_each_byte_is_a_step_that_can_be_recomputed() -> None:
    steps: list[Step] = []
    result = apply_mask(b"Hello", KEY, tracer=steps.append)
    assert len(steps) == len(result)
    for index, step in enumerate(steps):
        assert isinstance(step, MaskByte)
        assert step.index == index
        assert (step.given, step.key_byte) == (b"Hello"[index], KEY[index % 4])
        assert step.result == step.given ^ step.key_byte == result[index]


def test_numpy_is_looked_for_once_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_ndarray", None)
    monkeypatch.setattr(masking, "_numpy_missing", False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    payload = bytes(masking._SMALL_MAX + 1)
    apply_mask(payload, KEY)
    monkeypatch.delitem(sys.modules, "numpy")
    apply_mask(payload, KEY)
    assert masking._ndarray is None, "a failed import is not tried again"


def test_threads_do_not_share_a_scratch_buffer(seed: int) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def work(number: int) -> bool:
        key = random.Random(seed + number).randbytes(4)
        payload = some_bytes(masking._SMALL_MAX + 1 + number % 600, seed)
        return all(apply_mask(payload, key) == xor(payload, key) for _ in range(5))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(40)))
