"""The tap: it stands between a real client and a real server, passes every byte on as it is, and looks at it.

Passing on comes first: it does not depend on whether the bytes can be explained.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl as ssl_module
import struct
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..protocol.observer import Observer
from ..protocol.steps import Level, Tracer, TransportOpened
from ..protocol.types import Direction, Role
from ..protocol.uri import WebSocketURI
from ..trace.trace import Trace
from .tap_rules import Rule
from .tap_shaping import Shaper

logger = logging.getLogger("wsedu.loopback")

CONNECTING = 10.0
"""Seconds that the server has to answer the TCP connection."""

HIGH_WATER = 256 << 10
"""Bytes that may wait to be written on, or be held back by a rule, before the sender is not read any more."""


class Watcher(Protocol):
    """Who wants to know what becomes of the connections."""

    def unreachable(self, number: int, problem: Exception) -> None:
        """The server could not be reached for a connection."""

    def passed(self, number: int) -> None:
        """Something has passed, and its steps are in the trace."""

    def ended(self, number: int) -> None:
        """A connection is over."""

    def broken(self, number: int, problem: Exception) -> None:
        """Explaining a connection has failed, which is a bug; it goes on unexplained."""


class Tap:
    """Listens, and for each client connects to the server.

    Arguments:
        target: where the server is.
        trace: where to record.
        watcher: told of what happens.
        rules: what to do to frames.
        rewrite_host: put the server's host and port into the request.
        ssl: for the connection to the server, if it is wss.
        level: how fine the steps are.

    Attributes:
        connections: those that are open, by number.
    """

    def __init__(
        self,
        target: WebSocketURI,
        trace: Trace,
        watcher: Watcher,
        *,
        rules: Sequence[Rule] = (),
        rewrite_host: bool = False,
        ssl: ssl_module.SSLContext | None = None,
        level: Level = Level.BASE,
    ) -> None:
        self.target = target
        self.trace = trace
        self.watcher = watcher
        self.rules = tuple(rules)
        self.host = target.host_header if rewrite_host else None
        self.ssl = ssl
        self.level = level
        self.connections: dict[int, TapConnection] = {}
        self._listener: asyncio.Server | None = None

    async def listen(self, host: str, port: int, *, ssl: ssl_module.SSLContext | None = None) -> int:
        """Start to listen.

        Arguments:
            host: where.
            port: where; 0 for a free one.
            ssl: to speak TLS with clients.

        Returns:
            The port.
        """
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: TapConnection(self).near, host, port, ssl=ssl)
        return int(self._listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and end what is open."""
        if self._listener is not None:
            self._listener.close()
        for connection in list(self.connections.values()):
            connection.close()
        await asyncio.gather(*(connection.over.wait() for connection in list(self.connections.values())))


class TapConnection:
    """One client, one server, and what passes between them.

    Arguments:
        tap: that it belongs to.
    """

    def __init__(self, tap: Tap) -> None:
        self.tap = tap
        self.number = 0
        self.over = asyncio.Event()
        self.near = _End(self, Role.CLIENT)
        self.far = _End(self, Role.SERVER)
        self._observer: Observer | None = None
        self._shaper: Shaper | None = None
        self._explains = True
        self._connecting: asyncio.Task[None] | None = None

    def end_of(self, role: Role) -> _End:
        """The end at which that endpoint is."""
        return self.near if role is Role.CLIENT else self.far

    # --- Beginning ---

    def accepted(self) -> None:
        """The client is there: nothing is read from it before the server is."""
        self.number = self.tap.trace.new_connection()
        self.tap.connections[self.number] = self
        self.near.pause_reading()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        target, loop = self.tap.target, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECTING):
                await loop.create_connection(
                    lambda: self.far,
                    target.host,
                    target.port,
                    ssl=self.tap.ssl,
                    server_hostname=target.host if self.tap.ssl else None,
                )
        except (OSError, TimeoutError) as problem:
            self.tap.watcher.unreachable(self.number, problem)
            self.close()
            return
        if self.near.gone:
            self.close()
            return
        self._observe()
        self.near.resume_reading()

    def _observe(self) -> None:
        recorder = self.tap.trace.recorder(self.number, level=self.tap.level)
        for role in Role:
            transport = self.end_of(role).transport
            assert transport is not None
            ours, theirs = (_address(transport.get_extra_info(name)) for name in ("sockname", "peername"))
            tls = transport.get_extra_info("ssl_object")
            recorder(
                TransportOpened(
                    endpoint=role,
                    decided_by=f"{__name__}:TapConnection._observe",
                    local=theirs,
                    remote=ours,
                    tls=None if tls is None else tls.version(),
                )
            )

        def tracer_for(role: Role) -> Tracer:
            return recorder

        self._observer = Observer(tracer_for=tracer_for)
        if self.tap.rules or self.tap.host is not None:
            self._shaper = Shaper(self.tap.rules, self.tap.host, self._observer, self._watch, self._write, tracer_for)

    # --- Passing on ---

    def received(self, sender: Role, data: bytes) -> None:
        """Bytes came from one endpoint."""
        way = sender.sends
        if self._shaper is not None:
            self._shaper.feed(way, data)
            self._balance()
            return
        self._write(way, data)
        self._watch(way, data)

    def ended(self, sender: Role) -> None:
        """One endpoint has ended its direction."""
        self._end(sender.sends)
        if self._shaper is not None:
            self._shaper.end(sender.sends)
        else:
            self._write(sender.sends, b"")

    def lost(self, role: Role, problem: Exception | None) -> None:
        """The TCP connection of one endpoint is gone: so is the other one, in the same way."""
        other = self.end_of(role.peer)
        self._end(role.sends, clean=problem is None)
        if self._shaper is not None:
            self._shaper.stop()
        if problem is not None:
            other.reset()
        else:
            other.close()
        if self._connecting is not None and other.transport is None:
            self._connecting.cancel()
        if self.near.gone and (self.far.gone or self.far.transport is None):
            self._over()

    def _over(self) -> None:
        if not self.over.is_set():
            self.over.set()
            self.tap.connections.pop(self.number, None)
            for way in Direction:
                self._end(way)
            self.tap.watcher.ended(self.number)

    def close(self) -> None:
        """End both TCP connections, after what waits to be written."""
        if self._shaper is not None:
            self._shaper.stop()
        for role in Role:
            self.end_of(role).close()
        if self.near.gone and self.far.transport is None:
            self._over()

    def _write(self, direction: Direction, data: bytes) -> None:
        """Send bytes on; empty ones stand for the end."""
        end = self.far if direction is Direction.TO_SERVER else self.near
        if data:
            end.write(data)
        else:
            end.finish()
        if self._shaper is not None:
            # What waited may have been written by a timer.
            self._balance()

    def _balance(self) -> None:
        """Read no more from somebody of whose bytes too many are held back, and go on when they are not any more."""
        assert self._shaper is not None
        for role in Role:
            if self._shaper.waiting(role.sends) > HIGH_WATER:
                self.end_of(role).pause_reading()
            elif not self.end_of(role.peer).full:
                self.end_of(role).resume_reading()

    # --- Explaining ---

    def _watch(self, direction: Direction, data: bytes) -> None:
        self._explain(lambda observer: observer.feed(direction, data))

    def _end(self, direction: Direction, *, clean: bool = True) -> None:
        self._explain(lambda observer: observer.end(direction, clean=clean))

    def _explain(self, look: Callable[[Observer], object]) -> None:
        if self._observer is None or not self._explains:
            return
        try:
            look(self._observer)
            self._passed()
        except Exception as problem:
            # Whatever goes wrong with the explanation, the bytes go on.
            self._explains = False
            if self._shaper is not None:
                self._shaper.blind = True
            logger.exception("explaining connection %d failed", self.number)
            self.tap.watcher.broken(self.number, problem)

    def _passed(self) -> None:
        self.tap.watcher.passed(self.number)


class _End(asyncio.Protocol):
    """The socket of one endpoint."""

    def __init__(self, connection: TapConnection, role: Role) -> None:
        self.transport: asyncio.Transport | None = None
        self.gone = False
        self.full = False  # too much waits to be written here
        self._connection = connection
        self._role = role
        self._finished = False  # our direction is ended
        self._heard_end = False  # theirs is
        self._resets = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(HIGH_WATER)
        if self._role is Role.CLIENT:
            self._connection.accepted()

    def data_received(self, data: bytes) -> None:
        self._connection.received(self._role, data)

    def eof_received(self) -> bool:
        assert self.transport is not None
        # TLS has no half-closed connections; and it forgets about itself when it is closed.
        halves = self.transport.get_extra_info("ssl_object") is None
        self._heard_end = True
        self._connection.ended(self._role)
        self._close_when_done()
        return halves

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self._connection.lost(self._role, exc)

    def pause_writing(self) -> None:
        self.full = True
        self._connection.end_of(self._role.peer).pause_reading()

    def resume_writing(self) -> None:
        self.full = False
        if self._resets:
            self.reset()
        else:
            self._connection.end_of(self._role.peer).resume_reading()

    # --- What the connection has it do ---

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self.transport is not None and not self.gone and not self._finished:
            self.transport.write(data)

    def finish(self) -> None:
        """Send FIN after what waits; where TLS has no such thing, end the connection."""
        if self.transport is None or self.gone or self._finished:
            return
        self._finished = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._close_when_done()
        else:
            self.transport.close()

    def _close_when_done(self) -> None:
        if self._finished and self._heard_end and self.transport is not None:
            self.transport.close()

    def close(self) -> None:
        """End the connection after what waits to be written."""
        if self.transport is not None and not self.gone:
            self.transport.close()

    def reset(self) -> None:
        """Have the operating system send RST, after what waits to be written."""
        if self.transport is None or self.gone:
            return
        if self.transport.get_write_buffer_size() and not self._resets:
            self._resets = True
            self.transport.set_write_buffer_limits(0)
            return
        end = self.transport.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def pause_reading(self) -> None:
        """Read no more until `resume_reading`."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()


def _address(name: Any) -> str:
    """An address as `host:port`."""
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
