"""The transports of HTTP on real sockets: aiohttp's server and aiohttp's client.

aiohttp, since one library does all that has to be compared, at both ends and with asyncio as wsedu does: connections
that are kept and connections for one request, bodies that stream, heads of our choosing, and sockets of our making, in
which bytes are counted. httpx has no server, and Tornado's own client keeps no connection.
"""

from __future__ import annotations

import asyncio
import ssl as ssl_module
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

from ..extras import require
from .clients import HOST, Clients, ConnectingClients
from .metering import Meter, MeteredSocket, listener
from .profiles import Head, Profile
from .transports import Transport

TOGETHER = 50
"""Clients that connect at the same time."""


class HttpServer:
    """The server: keeps for each client what it has not heard yet.

    Arguments:
        transport: how it is asked.
        profile: whose heads it answers with.
        clients: who asks.
        count: how many there are.
        timeout: seconds after which a long poll is answered with nothing.

    Attributes:
        opening: while it is set, every poll is answered at once.
    """

    def __init__(self, transport: Transport, profile: Profile, clients: Clients, count: int, timeout: float) -> None:
        self._web: Any = require("aiohttp.web", "overhead")
        self._transport = transport
        self._profile = profile
        self._clients = clients
        self._timeout = timeout
        self._news: list[deque[str]] = [deque() for _ in range(count)]
        self._told = [asyncio.Event() for _ in range(count)]
        self._number = [0] * count
        self.opening = True
        self._runner: Any = None

    async def start(self, meter: Meter, port: int, ssl: ssl_module.SSLContext | None) -> int:
        """Listen; the port on which it does."""
        web = self._web
        application = web.Application()
        handler = self._stream if self._transport is Transport.SSE else self._poll
        application.router.add_get("/{path:.*}", handler)
        self._runner = web.AppRunner(
            application,
            access_log=None,
            handler_cancellation=True,  # a long poll whose client is gone shall end
            shutdown_timeout=1.0,
            keepalive_timeout=3600,
        )
        await self._runner.setup()
        sock = listener(meter, HOST, port)
        await web.SockSite(self._runner, sock, ssl_context=ssl, backlog=4096).start()
        return int(sock.getsockname()[1])

    async def stop(self) -> None:
        """End everything."""
        if self._runner is not None:
            await self._runner.cleanup()

    def happened(self, client: int, text: str) -> None:
        """There is something to tell a client."""
        self._news[client].append(text)
        self._number[client] += 1
        self._told[client].set()

    def _take(self, client: int) -> list[str]:
        news = list(self._news[client])
        self._news[client].clear()
        self._told[client].clear()
        return news

    def _client(self, request: Any) -> int:
        return self._clients.at(request.transport.get_extra_info("peername")[1])

    async def _poll(self, request: Any) -> Any:
        client = self._client(request)
        if self._transport is Transport.LONG_POLLING and not self._news[client] and not self.opening:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told[client].wait(), self._timeout)
        news = self._take(client)
        body = "".join(f"{text}\n" for text in news).encode("ascii")
        headers = _fields(self._profile.response(self._transport, len(body), news=bool(news)))
        if self._transport is Transport.POLLING_304:
            headers["ETag"] = f'"{self._number[client]:08x}"'
            if not news:
                return self._web.Response(status=304, headers=headers)
        return self._web.Response(body=body, headers=headers)

    async def _stream(self, request: Any) -> Any:
        client = self._client(request)
        response = self._web.StreamResponse(headers=_fields(self._profile.response(Transport.SSE)))
        response.headers.pop("Transfer-Encoding", None)
        response.enable_chunked_encoding()
        await response.prepare(request)
        while True:
            await self._told[client].wait()
            for text in self._take(client):
                await response.write(f"data: {text}\n\n".encode("ascii"))


def _fields(head: Head) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in head[1:])


class HttpClients(ConnectingClients):
    """The clients, each with a session, a connection and a rhythm of its own; arguments as in `ConnectingClients`."""

    def __post_init__(self) -> None:
        self._aiohttp: Any = require("aiohttp", "overhead")
        head = self.profile.request(self.transport)
        self._path = head[0].split(" ")[1]
        self._headers = _fields(head)
        self._base = ""
        self._streams: list[Any] = []
        self._sessions: list[Any] = []
        self._stack = AsyncExitStack()

    async def open(self, count: int, port: int) -> None:
        """Connect them all: a poll that nobody counts, or the request of a stream that lasts.

        Those that connect for each poll do so later.
        """
        aiohttp = self._aiohttp
        self._base = f"{'https' if self.ssl else 'http'}://{HOST}:{port}"
        for client in range(count):
            connector = aiohttp.TCPConnector(
                limit=1,
                ssl=self.ssl or False,
                force_close=self.transport is Transport.POLLING_CLOSE,
                socket_factory=self._factory(client),
                keepalive_timeout=None if self.transport is Transport.POLLING_CLOSE else 3600,
            )
            session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )
            self._sessions.append(await self._stack.enter_async_context(session))

        if self.transport is Transport.POLLING_CLOSE:
            return
        for first in range(0, count, TOGETHER):
            some = range(first, min(count, first + TOGETHER))
            if self.transport is Transport.SSE:
                self._streams += await asyncio.gather(*(self._begin(client) for client in some))
            else:
                await asyncio.gather(*(self.ask(client) for client in some))

    async def _begin(self, client: int) -> Any:
        """Ask for a stream, and wait for its head."""
        asked = self._sessions[client].get(f"{self._base}{self._path}", headers=self._headers)
        return await self._stack.enter_async_context(asked)

    def _factory(self, client: int) -> Callable[[Any], MeteredSocket]:
        def make(address: Any) -> MeteredSocket:
            family, kind, proto, *_ = address
            sock = MeteredSocket(
                self.meter,
                lambda port: self.clients.comes_from(port, client),
                family=family,
                type=kind,
                proto=proto,
            )
            sock.setblocking(False)
            return sock

        return make

    async def close(self) -> None:
        """End all connections."""
        await self._stack.aclose()

    async def ask(self, client: int) -> int:
        """One request; how many events the answer had."""
        headers = self._headers
        async with self._sessions[client].get(f"{self._base}{self._path}", headers=headers) as response:
            body = await response.read()
        texts = body.decode("ascii").split("\n")[:-1]
        if texts:
            self.arrived(client, texts)
        return len(texts)

    async def listen(self, client: int) -> None:
        """Take events from a stream."""
        waiting = b""
        async for piece in self._streams[client].content.iter_any():
            *events, waiting = (waiting + piece).split(b"\n\n")
            self.arrived(client, [event.removeprefix(b"data: ").decode("ascii") for event in events])
