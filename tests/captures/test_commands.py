"""Captures, archives and replay as a user has them: on the command line, with real tools and real sockets."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.captures.exchange import Pair, random_exchange, sent_frames, streams
from tests.cli.conftest import Run
from tests.cli.conftest import wsedu as wsedu
from wsedu.loopback import Endpoint, connect, record, serve
from wsedu.loopback.replay import replay_client, replay_server
from wsedu.loopback.replay_player import Outcome
from wsedu.loopback.replay_script import script_of
from wsedu.protocol.frame import Frame
from wsedu.protocol.types import Direction, Role
from wsedu.trace.harread import DamagedHarError, loads_har, read_har
from wsedu.trace.harwrite import har_object, write_har
from wsedu.trace.pcaptrace import read_capture
from wsedu.trace.pcapwrite import write_pcapng
from wsedu.trace.trace import Trace

DEADLINE = 20


# --- tcpdump ---


@pytest.mark.component("tcpdump", "apt-get install tcpdump, and run the tests as root")
def test_what_tcpdump_captures_is_what_passed(tmp_path: Path) -> None:
    path = tmp_path / "real.pcap"

    async def run() -> Trace:
        async def echo(ws: Endpoint) -> None:
            async for message in ws:
                await ws.send(message)

        trace = Trace()
        async with serve(echo, trace=False) as server:
            command = ["tcpdump", "-i", "lo", "-U", "-s", "0", "-B", "8192", "-w", str(path), f"tcp port {server.port}"]
            dump = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
            assert dump.stderr is not None
            while b"listening on" not in (line := await dump.stderr.readline()):
                assert line, "tcpdump does not capture: it needs root"
            async with connect(server.uri, trace=trace) as ws:
                for message in ("Hello", b"x" * 70_000, "", "é" * 63):
                    await ws.send(message)
                    assert await ws.recv() == message
            # tcpdump is behind: it has caught up once another connection's end is in the file.
            await _wait_for_end(path)
            dump.terminate()
            await dump.communicate()
        return trace

    trace = asyncio.run(asyncio.wait_for(run(), DEADLINE))
    (found,) = read_capture(path.read_bytes()).connections
    assert found.legal
    assert streams(found.trace)[Direction.TO_SERVER] == trace.bytes_of(Direction.TO_SERVER)
    assert streams(found.trace)[Direction.TO_CLIENT] == trace.bytes_of(Direction.TO_CLIENT, received=True)


async def _wait_for_end(path: Path, keys: Path | None = None) -> None:
    """Until the capture has the end of both directions."""
    while True:
        data = path.read_bytes()
        if len(data) > 24:
            capture = read_capture(data, key_log="" if keys is None else keys.read_text(encoding="ascii"))
            kinds = [record.step.kind for found in capture.connections for record in found.trace]
            if kinds.count("transport.end.received") == len(Role):
                return
        await asyncio.sleep(0.05)


# --- decode ---


def test_decode_shows_a_capture_and_judges_it(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    done = wsedu("demo", "--scenario", "hello", "--seed", "1", "--save", str(path))
    assert done.returncode == 0, done.stderr
    shown = wsedu("decode", str(path))
    assert shown.returncode == 0, shown.stderr
    for words in ("Sec-WebSocket-Key", '"Hello"', "1000"):
        assert words in shown.stdout
    lines = [json.loads(line) for line in wsedu("decode", "--json", str(path)).stdout.splitlines()]
    assert lines[0]["kind"] == "trace.header"
    assert sum(line["kind"] == "frame.complete" for line in lines) == 4


def test_decode_of_an_illegal_exchange_is_1_and_of_a_damaged_file_2(wsedu: Run, tmp_path: Path, seed: int) -> None:
    pair = Pair(seed)
    pair.ends[Role.CLIENT].send_frame(Frame.text("unmasked"))
    pair.settle()
    write_pcapng(pair.trace, tmp_path / "bad.pcapng")
    done = wsedu("decode", str(tmp_path / "bad.pcapng"))
    assert done.returncode == 1
    assert "CLIENT_MUST_MASK" in done.stdout
    data = (tmp_path / "bad.pcapng").read_bytes()
    (tmp_path / "cut.pcapng").write_bytes(data[:-7])
    done = wsedu("decode", str(tmp_path / "cut.pcapng"), "--lang", "zh")
    assert done.returncode == 2
    assert "GET /chat" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    (tmp_path / "none.pcapng").write_bytes(data[:20])
    done = wsedu("decode", str(tmp_path / "none.pcapng"))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_a_tls_trace_is_written_in_plaintext_and_says_so(wsedu: Run, tmp_path: Path) -> None:
    path, keys = tmp_path / "tls.pcapng", tmp_path / "keys.log"
    arguments = ("demo", "--scenario", "hello", "--tls", "--save", str(path))
    done = wsedu(*arguments, env={"SSLKEYLOGFILE": str(keys)})
    assert done.returncode == 0, done.stderr
    assert "plaintext" in done.stderr
    assert b"plaintext" in path.read_bytes()
    assert wsedu("decode", str(path)).returncode == 0
    # The same run gave its keys, of both directions, to whoever wants to open the real packets.
    assert {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} <= set(keys.read_text().split())


def test_the_commands_start_without_scapy() -> None:
    code = (
        "import sys, wsedu.cli.main, wsedu.cli.decode, wsedu.cli.demo, wsedu.cli.replay; print('scapy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=20)
    assert done.stdout.strip() == b"False"


# --- HTTP archives ---


def test_an_archive_has_the_messages_both_ways(seed: int, tmp_path: Path) -> None:
    trace = record("hello", seed=seed)
    write_har(trace, tmp_path / "a.har", start=1_700_000_000.0)
    (found,) = loads_har((tmp_path / "a.har").read_text(encoding="utf-8"))
    steps = [record.step for record in trace.filter(kind="message.complete")]
    told = [record.step for record in found.filter(kind="message.complete")]
    assert [(s.endpoint, s.opcode, s.data) for s in told] == [(s.endpoint, s.opcode, s.data) for s in steps]  # type: ignore[attr-defined]
    assert not found.filter(kind="frame.").records
    assert all(record.step.passed is not False for record in found.filter(kind="handshake.check"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("unit", [1, 1000], ids=["seconds", "milliseconds"])
def test_messages_of_browsers_and_mitmproxy_are_read(unit: int) -> None:
    archive = har_object(record("hello", seed=1))
    (entry,) = archive["log"]["entries"]
    entry["_webSocketMessages"] = [
        {"type": "send", "time": 1_700_000_000.5 * unit, "opcode": 1, "data": "héllo"},
        {"type": "receive", "time": 1_700_000_001.0 * unit, "opcode": 2, "data": "AQL/"},
    ]
    (found,) = read_har(archive)
    first, second = found.filter(kind="message.complete").records
    assert (first.step.endpoint, first.step.data) == (Role.SERVER, "héllo".encode())  # type: ignore[attr-defined]
    assert (second.step.endpoint, second.step.data) == (Role.CLIENT, b"\x01\x02\xff")  # type: ignore[attr-defined]
    assert second.t - first.t == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("broken", [{"opcode": 99}, {"type": "?"}, {"time": None}, {"opcode": 2, "data": "*"}])
def test_a_wrong_message_names_its_entry_and_keeps_what_came_before(broken: dict[str, object]) -> None:
    archive = har_object(record("hello", seed=1))
    good, bad = archive["log"]["entries"][0], json.loads(json.dumps(archive["log"]["entries"][0]))
    bad["_webSocketMessages"][0].update(broken)
    with pytest.raises(DamagedHarError) as caught:
        read_har({"log": {"entries": [good, bad]}})
    assert caught.value.entry == 2
    assert len(caught.value.traces) == 1


def test_decode_shows_an_archive(wsedu: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    assert wsedu("demo", "--scenario", "hello", "--seed", "1", "--save", str(path)).returncode == 0
    done = wsedu("decode", str(path))
    assert done.returncode == 0, done.stderr
    assert '"Hello"' in done.stdout
    assert "masked" in done.stdout  # that this is not known
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    done = wsedu("decode", str(path))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


# --- Replay ---


@pytest.fixture(scope="module")
def recording() -> Trace:
    """Three messages to a server that sends each back, a Ping, and the closing handshake."""
    trace = Trace()

    async def run() -> None:
        async with serve(_echo, trace=False) as server, connect(f"{server.uri}chat", trace=trace) as ws:
            await _talk(ws)

    asyncio.run(asyncio.wait_for(run(), DEADLINE))
    return trace


async def _echo(ws: Endpoint) -> None:
    async for message in ws:
        await ws.send(message)


async def _talk(ws: Endpoint) -> None:
    for message in ("Hello", b"x" * 70_000, ""):
        await ws.send(message)
        await ws.recv()
    await ws.ping(b"hi")


def replay_to(handler: object, trace: Trace, **options: object) -> Outcome:
    async def run() -> Outcome:
        async with serve(handler, trace=False) as server:  # type: ignore[arg-type]
            return await replay_client(script_of(trace, Role.CLIENT), server.uri, **options)  # type: ignore[arg-type]

    return asyncio.run(asyncio.wait_for(run(), DEADLINE))


@pytest.mark.parametrize("fast", [True, False])
def test_the_same_server_answers_the_same(recording: Trace, fast: bool) -> None:
    outcome = replay_to(_echo, recording, fast=fast)
    assert outcome.same
    assert outcome.sent == len(sent_frames(recording, Direction.TO_SERVER))


def test_a_capture_and_an_archive_can_be_replayed_too(recording: Trace, tmp_path: Path) -> None:
    write_pcapng(recording, tmp_path / "a.pcapng")
    (found,) = read_capture((tmp_path / "a.pcapng").read_bytes()).traces
    assert replay_to(_echo, found, fast=True).same
    (archived,) = read_har(har_object(recording))
    outcome = replay_to(_echo, archived, fast=True)
    assert outcome.same
    assert outcome.compared == 3


def test_the_first_difference_is_named(recording: Trace) -> None:
    async def wrong(ws: Endpoint) -> None:
        async for message in ws:
            await ws.send(message[:100] + b"y" + message[101:] if isinstance(message, bytes) else message)

    async def silent(ws: Endpoint) -> None:
        await ws.send(await ws.recv())
        await ws.wait_closed()

    difference = replay_to(wrong, recording, fast=True).difference
    assert difference is not None
    assert (difference.what, difference.number, difference.at) == ("payload", 2, 100)
    difference = replay_to(silent, recording, fast=True, patience=0.3).difference
    assert difference is not None
    assert (difference.what, difference.number) == ("missing", 2)


def test_the_server_is_played_to_a_client(recording: Trace) -> None:
    async def run() -> Outcome:
        listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        script = script_of(recording, Role.SERVER)
        playing = asyncio.create_task(replay_server(script, fast=True, listening=listening.set_result))
        async with connect(f"{await listening}chat", trace=False) as ws:
            await _talk(ws)
        return await playing

    assert asyncio.run(asyncio.wait_for(run(), DEADLINE)).same


def test_nothing_beyond_this_machine_unless_told(recording: Trace) -> None:
    with pytest.raises(ValueError, match="loopback"):
        asyncio.run(replay_client(script_of(recording, Role.CLIENT), "ws://192.0.2.1/"))
    with pytest.raises(ValueError, match="loopback"):
        asyncio.run(replay_server(script_of(recording, Role.SERVER), host="0.0.0.0"))


def test_illegal_bytes_are_replayed_as_they_were(seed: int) -> None:
    pair = Pair(seed)
    pair.ends[Role.CLIENT].send_frame(Frame(0x3, b"reserved", masking_key=b"abcd"))
    pair.settle()
    script = script_of(pair.trace, Role.CLIENT)
    assert script.acts[0].data == bytes([0x83, 0x88]) + b"abcd" + bytes(
        byte ^ b"abcd"[i % 4] for i, byte in enumerate(b"reserved")
    )


def test_cause_comes_before_effect(seed: int) -> None:
    """Whatever a script sends, it waits for the frames that had come before."""
    trace = random_exchange(seed, 100)
    script = script_of(trace, Role.SERVER)
    assert [act.after for act in script.acts] == sorted(act.after for act in script.acts)
    assert len(script.awaited) == len(sent_frames(trace, Direction.TO_SERVER))
    assert script.acts[-1].after == len(script.awaited)  # the answer to the Close frame


@pytest.fixture
def echo_server() -> Iterator[str]:
    """The URI of a server in a thread of its own."""
    ready, stop = threading.Event(), threading.Event()
    found: list[str] = []

    def serve_until_stopped() -> None:
        async def run() -> None:
            async with serve(_echo, trace=False) as server:
                found.append(server.uri)
                ready.set()
                await asyncio.get_running_loop().run_in_executor(None, stop.wait, DEADLINE)

        asyncio.run(run())

    thread = threading.Thread(target=serve_until_stopped)
    thread.start()
    assert ready.wait(DEADLINE)
    yield found[0]
    stop.set()
    thread.join(DEADLINE)


def test_the_command_replays_and_its_status_tells(
    wsedu: Run, recording: Trace, echo_server: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    recording.save(str(path))
    done = wsedu("replay", str(path), "--to", echo_server, "--fast")
    assert done.returncode == 0, done.stderr
    assert "5" in done.stdout
    text = path.read_text(encoding="utf-8")
    received = re.compile(r'("endpoint":"client","kind":"bytes.received".*"data":"8105)48656c6c6f')
    path.write_text(received.sub(r"\g<1>4a656c6c6f", text), encoding="utf-8")
    done = wsedu("replay", str(path), "--to", echo_server, "--fast", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["difference"]["what"] == "payload"
    done = wsedu("replay", str(tmp_path / "none.jsonl"), "--to", echo_server)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
