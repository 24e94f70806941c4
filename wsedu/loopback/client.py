"""`connect`: a client on a real socket."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl as ssl_module
from collections.abc import Callable, Generator, Iterable, Sequence
from types import TracebackType
from typing import Any

from ..protocol.closing import CloseCode
from ..protocol.connection import Connection
from ..protocol.extensions import ExtensionFactory
from ..protocol.steps import Tracer
from ..protocol.types import Limits, Role, State, Timeouts
from ..protocol.uri import parse_uri
from ..trace.trace import Trace
from .endpoint import Endpoint, new_endpoint

_TIMEOUTS = Timeouts()
_LIMITS = Limits()


class connect:  # noqa: N801 - it reads as a function, as in the `websockets` library
    """Open a connection: `async with connect(uri) as ws: ...`, or `ws = await connect(uri)`.

    Leaving the block closes the connection with 1000.

    Arguments:
        uri: such as `ws://127.0.0.1:8000/chat`.
        host: where to connect instead of the URI's host.
        port: where to connect instead of the URI's port.
        ssl: for wss, a context other than Python's default one.
        subprotocols: to offer, most preferred first.
        extensions: to offer.
        origin: value of the Origin field.
        headers: further fields of the request.
        trace: where to record; None for a trace of its own, False for none.
        limits: sizes beyond which the server is refused.
        timeouts: deadlines in seconds: opening (TCP and TLS included), closing, idle, keepalive, writing.
        strict: also refuse what the RFC forbids but real peers send.
        random_bytes: gives the key and the masking keys.
        sock: a TCP socket that is connected already, instead of one that is opened to `host` and `port`.

    Raises:
        LocalViolation: the URI or a header field is not legal.
        OSError: TCP or TLS could not be opened.
        TimeoutError: that took longer than the opening deadline.
        HandshakeFailed: the server refused, or answered wrongly.
    """

    def __init__(
        self,
        uri: str,
        *,
        host: str | None = None,
        port: int | None = None,
        ssl: ssl_module.SSLContext | None = None,
        subprotocols: Sequence[str] = (),
        extensions: Sequence[ExtensionFactory] = (),
        origin: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        trace: Trace | bool | None = None,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        strict: bool = True,
        random_bytes: Callable[[int], bytes] = os.urandom,
        sock: socket.socket | None = None,
    ) -> None:
        self._uri = parse_uri(uri)
        self._sock = sock
        self._address = (host or self._uri.host, port or self._uri.port)
        self._ssl = ssl
        self._trace = trace
        self._timeouts = timeouts or _TIMEOUTS
        self._endpoint: Endpoint | None = None

        def make(tracer: Tracer | None) -> Connection:
            return Connection(
                Role.CLIENT,
                self._uri,
                subprotocols=subprotocols,
                extensions=extensions,
                origin=origin,
                headers=headers,
                limits=limits or _LIMITS,
                timeouts=self._timeouts,
                strict=strict,
                random_bytes=random_bytes,
                tracer=tracer,
            )

        self._make = make

    def __await__(self) -> Generator[Any, None, Endpoint]:
        return self._open().__await__()

    async def __aenter__(self) -> Endpoint:
        self._endpoint = await self._open()
        return self._endpoint

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._endpoint is not None
        await self._endpoint.close()

    async def _open(self) -> Endpoint:
        return await open_endpoint(
            lambda: new_endpoint(self._make, self._trace, writing=self._timeouts.writing),
            self._address,
            ssl=(self._ssl or ssl_module.create_default_context()) if self._uri.secure else None,
            server_hostname=self._uri.host,
            timeout=self._timeouts.opening,
            sock=self._sock,
        )


async def open_endpoint(
    make: Callable[[], Endpoint],
    address: tuple[str, int],
    *,
    ssl: ssl_module.SSLContext | None,
    server_hostname: str,
    timeout: float | None,
    sock: socket.socket | None = None,
) -> Endpoint:
    """Open TCP, then TLS if there is a context, then do the opening handshake (RFC 6455 §4.1).

    Arguments:
        make: gives the endpoint, once for this connection.
        address: host and port of the socket.
        ssl: for TLS.
        server_hostname: that TLS names and checks.
        timeout: for all of it, in seconds.
        sock: a connected socket, instead of one to `address`.

    Raises:
        OSError, TimeoutError, HandshakeFailed: see `connect`.
    """
    loop = asyncio.get_running_loop()
    deadline = asyncio.timeout(timeout)
    # Made first: what our caller may not ask for is refused before there is a socket.
    endpoint = make()
    try:
        async with deadline:
            where: dict[str, Any] = (
                dict(zip(("host", "port"), address, strict=True)) if sock is None else {"sock": sock}
            )
            await loop.create_connection(
                lambda: endpoint, ssl=ssl, server_hostname=server_hostname if ssl else None, **where
            )
            await endpoint.wait_opened()
    except BaseException as error:
        if endpoint.state is State.OPEN:
            # Cancelled just when it was open: the server shall know that nobody will come.
            endpoint.connection.close(CloseCode.GOING_AWAY)
            endpoint.flush()
        endpoint.abort()
        if isinstance(error, TimeoutError) and deadline.expired():
            raise TimeoutError(f"the opening handshake took longer than {timeout} seconds") from error
        raise
    return endpoint
