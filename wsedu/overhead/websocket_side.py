"""The WebSocket of a measured run: wsedu's own server and clients, on sockets that count."""

from __future__ import annotations

import asyncio
import ssl as ssl_module
from typing import TYPE_CHECKING

from ..loopback import connect, serve
from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.types import State, Timeouts
from .clients import HOST, Clients, ConnectingClients
from .metering import Meter, MeteredSocket, listener
from .opening import URI
from .transports import Transport

if TYPE_CHECKING:
    from ..loopback import Endpoint

TIMEOUTS = Timeouts(opening=30.0, closing=5.0, ping_interval=None, writing=30.0)
"""No Pings: they would be counted."""


class WebSocketServer:
    """The server: sends each event when it happens.

    Arguments:
        transport: with or without permessage-deflate.
        clients: who is connected.
        count: how many will be.
    """

    def __init__(self, transport: Transport, clients: Clients, count: int) -> None:
        self._extensions = _extensions(transport)
        self._clients = clients
        self._endpoints: list[Endpoint | None] = [None] * count
        self._serve: serve | None = None
        self.opening = True

    async def start(self, meter: Meter, port: int, ssl: ssl_module.SSLContext | None) -> int:
        """Listen; the port on which it does."""
        sock = listener(meter, HOST, port)
        self._serve = serve(
            self._handle, ssl=ssl, extensions=self._extensions, trace=False, timeouts=TIMEOUTS, sock=sock
        )
        return (await self._serve.__aenter__()).port

    async def stop(self) -> None:
        """End everything."""
        if self._serve is not None:
            await self._serve.__aexit__(None, None, None)

    def happened(self, client: int, text: str) -> None:
        """There is something to tell a client: tell it at once."""
        endpoint = self._endpoints[client]
        if endpoint is not None and endpoint.state is State.OPEN:
            endpoint.connection.send_text(text)
            endpoint.flush()

    async def _handle(self, endpoint: Endpoint) -> None:
        self._endpoints[self._clients.at(endpoint.remote_address[1])] = endpoint
        await endpoint.wait_closed()


class WebSocketClients(ConnectingClients):
    """The clients, a connection each; arguments as in `ConnectingClients`."""

    def __post_init__(self) -> None:
        self._extensions = _extensions(self.transport)
        self._fields = [(name, value) for name, value in self.profile.websocket_fields if name.lower() != "origin"]
        self._origin = next((value for name, value in self.profile.websocket_fields if name.lower() == "origin"), None)
        self._endpoints: list[Endpoint] = []

    async def open(self, count: int, port: int) -> None:
        """Connect them all."""
        # The address of the model, so that the Host field is as long whatever the port is.
        uri = URI if self.ssl is None else URI.replace("ws:", "wss:", 1)
        for client in range(count):
            sock = MeteredSocket(self.meter, lambda at, client=client: self.clients.comes_from(at, client))  # type: ignore[misc]
            sock.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(sock, (HOST, port))
                endpoint = await connect(
                    uri,
                    ssl=self.ssl,
                    origin=self._origin,
                    headers=self._fields,
                    extensions=self._extensions,
                    trace=False,
                    timeouts=TIMEOUTS,
                    sock=sock,
                )
            except BaseException:
                sock.close()
                raise
            self._endpoints.append(endpoint)

    async def listen(self, client: int) -> None:
        """Take what comes."""
        async for message in self._endpoints[client]:
            self.arrived(client, [str(message)])

    async def close(self) -> None:
        """The closing handshake on every connection."""
        await asyncio.gather(*(endpoint.close() for endpoint in self._endpoints), return_exceptions=True)


def _extensions(transport: Transport) -> tuple[PerMessageDeflateFactory, ...]:
    return (PerMessageDeflateFactory(),) if transport is Transport.WEBSOCKET_DEFLATE else ()
