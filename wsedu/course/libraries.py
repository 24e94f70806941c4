"""Servers of several libraries, each an echo on a free port of 127.0.0.1; a library is loaded when it is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..loopback.record import run_anywhere

HOST = "127.0.0.1"

PATIENCE = 10.0
"""Seconds that a conversation may wait for the other side."""

QUIET = logging.getLogger(f"{__name__}.quiet")
"""Says nothing: what a library thinks of a broken frame is seen in what it answers."""
QUIET.disabled = True

Server = Callable[[], AbstractAsyncContextManager[int]]
"""Listens while it is entered, and gives its port."""


@asynccontextmanager
async def _wsedu() -> AsyncIterator[int]:
    from ..loopback import Endpoint, serve

    async def echo(endpoint: Endpoint) -> None:
        async for message in endpoint:
            await endpoint.send(message)

    async with serve(echo, HOST, trace=False) as server:
        yield server.port


@asynccontextmanager
async def _websockets() -> AsyncIterator[int]:
    from websockets.asyncio.server import ServerConnection, serve

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, HOST, 0, logger=QUIET) as server:
        yield int(next(iter(server.sockets)).getsockname()[1])


@asynccontextmanager
async def _aiohttp() -> AsyncIterator[int]:
    from aiohttp import WSMsgType, web

    async def echo(request: web.Request) -> web.StreamResponse:
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        async for message in connection:
            if message.type is WSMsgType.TEXT:
                await connection.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await connection.send_bytes(message.data)
        return connection

    application = web.Application()
    application.router.add_get("/", echo)
    runner = web.AppRunner(application, access_log=None, logger=QUIET, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _tornado() -> AsyncIterator[int]:
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application
    from tornado.websocket import WebSocketHandler

    class Echo(WebSocketHandler):
        async def on_message(self, message: str | bytes) -> None:
            await self.write_message(message, binary=isinstance(message, bytes))

    sockets = bind_sockets(0, HOST)
    server = HTTPServer(Application([("/", Echo)], log_function=lambda _handler: None))
    with _silent("tornado"):
        server.add_sockets(sockets)
        try:
            yield int(sockets[0].getsockname()[1])
        finally:
            server.stop()
            await server.close_all_connections()


@asynccontextmanager
async def _wsproto() -> AsyncIterator[int]:
    """It has no sockets: asyncio's streams carry its bytes."""
    server = await asyncio.start_server(_wsproto_echo, HOST, 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def _wsproto_echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import RejectConnection
    from wsproto.utilities import RemoteProtocolError

    protocol = WSConnection(ConnectionType.SERVER)
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            try:
                protocol.receive_data(data)
            except RemoteProtocolError as error:
                writer.write(protocol.send(error.event_hint or RejectConnection()))
                break
            if not _wsproto_answers(protocol, writer):
                break
        await writer.drain()
    writer.close()


def _wsproto_answers(protocol: Any, writer: asyncio.StreamWriter) -> bool:
    """Answer all events; whether the connection goes on."""
    from wsproto import events

    for event in protocol.events():
        if isinstance(event, events.Request):
            writer.write(protocol.send(events.AcceptConnection()))
        elif isinstance(event, events.Message):
            writer.write(protocol.send(type(event)(event.data, message_finished=event.message_finished)))
        elif isinstance(event, events.Ping):
            writer.write(protocol.send(event.response()))
        elif isinstance(event, events.CloseConnection):
            writer.write(protocol.send(event.response()))
            return False
    return True


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """A library that takes no logger says nothing while it serves."""
    logger = logging.getLogger(name)
    handler = logging.NullHandler()
    before, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(handler)


SERVERS: dict[str, Server] = {
    "wsedu": _wsedu,
    "websockets": _websockets,
    "wsproto": _wsproto,
    "aiohttp": _aiohttp,
    "tornado": _tornado,
}
"""By the name that pip knows."""


def installed() -> dict[str, str]:
    """The versions of those libraries that there are, by name."""
    from .. import __version__

    found = {"wsedu": __version__}
    for name in SERVERS:
        if name not in found:
            with suppress(PackageNotFoundError):
                found[name] = version(name)
    return found


def talk(uri: str, *messages: str) -> tuple[str, list[str | bytes]]:
    """Say something to an echo with a client that somebody else has written; without one, with wsedu's own.

    Arguments:
        uri: of the server.
        messages: sent one after the other, each when the last one has come back.

    Returns:
        the library that did it, and what came back.
    """
    try:
        from websockets.sync.client import connect
    except ImportError:
        return "wsedu", run_anywhere(lambda: _our_talk(uri, messages))
    heard: list[str | bytes] = []
    with connect(uri, proxy=None, open_timeout=PATIENCE, close_timeout=PATIENCE) as connection:
        for message in messages:
            connection.send(message)
            heard.append(connection.recv(PATIENCE))
    return "websockets", heard


async def _our_talk(uri: str, messages: tuple[str, ...]) -> list[str | bytes]:
    from ..loopback import connect

    heard: list[str | bytes] = []
    async with asyncio.timeout(PATIENCE), connect(uri) as connection:
        for message in messages:
            await connection.send(message)
            heard.append(await connection.recv())
    return heard
