"""What an endpoint makes of the bytes that it is given: a head first, then frames (RFC 6455 §4, §5, §6.2)."""

from __future__ import annotations

from . import rules
from .closing import Happening, read_close_body
from .events import CloseReceived, Event, Opened, Refused
from .extensions import ExtensionFactory
from .frame import Frame
from .frames import FrameDecoder
from .messages import MessageReader
from .opening import Opening, Outcome, trace_response
from .pinging import Pinging
from .response import missing_extensions
from .rules import ProtocolViolation, calling_function
from .steps import (
    BytesIgnored,
    BytesReceived,
    EndReceived,
    HandshakeAgreed,
    Level,
    byte_span,
    filtered,
)
from .types import Opcode, Role, State, as_bytes
from .wiresteps import bytes_step

RECEIVED_BY = "wsedu.protocol.receiving:Receiving.receive_data"


class Receiving(Pinging):
    """What an endpoint does with the bytes that its owner has read."""

    _factories: tuple[ExtensionFactory, ...]  # of the extensions that it may use
    _opening: Opening

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

    # --- The opening handshake ---

    def _receive_opening(self, data: bytes) -> None:
        outcome = self._opening.receive(data)
        if outcome is None:
            return
        self.request, self.response = outcome.request, outcome.response
        if self.role is Role.SERVER and outcome.response is not None:
            trace_response(filtered(self._tracer), outcome.response, Role.SERVER, sent=True, built_by=outcome.built_by)
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
        self._ignore(len(outcome.rest))

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
        if self._decoder is None:
            self._ignore(len(outcome.rest))
        elif outcome.rest:
            self._receive_frames(self._decoder, outcome.rest)

    def _require_extensions(self) -> None:
        """A client gives up what a server did not agree to and it cannot do without (§7.4.1, 1010)."""
        missing = missing_extensions(self._factories, self.extensions)
        if missing and self.role is Role.CLIENT:
            rules.enforce(rules.EXTENSION_REQUIRED, None, missing=missing)

    def _start_reading(self, offset: int) -> None:
        reader = MessageReader(
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
            sink=reader,
        )

    # --- Frames ---

    def _events_append(self, event: Event) -> None:
        self._events.append(event)

    def _receive_frames(self, decoder: FrameDecoder, data: bytes) -> None:
        decoder.feed(data)
        if decoder.violation is not None:
            self._fail(decoder.violation)
        if decoder.ignored:
            self._ignore(decoder.ignored)

    def _receive_control(self, frame: Frame, offset: int) -> None:
        if frame.opcode == Opcode.PING:
            self._receive_ping(frame.payload)
        elif frame.opcode == Opcode.PONG:
            self._receive_pong(frame.payload)
        elif frame.opcode == Opcode.CLOSE:
            self._receive_close(frame.payload, offset)

    def _receive_close(self, payload: bytes, offset: int) -> None:
        code, reason = read_close_body(payload, offset)
        self._close_frame = (code, reason)
        self._events.append(CloseReceived(code, reason))
        assert self._decoder is not None
        self._decoder.stop()
        self._decoder_done()
        self._move(Happening.CLOSE_RECEIVED, answer=payload[:2])

    def _ignore(self, length: int) -> None:
        if self._tracer is not None and length:
            span = byte_span(self.role.receives, self._received - length, length)
            self._tracer(BytesIgnored(endpoint=self.role, span=span, decided_by=calling_function(), length=length))
