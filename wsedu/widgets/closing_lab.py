"""`ClosingLab`: two real endpoints and what is on its way between them, moved by hand, one event at a time.

Each event of the table of states is brought about in earnest: a Close frame is sent by `Connection.close`, received
by handing over the bytes that the other end has written, a violation is a frame that a peer may not send.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..protocol.closing import TRANSITIONS, Happening, Phase
from ..protocol.connection import Connection
from ..protocol.frame import Frame
from ..protocol.rules import LocalViolation
from ..protocol.steps import BytesSent, Level, TransportOpened
from ..protocol.types import Role, State, Timeouts
from ..protocol.wiresteps import bytes_step
from ..trace.trace import Trace

CUT = "cut"
"""The act of nobody: TCP breaks, and both endpoints learn it."""

_URI = "ws://localhost/chat"
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
_BROKEN = b"GET / HTTP/1.0\r\n\r\n"
_CARRIES = {
    "head": Happening.HANDSHAKE_DONE,
    "refusal": Happening.HANDSHAKE_FAILED,
    "close": Happening.CLOSE_RECEIVED,
    "frame": Happening.VIOLATION,
    "end": Happening.END_RECEIVED,
}
"""What comes to pass when an endpoint reads what is on its way."""

_QUIET = Timeouts(ping_interval=None)


class Act(NamedTuple):
    """One event that was asked for.

    Arguments:
        who: the endpoint that it happens to; None for TCP, which breaks.
        happening: which event, or `CUT`.
        code: of the Close frame that it sends; None for an empty one.
        reason: of that frame.
    """

    who: Role | None
    happening: str
    code: int | None = 1000
    reason: str = ""


_WRITES: dict[str, str] = {Happening.HANDSHAKE_DONE: "head", Happening.HANDSHAKE_FAILED: "refusal"}
"""What an endpoint writes when something has happened to it, where that is not a Close frame."""

OPENED = (Act(Role.SERVER, Happening.HANDSHAKE_DONE), Act(Role.CLIENT, Happening.HANDSHAKE_DONE))
"""What leads from the beginning to an open connection."""


class NotNowError(Exception):
    """An event cannot happen now.

    Attributes:
        why: the key of the reason: see `ClosingLab.obstacle`.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class _End:
    connection: Connection
    inbound: list[tuple[str, bytes]] = field(default_factory=list)
    written: int = 0
    ended: bool = False


class ClosingLab:
    """Two endpoints whose every move is asked for.

    Arguments:
        acts: what has been asked for so far.

    Attributes:
        trace: the steps of both.
        acts: what has been asked for.
    """

    def __init__(self, acts: Sequence[Act] = OPENED) -> None:
        self.trace = Trace(level=Level.CORE, clock=lambda: float(len(self.acts)))
        self.acts: list[Act] = []
        number = self.trace.new_connection()
        self._ends = {}
        for role in Role:
            # The same keys every time, so that going back and doing it again gives the same bytes.
            source = random.Random(f"closing {role.value}").randbytes
            tracer = self.trace.recorder(number)
            uri = _URI if role is Role.CLIENT else None
            tracer(TransportOpened(endpoint=role, local=role.value, remote=role.peer.value))
            self._ends[role] = _End(Connection(role, uri, timeouts=_QUIET, random_bytes=source, tracer=tracer))
        self._number = number
        self._write(Role.CLIENT, "head")
        for act in acts:
            self.perform(act)

    def phase(self, role: Role) -> Phase:
        """Where an endpoint stands."""
        return self._ends[role].connection.phase

    def obstacle(self, role: Role | None, happening: str) -> str | None:
        """Why an event cannot happen now.

        Arguments:
            role: to whom; None for TCP.
            happening: one of `Happening`, or `CUT`.

        Returns:
            None if it can; `row` if the table has no row for it; `way` if nothing of the kind is on its way; `first`
            if something else is and comes first; `over` if the peer can send nothing more; `cut` for a connection
            that has ended already.
        """
        if role is None:
            over = all(end.connection.state is State.CLOSED for end in self._ends.values())
            return "cut" if over else None
        if (self.phase(role), happening) not in TRANSITIONS[role]:
            return "row"
        coming = self.coming(role)
        if happening == Happening.VIOLATION:
            return "first" if coming else None if self._ends[role.peer].connection.state is State.OPEN else "over"
        if happening == Happening.HANDSHAKE_FAILED:
            return None if coming[:1] in (["head"], ["refusal"]) else "way"
        if happening in _CARRIES.values():
            wanted = next(kind for kind, carried in _CARRIES.items() if carried == happening)
            return None if coming[:1] == [wanted] else "first" if wanted in coming else "way"
        return None

    def coming(self, role: Role) -> list[str]:
        """What is on its way to an endpoint and not ignored by it, next first."""
        phase, rows = self.phase(role), TRANSITIONS[role]
        return [kind for kind, _ in self._ends[role].inbound if (phase, _CARRIES[kind]) in rows]

    def perform(self, act: Act) -> None:
        """Have an event happen.

        Raises:
            NotNowError: it cannot, see `obstacle`.
            LocalViolation: code or reason may not be sent.
        """
        why = self.obstacle(act.who, act.happening)
        if why is not None:
            raise NotNowError(why)
        if act.who is None:
            self._cut()
        else:
            self._happen(act.who, act)
            self._write(act.who, _WRITES.get(act.happening, "close"))
        self.acts.append(act)

    # --- How each event comes about ---

    def _happen(self, role: Role, act: Act) -> None:
        connection = self._ends[role].connection
        match act.happening:
            case Happening.CLOSE_SENT:
                connection.close(act.code, act.reason)
            case Happening.SILENCE:
                connection.fail()
            case Happening.DEADLINE:
                deadline = connection.next_deadline()
                assert deadline is not None
                connection.timer_expired(deadline.timer)
            case Happening.VIOLATION:
                self._break_rule(role)
                self._read(role)
            case Happening.HANDSHAKE_FAILED:
                self._spoil(role)
                self._read(role)
            case _:
                self._read(role)

    def _break_rule(self, role: Role) -> None:
        """Have the peer send a frame with the mask that it may not have, or without the one that it must have."""
        key = None if role is Role.SERVER else bytes(4)
        self._ends[role.peer].connection.send_frame(Frame.text("Hello", masking_key=key))
        self._write(role.peer, "frame")

    def _spoil(self, role: Role) -> None:
        """Put a head that opens nothing in the place of one that would open the connection."""
        inbound = self._ends[role].inbound
        if inbound[0][0] == "head":
            inbound[0] = ("refusal", _REFUSED if role is Role.CLIENT else _BROKEN)

    def _read(self, role: Role) -> None:
        """Hand over what is next on its way, and before it what the endpoint ignores."""
        end, wanted = self._ends[role], self.coming(role)[0]
        kind = ""
        while kind != wanted:
            kind, data = end.inbound.pop(0)
            if kind == "end":
                end.connection.receive_eof()
            else:
                end.connection.receive_data(data)

    def _cut(self) -> None:
        """What is on its way is lost; both learn that TCP has broken."""
        for end in self._ends.values():
            end.inbound.clear()
            end.connection.receive_eof(clean=False)
            end.connection.data_to_send()
            end.ended = True

    def _write(self, role: Role, kind: str) -> None:
        """Put what an endpoint wants to write on its way to the other."""
        end, peer = self._ends[role], self._ends[role.peer]
        data = end.connection.data_to_send()
        if data:
            decided_by = "wsedu.protocol.connection:Connection.data_to_send"
            self.trace.add(bytes_step(BytesSent, role, role.sends, end.written, decided_by, data), self._number)
            end.written += len(data)
            peer.inbound.append((kind, data))
        if end.connection.ends_transport and not end.ended:
            end.ended = True
            peer.inbound.append(("end", b""))


def may_send(role: Role, code: int | None, reason: str) -> LocalViolation | None:
    """What keeps an endpoint from sending a Close frame with this code and reason; None if nothing does.

    Arguments:
        role: who would send it.
        code: the status code; None for an empty body.
        reason: the text after it.
    """
    from ..protocol.closing import close_body

    try:
        close_body(code, reason, role)
    except LocalViolation as violation:
        return violation
    return None
