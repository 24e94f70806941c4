"""One verdict on one run, whatever it was saved as; and one clear line for a file that cannot be read."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.captures.exchange import Pair
from tests.cli.conftest import Run
from tests.cli.conftest import wsedu as wsedu
from wsedu.loopback import record
from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS
from wsedu.simulator import simulate
from wsedu.trace.harread import DamagedHarError, read_har
from wsedu.trace.harwrite import har_object
from wsedu.trace.pcaptrace import read_capture
from wsedu.trace.pcapwrite import write_pcapng
from wsedu.trace.trace import Trace

FRAMES_BROKEN = {"unmasked", "split-utf8", "cache-poisoning"}
"""What is wrong there is in the frames, which an archive does not have."""


def run_of(name: str) -> Trace:
    return record(name, seed=1) if name in SCENARIOS else simulate(name, seed=1)


@pytest.mark.parametrize("name", [*SCENARIOS, *VIRTUAL_SCENARIOS])
def test_a_run_has_one_verdict(name: str, tmp_path: Path) -> None:
    trace = run_of(name)
    legal = not trace.filter(kind="violation").records
    write_pcapng(trace, tmp_path / "a.pcapng")
    capture = read_capture((tmp_path / "a.pcapng").read_bytes())
    assert all(connection.legal for connection in capture.connections) is legal
    archived = not any(found.filter(kind="violation").records for found in read_har(har_object(trace)))
    assert archived is (legal or name in FRAMES_BROKEN)


def test_the_verdict_of_a_refused_handshake_says_so(wsedu: Run, tmp_path: Path) -> None:
    files = [str(tmp_path / f"a.{suffix}") for suffix in ("jsonl", "pcapng", "har")]
    saves = [argument for file in files for argument in ("--save", file)]
    assert wsedu("demo", "no-upgrade-proxy", "--seed", "1", *saves).returncode == 0
    for file in files:
        done = wsedu("decode", file)
        assert (done.returncode, "✔ Connection 1" in done.stdout) == (1, False), file
    assert "426 Upgrade Required" in wsedu("decode", files[1]).stdout.rpartition("✖ Connection 1")[2]


def test_connections_of_an_archive_have_headings_and_verdicts(wsedu: Run, tmp_path: Path) -> None:
    good = har_object(record("hello", seed=1))["log"]["entries"]
    refused = har_object(simulate("no-upgrade-proxy", seed=1))["log"]["entries"]
    path = tmp_path / "two.har"
    path.write_text(json.dumps({"log": {"entries": good + refused}}), encoding="utf-8")
    done = wsedu("decode", str(path))
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    first, second = text.split("WebSocket connection ")[1:3]
    assert first.startswith("1 of ")
    assert "✔ Connection 1" in first
    assert second.startswith("2 of ")
    assert "✖ Connection 2" in second


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_is_wider_than_the_terminal(wsedu: Run, tmp_path: Path, seed: int, language: str) -> None:
    pair = Pair(seed)
    pair.settle()
    pair.close()
    write_pcapng(pair.trace, tmp_path / "a.pcapng")
    done = wsedu("decode", "a.pcapng", "--lang", language, env={"COLUMNS": "40"}, cwd=str(tmp_path))
    assert done.returncode == 0
    widths = [sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in line) for line in done.stdout.splitlines()]
    assert max(widths) <= 40


GOOD = har_object(record("hello", seed=1))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pcapng", b"text that is no capture", "is no capture"),
        ("a.PCAP", b"\x81\x05Hello", "is no capture"),
        ("a.pcapng.gz", b"\x81\x05Hello", "is no capture"),
        ("a.pcapng", bytes.fromhex("0a0d0d"), "is cut"),
        ("a.pcapng", b"", "is empty"),
        ("a.har", b"", "is empty"),
        ("a.jsonl", b"", "is empty"),
        ("a.har", b"\x81\x05Hello", "line 1, column 1"),
        ("a.har", b"[" * 100_000, "nested too deeply"),
        ("a.har", json.dumps(GOOD).encode()[:200], "is cut"),
        ("a.har", b'{"log": 5}', "no HTTP archive"),
        ("a.har", b'{"log": {"entries": [{"_webSocketMessages": []}]}}', "entry 1 of {file} has no request"),
        ("a.jsonl", b"81 05 48656c6c6f", "Line 1 is not a JSON object"),
        ("a.jsonl", b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(wsedu: Run, tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for command in (("decode", str(path)), ("replay", str(path), "--to", "ws://127.0.0.1:1/")):
        done = wsedu(*command)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done
        if command[0] == "decode":
            assert said.format(file=path) in done.stderr
        assert "Error" not in done.stderr
        assert "recursion" not in done.stderr


def test_a_folder_is_called_a_folder(wsedu: Run, tmp_path: Path) -> None:
    done = wsedu("replay", str(tmp_path), "--to", "ws://127.0.0.1:1/")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "is a folder" in done.stderr


def without(value: Any, path: list[str]) -> Any:
    """A copy of an entry without one field."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[int(key) if key.isdecimal() else key]
    del inner[path[-1]]
    return copy


@pytest.mark.parametrize(
    "path",
    [
        "request",
        "request.url",
        "request.method",
        "response",
        "response.status",
        "startedDateTime",
        "request.headers[1].name",
        "_webSocketMessages[0].data",
        "_webSocketMessages[0].time",
        "_webSocketMessages[0].opcode",
        "_webSocketMessages[0].type",
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(path: str) -> None:
    entry = GOOD["log"]["entries"][0]
    keys = path.replace("[", ".").replace("]", "").split(".")
    with pytest.raises(DamagedHarError) as caught:
        read_har({"log": {"entries": [without(entry, keys)]}})
    assert (caught.value.problem, caught.value.entry, caught.value.field) == ("missing", 1, path)
    wrong = json.loads(json.dumps(entry))
    inner = wrong
    for key in keys[:-1]:
        inner = inner[int(key) if key.isdecimal() else key]
    inner[keys[-1]] = True
    with pytest.raises(DamagedHarError) as caught:
        read_har({"log": {"entries": [wrong]}})
    assert caught.value.problem in ("wrong", "missing")
    assert caught.value.field.startswith(path)
