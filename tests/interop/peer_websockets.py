"""The `websockets` library as a peer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import websockets.asyncio.client
import websockets.asyncio.server
from websockets.asyncio.connection import Connection
from websockets.exceptions import InvalidStatus

from ..loopback.net import HOST
from .ends import REFUSAL, ROOM, Closed, Dial, Manner, Peer, Refused, client_tls, server_tls


class End:
    """See `Other`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(self, message: str | bytes) -> None:
        await self._connection.send(message)

    async def send_fragments(self, pieces: Sequence[str]) -> None:
        await self._connection.send(pieces)

    async def recv(self) -> str | bytes:
        return await self._connection.recv()

    async def ping(self, payload: bytes) -> None:
        await (await self._connection.ping(payload))

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, reason)

    async def closed(self) -> Closed:
        await self._connection.wait_closed()
        received = self._connection.protocol.close_rcvd
        return Closed(1006, "") if received is None else Closed(received.code, received.reason)


class Listener:
    """See `Server`."""

    def __init__(self) -> None:
        self.uri = ""
        self._ends: asyncio.Queue[End] = asyncio.Queue()

    async def handle(self, connection: Connection) -> None:
        self._ends.put_nowait(End(connection))
        await connection.wait_closed()

    async def next(self) -> End:
        return await self._ends.get()


def options(manner: Manner) -> dict[str, Any]:
    """Of either end."""
    return {"compression": "deflate" if manner.compress else None, "max_size": ROOM}


@asynccontextmanager
async def server(manner: Manner, refuse: bool) -> AsyncIterator[Listener]:
    def no(connection: Any, request: Any) -> Any:
        return connection.respond(REFUSAL, "no\n") if refuse else None

    listener = Listener()
    async with websockets.asyncio.server.serve(
        listener.handle, HOST, 0, ssl=server_tls(manner), process_request=no, **options(manner)
    ) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        listener.uri = f"{manner.scheme}://{HOST}:{port}/chat"
        yield listener


@asynccontextmanager
async def dial(uri: str, manner: Manner) -> AsyncIterator[End]:
    tls = {"ssl": client_tls(manner)} if manner.tls else {}
    try:
        connection = await websockets.asyncio.client.connect(uri, proxy=None, **tls, **options(manner))
    except InvalidStatus as error:
        raise Refused(error.response.status_code) from error
    async with connection:
        yield End(connection)


@asynccontextmanager
async def client() -> AsyncIterator[Dial]:
    yield dial


PEER = Peer("websockets", lambda: version("websockets"), client, server)
