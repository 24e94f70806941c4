"""`ws` on Node.js as a peer, in a process of its own: see tests/node/peer.mjs."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ..conftest import require_component
from ..loopback.net import HOST
from .ends import REFUSAL, ROOM, Closed, Dial, Manner, Peer, Refused, certificate

FOLDER = Path(__file__).parent.parent / "node"
LINE = 8 << 20
"""Bytes of the longest line of the conversation: a message of 1 MiB is longer in JSON."""


class Node:
    """A process of Node.js, which is told what to do and tells what happens."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._heard: deque[dict[str, Any]] = deque()

    def tell(self, command: str, **facts: Any) -> None:
        """Give a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, **facts}).encode() + b"\n")

    async def hear(self, *events: str) -> dict[str, Any]:
        """Wait for one of these events; others are kept for those who ask for them."""
        for told in self._heard:
            if told["event"] in events:
                self._heard.remove(told)
                return told
        assert self._process.stdout is not None
        while True:
            line = await self._process.stdout.readline()
            assert line, "Node.js has ended"
            told = json.loads(line)
            if told["event"] in events:
                return dict(told)
            self._heard.append(told)

    def forget(self) -> None:
        """Begin with another connection: what was told of the one before does not count."""
        self._heard.clear()


@asynccontextmanager
async def node() -> AsyncIterator[Node]:
    """A process that lives as long as the block."""
    require_component("node", "apt install nodejs")
    if not (FOLDER / "node_modules" / "ws").is_dir():
        raise FileNotFoundError("this test needs the ws package of Node.js. To get it: npm ci --prefix tests/node")
    process = await asyncio.create_subprocess_exec(
        "node", str(FOLDER / "peer.mjs"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE
    )
    assert process.stdin is not None
    try:
        yield Node(process)
    finally:
        # The end of its standard input is the end of the process.
        process.stdin.close()
        await process.wait()


class End:
    """See `Other`."""

    def __init__(self, process: Node) -> None:
        self._node = process

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self._node.tell("send", text=message)
        else:
            self._node.tell("send", binary=base64.b64encode(message).decode())

    async def send_fragments(self, pieces: Sequence[str]) -> None:
        self._node.tell("fragments", pieces=list(pieces))

    async def recv(self) -> str | bytes:
        told = await self._node.hear("message")
        if "text" in told:
            return str(told["text"])
        return base64.b64decode(told["binary"])

    async def ping(self, payload: bytes) -> None:
        encoded = base64.b64encode(payload).decode()
        self._node.tell("ping", payload=encoded)
        assert (await self._node.hear("pong"))["payload"] == encoded

    async def close(self, code: int, reason: str) -> None:
        self._node.tell("close", code=code, reason=reason)

    async def closed(self) -> Closed:
        told = await self._node.hear("close")
        return Closed(told["code"], told["reason"])


class Listener:
    """See `Server`."""

    def __init__(self, process: Node, uri: str) -> None:
        self.uri = uri
        self._node = process

    async def next(self) -> End:
        await self._node.hear("connection")
        return End(self._node)


@asynccontextmanager
async def server(manner: Manner, refuse: bool) -> AsyncIterator[Listener]:
    async with node() as process:
        files = {"key": str(certificate().key), "chain": str(certificate().chain)} if manner.tls else {}
        process.tell("listen", compress=manner.compress, refuse=REFUSAL if refuse else 0, room=ROOM, **files)
        port = (await process.hear("listening"))["port"]
        yield Listener(process, f"{manner.scheme}://{HOST}:{port}/chat")


@asynccontextmanager
async def client() -> AsyncIterator[Dial]:
    async with node() as process:

        @asynccontextmanager
        async def dial(uri: str, manner: Manner) -> AsyncIterator[End]:
            process.forget()
            files = {"authority": str(certificate().authority)} if manner.tls else {}
            process.tell("connect", uri=uri, compress=manner.compress, room=ROOM, **files)
            told = await process.hear("open", "refused")
            if told["event"] == "refused":
                raise Refused(told["status"])
            yield End(process)

        yield dial


def version() -> str:
    """The version of `ws`, as installed."""
    installed = json.loads((FOLDER / "node_modules" / "ws" / "package.json").read_text(encoding="utf-8"))
    return str(installed["version"])


PEER = Peer("ws on Node.js", version, client, server)
