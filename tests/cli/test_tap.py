"""`tap` as a user runs it: between real peers in processes of their own."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import WebSocketException

from tests.browser.conftest import FLAGS, NAMES, TIMEOUT
from tests.cli.conftest import Run
from tests.conftest import require_component

HOST = "127.0.0.1"
NODE = Path(__file__).parent.parent / "node"
SERVER = """
import { createRequire } from "node:module";
const { WebSocketServer } = createRequire(process.argv[1] + "/")("ws");
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => console.log(server.address().port));
server.on("connection", socket => socket.on("message", (data, binary) => {
    if (data.toString() === "break it") {
        socket._socket.write(Buffer.from([0x83, 0x01, 0x41]));  // opcode 3 is reserved (RFC 6455, section 5.2)
    } else {
        socket.send(data, { binary });
    }
}));
process.stdin.on("end", () => process.exit()).resume();
"""


class Tapped:
    """A tap in a process of its own: the address for clients, and, once it is over, what it said."""

    uri = ""
    output = ""
    errors = ""
    status = -1


@asynccontextmanager
async def tapped(port: int, *options: str) -> AsyncIterator[Tapped]:
    """`python -m wsedu tap` before a server on that port, ended by Ctrl-C."""
    command = [sys.executable, "-m", "wsedu", "tap", "--lang", "en", "--to", f"ws://{HOST}:{port}/chat", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    tap = Tapped()
    try:
        said = await (process.stderr if "--json" in options else process.stdout).readline()
        found = re.search(r"wss?://127\.0\.0\.1:\d+/chat", said.decode())
        assert found, said
        tap.uri = found[0]
        yield tap
        process.send_signal(signal.SIGINT)
        output, errors = await process.communicate()
        tap.output, tap.errors, tap.status = output.decode(), errors.decode(), process.returncode or 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def _echo(connection: Any) -> None:
    async for message in connection:
        await connection.send(message)


def run(main: Any) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(45):
            await main

    asyncio.run(bounded())


async def _talk(tap: Tapped, *messages: str) -> list[str | bytes]:
    """Send each message and wait for its answer."""
    answers = []
    async with connect(tap.uri) as client:
        for message in messages:
            await client.send(message)
            answers.append(await client.recv())
    return answers


def test_both_directions_are_told_in_words() -> None:
    async def main() -> None:
        async with serve(_echo, HOST, 0) as server, tapped(server.sockets[0].getsockname()[1]) as tap:
            assert await _talk(tap, "Hello") == ["Hello"]
        words = " ".join(tap.output.split())
        assert 'The server delivers a text message of 5 bytes, which came in one frame: "Hello"' in words
        assert 'The client delivers a text message of 5 bytes, which came in one frame: "Hello"' in words
        assert "the connection has ended cleanly" in words
        assert (tap.status, tap.errors) == (0, "")

    run(main())


def test_json_and_a_saved_file_have_the_same_lines(tmp_path: Path) -> None:
    file = tmp_path / "exchange.jsonl"

    async def main() -> None:
        async with (
            serve(_echo, HOST, 0) as server,
            tapped(server.sockets[0].getsockname()[1], "--json", "--save", str(file)) as tap,
        ):
            await _talk(tap, "Hello")
            await _talk(tap, "again")
        lines = tap.output.splitlines()
        assert lines == file.read_text(encoding="utf-8").splitlines()
        steps = [json.loads(line) for line in lines[1:]]
        assert {step["connection"] for step in steps} == {1, 2}

    run(main())


def test_a_rule_is_applied_and_said() -> None:
    async def main() -> None:
        async with (
            serve(_echo, HOST, 0, compression=None) as server,
            tapped(server.sockets[0].getsockname()[1], "--quiet", "--rule", "edit server text /cat/dog/") as tap,
        ):
            assert await _talk(tap, "a cat") == ["a dog"]
        assert '"edit server text /cat/dog/"' in tap.output
        assert tap.status == 0

    run(main())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--to", "ws://127.0.0.1:9/", "--rule", "drop serve ping"], " 6"),
        (["--to", "ws://127.0.0.1:9/", "--rule", "delay any ping"], "2s"),
        (["--to", "http://127.0.0.1:9/"], "http://127.0.0.1:9/"),
        (["--to", "ws://127.0.0.1:9/", "--port", "65536"], "65536"),
        (["--to", "ws://127.0.0.1:9/", "--save", "exchange.txt"], "exchange.txt"),
    ],
)
def test_a_mistake_is_one_line(wsedu: Run, options: list[str], part: str, language: str) -> None:
    done = wsedu("tap", *options, "--lang", language)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert part in done.stderr


def test_a_server_that_is_not_there_is_said() -> None:
    async def main() -> None:
        async with serve(_echo, HOST, 0) as server:
            port = server.sockets[0].getsockname()[1]
        async with tapped(port) as tap:
            with pytest.raises((OSError, WebSocketException)):
                await _talk(tap, "Hello")
        assert "connection 1" in tap.errors
        assert tap.errors.count("\n") == 1

    run(main())


@pytest.mark.component("node", "apt install nodejs")
def test_a_broken_frame_between_chromium_and_node_is_named() -> None:
    require_component("playwright", "pip install playwright")
    chromium = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert chromium, "this test needs Chromium. To get it: apt install chromium"
    assert (NODE / "node_modules" / "ws").is_dir(), "this test needs ws. To get it: npm ci --prefix tests/node"

    async def main() -> None:
        async with _node() as port, tapped(port, "--quiet") as tap:
            heard = await _browse(str(chromium), tap.uri)
        assert heard[0] == "Hello"
        assert heard[1] == 1006, "the browser fails the connection"
        named = [line for line in tap.output.splitlines() if "OPCODE_RESERVED" in line]
        assert len(named) == 1
        assert "5.2" in named[0]
        assert "what the server sent" in named[0]
        assert tap.status == 1

    run(main())


@asynccontextmanager
async def _node() -> AsyncIterator[int]:
    """A server of the `ws` package; its port."""
    command = ["node", "--input-type=module", "-e", SERVER, str(NODE)]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def _browse(chromium: str, uri: str) -> list[Any]:
    """What the `WebSocket` of a page hears: the echo, then the code with which it was closed."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS), timeout=TIMEOUT)
        page = await browser.new_page()
        heard: list[Any] = await page.evaluate(
            """uri => new Promise(done => {
                const heard = [], socket = new WebSocket(uri);
                socket.onopen = () => socket.send("Hello");
                socket.onmessage = event => { heard.push(event.data); socket.send("break it"); };
                socket.onclose = event => { heard.push(event.code); done(heard); };
            })""",
            uri,
        )
        await browser.close()
        return heard
