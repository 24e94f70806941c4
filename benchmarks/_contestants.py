"""The two libraries behind one pair of functions: their names are alike enough that all the rest is shared."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import websockets.asyncio.client
import websockets.asyncio.server

from wsedu.loopback import connect, serve

HOST = "127.0.0.1"
OURS, WEBSOCKETS = "wsedu", "websockets"


async def echo(connection: Any) -> None:
    """The handler of both servers: every message goes back."""
    async for message in connection:
        await connection.send(message)


class Contestant(NamedTuple):
    """A library.

    Arguments:
        name: of the library.
        serve: listens with `echo` while the block lasts, and gives the port.
        open: opens a connection to a port of this machine.
    """

    name: str
    serve: Callable[[], AbstractAsyncContextManager[int]]
    open: Callable[[int], Any]


@asynccontextmanager
async def _serve_ours() -> AsyncIterator[int]:
    async with serve(echo, HOST, 0, trace=False) as server:
        yield server.port


@asynccontextmanager
async def _serve_theirs() -> AsyncIterator[int]:
    async with websockets.asyncio.server.serve(echo, HOST, 0, compression=None) as server:
        yield next(one for one in server.sockets if one.family == socket.AF_INET).getsockname()[1]


async def _open_ours(port: int) -> Any:
    return await connect(f"ws://{HOST}:{port}/", trace=False)


async def _open_theirs(port: int) -> Any:
    # Without a proxy: looking for one in the environment is work that ours does not do.
    return await websockets.asyncio.client.connect(f"ws://{HOST}:{port}/", compression=None, proxy=None)


CONTESTANTS = {
    OURS: Contestant(OURS, _serve_ours, _open_ours),
    WEBSOCKETS: Contestant(WEBSOCKETS, _serve_theirs, _open_theirs),
}
"""By name; no extension, no trace, and otherwise what a user gets who sets nothing."""
