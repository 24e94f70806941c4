"""`demo`: the story, its JSON, what it saves, and its manners."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from websockets.frames import Frame as TheirFrame
from websockets.protocol import CLIENT, OPEN, SERVER, Protocol

from tests.cli.conftest import Run
from wsedu.scenarios import SCENARIOS


def steps(text: str) -> list[dict[str, object]]:
    """The lines of a trace as objects; each must be one."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(value, dict) for value in found)
    return found


@pytest.fixture(scope="module")
def tour() -> str:
    """The trace of one run, as JSON Lines."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "wsedu", "demo", "--json", "--seed", "1"], capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
    return done.stdout.decode()


def sent_bytes(trace: list[dict[str, object]], direction: str) -> bytes:
    return b"".join(
        bytes.fromhex(str(step["data"]))
        for step in trace
        if step["kind"] == "bytes.sent" and step["span"][0] == direction  # type: ignore[index]
    )


def test_json_is_json_lines_and_nothing_else(tour: str) -> None:
    trace = steps(tour)
    assert trace[0]["kind"] == "trace.header"
    assert [step["n"] for step in trace[1:]] == list(range(1, len(trace)))


@pytest.mark.parametrize(
    ("direction", "side"), [("client-to-server", SERVER), ("server-to-client", CLIENT)], ids=["client", "server"]
)
def test_the_bytes_decode_with_another_library_to_the_frames_of_the_trace(
    tour: str, direction: str, side: object
) -> None:
    trace = steps(tour)
    stream = sent_bytes(trace, direction).partition(b"\r\n\r\n")[2]
    listed = [
        step["frame"]
        for step in trace
        if step["kind"] == "frame.complete" and step["sent"] and step["span"][0] == direction  # type: ignore[index]
    ]
    peer = Protocol(side, state=OPEN, max_size=None)  # type: ignore[arg-type]
    peer.receive_data(stream)
    theirs = [event for event in peer.events_received() if isinstance(event, TheirFrame)]
    assert [(frame.opcode, frame.fin, bytes(frame.data).hex()) for frame in theirs] == [
        (frame["opcode"], frame["fin"], frame["payload"])  # type: ignore[index]
        for frame in listed
    ]


def test_two_runs_with_one_seed_send_the_same_bytes(wsedu: Run, tour: str) -> None:
    again, other = steps(wsedu("demo", "--json", "--seed", "1").stdout), steps(wsedu("demo", "--json").stdout)
    for direction in ("client-to-server", "server-to-client"):
        assert sent_bytes(again, direction) == sent_bytes(steps(tour), direction)
    assert sent_bytes(other, "client-to-server") != sent_bytes(steps(tour), "client-to-server")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_told_to_its_end(wsedu: Run, name: str, language: str) -> None:
    done = wsedu("demo", "--scenario", name, "--lang", language, "--seed", "1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout  # no colours: this is a pipe
    assert "CLOSED" in done.stdout
    assert "{" not in done.stdout


def test_the_tour_tells_what_the_issue_promises(wsedu: Run) -> None:
    told = wsedu("demo", "--seed", "1").stdout
    for shown in (
        "127.0.0.1:",
        "SHA-1",
        "base64",
        '"Hello"',
        "65,536",
        "126",
        "Ping",
        "Pong",
        "CLOSE_EXCHANGED",
        "1000",
    ):
        assert shown in told


def test_a_scenario_can_be_named_without_an_option(wsedu: Run) -> None:
    first, second = (wsedu("demo", *arguments, "--json").stdout for arguments in (("hello",), ("--scenario", "hello")))
    assert json.loads(first.splitlines()[0]) == json.loads(second.splitlines()[0])


def test_colours_can_be_forced_and_refused(wsedu: Run) -> None:
    assert "\x1b[" in wsedu("demo", "--scenario", "hello", "--color", "always").stdout
    assert "\x1b[" not in wsedu("demo", "--scenario", "hello", env={"NO_COLOR": "1"}).stdout


def test_saves_all_that_is_asked_for(wsedu: Run, tmp_path: Path) -> None:
    names = ["run.jsonl", "run.svg", "run.png", "run.html"]
    options = [part for name in names for part in ("--save", str(tmp_path / name))]
    done = wsedu("demo", "--scenario", "fragments", "--seed", "1", *options)
    assert done.returncode == 0, done.stderr
    beginnings = {"run.jsonl": b'{"kind":"trace.header"', "run.svg": b"<", "run.png": b"\x89PNG\r\n", "run.html": b"<!"}
    for name in names:
        assert (tmp_path / name).read_bytes().startswith(beginnings[name]), name
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert wsedu("decode", str(tmp_path / "run.jsonl")).returncode == 0


@pytest.mark.parametrize("name", ["run.gif", "run", "nowhere/run.svg"])
def test_what_cannot_be_saved_is_said_before_the_run(wsedu: Run, tmp_path: Path, name: str) -> None:
    done = wsedu("demo", "--save", name, cwd=str(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_one_line_that_says_how_to_get_it(wsedu: Run, tmp_path: Path) -> None:
    (tmp_path / "trustme.py").write_text("raise ImportError", encoding="utf-8")
    done = wsedu("demo", "--tls", env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"{sys.executable} -m pip install trustme" in done.stderr
    assert "'.[tls]'" in done.stderr


def test_step_waits_and_q_stops_without_losing_what_was_to_be_saved(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    done = wsedu("demo", "--step", "--save", str(path), stdin=b"\n\nq\n")
    assert done.returncode == 130
    assert path.read_bytes().startswith(b'{"kind":"trace.header"')
    assert "3 ·" in done.stdout
    assert "4 ·" not in done.stdout
