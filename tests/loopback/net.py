"""What the tests of real sockets share: a loop at whose end nothing is left, and raw peers that speak bytes.

A raw peer has nothing of the product in it: it reads and writes frames as the figure of RFC 6455 §5.2 shows them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import ssl
import stat
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, TypeVar

import pytest

from wsedu.loopback import Endpoint, connect, serve

from ..support import request_head, response_head, xor

DEADLINE = 20.0
"""Seconds that anything may take: more than enough on a busy machine, and the end of whatever hangs."""

SOON = 0.15
"""Seconds: a deadline that a test lets pass."""

HOST = "127.0.0.1"

T = TypeVar("T")


# --- Loops, tasks, sockets, threads ---


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own; no other task may be left, and no error in a callback."""

    async def guarded() -> T:
        errors: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
        async with asyncio.timeout(DEADLINE):
            result = await main
        await _no_task_is_left()
        assert errors == []
        return result

    return asyncio.run(guarded())


async def _no_task_is_left() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        # What is already on its way to its end may get there.
        _, unfinished = await asyncio.wait(others, timeout=1)
        assert not unfinished


def open_sockets() -> set[int]:
    """The file descriptors of this process that are sockets."""
    found = set()
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                found.add(int(name))
    return found


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """No socket and no thread that was not there before; a socket that is only forgotten warns, which is an error."""
    # What is older than the test need not be searched for garbage, which would take longer than most tests.
    gc.freeze()
    sockets, threads = open_sockets(), set(threading.enumerate())
    yield
    gc.collect()
    gc.unfreeze()
    assert open_sockets() <= sockets
    for thread in set(threading.enumerate()) - threads:
        # One that is on its way to its end may get there, such as that in which asyncio waits for a process.
        thread.join(timeout=1)
    assert set(threading.enumerate()) <= threads


# --- A peer that speaks bytes ---


class Seen(NamedTuple):
    """A frame as a raw peer reads it."""

    opcode: int
    fin: bool
    key: bytes | None
    payload: bytes

    @property
    def code(self) -> int:
        """The status code of a Close frame."""
        return int.from_bytes(self.payload[:2], "big")


class Raw:
    """One end of a TCP connection.

    Arguments:
        reader: what comes in; it is read only when a test asks for it.
        writer: what goes out.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def hold_little(self) -> None:
        """Have this end's kernel keep little of what has come and was not read yet."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)

    async def send(self, data: bytes) -> None:
        """Write bytes as they are, and wait while the other end does not read."""
        self._writer.write(data)
        await self._writer.drain()

    def write(self, data: bytes) -> None:
        """Write bytes as they are, and do not wait."""
        self._writer.write(data)

    async def head(self) -> bytes:
        """An HTTP head."""
        return await self._reader.readuntil(b"\r\n\r\n")

    async def accept(self) -> None:
        """Answer a client's opening handshake."""
        request = await self.head()
        key = next(line[18:].strip() for line in request.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key:"))
        await self.send(response_head(key.decode()))

    async def frame(self, *, unmasked: bool = True) -> Seen:
        """The next frame; its payload unmasked, or as on the wire, for one who is in a hurry."""
        first, second = await self._reader.readexactly(2)
        size = {126: 2, 127: 8}.get(second & 0x7F, 0)
        length = int.from_bytes(await self._reader.readexactly(size), "big") if size else second & 0x7F
        key = await self._reader.readexactly(4) if second & 0x80 else None
        payload = await self._reader.readexactly(length)
        return Seen(first & 0x0F, bool(first & 0x80), key, xor(payload, key) if key and unmasked else payload)

    async def some(self, most: int = 4096) -> bytes:
        """Some bytes; none at the end."""
        return await self._reader.read(most)

    async def rest(self) -> bytes:
        """All bytes up to the end of what the other end sends: it has sent FIN."""
        return await self._reader.read()

    def finish(self) -> None:
        """Send FIN."""
        self._writer.write_eof()

    def reset(self) -> None:
        """Have the operating system send RST instead of FIN."""
        end = self._writer.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        """End it, whatever it has come to."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


@asynccontextmanager
async def raw_client(
    port: int, *, handshake: bool = True, ssl: ssl.SSLContext | None = None, host: str = HOST, **name: Any
) -> AsyncIterator[Raw]:
    """A client that speaks bytes.

    Arguments:
        port: where to connect.
        handshake: do the opening handshake first.
        ssl: speak TLS.
        host: where to connect.
        name: `server_hostname` for TLS.
    """
    raw = Raw(*await asyncio.open_connection(host, port, ssl=ssl, **name))
    try:
        if handshake:
            await raw.send(request_head())
            assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        yield raw
    finally:
        await raw.close()


@asynccontextmanager
async def raw_server(
    script: Callable[[Raw], Awaitable[None]], *, ssl: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A server that speaks bytes; gives its port.

    Arguments:
        script: what to do with a connection; what it raises, this raises.
        ssl: speak TLS.
    """
    scripts: list[asyncio.Task[None]] = []

    async def played(raw: Raw) -> None:
        try:
            await script(raw)
        finally:
            await raw.close()

    def arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        scripts.append(asyncio.get_running_loop().create_task(played(Raw(reader, writer))))

    listener = await asyncio.start_server(arrived, HOST, 0, ssl=ssl)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        await asyncio.gather(*scripts)


def text(payload: str, *, fin: bool = True, opcode: int = 1) -> bytes:
    """A short text frame, not masked."""
    data = payload.encode()
    assert len(data) <= 125
    return bytes([opcode | (0x80 if fin else 0), len(data)]) + data


def close_frame(code: int, reason: str = "") -> bytes:
    """A Close frame, not masked."""
    body = code.to_bytes(2, "big") + reason.encode()
    return bytes([0x88, len(body)]) + body


# --- Both ends from the product ---


class Pair(NamedTuple):
    """The two ends of one connection."""

    client: Endpoint
    server: Endpoint

    def sender(self, role: str) -> Endpoint:
        """The end of that role."""
        return self.client if role == "client" else self.server

    def receiver(self, role: str) -> Endpoint:
        """The end opposite to that role."""
        return self.server if role == "client" else self.client


@asynccontextmanager
async def pair(*, client: dict[str, Any] | None = None, server: dict[str, Any] | None = None) -> AsyncIterator[Pair]:
    """A client and a server, connected.

    Arguments:
        client: options of `connect`.
        server: options of `serve`.
    """
    arrived: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()

    async def handler(endpoint: Endpoint) -> None:
        arrived.set_result(endpoint)
        await endpoint.wait_closed()

    async with serve(handler, **(server or {})) as listening, connect(listening.uri, **(client or {})) as near:
        yield Pair(near, await arrived)
