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

from . import rules
from .closing import MAX_REASON, Action, CloseCode, ClosingMachine, Happening, Phase, close_body, read_close_body
from .events import (
    Closed,
    CloseReceived,
    Event,
    Opened,
    PingReceived,
    PongReceived,
    Refused,
    ViolationFound,
)
from .extensions import Extension, ExtensionFactory
from .frame import Frame
from .frames import FrameDecoder
from .handshake import ClientOffer, ServerPolicy, make_key
from .http import Request, Response
from .messages import MessageReader
from .opening import ClientOpening, Opening, Outcome, ServerOpening, trace_request, trace_response
from .request import build_request
from .response import missing_extensions
from .rules import ProtocolViolation, calling_function
from .steps import (
    BytesIgnored,
    BytesReceived,
    CloseStatus,
    EndReceived,
    EndSent,
    HandshakeAgreed,
    Level,
    PingAnswered,
    PongMatched,
    StateChanged,
    Step,
    TimerExpired,
    Tracer,
    byte_span,
    tracer_level,
    violation_step,
)
from .timers import Deadline, Deadlines, Timer
from .types import BytesLike, Limits, Opcode, Role, State, Timeouts, as_bytes
from .uri import WebSocketURI, parse_uri
from .wiresteps import bytes_step
from .writer import MAX_CONTROL, Writer

# Members of enums that every message needs: they are slow to look up.
OPEN = Phase.OPEN
BINARY = Opcode.BINARY

RECEIVED_BY = "wsedu.protocol.connection:Connection.receive_data"
PING_TIMEOUT_REASON = "ping timeout"


class Connection:
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
        self.role = Role(role)
        self.limits = limits or Limits()
        self.strict = strict
        self.request: Request | None = None
        self.response: Response | None = None
        self.subprotocol: str | None = None
        self.extensions: tuple[Extension, ...] = ()
        self.violation: ProtocolViolation | None = None
        self.error: Exception | None = None
        self._random_bytes = random_bytes
        self._tracer = tracer
        self._level = tracer_level(tracer)
        self._machine = ClosingMachine(self.role)
        self._deadlines = Deadlines(timeouts or Timeouts())
        self._writer = Writer(self.role, random_bytes, tracer)
        self._events: list[Event] = []
        self._inbound = self.role.receives
        self._received = 0
        self._heard = 0  # how often anything was received
        self._pinged = False  # a keepalive Ping went out since
        self._holds_pongs = False
        self._unanswered: bytes | None = None  # the latest Ping whose Pong is held back
        self._pings: list[bytes] = []  # payloads of Pings that wait for a Pong
        self._close_frame: tuple[int | None, str] | None = None  # the first one received
        self._clean = False
        self._reader: MessageReader | None = None
        self._decoder: FrameDecoder | None = None
        self._factories = tuple(extensions)
        self._ends_transport = False
        self._opening: Opening
        if self.role is Role.CLIENT:
            self._open_as_client(uri, subprotocols, origin, headers)
        else:
            accepted = policy or ServerPolicy(subprotocols=subprotocols, extensions=self._factories)
            self._opening = ServerOpening(accepted, self.limits, self._opening_tracer())

    def _open_as_client(
        self,
        uri: str | WebSocketURI | None,
        subprotocols: Sequence[str],
        origin: str | None,
        headers: Iterable[tuple[str, str]],
    ) -> None:
        tracer = self._opening_tracer()
        self.uri = parse_uri(uri or "") if not isinstance(uri, WebSocketURI) else uri
        key = make_key(self._random_bytes, tracer=tracer)
        self.request = build_request(
            self.uri, key, origin=origin, subprotocols=subprotocols, extensions=self._factories, headers=headers
        )
        offer = ClientOffer(key, tuple(subprotocols), self._factories)
        self._opening = ClientOpening(self.request, offer, self.limits, tracer)
        trace_request(tracer, self.request, Role.CLIENT, sent=True)
        self._writer.queue(self.request.encode())

    def _opening_tracer(self) -> Tracer | None:
        """The tracer behind a filter: the handshake, which happens once, makes its steps whatever the level."""
        tracer, level = self._tracer, self._level
        if tracer is None:
            return None

        def coarse(step: Step) -> None:
            if step.level <= level:
                tracer(step)

        return coarse

    # --- What the owner can see ---

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED (§4.1, §7.1)."""
        return self._machine.state

    @property
    def phase(self) -> Phase:
        """The state, with CLOSING divided by who has sent a Close frame."""
        return self._machine.phase

    @property
    def bytes_sent(self) -> int:
        """Bytes that this endpoint has produced so far, those that wait in `data_to_send` included."""
        return self._writer.offset

    @property
    def sending_fragments(self) -> bool:
        """Whether a fragmented message of ours has begun and not ended."""
        return self._writer.mid_message

    @property
    def bytes_received(self) -> int:
        """Bytes that this endpoint was given so far."""
        return self._received

    @property
    def ends_transport(self) -> bool:
        """Whether the sending direction of TCP is to be ended, after what `data_to_send` gives (§7.1.1)."""
        return self._ends_transport

    @property
    def close_code(self) -> int | None:
        """The code of the first Close frame received: 1005 if it has none, 1006 if TCP ended without one (§7.1.5).

        None while the connection is neither closed nor has received a Close frame.
        """
        if self._close_frame is None:
            return CloseCode.ABNORMAL_CLOSURE if self.state is State.CLOSED else None
        code = self._close_frame[0]
        return CloseCode.NO_STATUS_RCVD if code is None else code

    @property
    def close_reason(self) -> str | None:
        """The reason of the first Close frame received, empty if there is none (§7.1.6); None as for the code."""
        if self._close_frame is None:
            return "" if self.state is State.CLOSED else None
        return self._close_frame[1]

    @property
    def clean(self) -> bool:
        """Whether TCP ended after a complete closing handshake (§7.1.4)."""
        return self._clean and self.state is State.CLOSED

    @property
    def pending_pings(self) -> tuple[bytes, ...]:
        """The payloads of our Pings that no Pong has answered, oldest first."""
        return tuple(self._pings)

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> bytes:
        """The bytes to write now; empty if there are none."""
        return self._writer.take()

    # --- What comes in ---

    def receive_data(self, data: bytes) -> None:
        """Take bytes that were read from the transport, of any number and cut anywhere.

        It raises nothing, whatever the peer sends, but lets through what a tracer raises.

        What they mean is told by `events`; what they make us answer waits in `data_to_send`.
        """
        if not data:
            return
        self._heard += 1
        self._pinged = False
        if self._tracer is not None:
            self._tracer(
                bytes_step(BytesReceived, self.role, self._inbound, self._received, RECEIVED_BY, as_bytes(data))
            )
        self._received += len(data)
        if self._decoder is not None:
            self._receive_frames(self._decoder, data)
        elif self.state is State.CONNECTING:
            self._receive_opening(data)
        else:
            self._ignore(len(data))

    def receive_eof(self, *, clean: bool = True) -> None:
        """Take the end of what the peer sends (§7.1.4).

        Arguments:
            clean: False when an error ended it, such as a reset connection.
        """
        if self.state is State.CLOSED:
            return
        if self._tracer is not None:
            span = byte_span(self.role.receives, self._received, 0)
            self._tracer(EndReceived(endpoint=self.role, span=span, decided_by=calling_function(), clean=clean))
        if self.state is State.CONNECTING:
            self._events.append(Refused(None))
        self._move(Happening.END_RECEIVED)

    def _receive_opening(self, data: bytes) -> None:
        outcome = self._opening.receive(data)
        if outcome is None:
            return
        self.request, self.response = outcome.request, outcome.response
        if self.role is Role.SERVER and outcome.response is not None:
            trace_response(self._opening_tracer(), outcome.response, Role.SERVER, sent=True, built_by=outcome.built_by)
            self._writer.queue(outcome.response.encode())
        if outcome.agreement is None:
            self._refuse(outcome)
        else:
            self._opened(outcome)

    def _refuse(self, outcome: Outcome) -> None:
        """No connection: an HTTP response at most, never a Close frame (§7.2.2)."""
        self.error = outcome.error
        if outcome.violation is not None:
            self._note_violation(outcome.violation, traced=False)
        self._events.append(Refused(outcome.response))
        self._move(Happening.HANDSHAKE_FAILED)

    def _opened(self, outcome: Outcome) -> None:
        assert outcome.agreement is not None
        assert outcome.request is not None
        assert outcome.response is not None
        self.subprotocol, self.extensions = outcome.agreement
        names = tuple(extension.name for extension in self.extensions)
        if self._level >= Level.BASE:
            self._trace(
                HandshakeAgreed(
                    endpoint=self.role,
                    decided_by=calling_function(),
                    subprotocol=self.subprotocol,
                    extensions=names,
                )
            )
        for extension in self.extensions:
            extension.attach(self._tracer)
        self._writer.use(self.extensions)
        self._move(Happening.HANDSHAKE_DONE)
        self._events.append(Opened(outcome.request, outcome.response, self.subprotocol, names))
        self._start_reading(self._received - len(outcome.rest))
        try:
            self._require_extensions()
        except ProtocolViolation as violation:
            self._fail(violation, traced=False)
        if outcome.rest and self._decoder is not None:
            self._receive_frames(self._decoder, outcome.rest)

    def _require_extensions(self) -> None:
        """A client gives up what a server did not agree to and it cannot do without (§7.4.1, 1010)."""
        missing = missing_extensions(self._factories, self.extensions)
        if missing and self.role is Role.CLIENT:
            rules.enforce(rules.EXTENSION_REQUIRED, None, missing=missing)

    def _start_reading(self, offset: int) -> None:
        self._reader = MessageReader(
            self.role,
            self.limits,
            self._events_append,
            self._receive_control,
            extensions=self.extensions,
            tracer=self._tracer,
        )
        self._decoder = FrameDecoder(
            self.role,
            self.limits.frame_size,
            self.strict,
            self._tracer,
            offset=offset,
            extensions=self.extensions,
            sink=self._reader,
        )

    def _events_append(self, event: Event) -> None:
        self._events.append(event)

    def _receive_frames(self, decoder: FrameDecoder, data: bytes) -> None:
        decoder.feed(data)
        if decoder.violation is not None:
            self._fail(decoder.violation)
        elif decoder.ignored:
            self._ignore(decoder.ignored)

    def _receive_control(self, frame: Frame, offset: int) -> None:
        if frame.opcode == Opcode.PING:
            self._receive_ping(frame.payload)
        elif frame.opcode == Opcode.PONG:
            self._receive_pong(frame.payload)
        elif frame.opcode == Opcode.CLOSE:
            self._receive_close(frame.payload, offset)

    def _receive_ping(self, payload: bytes) -> None:
        """Answer at once, also between fragments and after our own Close: only theirs ends the duty (§5.5.2)."""
        self._events.append(PingReceived(payload))
        if self._holds_pongs:
            self._unanswered = payload
        else:
            self._answer_ping(payload)

    def _answer_ping(self, payload: bytes) -> None:
        if self._level >= Level.BASE:
            self._trace(PingAnswered(endpoint=self.role, decided_by=calling_function(), payload=payload))
        self._writer.frame(Opcode.PONG, payload)

    def hold_pongs(self, hold: bool) -> None:
        """Answer no Ping for the moment, or answer the latest of those that came meanwhile (§5.5.3).

        For an owner whose transport takes no more bytes: a peer that sends Pings and does not read could
        otherwise make it collect Pongs without end.

        Arguments:
            hold: whether to hold them back; False sends the one that is due.
        """
        self._holds_pongs = hold
        if not hold and self._unanswered is not None and self._machine.phase in (Phase.OPEN, Phase.CLOSE_SENT):
            self._answer_ping(self._unanswered)
        if not hold:
            self._unanswered = None

    def _receive_pong(self, payload: bytes) -> None:
        """A Pong answers the Ping with its payload and all that were sent before (§5.5.3)."""
        answers: tuple[bytes, ...] = ()
        if payload in self._pings:
            count = self._pings.index(payload) + 1
            answers, self._pings = tuple(self._pings[:count]), self._pings[count:]
        self._events.append(PongReceived(payload, answers))
        if self._level >= Level.BASE:
            self._trace(
                PongMatched(endpoint=self.role, decided_by=calling_function(), payload=payload, answers=len(answers))
            )

    def _receive_close(self, payload: bytes, offset: int) -> None:
        code, reason = read_close_body(payload, offset)
        self._close_frame = (code, reason)
        self._events.append(CloseReceived(code, reason))
        assert self._decoder is not None
        self._decoder.stop()
        self._decoder_done()
        self._move(Happening.CLOSE_RECEIVED, answer=payload[:2])

    def _decoder_done(self) -> None:
        """Nothing after the peer's Close frame, or after a failure, is read (§1.4, §7.1.7)."""
        self._decoder = None

    def _ignore(self, length: int) -> None:
        if self._tracer is not None and length:
            span = byte_span(self.role.receives, self._received - length, length)
            self._tracer(BytesIgnored(endpoint=self.role, span=span, decided_by=calling_function(), length=length))

    # --- What goes out ---

    def send_text(self, text: str | BytesLike, *, fin: bool = True) -> None:
        """Send a text message, or its first fragment (§5.6, §6.1).

        Arguments:
            text: what to send; bytes for a fragment that ends inside a character.
            fin: False if fragments follow, by `send_continuation`.

        Raises:
            LocalViolation: the connection is not open, a fragmented message is under way, or this is not UTF-8.
        """
        self._check_open()
        self._writer.message(Opcode.TEXT, text, fin)

    def send_binary(self, data: BytesLike, *, fin: bool = True) -> None:
        """Send a binary message, or its first fragment (§5.6, §6.1); arguments and errors as for `send_text`."""
        if self._machine.phase is not OPEN:
            self._check_open()
        writer = self._writer
        if fin and writer.plain and type(data) is bytes:
            writer.frame(BINARY, data)
        else:
            writer.message(BINARY, data, fin)

    def send_continuation(self, data: str | BytesLike, *, fin: bool = True) -> None:
        """Send a further fragment of the message under way (§5.4).

        Arguments:
            data: of the message's type; bytes for a text that is cut inside a character.
            fin: False if more fragments follow.

        Raises:
            LocalViolation: the connection is not open, no message is under way, or its text is not UTF-8.
        """
        self._check_open()
        self._writer.message(Opcode.CONTINUATION, data, fin)

    def send_ping(self, payload: bytes = b"") -> None:
        """Send a Ping (§5.5.2).

        Arguments:
            payload: at most 125 bytes, which the Pong will repeat.

        Raises:
            LocalViolation: the connection is not open, or the payload is too long.
        """
        self._check_control(payload)
        self._pings.append(as_bytes(payload))
        self._writer.frame(Opcode.PING, as_bytes(payload))

    def send_pong(self, payload: bytes = b"") -> None:
        """Send a Pong that nobody asked for (§5.5.3); Pings are answered without it. Errors as for `send_ping`."""
        self._check_control(payload)
        self._writer.frame(Opcode.PONG, as_bytes(payload))

    def close(self, code: int | None = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Start the closing handshake (§7.1.2).

        Arguments:
            code: the status code; None for a Close frame without a body.
            reason: at most 123 bytes of UTF-8.

        Raises:
            LocalViolation: the connection is not open, or code or reason may not be sent.
        """
        body = close_body(code, reason, self.role)
        self._check_open()
        self._send_close(body)

    def send_frame(self, frame: Frame) -> None:
        """Send a frame exactly as it is, legal or not: for tests, lessons, and the curious.

        Nothing is judged and no state changes: a Close frame sent this way starts no closing handshake.
        """
        self._writer.raw_frame(frame)

    def send_raw(self, data: bytes) -> None:
        """Send bytes exactly as they are, whether they are frames or not; as for `send_frame`, nothing is judged."""
        self._writer.queue(bytes(data))

    def _check_open(self) -> None:
        if self._machine.phase is not Phase.OPEN:
            rules.refuse(rules.SEND_WHEN_OPEN, None, state=self.state.value)

    def _check_control(self, payload: bytes) -> None:
        # A Ping may still go out after our Close, but not after theirs: nobody would read it.
        if self._machine.phase is not Phase.CLOSE_SENT:
            self._check_open()
        if len(payload) > MAX_CONTROL:
            rules.refuse(rules.CONTROL_TOO_LONG, None, length=len(payload))

    def _send_close(self, body: bytes) -> None:
        self._writer.frame(Opcode.CLOSE, body)
        self._move(Happening.CLOSE_SENT)

    # --- What moves the state ---

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

    def fail(self, code: int = CloseCode.INTERNAL_ERROR, reason: str = "") -> None:
        """Give the connection up: a Close frame with this code if one can be sent, then the end of TCP (§7.1.7).

        Arguments:
            code: such as 1011 when the application has failed, 1008 when it does not like what it got.
            reason: at most 123 bytes of UTF-8.

        Raises:
            LocalViolation: code or reason may not be sent.
        """
        close_body(code, reason, self.role)
        self._move(Happening.SILENCE, code=code, reason=reason)

    def _fail(self, violation: ProtocolViolation, *, traced: bool = True) -> None:
        self._note_violation(violation, traced=traced)
        self._move(Happening.VIOLATION, code=violation.rule.code, reason=_close_reason(violation))

    def _note_violation(self, violation: ProtocolViolation, *, traced: bool) -> None:
        self.violation = violation
        if not traced and self._tracer is not None:
            self._tracer(violation_step(violation, self.role, self.role.receives))
        self._events.append(ViolationFound(violation))

    def _move(self, happening: Happening, *, code: int | None = None, reason: str = "", answer: bytes = b"") -> None:
        """Move by the table and do what its row says; where it has no row, nothing changes."""
        before = self._machine.phase
        row = self._machine.move(happening)
        if row is None:
            return
        if self._tracer is not None:
            self._trace_move(happening, before, row.action)
        if row.action is Action.ANSWER_CLOSE:
            self._send_close(answer)
        elif row.action is Action.FAIL:
            self._decoder_done()
            self._writer.frame(Opcode.CLOSE, close_body(code, reason, self.role))
            self._end_transport()
        elif row.action is Action.END_TCP:
            self._decoder_done()
            self._end_transport()
        elif row.action is Action.RELEASE:
            self._clean = before is Phase.CLOSE_EXCHANGED and happening is Happening.END_RECEIVED
            self._release()

    def _end_transport(self) -> None:
        if not self._ends_transport:
            self._ends_transport = True
            if self._tracer is not None:
                span = byte_span(self.role.sends, self._writer.offset, 0)
                self._trace(EndSent(endpoint=self.role, span=span, decided_by=calling_function(2)))

    def _release(self) -> None:
        self._decoder_done()
        self._end_transport()
        code, reason = self.close_code, self.close_reason
        assert code is not None
        assert reason is not None
        if self._tracer is not None:
            self._trace(
                CloseStatus(
                    endpoint=self.role, decided_by=calling_function(), code=int(code), reason=reason, clean=self._clean
                )
            )
        self._events.append(Closed(int(code), reason, self._clean))

    def _trace(self, step: Step) -> None:
        assert self._tracer is not None
        self._tracer(step)

    def _trace_move(self, happening: Happening, before: Phase, action: Action) -> None:
        self._trace(
            StateChanged(
                endpoint=self.role,
                decided_by="wsedu.protocol.closing:ClosingMachine.move",
                event=happening.value,
                before=before.value,
                after=self.phase.value,
                state=self.state.value,
                action=action.value,
            )
        )


def _close_reason(violation: ProtocolViolation) -> str:
    """The reason in the Close frame that answers a violation: the rule, or the extensions that are missing (§7.4.1)."""
    missing = ", ".join(violation.detail.get("missing", ()))
    return (missing or violation.rule.name)[:MAX_REASON]
