"""One endpoint on a real socket: asyncio moves the bytes, the core decides."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any, cast

from ..protocol.closing import CloseCode
from ..protocol.connection import Connection
from ..protocol.events import (
    BinaryReceived,
    Closed,
    Event,
    Opened,
    PongReceived,
    Refused,
    TextReceived,
    ViolationFound,
)
from ..protocol.frame import Frame
from ..protocol.http import Request, Response
from ..protocol.steps import Level, Tracer, TransportOpened
from ..protocol.timers import Deadline
from ..protocol.types import Role, State
from ..trace.trace import Trace
from .errors import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, HandshakeFailed

logger = logging.getLogger("wsedu.loopback")

MAX_QUEUE = 16
"""Messages that wait to be received before reading from the socket pauses."""

LINGER = 10.0
"""Seconds that bytes still to be written may take once the connection is closed; then TCP is ended without them."""

MAX_OUTGOING = 16 << 20
"""Bytes that may wait to be written when more is to be written: whoever lets so much wait does not read."""

Data = str | bytes | bytearray | memoryview


class Endpoint(asyncio.Protocol):
    """A WebSocket connection on a real socket, as `connect` gives it and `serve` hands it to its handler.

    Arguments:
        connection: the core.
        trace: into which the core's tracer records; None without one.
        on_open: called when the opening handshake is done, before anything is written.
        number: of the connection in that trace.
        max_outgoing: bytes that may wait to be written when more is to be written; then the peer, who does not
            read, is given up, without a Close frame that it would not read either. `send` waits long before that,
            so it takes messages that nobody waits for, as those of `broadcast`. None for any number.

    Attributes:
        connection: the core, for those who want to look.
        latency: the last round trip of a ping, in seconds; 0 before the first.
        on_connected: called once when the transport is there, TLS included.
    """

    def __init__(
        self,
        connection: Connection,
        trace: Trace | None = None,
        *,
        number: int | None = None,
        on_open: Callable[[Endpoint], None] | None = None,
        max_outgoing: int | None = MAX_OUTGOING,
    ) -> None:
        self.connection = connection
        self.latency = 0.0
        self.on_connected: Callable[[Endpoint], None] | None = None
        self._trace = trace
        self._number = number
        self._on_open = on_open
        self._max_outgoing = max_outgoing
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._messages: deque[str | bytes] = deque()
        self._message_waiter: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._late = 0  # size of the messages that came after our own Close
        self._writable: asyncio.Future[None] | None = None  # while the transport's buffer is full
        self._sending = asyncio.Lock()
        self._opened: asyncio.Future[bool] = self._loop.create_future()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._pings: dict[bytes, tuple[float, asyncio.Future[float]]] = {}
        self._ping_count = 0
        self._eof_written = False
        self._vanished = False
        self._aborted = False
        self._moved = asyncio.Event()
        self._deadline: Deadline | None = None
        self._deadline_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._linger: asyncio.TimerHandle | None = None

    # --- What a user sees ---

    @property
    def trace(self) -> Trace | None:
        """The trace that this connection records into, None if it does not."""
        return self._trace

    @property
    def number(self) -> int | None:
        """The number of this connection in its trace, None without one."""
        return self._number

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED."""
        return self.connection.state

    @property
    def request(self) -> Request | None:
        """The request of the opening handshake."""
        return self.connection.request

    @property
    def response(self) -> Response | None:
        """The response of the opening handshake."""
        return self.connection.response

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol in use, None without."""
        return self.connection.subprotocol

    @property
    def close_code(self) -> int | None:
        """The status code of RFC 6455 §7.1.5, None while the connection is open."""
        return self.connection.close_code

    @property
    def close_reason(self) -> str | None:
        """The reason of RFC 6455 §7.1.6, None while the connection is open."""
        return self.connection.close_reason

    @property
    def local_address(self) -> Any:
        """This end of the socket: for IP, host and port."""
        return None if self._transport is None else self._transport.get_extra_info("sockname")

    @property
    def remote_address(self) -> Any:
        """The other end of the socket: for IP, host and port."""
        return None if self._transport is None else self._transport.get_extra_info("peername")

    async def recv(self) -> str | bytes:
        """The next message: str for text, bytes for binary.

        Raises:
            ConnectionClosed: there are no more.
        """
        while not self._messages:
            if self._finished:
                raise self._closed_error()
            if self._message_waiter is not None:
                raise RuntimeError("recv() is already waiting in another task")
            self._message_waiter = self._loop.create_future()
            try:
                await self._message_waiter
            finally:
                self._message_waiter = None
        message = self._messages.popleft()
        if self._reading_paused and len(self._messages) <= MAX_QUEUE // 4:
            self._resume_reading()
        return message

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """The messages until the connection is closed; an end that was not clean is raised."""
        try:
            while True:
                yield await self.recv()
        except ConnectionClosedOK:
            return

    async def send(self, message: Data | Iterable[Data] | AsyncIterable[Data]) -> None:
        """Send a message; waits while the peer reads too slowly.

        Arguments:
            message: str is sent as text, bytes as binary; an iterable, asynchronous or not, is sent in
                fragments, one for each of its elements.

        Raises:
            ConnectionClosed: the connection is closed or closing.
            LocalViolation: the message may not be sent.
            TypeError: it is neither str nor bytes nor an iterable of one of them.
        """
        if isinstance(message, (str, bytes, bytearray, memoryview)):
            if self._sending.locked() or self._writable is not None:
                async with self._sending:
                    await self._send_one(message)
            else:
                await self._send_one(message)
            return
        if isinstance(message, Mapping) or not isinstance(message, (Iterable, AsyncIterable)):
            raise TypeError(f"a message is str, bytes or an iterable of them, not {type(message).__name__}")
        async with self._sending:
            await self._send_fragments(_pieces(cast("Iterable[Data] | AsyncIterable[Data]", message)))

    async def _send_one(self, message: Data) -> None:
        await self._check_open()
        if isinstance(message, str):
            self.connection.send_text(message)
        else:
            self.connection.send_binary(message)
        self.flush()
        await self._drain()

    async def _send_fragments(self, pieces: AsyncIterator[Data]) -> None:
        """Each piece is sent when the next one is there, so that the last one can carry FIN."""
        waiting: Data | None = None
        try:
            async for piece in pieces:
                if waiting is not None:
                    if isinstance(piece, str) is not isinstance(waiting, str):
                        raise TypeError("the fragments of a message are all str or all bytes")
                    await self._send_fragment(waiting, fin=False)
                waiting = piece
            if waiting is not None:
                await self._send_fragment(waiting, fin=True)
        except BaseException:
            if self.connection.sending_fragments:
                # Half a message cannot be taken back, and no other may follow it (§5.4).
                self.fail(CloseCode.INTERNAL_ERROR)
            raise

    async def _send_fragment(self, piece: Data, *, fin: bool) -> None:
        await self._check_open()
        if self.connection.sending_fragments:
            self.connection.send_continuation(piece, fin=fin)
        elif isinstance(piece, str):
            self.connection.send_text(piece, fin=fin)
        else:
            self.connection.send_binary(piece, fin=fin)
        self.flush()
        await self._drain()

    async def ping(self, payload: bytes | None = None) -> float:
        """Send a Ping and wait for its Pong.

        Arguments:
            payload: at most 125 bytes; by default a number that no other Ping of this connection has.

        Returns:
            The round trip in seconds.

        Raises:
            ConnectionClosed: the connection is closed, or is before the Pong has come.
            LocalViolation: the payload is too long.
            ValueError: a Ping with this payload is under way.
        """
        await self._check_open()
        if payload is None:
            self._ping_count += 1
            payload = self._ping_count.to_bytes(4, "big")
        if payload in self._pings:
            raise ValueError(f"a Ping with the payload {payload!r} is already under way")
        answered: asyncio.Future[float] = self._loop.create_future()
        self.connection.send_ping(payload)
        self._pings[payload] = (self._loop.time(), answered)
        self.flush()
        try:
            await self._drain()
            return await answered
        finally:
            # Whoever waits no longer may send this payload again.
            self._pings.pop(payload, None)

    async def pong(self, payload: bytes = b"") -> None:
        """Send a Pong that nobody asked for; errors as for `ping`."""
        await self._check_open()
        self.connection.send_pong(payload)
        self.flush()
        await self._drain()

    async def send_frame(self, frame: Frame) -> None:
        """Send a frame exactly as it is, legal or not: see `Connection.send_frame`.

        Raises:
            ConnectionClosed: the connection is closed or closing.
        """
        await self._check_open()
        self.connection.send_frame(frame)
        self.flush()
        await self._drain()

    async def close(self, code: int | None = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Do the closing handshake and wait until TCP has ended; on a closed connection, only wait.

        Messages that the peer sends until its own Close frame can still be received; what is more than
        `Limits.max_message_size` of them in all is dropped.

        Arguments:
            code: the status code, None for a Close frame without one.
            reason: at most 123 bytes of UTF-8.

        Raises:
            LocalViolation: code or reason may not be sent.
        """
        if self.state is State.OPEN and not self._vanished:
            self.connection.close(code, reason)
            self.flush()
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Wait until TCP has ended."""
        self._resume_reading()
        if not self._lost.done():
            await asyncio.shield(self._lost)

    def fail(self, code: int = CloseCode.INTERNAL_ERROR, reason: str = "") -> None:
        """Give the connection up with this code; see `Connection.fail`."""
        self.connection.fail(code, reason)
        self.flush()

    def abort(self) -> None:
        """End TCP at once, by any means, without a word."""
        self._aborted = True
        if self._transport is not None:
            self._transport.abort()

    def send_away(self, response: Response) -> None:
        """Answer whatever is asked for with a refusal, and end TCP: for a server that takes no more connections."""
        if self._transport is not None:
            self._transport.write(response.encode())
            self._transport.close()

    def vanish(self) -> None:
        """Neither read nor write any more, as a machine that lost its power: for lessons."""
        self._vanished = True
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.pause_reading()

    @property
    def vanished(self) -> bool:
        """Whether `vanish` was called."""
        return self._vanished

    # --- The opening handshake, for `connect` and `serve` ---

    async def wait_opened(self) -> None:
        """Wait until the opening handshake is done.

        Raises:
            HandshakeFailed: it will not be.
        """
        if not (self._opened.result() if self._opened.done() else await asyncio.shield(self._opened)):
            if self.connection.role is Role.SERVER:
                # What it has to say must have gone out.
                await asyncio.shield(self._lost)
            # A client knows the response that refused it, a server the one that it sent.
            raise HandshakeFailed(self.connection.response, self.connection.violation)

    @property
    def opened(self) -> bool:
        """Whether the opening handshake was completed."""
        return self._opened.done() and self._opened.result()

    @property
    def moved(self) -> asyncio.Event:
        """Set whenever anything was received or the connection was lost; whoever waits for it clears it."""
        return self._moved

    # --- asyncio calls these ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._record_transport(transport)
        self.flush()
        if self.on_connected is not None:
            self.on_connected(self)

    def _record_transport(self, transport: asyncio.Transport) -> None:
        if self._trace is None:
            return
        tls = transport.get_extra_info("ssl_object")
        self._trace.add(
            TransportOpened(
                endpoint=self.connection.role,
                decided_by=f"{__name__}:Endpoint.connection_made",
                local=_address(transport.get_extra_info("sockname")),
                remote=_address(transport.get_extra_info("peername")),
                tls=None if tls is None else tls.version(),
            ),
            self._number,
        )

    def data_received(self, data: bytes) -> None:
        if not self._vanished:
            self.connection.receive_data(data)
            self._moved.set()
            self._react()

    def eof_received(self) -> bool:
        if not self._vanished:
            self.connection.receive_eof()
            self._moved.set()
            self._react()
        # The transport stays until the core lets go of it: see `flush`.
        return self._transport is not None and self._transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._vanished:
            self.connection.receive_eof(clean=exc is None and not self._aborted)
            self._react()
        for timer in (self._timer, self._linger):
            if timer is not None:
                timer.cancel()
        if not self._opened.done():
            self._opened.set_result(False)
        if not self._lost.done():
            self._lost.set_result(None)
        self.resume_writing()
        self._end_waiting()
        self._moved.set()

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = self._loop.create_future()
            self.connection.hold_pongs(True)

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None
            self.connection.hold_pongs(False)
            self.flush()

    # --- Between the core and the socket ---

    def flush(self) -> None:
        """Write what the core has to send, and end TCP if it says so."""
        transport = self._transport
        if transport is None or self._vanished:
            return
        data = self.connection.data_to_send()
        if data and not transport.is_closing():
            if self._max_outgoing is not None and transport.get_write_buffer_size() > self._max_outgoing:
                logger.warning("the peer does not read: %d bytes wait", transport.get_write_buffer_size())
                self.abort()
                return
            transport.write(data)
        if self.connection.ends_transport and not self._eof_written and not transport.is_closing():
            self._eof_written = True
            if transport.can_write_eof() and self.state is not State.CLOSED:
                transport.write_eof()
            else:
                # TLS has no half-close: its close_notify goes out behind the data.
                transport.close()
        if self.state is State.CLOSED:
            self._let_go(transport)
        self._watch_deadline()

    def _let_go(self, transport: asyncio.Transport) -> None:
        """Close the transport, which waits for what is still to be written, but not for ever."""
        if not transport.is_closing():
            transport.close()
        if self._linger is None:
            self._linger = self._loop.call_later(LINGER, transport.abort)

    def _react(self) -> None:
        for event in self.connection.events():
            self._handle(event)
        self.flush()

    def _handle(self, event: Event) -> None:
        if isinstance(event, (TextReceived, BinaryReceived)):
            self._deliver(event[0])
        elif isinstance(event, PongReceived):
            self._pong(event)
        elif isinstance(event, Opened):
            if self._on_open is not None:
                self._on_open(self)
            self._opened.set_result(True)
        elif isinstance(event, Refused):
            if self.connection.error is not None:
                logger.error("a hook of the server failed", exc_info=self.connection.error)
            if not self._opened.done():
                self._opened.set_result(False)
        elif isinstance(event, ViolationFound):
            whose = self.connection.role if event.violation.local else self.connection.role.peer
            logger.warning("%s broke a rule: %s", whose.value, event.violation)
        elif isinstance(event, Closed):
            self._end_waiting()

    def _deliver(self, message: str | bytes) -> None:
        if self.state is not State.OPEN and not self._may_keep(message):
            return
        self._messages.append(message)
        if self._message_waiter is not None and not self._message_waiter.done():
            self._message_waiter.set_result(None)
        # Once we are closing, reading goes on: the peer's Close frame may stand behind many messages.
        full = len(self._messages) >= MAX_QUEUE and self.state is State.OPEN
        if full and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()

    def _may_keep(self, message: str | bytes) -> bool:
        """Whether there is room for a message that comes while we are closing, when reading cannot pause."""
        self._late += len(message) + 1
        return self._late <= self.connection.limits.max_message_size

    def _resume_reading(self) -> None:
        if self._reading_paused and self._transport is not None:
            self._reading_paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def _pong(self, event: PongReceived) -> None:
        now = self._loop.time()
        for payload in event.answers:
            sent_at, answered = self._pings.pop(payload, (None, None))
            if sent_at is not None:
                self.latency = now - sent_at
            if answered is not None and not answered.done():
                answered.set_result(self.latency)

    def _end_waiting(self) -> None:
        """Wake everybody who waits for something that will not come."""
        if self._message_waiter is not None and not self._message_waiter.done():
            self._message_waiter.set_result(None)
        for _, answered in self._pings.values():
            if not answered.done():
                answered.set_exception(self._closed_error())
                # Whoever sent a keepalive Ping does not wait for it; that is no error to report.
                answered.exception()
        self._pings.clear()

    async def _drain(self) -> None:
        if self._writable is not None:
            await asyncio.shield(self._writable)

    @property
    def _finished(self) -> bool:
        return self.state is State.CLOSED or self._lost.done()

    async def _check_open(self) -> None:
        """Refuse to send on a connection that is not open; how it closed is known when TCP has ended (§7.1.5)."""
        if self.state is not State.OPEN:
            await self.wait_closed()
            raise self._closed_error()

    def _closed_error(self) -> ConnectionClosed:
        code = self.close_code or CloseCode.ABNORMAL_CLOSURE
        fine = code in (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY, CloseCode.NO_STATUS_RCVD)
        kind = ConnectionClosedOK if fine and self.connection.violation is None else ConnectionClosedError
        return kind(int(code), self.close_reason or "", self.connection.violation)

    # --- Deadlines: the core asks, the loop's clock answers ---

    def _watch_deadline(self) -> None:
        deadline = self.connection.next_deadline()
        if deadline is None:
            self._deadline = None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            return
        if self._deadline is not None and self._deadline.number == deadline.number:
            return
        self._deadline = deadline
        self._deadline_at = self._loop.time() + deadline.seconds
        # A timer that rings too early looks again; only one that rings too late has to be set anew.
        if self._timer is None or self._timer.when() > self._deadline_at:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline_at, self._timer_rings)

    def _timer_rings(self) -> None:
        self._timer = None
        if self._deadline is None or self._lost.done():
            return
        if self._loop.time() < self._deadline_at:
            self._set_timer()
            return
        if self._reading_paused and self.state is State.OPEN:
            # The silence is ours: as long as nobody takes the messages that wait, the peer is not heard.
            self._deadline_at = self._loop.time() + self._deadline.seconds
            self._set_timer()
            return
        pings = set(self.connection.pending_pings)
        self.connection.timer_expired(self._deadline.timer)
        for payload in set(self.connection.pending_pings) - pings:
            self._pings[payload] = (self._loop.time(), self._loop.create_future())
        self._moved.set()
        self._react()
        if self.state is State.CLOSED:
            self.abort()


async def _pieces(message: Iterable[Data] | AsyncIterable[Data]) -> AsyncIterator[Data]:
    if isinstance(message, AsyncIterable):
        async for piece in message:
            yield piece
    else:
        for piece in message:
            yield piece


def _address(name: Any) -> str:
    """`host:port` of a socket's name, as far as it has them."""
    if not isinstance(name, tuple):
        return str(name)
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"{host}:{name[1]}"


def new_endpoint(
    make: Callable[[Tracer | None], Connection],
    trace: Trace | bool | None = None,
    *,
    number: int | None = None,
    on_open: Callable[[Endpoint], None] | None = None,
    max_outgoing: int | None = MAX_OUTGOING,
) -> Endpoint:
    """An endpoint whose core records into a trace.

    Arguments:
        make: gives the core for a tracer.
        trace: where to record; None for a trace of its own, False for none.
        number: of the connection in that trace; None for a new one.
        on_open: see `Endpoint`.
        max_outgoing: see `Endpoint`.
    """
    if trace is False:
        return Endpoint(make(None), on_open=on_open, max_outgoing=max_outgoing)
    if not isinstance(trace, Trace):
        trace = Trace(level=Level.BASE)
    if number is None:
        number = trace.new_connection()
    tracer = trace.recorder(number)
    return Endpoint(make(tracer), trace, number=number, on_open=on_open, max_outgoing=max_outgoing)
