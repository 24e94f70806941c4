"""The core on an asyncio transport: bytes in and out, the end of TCP, and deadlines by the loop's clock."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from ..protocol.connection import Connection
from ..protocol.events import Event
from ..protocol.http import Response
from ..protocol.steps import TransportOpened
from ..protocol.timers import Deadline, Timer
from ..protocol.types import State
from ..trace.trace import Trace
from .alarm import Alarm
from .progress import bytes_taken

logger = logging.getLogger("wsedu.loopback")

LINGER = 10.0
"""Seconds that bytes still to be written may take once the connection is closed; then TCP is ended without them."""

MAX_OUTGOING = 16 << 20
"""Bytes that may wait to be written when more is to be written: whoever lets so much wait does not read."""


class Wire(asyncio.Protocol, ABC):
    """Moves bytes between a `Connection` and a socket; `Endpoint` adds what a user sees.

    Arguments:
        connection: the core.
        trace: where the transport is recorded; None without one.
        number: of the connection in that trace.
        max_outgoing: see `Endpoint`.
        writing: see `Timeouts.writing`.
    """

    # Together with those of `Endpoint` these are more than instances can share the keys of, which would cost memory.
    __slots__ = (
        "_aborted",
        "_alarm",
        "_deadline",
        "_eof_written",
        "_linger",
        "_loop",
        "_lost",
        "_lost_event",
        "_max_outgoing",
        "_moved",
        "_number",
        "_reading_paused",
        "_taken",
        "_trace",
        "_transport",
        "_vanished",
        "_writable",
        "_write_alarm",
        "_writing",
        "_written",
        "connection",
        "on_connected",
        "on_lost",
    )

    def __init__(
        self,
        connection: Connection,
        trace: Trace | None,
        number: int | None,
        max_outgoing: int | None,
        writing: float | None,
    ) -> None:
        self.connection = connection
        self.on_connected: Callable[[Any], None] | None = None
        self.on_lost: Callable[[Any], None] | None = None
        self._trace = trace
        self._number = number
        self._max_outgoing = max_outgoing
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._eof_written = False
        self._vanished = False
        self._aborted = False
        self._lost = False
        self._lost_event: asyncio.Event | None = None  # made when somebody waits for it
        self._moved: asyncio.Event | None = None
        self._reading_paused = False
        self._writable: asyncio.Future[None] | None = None  # while the transport's buffer is full
        self._written = 0
        self._taken = 0  # how much of that the peer had taken when it was last looked at
        self._writing = writing
        self._write_alarm: Alarm | None = None
        self._deadline: Deadline | None = None
        self._alarm = Alarm(self._loop, self._deadline_over)
        self._linger: asyncio.TimerHandle | None = None

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED."""
        return self.connection.state

    @property
    def moved(self) -> asyncio.Event:
        """Set whenever anything was received or the connection was lost; whoever waits for it clears it."""
        if self._moved is None:
            self._moved = asyncio.Event()
        return self._moved

    @property
    def vanished(self) -> bool:
        """Whether `vanish` was called."""
        return self._vanished

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
        self._stop_clocks()
        if self._transport is not None:
            self._transport.pause_reading()

    async def wait_closed(self) -> None:
        """Wait until TCP has ended."""
        self._resume_reading()
        if not self._lost:
            if self._lost_event is None:
                self._lost_event = asyncio.Event()
            await self._lost_event.wait()

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
                decided_by=f"{__name__}:Wire.connection_made",
                local=_address(transport.get_extra_info("sockname")),
                remote=_address(transport.get_extra_info("peername")),
                tls=None if tls is None else tls.version(),
            ),
            self._number,
        )

    def data_received(self, data: bytes) -> None:
        if not self._vanished:
            self.connection.receive_data(data)
            self._react()

    def eof_received(self) -> bool:
        if not self._vanished:
            self.connection.receive_eof()
            self._react()
        # The transport stays until the core lets go of it: see `flush`.
        transport = self._transport
        return transport is not None and transport.can_write_eof() and not transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if not self._vanished:
            self.connection.receive_eof(clean=exc is None and not self._aborted)
            self._handle_events()
        self._stop_clocks()
        self._wake_writers()
        self._end_waiting()
        if self._lost_event is not None:
            self._lost_event.set()
        if self._moved is not None:
            self._moved.set()
        if self.on_lost is not None:
            self.on_lost(self)

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = self._loop.create_future()
            self.connection.hold_pongs(True)
            self._watch_writing()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._wake_writers()
            self.connection.hold_pongs(False)
            self.flush()

    # --- Between the core and the socket ---

    def flush(self) -> None:
        """Write what the core has to send, and end TCP if it says so."""
        transport = self._transport
        if transport is None or self._vanished or self._lost:
            return
        connection = self.connection
        data = connection.data_to_send()
        if data and not transport.is_closing():
            if self._max_outgoing is not None and transport.get_write_buffer_size() > self._max_outgoing:
                self._give_up(transport)
                return
            self._written += len(data)
            transport.write(data)
        if connection.ends_transport:
            self._end_transport(transport)
        self._watch_deadline()

    def _end_transport(self, transport: asyncio.Transport) -> None:
        closed = self.state is State.CLOSED
        if not self._eof_written and not transport.is_closing():
            self._eof_written = True
            if not closed and transport.can_write_eof():
                transport.write_eof()
            else:
                # TLS has no half-close: its close_notify goes out behind the data.
                transport.close()
        if closed:
            self._let_go(transport)

    def _let_go(self, transport: asyncio.Transport) -> None:
        """Close the transport, which waits for what is still to be written, but not for ever."""
        if not transport.is_closing():
            transport.close()
        waits = not transport.can_write_eof() or transport.get_write_buffer_size() > 0  # TLS: for its end as well
        if waits and self._linger is None:
            self._linger = self._loop.call_later(LINGER, transport.abort)

    def _give_up(self, transport: asyncio.Transport) -> None:
        logger.warning("the peer does not read: %d bytes wait", transport.get_write_buffer_size())
        self.abort()

    def _react(self) -> None:
        if self._moved is not None:
            self._moved.set()
        self._handle_events()
        self.flush()

    def _handle_events(self) -> None:
        for event in self.connection.events():
            self._handle(event)

    @abstractmethod
    def _handle(self, event: Event) -> None:
        """Take notice of what has happened."""

    @abstractmethod
    def _end_waiting(self) -> None:
        """Wake everybody who waits for something that will not come."""

    @abstractmethod
    def _pinged(self, payload: bytes) -> None:
        """A keepalive Ping with this payload is about to go out."""

    # --- When to read, and when to write ---

    def _pause_reading(self) -> None:
        if not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and self._transport is not None:
            self._reading_paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    async def _drain(self) -> None:
        if self._writable is not None:
            await asyncio.shield(self._writable)

    def _wake_writers(self) -> None:
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    def _watch_writing(self) -> None:
        """From now on the peer has to take something in time."""
        if self._writing is not None and self._transport is not None:
            if self._write_alarm is None:
                self._write_alarm = Alarm(self._loop, self._writing_over)
            self._taken = bytes_taken(self._transport, self._written)
            self._write_alarm.set(self._writing)

    def _writing_over(self) -> None:
        """Whoever has taken nothing does not read, whatever else it does: no Ping could tell, none gets through."""
        if self._writable is None or self._transport is None or self._lost:
            return
        if bytes_taken(self._transport, self._written) > self._taken:
            self._watch_writing()
        else:
            self._give_up(self._transport)

    # --- Deadlines: the core asks, the loop's clock answers ---

    def _watch_deadline(self) -> None:
        deadline = self.connection.next_deadline()
        if deadline is None:
            self._deadline = None
            self._alarm.clear()
        elif self._deadline is None or self._deadline.number != deadline.number:
            self._deadline = deadline
            self._alarm.set(deadline.seconds)

    def _deadline_over(self) -> None:
        if self._deadline is None or self._lost:
            return
        # With reading paused the silence is ours: until somebody takes the messages that wait, the peer is not heard.
        if self.state is State.OPEN and (self._reading_paused or self._ping_is_stuck(self._deadline.timer)):
            self._alarm.set(self._deadline.seconds)
            return
        pings = set(self.connection.pending_pings)
        self.connection.timer_expired(self._deadline.timer)
        for payload in set(self.connection.pending_pings) - pings:
            self._pinged(payload)
        self._react()
        if self.state is State.CLOSED:
            self.abort()

    def _ping_is_stuck(self, timer: Timer) -> bool:
        """Behind what waits to be written: then the writing deadline tells whether the peer is there."""
        return timer in (Timer.PING, Timer.PONG) and self._writable is not None and self._writing is not None

    def _stop_clocks(self) -> None:
        self._alarm.cancel()
        if self._write_alarm is not None:
            self._write_alarm.cancel()
        if self._linger is not None:
            self._linger.cancel()


def _address(name: Any) -> str:
    """`host:port` of a socket's name, as far as it has them."""
    if not isinstance(name, tuple):
        return str(name)
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"{host}:{name[1]}"
