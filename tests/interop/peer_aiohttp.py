"""aiohttp as a peer: its client and its server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import aiohttp
from aiohttp import WSMsgType, web

from ..loopback.net import HOST
from .ends import REFUSAL, ROOM, Closed, Dial, Manner, Peer, Refused, client_tls, server_tls


class End:
    """See `Other`; Pings are answered here, for aiohttp hides Pongs from whoever leaves that to it."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def send(self, message: str | bytes) -> None:
        await (self._socket.send_str(message) if isinstance(message, str) else self._socket.send_bytes(message))

    async def send_fragments(self, pieces: Sequence[str]) -> None:
        raise AssertionError(WHY)

    async def recv(self) -> str | bytes:
        message = await self._next()
        assert message.type in (WSMsgType.TEXT, WSMsgType.BINARY), message
        data: str | bytes = message.data
        return data

    async def _next(self) -> Any:
        while True:
            message = await self._socket.receive()
            if message.type is not WSMsgType.PING:
                return message
            await self._socket.pong(message.data)

    async def ping(self, payload: bytes) -> None:
        await self._socket.ping(payload)
        message = await self._next()
        assert (message.type, bytes(message.data)) == (WSMsgType.PONG, payload), message

    async def close(self, code: int, reason: str) -> None:
        await self._socket.close(code=code, message=reason.encode())

    async def closed(self) -> Closed:
        reason = ""
        while not self._socket.closed:
            message = await self._next()
            if message.type is WSMsgType.CLOSE:
                reason = message.extra or ""
        return Closed(self._socket.close_code, reason)


class Listener:
    """See `Server`."""

    def __init__(self, manner: Manner, refuse: bool) -> None:
        self.uri = ""
        self._manner = manner
        self._refuse = refuse
        self._ends: asyncio.Queue[End] = asyncio.Queue()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self._refuse:
            return web.Response(status=REFUSAL, text="no\n")
        socket = web.WebSocketResponse(autoping=False, max_msg_size=ROOM, compress=self._manner.compress)
        await socket.prepare(request)
        self._ends.put_nowait(End(socket))
        # aiohttp ends the connection when its handler returns, so the handler stays for as long as TCP lasts.
        # It is cancelled then: see `handler_cancellation`.
        await asyncio.get_running_loop().create_future()
        return socket

    async def next(self) -> End:
        return await self._ends.get()


@asynccontextmanager
async def server(manner: Manner, refuse: bool) -> AsyncIterator[Listener]:
    listener = Listener(manner, refuse)
    application = web.Application()
    application.router.add_get("/chat", listener.handle)
    runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0, ssl_context=server_tls(manner)).start()
        port = runner.addresses[0][1]
        listener.uri = f"{manner.scheme}://{HOST}:{port}/chat"
        yield listener
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client() -> AsyncIterator[Dial]:
    async with aiohttp.ClientSession(trust_env=False) as session:

        @asynccontextmanager
        async def dial(uri: str, manner: Manner) -> AsyncIterator[End]:
            try:
                socket = await session.ws_connect(
                    uri,
                    ssl=client_tls(manner) or True,
                    autoping=False,
                    max_msg_size=ROOM,
                    compress=15 if manner.compress else 0,
                )
            except aiohttp.WSServerHandshakeError as error:
                raise Refused(error.status) from error
            try:
                yield End(socket)
            finally:
                await socket.close()

        yield dial


WHY = "aiohttp has no call that sends a fragment"
ANSWER = 1000
PEER = Peer(
    "aiohttp",
    lambda: version("aiohttp"),
    client,
    server,
    cannot={"fragments from the peer": WHY},
    differs={"we close first": f"aiohttp answers every Close frame with {ANSWER}, not with the code that it got"},
    answer=ANSWER,
)
