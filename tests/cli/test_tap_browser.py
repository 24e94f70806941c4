"""`tap` between Chromium and a server of the `ws` package on Node.js."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import FLAGS, NAMES, TIMEOUT
from tests.cli.tapped import HOST, paragraphs, run, tapped
from tests.conftest import require_component

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


@pytest.mark.component("node", "apt install nodejs")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_broken_frame_between_chromium_and_node_is_named(language: str) -> None:
    async def main() -> None:
        async with (
            _node() as port,
            _recorded(port) as far,
            tapped(far.port, "--quiet", "--lang", language) as tap,
            _recorded(int(tap.uri.split(":")[2].split("/")[0])) as near,
        ):
            heard = await _browse(f"ws://{HOST}:{near.port}/chat")
        assert heard == ["Hello", 300_000, 1006], "the browser fails the connection"
        assert near.digests() == far.digests(), "every byte came as it was sent, in both directions"
        *told, _ = paragraphs(tap.output)
        named = [line for line in told[0].splitlines() if "OPCODE_RESERVED" in line]
        assert len(named) == 1
        assert "5.2" in named[0]
        assert {"en": "what the server sent", "zh": "服务器所发"}[language] in named[0]
        assert (tap.status, tap.errors) == (1, "")

    run(main())


@pytest.mark.component("node", "apt install nodejs")
def test_a_frame_that_a_tap_puts_in_is_named_by_the_next_one() -> None:
    async def main() -> None:
        async with (
            _node() as port,
            tapped(port, "--quiet", "--rule", "inject server text =0xff after server text") as inner,
            tapped(int(inner.uri.split(":")[2].split("/")[0]), "--quiet") as outer,
        ):
            heard = await _browse(outer.uri)
        assert heard[0] == "Hello"
        assert heard[-1] == 1006, "the browser fails the connection"
        assert outer.output.count("finds TEXT_UTF8") == 1
        assert '"inject server text =0xff after server text"' in inner.output
        assert "81 01 ff" in inner.output
        assert (inner.status, outer.status) == (0, 1)

    run(main())


class _Recorded:
    """A relay that is no part of wsedu, and the digests of what has passed it."""

    def __init__(self) -> None:
        self.port = 0
        self.up, self.down = hashlib.sha256(), hashlib.sha256()
        self.bytes = 0

    def digests(self) -> tuple[str, str]:
        assert self.bytes > 600_000, "the big message went there and back"
        return self.up.hexdigest(), self.down.hexdigest()


@asynccontextmanager
async def _recorded(port: int) -> AsyncIterator[_Recorded]:
    relay = _Recorded()
    over = asyncio.Event()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, digest: Any) -> None:
        with suppress(ConnectionResetError):
            while data := await reader.read(1 << 16):
                digest.update(data)
                relay.bytes += len(data)
                # What the receiver does not want any more has passed here all the same.
                with suppress(ConnectionResetError, BrokenPipeError):
                    writer.write(data)
                    await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, port)
        await asyncio.gather(pump(reader, far_writer, relay.up), pump(far_reader, writer, relay.down))
        far_writer.close()
        writer.close()
        over.set()

    async with await asyncio.start_server(accept, HOST, 0) as listener:
        relay.port = listener.sockets[0].getsockname()[1]
        yield relay
        await over.wait()


@asynccontextmanager
async def _node() -> AsyncIterator[int]:
    """A server of the `ws` package; its port."""
    assert (NODE / "node_modules" / "ws").is_dir(), "this test needs ws. To get it: npm ci --prefix tests/node"
    command = ["node", "--input-type=module", "-e", SERVER, str(NODE)]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def _browse(uri: str) -> list[Any]:
    """What the `WebSocket` of a page hears: a text, the size of a random message, the code with which it was closed."""
    require_component("playwright", "pip install playwright")
    from playwright.async_api import async_playwright

    chromium = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert chromium, "this test needs Chromium. To get it: apt install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS), timeout=TIMEOUT)
        page = await browser.new_page()
        heard: list[Any] = await page.evaluate(
            """uri => new Promise(done => {
                const heard = [], socket = new WebSocket(uri);
                socket.onopen = () => socket.send("Hello");
                socket.onmessage = event => {
                    if (typeof event.data === "string") {
                        heard.push(event.data);
                        socket.send(Uint8Array.from({ length: 300000 }, () => 256 * Math.random()));
                    } else {
                        heard.push(event.data.size);
                        socket.send("break it");
                    }
                };
                socket.onclose = event => { heard.push(event.code); done(heard); };
            })""",
            uri,
        )
        await browser.close()
        return heard
