"""Replay to its very end: what comes behind the last recorded frame counts; a refused Origin is called by its name."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.conftest import wsedu as wsedu
from tests.cli.talking import serving
from wsedu.loopback import Endpoint, record, serve
from wsedu.loopback.replay import replay_client
from wsedu.loopback.replay_script import Script, script_of
from wsedu.protocol.handshake import accept_key
from wsedu.protocol.types import Role

DEADLINE = 20


@pytest.mark.parametrize("fast", [True, False])
def test_a_server_that_says_more_than_recorded_differs(fast: bool) -> None:
    """In the recording a client was cut off before the answer: one that answers is another server."""
    trace = record("silent-peer", seed=1)

    async def run() -> None:
        async with serve(_echo, trace=False) as server:
            outcome = await replay_client(script_of(trace, Role.CLIENT), server.uri, fast=fast)
        assert outcome.difference is not None
        assert outcome.difference.what == "extra"

    asyncio.run(asyncio.wait_for(run(), DEADLINE))


def test_the_last_answer_is_waited_for_however_late_it_comes() -> None:
    """The extra frame comes only when everything was played: it is found by listening on, not by luck."""
    trace = record("hello", seed=1)
    script = script_of(trace, Role.CLIENT)
    told = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = next(line.split(b": ")[1] for line in head.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key"))
        answer = "\r\n".join(
            (
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: websocket",
                "Connection: Upgrade",
                f"Sec-WebSocket-Accept: {accept_key(key.decode())}",
                "\r\n",
            )
        )
        writer.write(answer.encode())
        # All that is played has to be here before the first byte that was not recorded.
        await reader.readexactly(sum(len(act.data) for act in script.acts))
        told.set()
        writer.write(bytes.fromhex("8900"))
        await writer.drain()
        await reader.read()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        async with server:
            uri = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            quiet = Script(
                script.role, script.request, script.response, tuple(act._replace(after=0) for act in script.acts), ()
            )
            outcome = await replay_client(quiet, uri, fast=True)
        assert told.is_set()
        assert outcome.sent == len(script.acts)
        assert outcome.difference is not None
        assert (outcome.difference.what, outcome.difference.number) == ("extra", 1)

    asyncio.run(asyncio.wait_for(run(), DEADLINE))


def test_who_ended_first_is_read_from_either_view() -> None:
    """RFC 6455 section 7.1.1: the server ends TCP first."""
    for name in ("hello", "both-close"):
        trace = record(name, seed=1)
        client, server = (script_of(trace, role) for role in (Role.CLIENT, Role.SERVER))
        assert client.own_end is None
        assert server.own_end is not None


def test_a_refused_origin_is_named_with_what_to_do(wsedu: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "tour.pcapng")
    assert wsedu("demo", "tour", "--seed", "1", "--save", path).returncode == 0
    with serving("--app", "echo", "--subprotocol", "chat", "--quiet") as running:
        server = running.uri.removesuffix("/")
        here = server.replace("ws", "http", 1)
        refused = wsedu("replay", path, "--to", server, "--fast")
        assert refused.returncode == 1
        assert "http://localhost" in refused.stdout
        assert f"--origin {here}" in refused.stdout
        for origin in (here, ""):
            let_in = wsedu("replay", path, "--to", server, "--fast", "--origin", origin)
            assert "403" not in let_in.stdout
            assert "Played 0" not in let_in.stdout


def test_what_was_saved_is_replayed_as_the_pages_say(wsedu: Run, tmp_path: Path) -> None:
    """The example of docs/captures.md, for each form of a file."""
    files = [str(tmp_path / f"run.{suffix}") for suffix in ("jsonl", "pcapng", "har")]
    saves = [argument for file in files for argument in ("--save", file)]
    assert wsedu("demo", "--scenario", "hello", *saves).returncode == 0
    with serving("--app", "echo", "--quiet") as running:
        for file in files:
            done = wsedu("replay", file, "--to", running.uri, "--fast")
            assert (done.returncode, done.stderr) == (0, ""), done.stdout


async def _echo(ws: Endpoint) -> None:
    async for message in ws:
        await ws.send(message)


def test_an_origin_that_no_field_can_hold_is_refused(wsedu: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "a.jsonl")
    record("hello", seed=1).save(path)
    done = wsedu("replay", path, "--to", "ws://127.0.0.1:1/", "--origin", "a\r\nX: y")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
