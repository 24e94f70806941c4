"""`Observer`: both byte streams of a connection, read by somebody who only watches (RFC 6455).

Nothing is sent, answered or refused. Each direction is read as its receiver would read it, with the same checks;
after a violation it is read on for as long as the layout says where the next frame begins. What cannot be read
at all is said once, and then passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .closing import Happening
from .deflate import NAME, PerMessageDeflateFactory
from .extensions import ExtensionFactory, ExtensionOffer
from .frame import Frame
from .handshake import accept_key
from .http import HeadReader, Request, Response
from .lane import Lane
from .notes import Breach, Notes, sender_of
from .opening import trace_request, trace_response
from .overheard import Overheard, judge_request, judge_response, wants_websocket
from .pinging import answered_pings
from .rules import ProtocolViolation, calling_function
from .steps import BytesReceived, EndReceived, HandshakeAgreed, Level, PongMatched, Tracer, byte_span, filtered
from .types import Direction, Limits, Opcode, Role
from .wiresteps import bytes_step

__all__ = ["Breach", "Observer", "sender_of"]

READ_BY = "wsedu.protocol.observer:Observer.feed"
MAX_KEPT = 16 << 20
"""Bytes of one message that a watcher keeps."""

MAX_EARLY = 1 << 20
"""Bytes that a client may send before the response is seen."""

MAX_PINGS = 1000
"""Pings without an answer that are remembered."""


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
        self._notes = notes = Notes(tracer_for)
        self.violations = notes.violations
        self.unexplained = notes.unexplained
        self.opened = False
        self._extensions = (PerMessageDeflateFactory(),) if extensions is None else tuple(extensions)
        self._max_kept = max_kept
        self._heads = {way: HeadReader(limits or Limits()) for way in Direction}
        self._early = b""  # what a client sent behind its request before the response was seen
        self._lanes: dict[Direction, Lane] = {}
        self._pings: dict[Role, list[bytes]] = {role: [] for role in Role}
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
        tracer = self._notes.tracers[reader]
        if tracer is not None:
            tracer(bytes_step(BytesReceived, reader, direction, self._notes.received[direction], READ_BY, bytes(data)))
        self._notes.received[direction] += len(data)
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
            self._notes.lose(direction, "cut", missing=lane.missing)
        span = byte_span(direction, self._notes.received[direction], 0)
        self._notes.trace(reader, EndReceived(endpoint=reader, span=span, decided_by=calling_function(), clean=clean))
        self._notes.move(reader, Happening.END_RECEIVED)

    def start(self, direction: Direction, *, compressed: bool = False) -> None:
        """Have the next bytes of a direction read as frames: for a capture that begins after the handshake.

        Arguments:
            direction: which one.
            compressed: its messages seem to be compressed, with a window that nobody here knows: their payloads are
                not judged, and this is said.
        """
        if direction not in self._lanes:
            chosen = (ExtensionOffer(NAME, ()),) if compressed else ()
            self._open_lane(direction, Overheard(None, chosen, ()))
            if compressed:
                self._notes.say(direction, "extension", extensions=NAME)
            self._notes.move(sender_of(direction).peer, Happening.HANDSHAKE_DONE)

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
            self._notes.note(Role.CLIENT, violation)
            self._notes.lose(way, "head")
            return
        trace_request(filtered(self._notes.tracers[Role.SERVER]), request, Role.SERVER, sent=False)
        if not wants_websocket(request):
            self._notes.lose(way, "http")
            return
        for found in judge_request(request, filtered(self._notes.tracers[Role.SERVER])):
            self._notes.note(Role.CLIENT, found)
        self._wait(data[used:])

    def _wait(self, data: bytes) -> None:
        """Keep what follows the request until the response says what it is."""
        self._early += data
        if len(self._early) > MAX_EARLY:
            self._early = b""
            self._notes.lose(Direction.TO_SERVER, "early")

    def _read_response(self, data: bytes) -> None:
        head = self._heads[Direction.TO_CLIENT]
        try:
            used = head.feed(data)
            if used is None:
                return
            response = self.response = head.response()
        except ProtocolViolation as violation:
            self._notes.note(Role.SERVER, violation)
            self._refused("head")
            return
        if response.status == 101:
            self._trace_accept()
        trace_response(filtered(self._notes.tracers[Role.CLIENT]), response, Role.CLIENT, sent=False)
        if response.status != 101 or (self.request is not None and not wants_websocket(self.request)):
            self._refused("refused" if self.request is not None and wants_websocket(self.request) else "http")
            return
        tracer = filtered(self._notes.tracers[Role.CLIENT])
        wrong = False
        for found in judge_response(self.request, response, self._extensions, tracer):
            self._notes.note(Role.SERVER, found)
            wrong = True
        if wrong:
            # Every client has to fail here (§4.1), and the server learns it by the end of TCP.
            self._refused("failed")
            return
        self._agreed(Overheard.of(self.request, response, self._extensions), data[used:])

    def _trace_accept(self) -> None:
        """How the key becomes the accept value, as every server computes it."""
        key = None if self.request is None else self.request.headers.get("Sec-WebSocket-Key")
        if key is not None:
            accept_key(key, tracer=filtered(self._notes.tracers[Role.SERVER]), endpoint=Role.SERVER)

    def _refused(self, reason: str) -> None:
        """There is no WebSocket connection: whatever else passes is not explained."""
        for role in Role:
            self._notes.move(role, Happening.HANDSHAKE_FAILED)
        self._early = b""
        for way in Direction:
            self._notes.lose(way, reason)

    def _agreed(self, overheard: Overheard, rest: bytes) -> None:
        self.opened = True
        for role in Role:
            if self._notes.levels[role] >= Level.BASE:
                self._notes.trace(
                    role,
                    HandshakeAgreed(
                        endpoint=role,
                        decided_by=calling_function(),
                        subprotocol=overheard.subprotocol,
                        extensions=overheard.names,
                    ),
                )
            self._notes.move(role, Happening.HANDSHAKE_DONE)
        for way in Direction:
            if way not in self.unexplained:
                self._open_lane(way, overheard)
        if overheard.unknown:
            for role in Role:
                self._notes.say(role.sends, "extension", extensions=", ".join(overheard.unknown))
        early, self._early = self._early, b""
        for way, data in ((Direction.TO_SERVER, early), (Direction.TO_CLIENT, rest)):
            lane = self._lanes.get(way)
            if lane is not None and data:
                lane.feed(data)

    def _open_lane(self, direction: Direction, overheard: Overheard) -> None:
        head = self.request if direction is Direction.TO_SERVER else self.response
        size = self._notes.received[direction] if head is None else head.size
        self._lanes[direction] = Lane(self._notes, direction, size, overheard, self._max_kept, self._control)

    # --- What passes on the open connection ---

    def _control(self, sender: Role, frame: Frame) -> None:
        if frame.opcode == Opcode.PING:
            self._pings[sender].append(frame.payload)
            del self._pings[sender][:-MAX_PINGS]
        elif frame.opcode == Opcode.PONG:
            self._pong(sender.peer, frame.payload)
        elif frame.opcode == Opcode.CLOSE:
            self._close(sender)

    def _pong(self, reader: Role, payload: bytes) -> None:
        """A Pong answers the Ping with its payload and all that were sent before (§5.5.3)."""
        pings = self._pings[reader]
        answers = answered_pings(pings, payload)
        del pings[:answers]
        if self._notes.levels[reader] >= Level.BASE:
            self._notes.trace(
                reader, PongMatched(endpoint=reader, decided_by=calling_function(), payload=payload, answers=answers)
            )

    def _close(self, sender: Role) -> None:
        status = self._lanes[sender.sends].close_status
        self._notes.move(sender, Happening.CLOSE_SENT)
        if status is None:
            # One that breaks a rule closes nothing: whoever reads it fails the connection (§7.1.7).
            self._notes.move(sender.peer, Happening.VIOLATION)
            return
        self._notes.closes[sender.peer] = status
        self._notes.move(sender.peer, Happening.CLOSE_RECEIVED)
