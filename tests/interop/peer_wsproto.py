"""wsproto as a peer: it has no sockets, so asyncio's streams carry its bytes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.extensions import Extension, PerMessageDeflate

from ..loopback.net import HOST
from .ends import REFUSAL, Closed, Dial, Manner, Peer, Refused, client_tls, server_tls


class End:
    """See `Other`.

    Arguments:
        protocol: client or server.
        reader: what comes in.
        writer: what goes out.
    """

    def __init__(self, protocol: WSConnection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._protocol = protocol
        self._reader = reader
        self._writer = writer
        self._closed: Closed | None = None

    async def write(self, event: Event) -> None:
        """Send what an event stands for."""
        self._writer.write(self._protocol.send(event))
        await self._writer.drain()

    async def event(self) -> Event | None:
        """The next event, None at the end of TCP; Pings and Close frames are answered."""
        while True:
            for event in self._protocol.events():
                if isinstance(event, Ping):
                    await self.write(event.response())
                elif isinstance(event, CloseConnection):
                    self._closed = Closed(int(event.code), event.reason or "")
                    if self._protocol.state is ConnectionState.REMOTE_CLOSING:
                        await self.write(event.response())
                else:
                    return event
            if self._closed is not None and not self._protocol.client:
                # It is the server that ends TCP (RFC 6455 §7.1.1).
                self._writer.close()
            data = await self._reader.read(1 << 16)
            if not data:
                self._writer.close()
                return None
            self._protocol.receive_data(data)

    async def send(self, message: str | bytes) -> None:
        await self.write(TextMessage(data=message) if isinstance(message, str) else BytesMessage(data=message))

    async def send_fragments(self, pieces: Sequence[str]) -> None:
        for number, piece in enumerate(pieces, 1):
            await self.write(TextMessage(data=piece, message_finished=number == len(pieces)))

    async def recv(self) -> str | bytes:
        pieces: list[str | bytes] = []
        while True:
            event = await self.event()
            assert isinstance(event, (TextMessage, BytesMessage)), event
            pieces.append(event.data if isinstance(event, TextMessage) else bytes(event.data))
            if event.message_finished:
                return pieces[0][:0].join(pieces)  # type: ignore[arg-type]  # all of one type

    async def ping(self, payload: bytes) -> None:
        await self.write(Ping(payload=payload))
        event = await self.event()
        assert isinstance(event, Pong), event
        assert bytes(event.payload) == payload

    async def close(self, code: int, reason: str) -> None:
        await self.write(CloseConnection(code=code, reason=reason))
        await self.closed()

    async def closed(self) -> Closed:
        while await self.event() is not None:
            pass
        return self._closed or Closed(1006, "")

    async def end(self) -> None:
        """End TCP, whatever has come before."""
        self._writer.close()
        with suppress(OSError, ssl.SSLError):
            await self._writer.wait_closed()


def extensions(manner: Manner) -> list[Extension]:
    """What is offered or accepted."""
    return [PerMessageDeflate()] if manner.compress else []


class Listener:
    """See `Server`."""

    def __init__(self, manner: Manner, refuse: bool) -> None:
        self.uri = ""
        self._manner = manner
        self._refuse = refuse
        self._ends: asyncio.Queue[End] = asyncio.Queue()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = End(WSConnection(ConnectionType.SERVER), reader, writer)
        request = await end.event()
        assert isinstance(request, Request)
        if self._refuse:
            await end.write(RejectConnection(status_code=REFUSAL, has_body=True))
            await end.write(RejectData(data=b"no\n", body_finished=True))
            await end.end()
            return
        await end.write(AcceptConnection(extensions=extensions(self._manner)))
        self._ends.put_nowait(end)

    async def next(self) -> End:
        return await self._ends.get()


@asynccontextmanager
async def server(manner: Manner, refuse: bool) -> AsyncIterator[Listener]:
    listener = Listener(manner, refuse)
    listening = await asyncio.start_server(listener.handle, HOST, 0, ssl=server_tls(manner))
    async with listening:
        listener.uri = f"{manner.scheme}://{HOST}:{listening.sockets[0].getsockname()[1]}/chat"
        yield listener


@asynccontextmanager
async def dial(uri: str, manner: Manner) -> AsyncIterator[End]:
    parts = urlsplit(uri)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=client_tls(manner))
    end = End(WSConnection(ConnectionType.CLIENT), reader, writer)
    try:
        await end.write(Request(host=parts.netloc, target=parts.path, extensions=extensions(manner)))
        answer = await end.event()
        if isinstance(answer, RejectConnection):
            raise Refused(answer.status_code)
        assert isinstance(answer, AcceptConnection), answer
        yield end
    finally:
        await end.end()


@asynccontextmanager
async def client() -> AsyncIterator[Dial]:
    yield dial


PEER = Peer("wsproto", lambda: version("wsproto"), client, server)
