"""Damaged trace files: the number of the wrong line, and everything before it; never another error."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsedu import Trace
from wsedu.protocol.steps import KINDS, Level
from wsedu.scenarios import SCENARIOS
from wsedu.trace.jsonl import DamagedTraceError, lines, loads
from wsedu.trace.trace import FORMAT

from ..scenarios.world import World

TRACE = World(SCENARIOS["split-utf8"], level=Level.BASE).play()
LINES = list(lines(TRACE))
DATA = "".join(f"{line}\n" for line in LINES).encode()
UNTOUCHED = loads(DATA.decode()).records


ADDED_LATER = {"transport.end.received": {"clean"}, "transport.opened": {"tls"}, "mask.byte": {"sent"}}
"""Facts that an older file may lack; they have a value then that was always so."""


def load(data: bytes) -> Trace:
    """Load these bytes from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.jsonl"
        path.write_bytes(data)
        return Trace.load(str(path))


def damaged(changed: list[str]) -> DamagedTraceError:
    """The error for these lines."""
    with pytest.raises(DamagedTraceError) as caught:
        loads("".join(f"{line}\n" for line in changed))
    return caught.value


def test_the_trace_of_these_tests_has_many_kinds() -> None:
    assert len({record.step.kind for record in TRACE}) > 12


@pytest.mark.parametrize("number", range(1, len(LINES) + 1))
def test_each_line_cut_anywhere(number: int) -> None:
    line = LINES[number - 1]
    for end in {1, 2, len(line) // 3, len(line) // 2, len(line) - 2, len(line) - 1}:
        error = damaged([*LINES[: number - 1], line[:end], *LINES[number:]])
        assert (error.line, error.problem) == (number, "json")
        assert error.trace.records == UNTOUCHED[: max(0, number - 2)]
        assert str(error).startswith(f"line {number}: ")


GARBAGE = [
    "?",
    "[]",
    "null",
    "0",
    '"text"',
    "{}",
    "NaN",
    "[" * 100_000,
    '{"n": 1e999}',
    "\x00",
    "{" + "9" * 10_000 + "}",
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=[one[:8] for one in GARBAGE])
def test_each_line_replaced_by_garbage(garbage: str) -> None:
    for number in (1, 2, len(LINES) // 2, len(LINES)):
        error = damaged([*LINES[: number - 1], garbage, *LINES[number:]])
        assert error.line == number
        assert error.problem in ("json", "deep", "header", "missing", "field")
        assert error.trace.records == UNTOUCHED[: max(0, number - 2)]


def first_of_each_kind() -> list[tuple[str, int]]:
    """Every kind in the trace, and the number of its first line."""
    found: dict[str, int] = {}
    for number, line in enumerate(LINES[1:], 2):
        found.setdefault(json.loads(line)["kind"], number)
    return list(found.items())


@pytest.mark.parametrize(("kind", "number"), first_of_each_kind())
def test_a_missing_fact_or_one_of_a_wrong_type(kind: str, number: int) -> None:
    value = json.loads(LINES[number - 1])
    facts = set(TRACE.records[number - 2].step.facts())
    for name in {"n", "t", "kind"} | facts - ADDED_LATER.get(kind, set()):
        without = {key: one for key, one in value.items() if key != name}
        error = damaged([*LINES[: number - 1], json.dumps(without), *LINES[number:]])
        assert (error.line, error.problem, error.detail) == (number, "missing", name)
    for name in {"n", "t", "connection", "endpoint", "kind", "span"} | facts:
        for wrong in (True, 1.5, {"x": 1}, [1, 2], "wrong type"):
            if fits(value.get(name), wrong):
                continue
            error = damaged([*LINES[: number - 1], json.dumps({**value, name: wrong}), *LINES[number:]])
            assert (error.line, error.problem.replace("missing", "field")) == (number, "field"), (name, wrong)
            assert error.detail.partition(".")[0] == name


def test_a_fact_that_came_later_is_not_missed_in_an_older_file() -> None:
    line = '{"n": 1, "t": 0.0, "kind": "mask.byte", "index": 0, "given": 1, "key_byte": 3, "result": 2}'
    assert loads(f"{LINES[0]}\n{line}\n").records[0].step.facts()["sent"] is True


def fits(right: Any, wrong: Any) -> bool:
    """Whether a value would be in order where the right one stands; None tells nothing about what else may."""
    if isinstance(wrong, str):
        # Text is in order where there is text that is neither hex nor a name of a fixed set.
        return right is None or (isinstance(right, str) and not is_hex(right) and right not in FIXED)
    if isinstance(right, float):
        return isinstance(wrong, float)
    return type(right) is type(wrong) and isinstance(right, bool | dict) and "fin" not in str(right)


FIXED = {"client", "server"}


def is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("opcode", 16),
        ("opcode", -1),
        ("opcode", True),
        ("payload", "0"),
        ("payload", None),
        ("fin", 1),
        ("rsv3", None),
        ("masking_key", "373737"),
        ("masking_key", ""),
        ("length_form", 8),
    ],
)
def test_frames_that_no_wire_can_carry(name: str, wrong: Any) -> None:
    number = next(number for number, line in enumerate(LINES, 1) if '"frame.complete"' in line)
    value = json.loads(LINES[number - 1])
    value["frame"][name] = wrong
    error = damaged([*LINES[: number - 1], json.dumps(value)])
    assert (error.line, error.problem) == (number, "field")


@pytest.mark.parametrize("span", [[], ["client-to-server", 1], ["up", 1, 2], ["client-to-server", "1", 2], 7, "abc"])
def test_spans_that_are_none(span: Any) -> None:
    line = json.dumps({"n": 1, "t": 0, "kind": "bytes.ignored", "length": 1, "span": span})
    assert damaged([LINES[0], line]).line == 2


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\n\n" + DATA, b"   \n" + DATA], ids=["empty", "line end", "later", "spaces"]
)
def test_a_file_without_a_header(data: bytes) -> None:
    with pytest.raises(DamagedTraceError) as caught:
        load(data)
    assert caught.value.line == 1
    assert len(caught.value.trace) == 0


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"kind": "trace.header", "format": FORMAT + 1}, "version"),
        ({"kind": "trace.header", "format": "1"}, "header"),
        ({"kind": "trace.header", "format": True}, "header"),
        ({"kind": "trace.header", "format": 0}, "header"),
        ({"kind": "trace.header"}, "header"),
        ({"kind": "frame.complete", "format": 1}, "header"),
    ],
)
def test_headers_that_are_none_or_of_a_newer_format(header: dict[str, Any], problem: str) -> None:
    error = damaged([json.dumps(header), *LINES[1:]])
    assert (error.line, error.problem) == (1, problem)
    assert len(error.trace) == 0


@pytest.mark.parametrize(
    "wrong",
    [b"\xff", b'{"n":1,"t":0,"kind":"future","text":"\xc3("}', b'{"n":1,"t":0,"kind":"future","text":"\\ud800"}'],
)
def test_bytes_that_are_not_utf8(wrong: bytes) -> None:
    keep = [line.encode() for line in LINES[:4]]
    with pytest.raises(DamagedTraceError) as caught:
        load(b"\n".join([*keep, wrong, *keep]))
    assert (caught.value.line, caught.value.problem) == (5, "json")
    assert caught.value.trace.records == UNTOUCHED[:3]


def test_a_file_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Trace.load(str(tmp_path / "nothing"))


# --- Anything at all ---


def read_or_refuse(data: bytes) -> DamagedTraceError | Trace:
    """What reading gives; whatever can be read can be written, and read again."""
    try:
        trace = load(data)
    except DamagedTraceError as error:
        return error
    written = list(lines(trace))
    assert list(lines(loads("\n".join(written)))) == written
    return trace


@st.composite
def mutations(draw: st.DrawFn) -> tuple[int, bytes]:
    """A trace file in which some bytes were replaced, and the line in which the first of them stands."""
    start = draw(st.integers(0, len(DATA) - 1))
    end = draw(st.integers(start, min(len(DATA), start + 40)))
    new = draw(st.binary(max_size=20))
    return 1 + DATA.count(b"\n", 0, start), DATA[:start] + new + DATA[end:]


@settings(max_examples=150)
@given(mutations())
def test_mutated_files_are_read_or_refused_by_line(mutated: tuple[int, bytes]) -> None:
    line, data = mutated
    outcome = read_or_refuse(data)
    trace = outcome.trace if isinstance(outcome, DamagedTraceError) else outcome
    if isinstance(outcome, DamagedTraceError):
        # A cut that takes a line end away may show only in the line that was joined.
        assert outcome.line >= line
    before = max(0, line - 2)
    assert trace.records[:before] == UNTOUCHED[:before]


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome = read_or_refuse(data)
    if isinstance(outcome, DamagedTraceError):
        assert 1 <= outcome.line <= data.count(b"\n") + data.count(b"\r") + 1


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
likely = (
    plain
    | st.sampled_from(["", "00", "0", "client", "server-to-client", "trace.header"])
    | st.just(["client-to-server", 0, 8])
    | st.just([["a", "b"]])
)


@st.composite
def steps_of_a_kind(draw: st.DrawFn) -> dict[str, Any]:
    """An object with the keys of a step, and anything as their values."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    value = {"n": 1, "t": 0.5, "kind": kind, **dict.fromkeys(KINDS[kind].__dataclass_fields__)}
    return {
        key: draw(likely) if key not in ("n", "t", "kind") or draw(st.integers(0, 9)) == 0 else right
        for key, right in value.items()
    }


@settings(max_examples=300)
@given(steps_of_a_kind())
def test_any_values_of_a_step_are_read_or_refused(value: dict[str, Any]) -> None:
    outcome = read_or_refuse(f"{LINES[0]}\n{json.dumps(value)}\n".encode())
    if isinstance(outcome, DamagedTraceError):
        assert (outcome.line, len(outcome.trace)) == (2, 0)
    else:
        assert len(outcome) == 1
