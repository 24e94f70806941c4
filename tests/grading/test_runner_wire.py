"""What the two sides may say to each other."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsedu.grading.runner import wire

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.binary().map(bytearray)
)
KEYS = st.one_of(st.text(), st.integers(), st.binary())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)


@given(VALUES)
def test_a_value_comes_back_as_it_was_its_types_as_well(value: object) -> None:
    assert wire.same(wire.unpack(wire.pack(value)), value)


@given(VALUES, VALUES)
def test_only_the_same_value_has_the_same_bytes(one: object, other: object) -> None:
    if not wire.same(one, other):
        assert wire.pack(one) != wire.pack(other)


@given(
    st.binary()
    | st.lists(st.sampled_from([b"i1:", b"l2:", b"d1:", b"t", b"N", b"T", b":", b"s3:", b"9"])).map(b"".join)
)
def test_bytes_that_are_no_value_are_junk_and_nothing_else(data: bytes) -> None:
    try:
        value = wire.unpack(data)
    except wire.JunkError:
        return
    wire.pack(value)


@given(VALUES, st.data())
def test_a_value_that_is_cut_short_or_followed_by_something_is_junk(value: object, data: st.DataObject) -> None:
    packed = wire.pack(value)
    for broken in (packed[: data.draw(st.integers(0, len(packed) - 1))], packed + b"N"):
        with pytest.raises(wire.JunkError):
            wire.unpack(broken)


class Text(str):
    pass


def _deep(levels: int) -> Any:
    found: Any = None
    for _ in range(levels):
        found = [found]
    return found


def _in_itself() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (Text("a"), "Text"),
        ([object()], "object"),
        ({"a": {1}}, "set"),
        ({Text("a"): 1}, "Text"),
        (lambda: None, "function"),
        (_deep(33), "deep"),
        (_in_itself(), "deep"),
        (2**4096, "huge int"),
        ([None] * 300_001, "long"),
        (dict.fromkeys(range(1001)), "long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_plain_data_is_not_sent(value: object, named: str) -> None:
    with pytest.raises(wire.NotPlainError, match=named):
        wire.pack(value)


@pytest.mark.parametrize(
    "value",
    [_deep(32), 2**4096 - 1, -(2**4096 - 1), [None] * 300_000, dict.fromkeys(range(1000)), b"x" * 10**6],
)
def test_the_largest_values_are_sent(value: object) -> None:
    assert wire.same(wire.unpack(wire.pack(value)), value)


@pytest.mark.parametrize(
    "data",
    [
        b"l9000000:" + b"N" * 9_000_000,
        b"l1:" * 40 + b"N",
        b"l150000:" + b"l3:NNN" * 150_000,
        b"i5000:" + b"9" * 5000,
        b"d2000:" + b"NN" * 2000,
        b"s-1:a",
        b"l-1:",
        b"s9999999999999:a",
        b"d1:l0:N",
        b"d1:i1:1",
        b"f3:xyz",
        b"s1:\xff",
    ],
    ids=lambda data: data[:12].decode("latin-1"),
)
def test_what_could_keep_its_reader_busy_is_junk_at_once(data: bytes) -> None:
    since = time.process_time()
    with pytest.raises(wire.JunkError):
        wire.unpack(data)
    assert time.process_time() - since < 1.0


def test_the_same_value_of_another_type_is_not_the_same() -> None:
    nan = float("nan")
    assert wire.same(nan, nan)
    for one, other in ((1, True), (0.0, -0.0), ([1], (1,)), (b"a", bytearray(b"a")), ("a", Text("a")), (1, 1.0)):
        assert not wire.same(one, other)
    assert not wire.same({"a": 1}, {"a": True})
    assert not wire.same([1, 2], [1])
