"""`serve`: a server on a real socket, on loopback unless it is told otherwise in so many words."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import socket
import ssl as ssl_module
from collections.abc import Awaitable, Callable, Collection, Sequence
from types import TracebackType
from typing import Any

from ..protocol.closing import CloseCode
from ..protocol.connection import Connection
from ..protocol.extensions import ExtensionFactory
from ..protocol.handshake import ServerPolicy
from ..protocol.http import Request, Response
from ..protocol.response import error_response
from ..protocol.steps import Tracer
from ..protocol.types import Limits, Role, State, Timeouts
from ..trace.trace import Trace
from .endpoint import Endpoint, new_endpoint
from .errors import ConnectionClosed
from .wire import MAX_OUTGOING

logger = logging.getLogger("wsedu.loopback")

Handler = Callable[[Endpoint], Awaitable[None]]

MAX_CONNECTIONS = 10_000
"""Connections that a server has open at once, those in their opening handshake included; the next one gets a 503."""


def check_host(host: str, *, public: bool) -> None:
    """Refuse to listen beyond this machine by accident.

    Raises:
        ValueError: the host is not a loopback address, and `public` is not set.
    """
    if public or host == "localhost":
        return
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(f"{host!r} is not a loopback address: pass public=True to listen beyond this machine")


class serve:  # noqa: N801 - it reads as a function, as in the `websockets` library
    """Listen for connections: `async with serve(handler) as server: ...`.

    Leaving the block stops listening and closes every connection with 1001.

    Arguments:
        handler: an asynchronous function that is called with each `Endpoint`; when it returns the connection
            is closed with 1000, when it raises with 1011.
        host: where to listen.
        port: where to listen; 0 for a free one.
        ssl: a context for wss.
        public: allow a host that others can reach.
        subprotocols: that the server speaks.
        origins: that it serves, None among them for requests without Origin; None for any.
        extensions: that it can negotiate.
        choose_subprotocol: see `ServerPolicy`.
        decide: the application's last word on a request: see `ServerPolicy`.
        same_host: serve only pages that came from this host: see `ServerPolicy`.
        serve_page: the application's answer to an ordinary GET: see `ServerPolicy`.
        hosts: names of this server, one of which the Host field must have: see `ServerPolicy`.
        trace: where to record all connections; None for a trace for each, False for none.
        limits: sizes beyond which a client is refused.
        timeouts: deadlines in seconds: opening, closing, idle, keepalive, writing.
        strict: also refuse what the RFC forbids but real peers send.
        random_bytes: gives the payloads of keepalive pings.
        max_connections: open at once; whoever comes then is sent away with 503. None for as many as come.
        max_outgoing: bytes that may wait for a client that does not read: see `Endpoint`.
        sock: a socket that is bound already, on which to listen instead of `host` and `port`.

    Raises:
        ValueError: the host is not a loopback address and `public` is not set.
        OSError: it cannot listen there.
    """

    def __init__(
        self,
        handler: Handler,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ssl: ssl_module.SSLContext | None = None,
        public: bool = False,
        subprotocols: Sequence[str] = (),
        origins: Sequence[str | None] | None = None,
        extensions: Sequence[ExtensionFactory] = (),
        choose_subprotocol: Callable[[Request, Sequence[str]], str | None] | None = None,
        decide: Callable[[Request], Response | None] | None = None,
        trace: Trace | bool | None = None,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        strict: bool = True,
        random_bytes: Callable[[int], bytes] = os.urandom,
        same_host: bool = False,
        serve_page: Callable[[Request], Response | None] | None = None,
        hosts: Collection[str] | None = None,
        max_connections: int | None = MAX_CONNECTIONS,
        max_outgoing: int | None = MAX_OUTGOING,
        sock: socket.socket | None = None,
    ) -> None:
        check_host(host if sock is None else sock.getsockname()[0], public=public)
        self._address = (host, port)
        self._sock = sock
        self._ssl = ssl
        self._timeout = (timeouts or Timeouts()).opening
        policy = ServerPolicy(
            subprotocols, origins, extensions, choose_subprotocol, decide, same_host, serve_page, hosts
        )
        times = timeouts or Timeouts()
        sizes = limits or Limits()

        def make(tracer: Tracer | None) -> Connection:
            return Connection(
                Role.SERVER,
                policy=policy,
                limits=sizes,
                timeouts=times,
                strict=strict,
                random_bytes=random_bytes,
                tracer=tracer,
            )

        self._server = Server(
            handler,
            lambda: new_endpoint(make, trace, max_outgoing=max_outgoing, writing=times.writing),
            times.closing,
            max_connections=max_connections,
        )

    async def __aenter__(self) -> Server:
        await self._server.listen(*self._address, ssl=self._ssl, timeout=self._timeout, sock=self._sock)
        return self._server

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.close()


class Server:
    """A server that listens, as `serve` gives it.

    Arguments:
        handler: called with each endpoint once its handshake is done.
        make: gives the endpoint for a new connection.
        grace: seconds that `close` gives the handlers; None for as long as they take.
        max_connections: open at once; None for as many as come.

    Attributes:
        connections: the endpoints whose sockets are open.
    """

    def __init__(
        self,
        handler: Handler,
        make: Callable[[], Endpoint],
        grace: float | None = 10.0,
        *,
        max_connections: int | None = MAX_CONNECTIONS,
    ) -> None:
        self.connections: set[Endpoint] = set()
        self._handler = handler
        self._make = make
        self._max_connections = max_connections
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._secure = False
        self._closing = False
        self._grace = grace

    async def listen(
        self,
        host: str,
        port: int,
        *,
        ssl: ssl_module.SSLContext | None,
        timeout: float | None = None,
        sock: socket.socket | None = None,
    ) -> None:
        """Start to listen; see `serve`.

        Arguments:
            host: where.
            port: where; 0 for a free one.
            ssl: for wss.
            timeout: for the handshake of TLS, in seconds; None for asyncio's.
            sock: a bound socket, instead of `host` and `port`.
        """
        self._secure = ssl is not None
        loop = asyncio.get_running_loop()
        where: dict[str, Any] = {"host": host, "port": port} if sock is None else {"sock": sock}
        self._listener = await loop.create_server(
            self._accept, ssl=ssl, ssl_handshake_timeout=timeout if ssl else None, **where
        )

    @property
    def host(self) -> str:
        """The address on which it listens."""
        return str(self._name[0])

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self._name[1])

    @property
    def uri(self) -> str:
        """`ws://host:port/`, or `wss://...` with TLS."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self._secure else 'ws'}://{host}:{self.port}/"

    @property
    def _name(self) -> tuple[str, int]:
        assert self._listener is not None
        host, port, *_ = self._listener.sockets[0].getsockname()
        return host, port

    async def serve_forever(self) -> None:
        """Serve until the task is cancelled."""
        assert self._listener is not None
        await self._listener.serve_forever()

    async def close(self, code: int = CloseCode.GOING_AWAY, reason: str = "") -> None:
        """Stop to listen, close every connection, and wait for the handlers to end.

        A handler that is still at work when the closing deadline is over is cancelled.

        Arguments:
            code: the status code for the connections that are open.
            reason: at most 123 bytes of UTF-8.
        """
        if self._listener is None:
            return
        loop = asyncio.get_running_loop()
        self._closing = True
        self._listener.close()
        for endpoint in list(self.connections):
            if endpoint.state is State.CONNECTING or endpoint.vanished:
                endpoint.abort()
            elif endpoint.state is State.OPEN:
                endpoint.connection.close(code, reason)
                endpoint.flush()
        # Those whose handshake was never done have no handler: what is still to be said to them goes out.
        ends = {loop.create_task(one.wait_closed()) for one in self.connections if not one.opened}
        if self._tasks or ends:
            await asyncio.wait(self._tasks | ends, timeout=self._grace)
        for task in list(self._tasks):
            task.cancel()
        for endpoint in list(self.connections):
            endpoint.abort()
        while self._tasks or ends:
            _, unfinished = await asyncio.wait(self._tasks | ends)
            ends &= unfinished

    def _accept(self) -> Endpoint:
        endpoint = self._make()
        # Not before: where TLS is not agreed on, asyncio never says that the connection is lost.
        endpoint.on_connected = self._start
        return endpoint

    def _start(self, endpoint: Endpoint) -> None:
        if self._closing:
            endpoint.abort()
            return
        if self._max_connections is not None and len(self.connections) >= self._max_connections:
            logger.warning("%d connections are open: one more was sent away", len(self.connections))
            endpoint.send_away(error_response(503, b"too many connections\n"))
            return
        self.connections.add(endpoint)
        endpoint.on_opened = self._serve
        endpoint.on_lost = self._forget

    def _serve(self, endpoint: Endpoint) -> None:
        task = asyncio.get_running_loop().create_task(self._run(endpoint))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget(self, endpoint: Endpoint) -> None:
        """TCP has ended; where there is a handler, it is forgotten when that has ended too."""
        if not endpoint.opened:
            logger.info("connection ended: %s", endpoint.handshake_error())
            self.connections.discard(endpoint)

    async def _run(self, endpoint: Endpoint) -> None:
        try:
            await self._handler(endpoint)
            await endpoint.close()
        except asyncio.CancelledError:
            endpoint.abort()
            raise
        except Exception as error:
            if endpoint.state is not State.OPEN and isinstance(error, ConnectionClosed):
                logger.info("connection ended: %s", error)
            else:
                # A handler may also let through that another connection of its own was closed.
                logger.exception("the handler failed")
                endpoint.fail(CloseCode.INTERNAL_ERROR)
        finally:
            try:
                await endpoint.wait_closed()
            finally:
                endpoint.abort()
                self.connections.discard(endpoint)
