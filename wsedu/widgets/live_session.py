"""`LiveSession`: a real client, and a real server for it, in a thread with an event loop of its own.

A notebook's own event loop stands still while a cell runs, and a kernel with subshells calls back from threads of its
own; so nothing of this happens there. Every method can be called from any thread.
"""

from __future__ import annotations

import asyncio
import ssl as ssl_module
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from ..loopback import ConnectionClosed, Endpoint, Server
from ..loopback.client import open_endpoint
from ..loopback.endpoint import new_endpoint
from ..protocol.closing import CloseCode
from ..protocol.connection import Connection
from ..protocol.extensions import ExtensionFactory
from ..protocol.handshake import ServerPolicy
from ..protocol.steps import Tracer
from ..protocol.types import Role, State, Timeouts
from ..protocol.uri import parse_uri
from ..trace.trace import Trace

HOST = "127.0.0.1"

TIMEOUTS = Timeouts(opening=5.0, closing=5.0, ping_interval=None, writing=5.0)
"""Nobody waits long, and no Ping goes out that nobody asked for."""

ANSWER = 2.0
"""Seconds in which the thread has to do what it is asked for; it never waits for anybody else meanwhile."""

LEAVING = 1.0
"""Seconds that the closing handshakes may take when everything ends."""

BEAT = 2.0
"""Seconds after which `changed` is called at the latest, so that whoever listens knows that the thread is well."""

Handler = Callable[[Endpoint], Awaitable[None]]
T = TypeVar("T")


@dataclass(frozen=True)
class Peer:
    """Whom the client talks to.

    Arguments:
        uri: of a server somewhere; None for one of our own.
        handler: what our own server does with a connection.
        extensions: that the client offers, and that our own server can negotiate.
        client_tls: for a URI with wss; None for Python's default context.
        server_tls: of our own server; None for ws.
        own_tls: with which the client trusts our own server.
    """

    uri: str | None = None
    handler: Handler | None = None
    extensions: tuple[ExtensionFactory, ...] = ()
    client_tls: ssl_module.SSLContext | None = None
    server_tls: ssl_module.SSLContext | None = None
    own_tls: ssl_module.SSLContext | None = None


class GoneError(Exception):
    """There is no endpoint of this role now."""


class LateError(Exception):
    """A server did not answer in time; the argument is how long it had, in seconds."""


class LiveSession:
    """One connection after the other between a client and its server.

    Arguments:
        peer: whom the client talks to.
        trace: where everything is recorded, each connection with a number of its own.
        changed: called in the thread after anything there may have changed what `state` and `failure` say.

    Attributes:
        peer: whom the client talks to, or last did.
        number: of the connection that is shown, in the trace; None before the first.
        tried: of the last attempt to connect, which may have failed while another connection lives on.
        failure: why the last attempt to connect has failed; None if it has not.
    """

    def __init__(self, peer: Peer, trace: Trace, changed: Callable[[], None] = lambda: None) -> None:
        self.peer = peer
        self._trace = trace
        self._changed = changed
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: asyncio.Event | None = None
        self._server: Server | None = None
        self._ends: dict[Role, Endpoint] = {}
        self._reading: asyncio.Task[None] | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._stopped = False
        self.number: int | None = None
        self.tried: int | None = None
        self.failure: BaseException | None = None

    # --- What can be asked from any thread ---

    @property
    def own(self) -> bool:
        """Whether the server is ours."""
        return self.peer.uri is None

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def opening(self) -> bool:
        """Whether an attempt to connect is under way."""
        return self._attempt is not None and not self._attempt.done()

    @property
    def uri(self) -> str | None:
        """Where the client connects; None while our own server does not listen yet."""
        if self.peer.uri is not None:
            return self.peer.uri
        return None if self._server is None else self._server.uri

    def state(self, role: Role) -> State | None:
        """The state of an endpoint; None if there is none or it is not ours."""
        endpoint = self._ends.get(role)
        return None if endpoint is None else endpoint.state

    def connect(self, peer: Peer | None = None) -> None:
        """Begin to open a connection; how that ends is seen in `state` and `failure`.

        An open connection lives on until another server has accepted; our own server always does, so it is ended first.

        Arguments:
            peer: whom to talk to; None for the same as before.
        """
        self._ask(partial(self._connect, peer or self.peer))

    def act(self, role: Role, what: Callable[[Connection], None]) -> None:
        """Have an endpoint do something, and send what comes of it.

        Raises:
            GoneError: there is no such endpoint.
            LocalViolation: that may not be sent, or not now.
        """
        self._ask(partial(self._act, role, what))

    def give_up(self, why: BaseException) -> None:
        """End TCP, and say why; only from within the thread itself."""
        self.failure = why
        for endpoint in self._ends.values():
            endpoint.abort()

    def cut(self, role: Role) -> None:
        """Have an endpoint end TCP without a word.

        Raises:
            GoneError: there is no such endpoint.
        """
        self._ask(partial(self._cut, role))

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Have something called in the thread, unless that has ended.

        Arguments:
            seconds: from now; only from within the thread itself.
            call: what to call.
        """
        if self._loop is not None:
            self._loop.call_later(seconds, call)

    def stop(self) -> None:
        """Close what is open, end the server and the thread, and wait for that; afterwards nothing can be asked."""
        with self._lock:
            self._stopped = True
            thread, loop = self._thread, self._loop
        if thread is None or loop is None or self._leave is None:
            return
        with suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(self._leave.set)
        if thread is not threading.current_thread():
            thread.join(2 * LEAVING + ANSWER)

    # --- The thread ---

    def _ask(self, make: Callable[[], T]) -> T:
        """Have something done in the thread, and wait until it is."""
        loop = self._start()
        answer: Future[T] = Future()

        def do() -> None:
            try:
                answer.set_result(make())
            except BaseException as error:
                answer.set_exception(error)

        loop.call_soon_threadsafe(do)
        return answer.result(ANSWER)

    def _start(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._stopped:
                raise GoneError
            if self._loop is None:
                started: Future[asyncio.AbstractEventLoop] = Future()
                self._thread = threading.Thread(
                    target=lambda: asyncio.run(self._live(started)), name="wsedu-live", daemon=True
                )
                self._thread.start()
                self._loop = started.result(ANSWER)
            return self._loop

    async def _live(self, started: Future[asyncio.AbstractEventLoop]) -> None:
        self._leave = asyncio.Event()
        started.set_result(asyncio.get_running_loop())
        while not self._leave.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leave.wait(), BEAT)
            self._changed()
        await self._end()

    async def _end(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()
        client = self._ends.get(Role.CLIENT)
        if client is not None:
            if client.state is State.OPEN and not client.vanished:
                client.connection.close(CloseCode.GOING_AWAY)
                client.flush()
            with suppress(TimeoutError):
                await asyncio.wait_for(client.wait_closed(), LEAVING)
            client.abort()
        if self._server is not None:
            await self._server.close()
        self._changed()

    # --- In the thread ---

    def _connect(self, peer: Peer) -> None:
        if not self.opening:
            self._attempt = asyncio.get_running_loop().create_task(self._open(peer))

    async def _open(self, peer: Peer) -> None:
        self.failure = None
        self._changed()
        try:
            if peer.uri is not None and self.state(Role.CLIENT) is State.OPEN:
                await self._move(peer)
            else:
                await _hang_up(self._ends, self._reading)
                self.peer = peer
                if self.own and self._server is None:
                    await self._listen()
                self.number = self.tried = self._trace.new_connection()
                client = await self._reach(peer, partial(self._ends.__setitem__, Role.CLIENT))
                self._reading = asyncio.get_running_loop().create_task(_take_all(client))
        except Exception as error:
            # The deadline has no number of an error; that of the operating system has.
            late = isinstance(error, TimeoutError) and error.errno is None
            self.failure = LateError(TIMEOUTS.opening) if late else error
            if self.state(Role.CLIENT) is State.CONNECTING:
                # There was not even TCP.
                self._ends.clear()
        finally:
            asyncio.get_running_loop().call_soon(self._changed)

    async def _listen(self) -> None:
        server = Server(self._serve, self._make_server, LEAVING)
        await server.listen(HOST, 0, ssl=self.peer.server_tls, timeout=TIMEOUTS.opening)
        self._server = server

    async def _move(self, peer: Peer) -> None:
        """To another server; only when it has accepted, the connection that there is is ended."""
        self.tried = self._trace.new_connection()
        client = await self._reach(peer, lambda _: None)
        old, reading = self._ends, self._reading
        # Both at once, before anything is waited for: whoever ends this thread has to find the new one.
        self.peer, self.number, self._ends = peer, self.tried, {Role.CLIENT: client}
        self._reading = asyncio.get_running_loop().create_task(_take_all(client))
        await _hang_up(old, reading)

    async def _reach(self, peer: Peer, made: Callable[[Endpoint], None]) -> Endpoint:
        """Open TCP, TLS and WebSocket.

        Arguments:
            peer: whom to reach.
            made: is given the endpoint as soon as it has something to do.
        """
        text = peer.uri or self.uri
        assert text is not None
        uri = parse_uri(text)

        def make(tracer: Tracer | None) -> Connection:
            return Connection(Role.CLIENT, uri, extensions=peer.extensions, timeouts=TIMEOUTS, tracer=tracer)

        def make_client() -> Endpoint:
            endpoint = new_endpoint(make, self._trace, number=self.tried, writing=TIMEOUTS.writing)
            made(endpoint)
            return endpoint

        context = peer.own_tls if peer.uri is None else peer.client_tls
        tls = (context or ssl_module.create_default_context()) if uri.secure else None
        return await open_endpoint(
            make_client, (uri.host, uri.port), ssl=tls, server_hostname=uri.host, timeout=TIMEOUTS.opening
        )

    def _make_server(self) -> Endpoint:
        policy = ServerPolicy(extensions=self.peer.extensions)

        def make(tracer: Tracer | None) -> Connection:
            return Connection(Role.SERVER, policy=policy, timeouts=TIMEOUTS, tracer=tracer)

        if Role.SERVER in self._ends or not self.own:
            # Somebody else has found the port: served and recorded like ours, and not in the picture.
            return new_endpoint(make, self._trace, writing=TIMEOUTS.writing)
        endpoint = new_endpoint(make, self._trace, number=self.number, writing=TIMEOUTS.writing)
        self._ends[Role.SERVER] = endpoint
        return endpoint

    async def _serve(self, endpoint: Endpoint) -> None:
        assert self.peer.handler is not None
        try:
            await self.peer.handler(endpoint)
        except ConnectionClosed:
            raise
        except Exception as error:
            self.failure = error
            self._changed()
            raise

    def _act(self, role: Role, what: Callable[[Connection], None]) -> None:
        endpoint = self._end_of(role)
        what(endpoint.connection)
        endpoint.flush()

    def _cut(self, role: Role) -> None:
        self._end_of(role).abort()

    def _end_of(self, role: Role) -> Endpoint:
        if role not in self._ends:
            raise GoneError
        return self._ends[role]


async def _take_all(endpoint: Endpoint) -> None:
    """Take the messages, which the trace has: with too many waiting, reading would pause."""
    with suppress(ConnectionClosed):
        async for _ in endpoint:
            pass


async def _hang_up(ends: dict[Role, Endpoint], reading: asyncio.Task[None] | None) -> None:
    """End what is left of a connection."""
    client = ends.get(Role.CLIENT)
    if client is None:
        return
    client.abort()
    with suppress(TimeoutError):
        await asyncio.wait_for(client.wait_closed(), LEAVING)
    if reading is not None:
        reading.cancel()
    if Role.SERVER in ends:
        ends[Role.SERVER].abort()
    ends.clear()
