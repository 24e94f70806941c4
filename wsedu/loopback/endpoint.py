"""One endpoint on a real socket, as its user sees it: messages, Pings, closing; `wire` moves the bytes."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import NoReturn, cast

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
from ..protocol.steps import Level, Tracer
from ..protocol.types import State, Timeouts
from ..trace.trace import Trace
from .errors import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, HandshakeFailed
from .facts import Facts
from .fragments import Data, send_pieces
from .pings import Pings
from .wire import MAX_OUTGOING

logger = logging.getLogger("wsedu.loopback")

MAX_QUEUE = 16
"""Messages that wait to be received before reading from the socket pauses."""

WRITING = Timeouts().writing


class Endpoint(Facts):
    """A WebSocket connection on a real socket, as `connect` gives it and `serve` hands it to its handler.

    Arguments:
        connection: the core.
        trace: into which the core's tracer records; None without one.
        on_open: called when the opening handshake is done, before anything is written.
        number: of the connection in that trace.
        max_outgoing: bytes that may wait to be written when more is to be written; then the peer, who does not
            read, is given up, without a Close frame that it would not read either. `send` waits long before that,
            so it takes messages that nobody waits for, as those of `broadcast`. None for any number.
        writing: seconds: see `Timeouts.writing`.

    Attributes:
        connection: the core, for those who want to look.
        on_connected: called once when the transport is there, TLS included.
        on_opened: called once when the opening handshake is done.
        on_lost: called once when TCP has ended.
    """

    def __init__(
        self,
        connection: Connection,
        trace: Trace | None = None,
        *,
        number: int | None = None,
        on_open: Callable[[Endpoint], None] | None = None,
        max_outgoing: int | None = MAX_OUTGOING,
        writing: float | None = WRITING,
    ) -> None:
        super().__init__(connection, trace, number, max_outgoing, writing)
        self.on_opened: Callable[[Endpoint], None] | None = None
        self._on_open = on_open
        self._opened: bool | None = None  # None while it is not known
        self._opened_event: asyncio.Event | None = None  # made when somebody waits for it
        self._messages: deque[str | bytes] = deque()
        self._message_waiter: asyncio.Future[None] | None = None
        self._late = 0  # size of the messages that came after our own Close
        self._sending: asyncio.Lock | None = None  # made when it is needed
        self._pings = Pings()

    # --- What a user does ---

    @property
    def latency(self) -> float:
        """The last round trip of a Ping, in seconds; 0 before the first."""
        return self._pings.latency

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
            if self._writable is not None or (self._sending is not None and self._sending.locked()):
                async with self._turn:
                    await self._send_one(message)
            else:
                await self._send_one(message)
            return
        if isinstance(message, Mapping) or not isinstance(message, (Iterable, AsyncIterable)):
            raise TypeError(f"a message is str, bytes or an iterable of them, not {type(message).__name__}")
        async with self._turn:
            await self._send_pieces(cast("Iterable[Data] | AsyncIterable[Data]", message))

    @property
    def _turn(self) -> asyncio.Lock:
        """Held by whoever sends while others have to wait: messages keep their order, and fragments together."""
        if self._sending is None:
            self._sending = asyncio.Lock()
        return self._sending

    async def _send_one(self, message: Data) -> None:
        if self.state is not State.OPEN:
            await self._refuse_to_send()
        if isinstance(message, str):
            self.connection.send_text(message)
        else:
            self.connection.send_binary(message)
        self.flush()
        if self._writable is not None:
            await self._drain()

    async def _send_pieces(self, message: Iterable[Data] | AsyncIterable[Data]) -> None:
        try:
            await send_pieces(message, self._send_fragment)
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
            payload = self._pings.new_payload()
        if payload in self._pings:
            raise ValueError(f"a Ping with the payload {payload!r} is already under way")
        answered: asyncio.Future[float] = self._loop.create_future()
        self.connection.send_ping(payload)
        self._pings.sent(payload, self._loop.time(), answered)
        self.flush()
        try:
            await self._drain()
            return await answered
        finally:
            # Whoever waits no longer may send this payload again.
            self._pings.forget(payload)

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

    def fail(self, code: int = CloseCode.INTERNAL_ERROR, reason: str = "") -> None:
        """Give the connection up with this code; see `Connection.fail`."""
        self.connection.fail(code, reason)
        self.flush()

    # --- The opening handshake ---

    async def wait_opened(self) -> None:
        """Wait until the opening handshake is done.

        Raises:
            HandshakeFailed: it will not be.
        """
        if self._opened is None:
            if self._opened_event is None:
                self._opened_event = asyncio.Event()
            await self._opened_event.wait()
        if not self._opened:
            raise self.handshake_error()

    def handshake_error(self) -> HandshakeFailed:
        """Why there is no connection: a client knows the response that refused it, a server the one that it sent."""
        return HandshakeFailed(self.connection.response, self.connection.violation)

    @property
    def opened(self) -> bool:
        """Whether the opening handshake was completed."""
        return self._opened is True

    def _settle(self, opened: bool) -> None:
        if self._opened is None:
            self._opened = opened
            if self._opened_event is not None:
                self._opened_event.set()
                self._opened_event = None

    # --- What the core tells ---

    def _handle(self, event: Event) -> None:
        if isinstance(event, (TextReceived, BinaryReceived)):
            self._deliver(event[0])
        elif isinstance(event, PongReceived):
            self._pings.answer(event.answers, self._loop.time())
        elif isinstance(event, Opened):
            if self._on_open is not None:
                self._on_open(self)
            self._settle(True)
            if self.on_opened is not None:
                self.on_opened(self)
        elif isinstance(event, Refused):
            if self.connection.error is not None:
                logger.error("a hook of the server failed", exc_info=self.connection.error)
            self._settle(False)
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
        if len(self._messages) >= MAX_QUEUE and self.state is State.OPEN:
            self._pause_reading()

    def _may_keep(self, message: str | bytes) -> bool:
        """Whether there is room for a message that comes while we are closing, when reading cannot pause."""
        self._late += len(message) + 1
        return self._late <= self.connection.limits.max_message_size

    def _end_waiting(self) -> None:
        """Wake everybody who waits for something that will not come."""
        if self._message_waiter is not None and not self._message_waiter.done():
            self._message_waiter.set_result(None)
        self._pings.fail(self._closed_error)
        if self._lost:
            self._settle(False)

    def _pinged(self, payload: bytes) -> None:
        self._pings.sent_keepalive(payload, self._loop.time())

    @property
    def _finished(self) -> bool:
        return self._lost or self.state is State.CLOSED

    async def _check_open(self) -> None:
        """Refuse to send on a connection that is not open; how it closed is known when TCP has ended (§7.1.5)."""
        if self.state is not State.OPEN:
            await self._refuse_to_send()

    async def _refuse_to_send(self) -> NoReturn:
        await self.wait_closed()
        raise self._closed_error()

    def _closed_error(self) -> ConnectionClosed:
        code = self.close_code or CloseCode.ABNORMAL_CLOSURE
        fine = code in (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY, CloseCode.NO_STATUS_RCVD)
        kind = ConnectionClosedOK if fine and self.connection.violation is None else ConnectionClosedError
        return kind(int(code), self.close_reason or "", self.connection.violation)


def new_endpoint(
    make: Callable[[Tracer | None], Connection],
    trace: Trace | bool | None = None,
    *,
    number: int | None = None,
    on_open: Callable[[Endpoint], None] | None = None,
    max_outgoing: int | None = MAX_OUTGOING,
    writing: float | None = WRITING,
) -> Endpoint:
    """An endpoint whose core records into a trace.

    Arguments:
        make: gives the core for a tracer.
        trace: where to record; None for a trace of its own, False for none.
        number: of the connection in that trace; None for a new one.
        on_open: see `Endpoint`.
        max_outgoing: see `Endpoint`.
        writing: see `Endpoint`.
    """
    if trace is False:
        return Endpoint(make(None), on_open=on_open, max_outgoing=max_outgoing, writing=writing)
    if not isinstance(trace, Trace):
        trace = Trace(level=Level.BASE)
    if number is None:
        number = trace.new_connection()
    tracer = trace.recorder(number)
    return Endpoint(make(tracer), trace, number=number, on_open=on_open, max_outgoing=max_outgoing, writing=writing)
