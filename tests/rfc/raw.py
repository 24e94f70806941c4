"""Peers on real sockets that are nothing but bytes: they see what an endpoint really writes, and when it ends TCP."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl as ssl_module
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, TypeVar

from ..support import accept_of, request_head, response_head

HOST = "127.0.0.1"
LIMIT = 20.0
"""Seconds after which a test that hangs is a failure."""

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a test's coroutine to its end, or fail."""
    return asyncio.run(asyncio.wait_for(main, LIMIT))


class Wire(NamedTuple):
    """One end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> bytes:
        """Everything up to the empty line that ends a head."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def read(self, size: int) -> bytes:
        """That many bytes."""
        return await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """Everything until the peer ends its direction of TCP."""
        return await self.reader.read()

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    async def accept(self) -> bytes:
        """Answer the request of a client; the request."""
        request = await self.head()
        (line,) = [line for line in request.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key: ")]
        self.write(response_head(line.split(b": ")[1].decode()))
        return request

    async def open(self) -> None:
        """Do a client's opening handshake."""
        key = base64.b64encode(os.urandom(16)).decode()
        self.write(request_head({"Sec-WebSocket-Key": key}))
        assert f"Sec-WebSocket-Accept: {accept_of(key)}\r\n".encode() in await self.head()

    async def close(self) -> None:
        """End both directions."""
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


class Listener(NamedTuple):
    """A server of bytes: its port, and what became of the connections that it took."""

    port: int
    connections: list[Wire]


@asynccontextmanager
async def listening(
    behave: Callable[[Wire], Awaitable[None]], *, ssl: ssl_module.SSLContext | None = None
) -> AsyncIterator[Listener]:
    """Listen on loopback; each connection is handled by `behave`, whose failure is that of the block."""
    tasks: list[asyncio.Task[None]] = []
    wires: list[Wire] = []

    async def serve(wire: Wire) -> None:
        try:
            await behave(wire)
        finally:
            await wire.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wires.append(Wire(reader, writer))
        tasks.append(asyncio.ensure_future(serve(wires[-1])))

    server = await asyncio.start_server(accepted, HOST, 0, ssl=ssl)
    try:
        yield Listener(server.sockets[0].getsockname()[1], wires)
        await asyncio.gather(*tasks)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def connected(port: int, *, ssl: ssl_module.SSLContext | None = None) -> AsyncIterator[Wire]:
    """A connection to a server on loopback, nothing said yet."""
    wire = Wire(*await asyncio.open_connection(HOST, port, ssl=ssl))
    try:
        yield wire
    finally:
        await wire.close()
