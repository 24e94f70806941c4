"""One endpoint, from the first byte of the opening handshake to the last of the closing one (RFC 6455).

It does no I/O and has no clock. Its owner moves bytes:

    connection.receive_data(chunk)      bytes that were read; receive_eof() when there will be no more
    connection.data_to_send()           bytes to write now
    connection.ends_transport           whether to end the sending direction of TCP after them
    connection.events()                 what has happened
    connection.next_deadline()          what to be told of, with timer_expired(), if it takes too long
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from .closing import CloseCode, Happening
from .events import Refused
from .extensions import ExtensionFactory
from .handshake import ClientOffer, ServerPolicy, make_key
from .opening import ClientOpening, ServerOpening, trace_request
from .receiving import Receiving
from .request import build_request
from .rules import calling_function
from .sending import Sending
from .steps import Step, TimerExpired, Tracer, filtered
from .timers import Deadline, Deadlines, Timer
from .types import Limits, Role, Timeouts
from .uri import WebSocketURI, parse_uri

PING_TIMEOUT_REASON = "ping timeout"


class Connection(Receiving, Sending):
    """A WebSocket endpoint without I/O.

    Arguments:
        role: client or server.
        uri: where a client connects to; it sends its request at once.
        subprotocols: that a client offers or a server speaks, most preferred first.
        extensions: that can be negotiated.
        origin: value of a client's Origin field.
        headers: further fields of a client's request.
        policy: what a server accepts, instead of `subprotocols` and `extensions`.
        limits: sizes beyond which the peer is refused.
        timeouts: what `next_deadline` asks for, in seconds.
        strict: also refuse what the RFC forbids but real peers send: see `Rule.lenient`.
        random_bytes: gives that many unpredictable bytes, for the key and the masking keys.
        tracer: called with each step; may have a `level`.

    Raises:
        LocalViolation: the URI or something else that a client would send is not legal.

    Attributes:
        request: the request, once sent or received.
        response: the response, once sent or received.
        subprotocol: the one in use, None without.
        extensions: those in use, in the order of the server's list.
        violation: what the peer did wrong, if the connection failed for that.
        error: what a hook of the policy raised, which was answered with 500.
    """

    def __init__(
        self,
        role: Role,
        uri: str | WebSocketURI | None = None,
        *,
        subprotocols: Sequence[str] = (),
        extensions: Sequence[ExtensionFactory] = (),
        origin: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        policy: ServerPolicy | None = None,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        strict: bool = True,
        random_bytes: Callable[[int], bytes] = os.urandom,
        tracer: Tracer | None = None,
    ) -> None:
        super().__init__(Role(role), limits or Limits(), strict, random_bytes, tracer)
        self._deadlines = Deadlines(timeouts or Timeouts())
        self._factories = tuple(extensions)
        if self.role is Role.CLIENT:
            self._open_as_client(uri, subprotocols, origin, headers)
        else:
            accepted = policy or ServerPolicy(subprotocols=subprotocols, extensions=self._factories)
            self._opening = ServerOpening(accepted, self.limits, filtered(self._tracer))

    def _open_as_client(
        self,
        uri: str | WebSocketURI | None,
        subprotocols: Sequence[str],
        origin: str | None,
        headers: Iterable[tuple[str, str]],
    ) -> None:
        tracer = filtered(self._tracer)
        # Checked and written now, but there may be no TCP yet: told when its bytes are taken.
        later = None if tracer is None else self._keep
        self.uri = parse_uri(uri or "") if not isinstance(uri, WebSocketURI) else uri
        key = make_key(self._random_bytes, tracer=later)
        self.request = build_request(
            self.uri, key, origin=origin, subprotocols=subprotocols, extensions=self._factories, headers=headers
        )
        offer = ClientOffer(key, tuple(subprotocols), self._factories)
        self._opening = ClientOpening(self.request, offer, self.limits, tracer)
        trace_request(later, self.request, Role.CLIENT, sent=True)
        self._writer.queue(self.request.encode())

    def _keep(self, step: Step) -> None:
        if step.level <= self._level:
            self._untold.append(step)

    # --- Time ---

    def next_deadline(self) -> Deadline | None:
        """What to wait for, and how long; None if there is nothing to wait for.

        Ask again after everything that was received, sent or expired; the time of a deadline with a new
        `number` starts anew, the time of one with the same number runs on.
        """
        return self._deadlines.want(self._machine.phase, self.state, self._heard, self._pinged)

    def timer_expired(self, timer: Timer) -> None:
        """Take notice that the time of the deadline that `next_deadline` gave for this timer is over.

        A timer that is no longer wanted is ignored: the peer was faster.
        """
        deadline = self.next_deadline()
        if deadline is None or deadline.timer is not timer:
            return
        if self._tracer is not None:
            self._trace(
                TimerExpired(
                    endpoint=self.role, decided_by=calling_function(), timer=timer.value, seconds=deadline.seconds
                )
            )
        if timer is Timer.PING:
            self._pinged = True
            self.send_ping(self._random_bytes(4))
        elif timer is Timer.PONG:
            self._move(Happening.SILENCE, code=CloseCode.INTERNAL_ERROR, reason=PING_TIMEOUT_REASON)
        elif timer is Timer.IDLE:
            self.close(CloseCode.GOING_AWAY)
        else:
            if timer is Timer.OPENING:
                self._events.append(Refused(None))
            self._move(Happening.DEADLINE)
