"""Traces as files: what is saved is what is loaded, for every scenario, to the last field."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from wsedu import Trace, __version__
from wsedu.protocol.steps import KINDS, Level, UnknownStep, fact_names
from wsedu.scenarios import SCENARIOS
from wsedu.trace.jsonl import READERS, lines, loads
from wsedu.trace.trace import FORMAT, Record

from ..scenarios.world import World


def played(name: str, level: Level = Level.EXTRA) -> Trace:
    """A trace of that scenario in memory, with times that are not all the same."""
    world = World(SCENARIOS[name], level=Level.BASE if name == "large" else level)
    times = iter(range(10**9))
    world.trace.clock = lambda: next(times) / 7
    trace = world.play()
    trace.header = type(trace.header)(FORMAT, __version__, 1, name)
    return trace


def rounded(records: list[Record]) -> list[Record]:
    """The records with their times in whole microseconds, as a file has them."""
    return [record._replace(t=round(record.t, 6)) for record in records]


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_what_is_saved_is_what_is_loaded(name: str, tmp_path: Path) -> None:
    trace = played(name)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    trace.save(str(first))
    loaded = Trace.load(str(first))
    assert loaded.header == trace.header
    assert loaded.records == rounded(trace.records)
    loaded.save(str(second))
    assert second.read_bytes() == first.read_bytes()


def test_each_line_is_one_object_and_the_first_is_the_header() -> None:
    trace = played("tour")
    objects = [json.loads(line) for line in lines(trace)]
    assert objects[0] == {
        "kind": "trace.header",
        "format": FORMAT,
        "wsedu": __version__,
        "seed": 1,
        "scenario": "tour",
    }
    assert [one["n"] for one in objects[1:]] == list(range(1, len(objects)))
    assert objects[1]["t"] == 0
    for one, record in zip(objects[1:], trace, strict=True):
        step = record.step
        assert {"n", "t", "connection", "endpoint", "kind"} <= set(one)
        assert one["kind"] == step.kind
        assert (one.get("rule"), one.get("rfc")) == (step.rule, step.rfc)
        assert set(fact_names(type(step))) <= set(one)


def strings(value: Any) -> list[str]:
    """Every string inside a JSON value."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def test_bytes_are_lower_case_hex() -> None:
    for line in lines(played("fragments")):
        one = json.loads(line)
        if one["kind"].startswith("bytes.") and "data" in one:
            assert re.fullmatch(r"([0-9a-f]{2})+", one["data"])
        if one["kind"] == "frame.complete":
            assert re.fullmatch(r"([0-9a-f]{2})*", one["frame"]["payload"])
            assert one["frame"]["masking_key"] is None or re.fullmatch(r"[0-9a-f]{8}", one["frame"]["masking_key"])


def test_a_frame_can_be_read_from_the_file_without_this_library() -> None:
    """The masked Hello of a known seed: key and payload as plain hex, the span in bits."""
    objects = [json.loads(line) for line in lines(played("hello"))]
    sent = next(one for one in objects if one["kind"] == "frame.complete" and one["endpoint"] == "client")
    wire = b"".join(
        bytes.fromhex(one["data"]) for one in objects if one["kind"] == "bytes.sent" and one["endpoint"] == "client"
    )
    direction, first_bit, bits = sent["span"]
    assert direction == "client-to-server"
    frame = wire[first_bit // 8 : (first_bit + bits) // 8]
    key = bytes.fromhex(sent["frame"]["masking_key"])
    assert frame[:6] == b"\x81\x85" + key
    assert bytes(byte ^ key[index % 4] for index, byte in enumerate(frame[6:])) == b"Hello"
    assert bytes.fromhex(sent["frame"]["payload"]) == b"Hello"


def test_text_that_is_not_ascii_stays_readable() -> None:
    trace = Trace()
    trace.add(UnknownStep(name="note", values={"kind": "note", "text": "你好"}))
    assert "你好" in list(lines(trace))[1]


def test_every_type_that_a_fact_has_can_be_read() -> None:
    for kind in KINDS.values():
        hints = get_type_hints(kind)
        for name in fact_names(kind):
            assert hints[name] in READERS, (kind.kind, name)


# --- What this version does not know ---

HEADER = '{"kind":"trace.header","format":1,"wsedu":"9.9","seed":null,"scenario":null}'
FUTURE = (
    '{"n":1,"t":0.5,"connection":2,"endpoint":"server","kind":"deflate.window",'
    '"rfc":"7692","bits":15,"deep":[{"a":null}]}'
)


def test_unknown_kinds_are_kept_and_written_back_unchanged() -> None:
    trace = loads(f"{HEADER}\n{FUTURE}\n")
    (record,) = trace
    assert isinstance(record.step, UnknownStep)
    assert (record.n, record.t, record.connection, record.step.endpoint) == (1, 0.5, 2, "server")
    assert record.step.name == "deflate.window"
    assert list(lines(trace)) == [HEADER, FUTURE]


def test_unknown_kinds_can_be_found_by_their_name() -> None:
    trace = loads(f"{HEADER}\n{FUTURE}\n")
    assert len(trace.filter(kind="deflate.window")) == 1
    assert len(trace.filter(kind="deflate.")) == 1
    assert len(trace.filter(kind="frame.")) == 0


def test_unknown_keys_do_not_hinder_reading() -> None:
    line = '{"n":1,"t":0.0,"kind":"bytes.ignored","length":3,"new_in_format_1":"x"}'
    (record,) = loads(f'{HEADER[:-1]},"more":[]}}\n{line}\n')
    assert record.step.facts() == {"length": 3}


def test_empty_lines_between_steps_do_not_count() -> None:
    assert len(loads(f"{HEADER}\n\n{FUTURE}\n   \n\n")) == 1


def test_line_ends_of_other_systems_are_read() -> None:
    assert list(lines(loads(f"{HEADER}\r\n{FUTURE}\r\n"))) == [HEADER, FUTURE]
