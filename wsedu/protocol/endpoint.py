"""What every part of an endpoint stands on: its state, what moves it, and what its owner can see (RFC 6455 §7)."""

from __future__ import annotations

from collections.abc import Callable

from . import rules
from .closing import MAX_REASON, Action, CloseCode, ClosingMachine, Happening, Phase, close_body
from .events import Closed, Event, ViolationFound
from .extensions import Extension
from .frames import FrameDecoder
from .http import Request, Response
from .rules import ProtocolViolation, calling_function
from .steps import CloseStatus, EndSent, StateChanged, Step, Tracer, byte_span, tracer_level, violation_step
from .types import Limits, Opcode, Role, State
from .writer import Writer


class Endpoint:
    """The state of one endpoint and the one function that moves it; `Connection` has the arguments and attributes."""

    def __init__(
        self, role: Role, limits: Limits, strict: bool, random_bytes: Callable[[int], bytes], tracer: Tracer | None
    ) -> None:
        self.role = role
        self.limits = limits
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
        self._machine = ClosingMachine(role)
        self._writer = Writer(role, random_bytes, tracer)
        self._events: list[Event] = []
        self._inbound = role.receives
        self._received = 0
        self._heard = 0  # how often anything was received
        self._pinged = False  # a keepalive Ping went out since
        self._pings: list[bytes] = []  # payloads of Pings that wait for a Pong
        self._holds_pongs = False
        self._unanswered: bytes | None = None  # the latest Ping whose Pong is held back
        self._decoder: FrameDecoder | None = None
        self._close_frame: tuple[int | None, str] | None = None  # the first one received
        self._clean = False
        self._ends_transport = False
        self._untold: list[Step] = []  # what is true only once the first bytes are taken
        self._untold_end: EndSent | None = None  # of TCP, behind bytes that still wait

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

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> bytes:
        """The bytes to write now; empty if there are none."""
        if self._untold:
            self._tell_beginning()
        data = self._writer.take()
        if self._untold_end is not None:
            self._trace(self._untold_end)
            self._untold_end = None
        return data

    # --- What moves the state ---

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
                end = EndSent(endpoint=self.role, span=span, decided_by=calling_function(2))
                if self._writer.waits:
                    # FIN goes out behind the last byte: it is told when that has been taken.
                    self._untold_end = end
                else:
                    self._trace(end)

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

    def _decoder_done(self) -> None:
        """Nothing after the peer's Close frame, or after a failure, is read (§1.4, §7.1.7)."""
        self._decoder = None

    def _send_close(self, body: bytes) -> None:
        self._writer.frame(Opcode.CLOSE, body)
        self._move(Happening.CLOSE_SENT)

    def _check_open(self) -> None:
        if self._machine.phase is not Phase.OPEN:
            rules.refuse(rules.SEND_WHEN_OPEN, None, state=self.state.value)

    # --- What is written down ---

    def _trace(self, step: Step) -> None:
        assert self._tracer is not None
        self._tracer(step)

    def _tell_beginning(self) -> None:
        """What a client made before there was TCP happens when its first bytes are taken (§4.1)."""
        told, self._untold = self._untold, []
        for step in told:
            self._trace(step)

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
