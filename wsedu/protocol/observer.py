"""`Observer`: both byte streams of a connection, read by somebody who only watches (RFC 6455).

Nothing is sent, answered or refused. Each direction is read as its receiver would read it, with the same checks;
after a violation it is read on for as long as the layout says where the next frame begins. What cannot be read
at all is said once, and then passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .closing import STATES, CloseCode, ClosingMachine, Happening, Phase, read_close_body
from .deflate import PerMessageDeflateFactory
from .extensions import ExtensionFactory
from .frame import Frame
from .handshake import accept_key
from .http import HeadReader, Request, Response
from .opening import trace_request, trace_response
from .overheard import Overheard, judge_request, judge_response, wants_websocket
from .passive import Faults, PassiveDecoder, PassiveMessages
from .rules import ProtocolViolation, calling_function
from .steps import (
    BytesReceived,
    CloseStatus,
    EndReceived,
    HandshakeAgreed,
    Level,
    PongMatched,
    StateChanged,
    Step,
    Tracer,
    Unexplained,
    byte_span,
    tracer_level,
    violation_step,
)
from .types import Direction, Limits, Opcode, Role
from .wiresteps import bytes_step

READ_BY = "wsedu.protocol.observer:Observer.feed"
MAX_KEPT = 16 << 20
"""Bytes of one message that a watcher keeps."""

MAX_EARLY = 1 << 20
"""Bytes that a client may send before the response is seen."""

MAX_PINGS = 1000
"""Pings without an answer that are remembered."""


class Breach(NamedTuple):
    """A rule that somebody broke.

    Arguments:
        sender: who broke it: its bytes are wrong.
        violation: the rule, the offset in that sender's stream, and the facts.
    """

    sender: Role
    violation: ProtocolViolation


def sender_of(direction: Direction) -> Role:
    """The endpoint whose bytes travel in a direction."""
    return Role.CLIENT if direction is Direction.TO_SERVER else Role.SERVER


class Observer:
    """A connection as seen from between its endpoints: `feed` both directions, in the order in which bytes pass.

    Arguments:
        tracer_for: gives the tracer for the steps of an endpoint, whose view of what it reads is written down.
        extensions: those that it can read; of another one that is in use, payloads are not judged.
        limits: of the heads.
        max_kept: bytes of one message that are kept; what is longer is counted and passed over.

    Attributes:
        request: the request, once it could be read.
        response: the response, once it could be read.
        violations: what was found so far, in order.
        unexplained: why a direction is not explained any more, by direction.
        opened: whether the opening handshake has led to a connection.
    """

    def __init__(
        self,
        *,
        tracer_for: Callable[[Role], Tracer | None] = lambda role: None,
        extensions: Sequence[ExtensionFactory] | None = None,
        limits: Limits | None = None,
        max_kept: int = MAX_KEPT,
    ) -> None:
        self.request: Request | None = None
        self.response: Response | None = None
        self.violations: list[Breach] = []
        self.unexplained: dict[Direction, str] = {}
        self.opened = False
        self._extensions = (PerMessageDeflateFactory(),) if extensions is None else tuple(extensions)
        self._max_kept = max_kept
        self._tracers = {role: tracer_for(role) for role in Role}
        self._levels = {role: tracer_level(tracer) for role, tracer in self._tracers.items()}
        self._machines = {role: ClosingMachine(role) for role in Role}
        self._heads = {way: HeadReader(limits or Limits()) for way in Direction}
        self._received = dict.fromkeys(Direction, 0)
        self._early = b""  # what a client sent behind its request before the response was seen
        self._lanes: dict[Direction, _Lane] = {}
        self._pings: dict[Role, list[bytes]] = {role: [] for role in Role}
        self._closes: dict[Role, tuple[int | None, str]] = {}  # the first Close that each has received
        self._ended: set[Direction] = set()

    # --- What its owner tells it ---

    def feed(self, direction: Direction, data: bytes) -> None:
        """Take the next bytes of one direction; whatever they are, nothing is raised.

        Arguments:
            direction: which way they travel.
            data: any number of bytes, cut anywhere.
        """
        if not data:
            return
        reader = sender_of(direction).peer
        tracer = self._tracers[reader]
        if tracer is not None:
            tracer(bytes_step(BytesReceived, reader, direction, self._received[direction], READ_BY, bytes(data)))
        self._received[direction] += len(data)
        if direction in self.unexplained:
            return
        lane = self._lanes.get(direction)
        if lane is not None:
            lane.feed(data)
        elif direction is Direction.TO_SERVER:
            self._read_request(data)
        else:
            self._read_response(data)

    def end(self, direction: Direction, *, clean: bool = True) -> None:
        """Take the end of one direction's bytes (§7.1.4).

        Arguments:
            direction: which one has ended.
            clean: False when an error ended it, such as a reset.
        """
        if direction in self._ended:
            return
        self._ended.add(direction)
        reader = sender_of(direction).peer
        lane = self._lanes.get(direction)
        if lane is not None and lane.missing:
            self._lose(direction, "cut", missing=lane.missing)
        span = byte_span(direction, self._received[direction], 0)
        self._trace(reader, EndReceived(endpoint=reader, span=span, decided_by=calling_function(), clean=clean))
        self._move(reader, Happening.END_RECEIVED)

    def start(self, direction: Direction) -> None:
        """Have the next bytes of a direction read as frames: for a capture that begins after the handshake."""
        if direction not in self._lanes:
            self._open_lane(direction, Overheard(None, (), ()))
            self._move(sender_of(direction).peer, Happening.HANDSHAKE_DONE)

    # --- The opening handshake ---

    def _read_request(self, data: bytes) -> None:
        if self.request is not None:
            self._wait(data)
            return
        way, head = Direction.TO_SERVER, self._heads[Direction.TO_SERVER]
        try:
            used = head.feed(data)
            if used is None:
                return
            request = self.request = head.request()
        except ProtocolViolation as violation:
            self._note(Role.CLIENT, violation)
            self._lose(way, "head")
            return
        trace_request(self._coarse(Role.SERVER), request, Role.SERVER, sent=False)
        if not wants_websocket(request):
            self._lose(way, "http")
            return
        for found in judge_request(request, self._coarse(Role.SERVER)):
            self._note(Role.CLIENT, found)
        self._wait(data[used:])

    def _wait(self, data: bytes) -> None:
        """Keep what follows the request until the response says what it is."""
        self._early += data
        if len(self._early) > MAX_EARLY:
            self._early = b""
            self._lose(Direction.TO_SERVER, "early")

    def _read_response(self, data: bytes) -> None:
        head = self._heads[Direction.TO_CLIENT]
        try:
            used = head.feed(data)
            if used is None:
                return
            response = self.response = head.response()
        except ProtocolViolation as violation:
            self._note(Role.SERVER, violation)
            self._refused("head")
            return
        if response.status == 101:
            self._trace_accept()
        trace_response(self._coarse(Role.CLIENT), response, Role.CLIENT, sent=False)
        if response.status != 101 or (self.request is not None and not wants_websocket(self.request)):
            self._refused("refused" if self.request is not None and wants_websocket(self.request) else "http")
            return
        for found in judge_response(self.request, response, self._extensions, self._coarse(Role.CLIENT)):
            self._note(Role.SERVER, found)
        self._agreed(Overheard.of(self.request, response, self._extensions), data[used:])

    def _trace_accept(self) -> None:
        """How the key becomes the accept value, as every server computes it."""
        key = None if self.request is None else self.request.headers.get("Sec-WebSocket-Key")
        if key is not None:
            accept_key(key, tracer=self._coarse(Role.SERVER), endpoint=Role.SERVER)

    def _refused(self, reason: str) -> None:
        """There is no WebSocket connection: whatever else passes is not explained."""
        for role in Role:
            self._move(role, Happening.HANDSHAKE_FAILED)
        self._early = b""
        for way in Direction:
            self._lose(way, reason)

    def _agreed(self, overheard: Overheard, rest: bytes) -> None:
        self.opened = True
        for role in Role:
            if self._levels[role] >= Level.BASE:
                self._trace(
                    role,
                    HandshakeAgreed(
                        endpoint=role,
                        decided_by=calling_function(),
                        subprotocol=overheard.subprotocol,
                        extensions=overheard.names,
                    ),
                )
            self._move(role, Happening.HANDSHAKE_DONE)
        for way in Direction:
            if way not in self.unexplained:
                self._open_lane(way, overheard)
        if overheard.unknown:
            for role in Role:
                self._say(role.sends, "extension", extensions=", ".join(overheard.unknown))
        early, self._early = self._early, b""
        for way, data in ((Direction.TO_SERVER, early), (Direction.TO_CLIENT, rest)):
            lane = self._lanes.get(way)
            if lane is not None and data:
                lane.feed(data)

    def _open_lane(self, direction: Direction, overheard: Overheard) -> None:
        head = self.request if direction is Direction.TO_SERVER else self.response
        size = self._received[direction] if head is None else head.size
        self._lanes[direction] = _Lane(self, direction, size, overheard, self._max_kept)

    # --- What passes on the open connection ---

    def _control(self, sender: Role, frame: Frame, offset: int) -> None:
        if frame.opcode == Opcode.PING:
            self._pings[sender].append(frame.payload)
            del self._pings[sender][:-MAX_PINGS]
        elif frame.opcode == Opcode.PONG:
            self._pong(sender.peer, frame.payload)
        elif frame.opcode == Opcode.CLOSE:
            self._close(sender, frame, offset)

    def _pong(self, reader: Role, payload: bytes) -> None:
        """A Pong answers the Ping with its payload and all that were sent before (§5.5.3)."""
        pings, answers = self._pings[reader], 0
        if payload in pings:
            answers = pings.index(payload) + 1
            del pings[:answers]
        if self._levels[reader] >= Level.BASE:
            self._trace(
                reader, PongMatched(endpoint=reader, decided_by=calling_function(), payload=payload, answers=answers)
            )

    def _close(self, sender: Role, frame: Frame, offset: int) -> None:
        try:
            status = read_close_body(frame.payload, offset)
        except ProtocolViolation as violation:
            self._lanes[sender.sends].faults.add(violation)
            status = (None, "")
        self._closes.setdefault(sender.peer, status)
        self._lanes[sender.sends].messages.closed = True
        self._move(sender, Happening.CLOSE_SENT)
        self._move(sender.peer, Happening.CLOSE_RECEIVED)

    # --- What is written down ---

    def _coarse(self, role: Role) -> Tracer | None:
        """The tracer of an endpoint behind a filter: the handshake makes its steps whatever the level."""
        tracer, level = self._tracers[role], self._levels[role]
        if tracer is None:
            return None

        def coarse(step: Step) -> None:
            if step.level <= level:
                tracer(step)

        return coarse

    def _trace(self, role: Role, step: Step) -> None:
        tracer = self._tracers[role]
        if tracer is not None:
            tracer(step)

    def _note(self, sender: Role, violation: ProtocolViolation) -> None:
        self.violations.append(Breach(sender, violation))
        self._trace(sender.peer, violation_step(violation, sender.peer, sender.sends))

    def _lose(self, direction: Direction, reason: str, **detail: Any) -> None:
        """Explain a direction no further, and say so, once."""
        if direction not in self.unexplained:
            self.unexplained[direction] = reason
            self._say(direction, reason, **detail)

    def _say(self, direction: Direction, reason: str, **detail: Any) -> None:
        reader = sender_of(direction).peer
        span = byte_span(direction, self._received[direction], 0)
        self._trace(
            reader,
            Unexplained(endpoint=reader, span=span, decided_by=calling_function(2), reason=reason, detail=detail),
        )

    def _move(self, role: Role, happening: Happening) -> None:
        machine = self._machines[role]
        before = machine.phase
        row = machine.move(happening)
        if row is None:
            return
        self._trace(
            role,
            StateChanged(
                endpoint=role,
                decided_by="wsedu.protocol.closing:ClosingMachine.move",
                event=happening.value,
                before=before.value,
                after=row.after.value,
                state=STATES[row.after].value,
                action=row.action.value,
            ),
        )
        if row.after is Phase.CLOSED:
            self._report_status(role, clean=before is Phase.CLOSE_EXCHANGED)

    def _report_status(self, role: Role, *, clean: bool) -> None:
        """What §7.1.4 to §7.1.6 have this endpoint report."""
        code, reason = self._closes.get(role, (CloseCode.ABNORMAL_CLOSURE, ""))
        shown = int(CloseCode.NO_STATUS_RCVD if code is None else code)
        self._trace(
            role,
            CloseStatus(endpoint=role, decided_by=calling_function(), code=shown, reason=reason, clean=clean),
        )


class _Lane:
    """The frames of one direction."""

    def __init__(
        self, observer: Observer, direction: Direction, offset: int, overheard: Overheard, max_kept: int
    ) -> None:
        self._observer = observer
        self._direction = direction
        self._sender = sender = sender_of(direction)
        tracer = observer._tracers[sender.peer]
        extensions = overheard.extensions_at(sender.peer)
        for extension in extensions:
            extension.attach(tracer)
        self.faults = Faults(lambda violation: observer._note(sender, violation))
        self.messages = PassiveMessages(
            sender.peer,
            self.faults,
            lambda frame, at: observer._control(sender, frame, at),
            extensions=extensions,
            opaque=bool(overheard.unknown),
            max_kept=max_kept,
            passed_over=self._passed_over,
            tracer=tracer,
        )
        self._decoder = PassiveDecoder(
            sender.peer,
            self.faults,
            self.messages,
            max_kept=max_kept,
            passed_over=self._passed_over,
            tracer=tracer,
            offset=offset,
            extensions=extensions,
        )

    @property
    def missing(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return self._decoder.mid_frame

    def feed(self, data: bytes) -> None:
        self._decoder.feed(data)
        if self._decoder.lost is not None:
            self._observer._lose(self._direction, "length")

    def _passed_over(self, offset: int, length: int) -> None:
        self._observer._say(self._direction, "long", length=length, at=offset)
