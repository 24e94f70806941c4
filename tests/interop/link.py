"""One end from wsedu, the other from the `websockets` library, on a real socket between them."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import websockets.asyncio.client as their_client
import websockets.asyncio.server as their_server
from websockets.asyncio.connection import Connection as TheirConnection

from wsedu.loopback import Endpoint, connect, serve
from wsedu.loopback.tls import Contexts, throwaway_contexts

from ..loopback.net import HOST, run

PLAIN: dict[str, Any] = {"compression": None}
"""Options of theirs: no extension but those that a test names."""


class Way(NamedTuple):
    """Who is the client, and whether TLS is between them."""

    client: str
    scheme: str

    def __str__(self) -> str:
        return f"{self.client}-client-{self.scheme}"


WAYS = [Way(client, scheme) for client in ("our", "their") for scheme in ("ws", "wss")]


@functools.cache
def contexts() -> Contexts:
    """One certificate for all tests."""
    return throwaway_contexts("localhost", HOST)


class Link(NamedTuple):
    """The two ends."""

    ours: Endpoint
    theirs: TheirConnection


def tls(way: Way) -> dict[str, Any]:
    """The option `ssl` of a server; none without TLS."""
    return {"ssl": contexts().server} if way.scheme == "wss" else {}


def tls_client(way: Way) -> dict[str, Any]:
    """The option `ssl` of a client."""
    return {"ssl": contexts().client} if way.scheme == "wss" else {}


@asynccontextmanager
async def their_listener(way: Way, handler: Callable[..., Any], **options: Any) -> AsyncIterator[str]:
    """A server of theirs; gives its URI."""
    async with their_server.serve(handler, HOST, 0, **tls(way), **PLAIN, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"{way.scheme}://{HOST}:{port}/chat"


def dial(way: Way, uri: str, **options: Any) -> Any:
    """A client of theirs."""
    return their_client.connect(uri, proxy=None, **tls_client(way), **PLAIN, **options)


@asynccontextmanager
async def linked(
    way: Way, *, ours: dict[str, Any] | None = None, theirs: dict[str, Any] | None = None
) -> AsyncIterator[Link]:
    """A connection between the two, open when the block begins.

    Arguments:
        way: who is the client.
        ours: options of our end.
        theirs: options of their end.
    """
    arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def handler(end: Any) -> None:
        arrived.set_result(end)
        await end.wait_closed()

    if way.client == "our":
        async with (
            their_listener(way, handler, **(theirs or {})) as uri,
            connect(uri, **tls_client(way), **(ours or {})) as end,
        ):
            yield Link(end, await arrived)
    else:
        async with (
            serve(handler, **tls(way), **(ours or {})) as server,
            dial(way, server.uri, **(theirs or {})) as other,
        ):
            yield Link(await arrived, other)


def play(way: Way, script: Callable[[Link], Coroutine[Any, Any, None]], **options: Any) -> None:
    """Run a script on a connection; options as for `linked`."""

    async def main() -> None:
        async with linked(way, **options) as link:
            await script(link)

    run(main())
