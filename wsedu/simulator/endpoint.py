"""One endpoint in virtual time: the same core as on a real socket, its deadlines served by the agenda."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

from ..protocol import rules
from ..protocol.closing import Phase
from ..protocol.connection import Connection
from ..protocol.events import BinaryReceived, Event, Opened, TextReceived
from ..protocol.frame import Frame
from ..protocol.rules import LocalViolation
from ..protocol.steps import Step, TransportOpened, violation_step
from ..protocol.timers import Deadline, Timer
from ..protocol.types import Role, State
from ..scenarios.network import Chunks
from .agenda import Agenda
from .wire import Item, Mark, Taker

OPEN = Phase.OPEN


class End:
    """An endpoint of a `World`: what it is told to do, it does at once, in no time.

    Arguments:
        connection: the core.
        agenda: the time.
        transport: what to tell when TCP is open.
        chunks: how it reads.
        random: decides of cuts at random.
        tell: called with steps that are not the core's.

    Attributes:
        connection: the core, for those who want to look.
        messages: every message that it has received, in order.
        opened: whether the opening handshake was completed.
        vanished: whether it has fallen silent for good.
        on_event: called with each event of the core.
        send: takes what goes out; the world sets it.
        note: called with each thing that it is told to do; the world sets it.
        after: called when that is done; the world sets it.
    """

    def __init__(
        self,
        connection: Connection,
        agenda: Agenda,
        transport: TransportOpened,
        chunks: Chunks,
        random: Random,
        tell: Callable[[Step], None],
    ) -> None:
        self.connection = connection
        self.messages: list[str | bytes] = []
        self.opened = False
        self.vanished = False
        self.on_event: Callable[[Event], None] | None = None
        self.send: Taker
        self.note: Callable[[Role, str, tuple[Any, ...], dict[str, Any]], None] | None = None
        self.after: Callable[[], None] | None = None
        self._agenda = agenda
        self._transport = transport
        self._chunks = chunks
        self._whole = chunks == Chunks()
        self._random = random
        self._tell = tell
        self._connected = False
        self._end_sent = False
        self._deadline: Deadline | None = None
        self._since = 0.0  # the time from which the deadline counts
        self._heard = 0.0
        self._rings = -1.0  # when the timer that is set will ring; below 0 if none is
        self._lazy = False  # what is received can only put the deadline off, so the timer finds out in time

    @property
    def role(self) -> Role:
        """Client or server."""
        return self.connection.role

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED."""
        return self.connection.state

    # --- What a script has it do ---

    def send_text(self, text: str | bytes, *, fin: bool = True) -> None:
        """Send a text message or its first fragment: see `Connection.send_text`."""
        self.act("send_text", text, fin=fin)

    def send_binary(self, data: bytes, *, fin: bool = True) -> None:
        """Send a binary message or its first fragment: see `Connection.send_binary`."""
        self.act("send_binary", data, fin=fin)

    def send_continuation(self, data: str | bytes, *, fin: bool = True) -> None:
        """Send a further fragment: see `Connection.send_continuation`."""
        self.act("send_continuation", data, fin=fin)

    def send_ping(self, payload: bytes = b"") -> None:
        """Send a Ping: see `Connection.send_ping`."""
        self.act("send_ping", payload)

    def send_pong(self, payload: bytes = b"") -> None:
        """Send a Pong: see `Connection.send_pong`."""
        self.act("send_pong", payload)

    def send_frame(self, frame: Frame) -> None:
        """Send a frame as it is, legal or not: see `Connection.send_frame`."""
        self.act("send_frame", frame)

    def close(self, code: int | None = 1000, reason: str = "") -> None:
        """Start the closing handshake: see `Connection.close`."""
        self.act("close", code, reason)

    def act(self, verb: str, *arguments: Any, **options: Any) -> None:
        """Call a method of the core and write what comes of it.

        Where the connection is no longer open, because of the network, the refusal is a step and no exception:
        a script cannot know.

        Raises:
            LocalViolation: what is asked for is not legal for another reason.
        """
        if self.note is not None:
            self.note(self.role, verb, arguments, options)
        self.perform(verb, arguments, options)
        self.flush()
        if self.after is not None:
            self.after()

    def perform(self, verb: str, arguments: Iterable[Any], options: dict[str, Any]) -> None:
        """What `act` does, but write nothing yet."""
        if self.vanished:
            return
        try:
            getattr(self.connection, verb)(*arguments, **options)
        except LocalViolation as violation:
            if violation.rule is not rules.SEND_WHEN_OPEN:
                raise
            self._tell(violation_step(violation, self.role, None))

    def vanish(self) -> None:
        """Neither read nor write any more, as a machine that lost its power."""
        if self.note is not None:
            self.note(self.role, "vanish", (), {})
        self.vanished = True

    # --- What arrives ---

    def take(self, item: Item) -> None:
        """Read what has arrived."""
        if self.vanished:
            return
        if not isinstance(item, bytes):
            self._take_mark(item)
        elif self._whole:
            self._read(item)
        else:
            for piece in self._cut(item):
                self._read(piece)

    def _take_mark(self, mark: Mark) -> None:
        if mark is Mark.OPEN:
            self.connected()
            return
        self.connection.receive_eof(clean=mark is Mark.END)
        self._react()

    def _read(self, data: bytes) -> None:
        # TCP answers with RST what comes when it was let go; nobody reads it.
        if self.vanished or self.connection.state is State.CLOSED:
            return
        self._heard = self._agenda.now
        self.connection.receive_data(data)
        self._react()

    def _cut(self, data: bytes) -> Iterator[bytes]:
        place = 0
        while place < len(data):
            left = len(data) - place
            size = min(left, self._chunks.size or left)
            if self._chunks.random:
                size = self._random.randint(1, size)
            yield data[place : place + size]
            place += size

    def _react(self) -> None:
        for event in self.connection.events():
            if isinstance(event, (TextReceived, BinaryReceived)):
                self.messages.append(event[0])
            elif isinstance(event, Opened):
                self.opened = True
            if self.on_event is not None:
                self.on_event(event)
        self.flush()

    # --- What goes out ---

    def connected(self) -> None:
        """The transport is there."""
        self._connected = True
        self._tell(self._transport)
        self.flush()

    def flush(self) -> None:
        """Write what the core has to send, end TCP if it says so, and see which deadline it wants."""
        if self.vanished:
            return
        connection = self.connection
        if self._connected:
            data = connection.data_to_send()
            if data:
                self.send(data)
            if connection.ends_transport and not self._end_sent:
                self._end_sent = True
                self.send(Mark.END)
        if not (self._lazy and connection.phase is OPEN):
            self._watch_deadline()

    # --- Deadlines ---

    def _watch_deadline(self) -> None:
        deadline = self.connection.next_deadline()
        known, self._deadline = self._deadline, deadline
        is_open = self.connection.phase is OPEN
        self._lazy = is_open and (deadline is None or deadline.timer is not Timer.PONG)
        if deadline is None or (known is not None and known.number == deadline.number):
            return
        self._since = self._agenda.now
        self._set_timer()

    def _set_timer(self) -> None:
        assert self._deadline is not None
        due = self._since + self._deadline.seconds
        # A timer that rings too early looks again; only one that would ring too late is replaced.
        if self._rings < 0 or due < self._rings:
            self._rings = due
            self._agenda.enter(due, self._ring, due)

    def _ring(self, time: float) -> None:
        if time != self._rings:
            return
        self._rings = -1.0
        if self.vanished:
            return
        deadline, known = self.connection.next_deadline(), self._deadline
        self._deadline = deadline
        if deadline is None:
            return
        if known is None or known.number != deadline.number:
            # What was received since has put it off, and nobody looked: see `flush`.
            self._since = self._heard
        if self._agenda.now < self._since + deadline.seconds:
            self._set_timer()
            return
        self._lazy = False
        self.connection.timer_expired(deadline.timer)
        self._react()
