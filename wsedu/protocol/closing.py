"""Opening and closing a connection as tables (RFC 6455 §4, §5.5.1, §7).

Rule 1 of this file: every change of state is a row of `TRANSITIONS`. The diagram in the notebook is drawn
from the same rows that run here.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from . import rules
from .types import Role, State
from .utf8 import wrong_byte


class CloseCode(enum.IntEnum):
    """The status codes that are defined by name (RFC 6455 §7.4.1; 1012 to 1014 were registered later)."""

    NORMAL_CLOSURE = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    NO_STATUS_RCVD = 1005
    ABNORMAL_CLOSURE = 1006
    INVALID_DATA = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014
    TLS_HANDSHAKE = 1015


class CodeUse(NamedTuple):
    """Who may put a range of codes into a Close frame.

    Arguments:
        first: the first code.
        last: the last code.
        senders: the roles that may send it; none for codes that never travel.
    """

    first: int
    last: int
    senders: tuple[Role, ...]


ANYONE = (Role.CLIENT, Role.SERVER)

CODE_USES = (
    CodeUse(1000, 1003, ANYONE),
    CodeUse(1007, 1009, ANYONE),
    CodeUse(1010, 1010, (Role.CLIENT,)),
    # The RFC speaks of servers; browsers and libraries have clients send 1011 as well.
    CodeUse(1011, 1011, ANYONE),
    CodeUse(1012, 1014, (Role.SERVER,)),
    CodeUse(3000, 3999, ANYONE),
    CodeUse(4000, 4999, ANYONE),
)
"""Every code that may travel (§7.4); what no row holds, 1004 to 1006 and 1015 among it, may not."""

MAX_REASON = 123
"""Bytes of reason that fit into a Close frame beside the code (§5.5)."""


def code_senders(code: int) -> tuple[Role, ...]:
    """The roles that may send a status code; an empty tuple for one that never travels (§7.4)."""
    return next((use.senders for use in CODE_USES if use.first <= code <= use.last), ())


def close_body(code: int | None, reason: str, sender: Role) -> bytes:
    """The body of a Close frame that our own caller asks for (§5.5.1).

    Arguments:
        code: the status code; None for an empty body.
        reason: at most 123 bytes of UTF-8.
        sender: who sends it.

    Raises:
        LocalViolation: the code may not travel or not from this sender, the reason is too long or not
            text, or there is a reason without a code.
    """
    if code is None:
        if reason:
            rules.refuse(rules.CLOSE_BODY, None, reason=reason)
        return b""
    senders = code_senders(code)
    if not senders:
        rules.refuse(rules.CLOSE_CODE, None, code=code)
    elif sender not in senders:
        rules.refuse(rules.CLOSE_CODE_SENDER, None, code=code, sender=sender.value)
    try:
        text = reason.encode()
    except UnicodeEncodeError as error:
        rules.refuse(rules.CLOSE_REASON_UTF8, None, position=error.start)
        text = b""
    if len(text) > MAX_REASON:
        rules.refuse(rules.CONTROL_TOO_LONG, None, length=2 + len(text))
    return (code & 0xFFFF).to_bytes(2, "big") + text


def read_close_body(body: bytes, offset: int) -> tuple[int | None, str]:
    """Code and reason of a received Close frame; None for an empty body (§7.1.5, §7.1.6).

    Arguments:
        body: the unmasked payload.
        offset: where it begins in the stream.

    Raises:
        ProtocolViolation: a body of one byte, a code that never travels, a reason that is not UTF-8.
    """
    if not body:
        return None, ""
    if len(body) == 1:
        rules.enforce(rules.CLOSE_BODY, offset, length=1)
    code = int.from_bytes(body[:2], "big")
    if not code_senders(code):
        rules.enforce(rules.CLOSE_CODE, offset, code=code)
    try:
        return code, body[2:].decode()
    except UnicodeDecodeError as error:
        rules.enforce(rules.CLOSE_REASON_UTF8, offset + 2 + wrong_byte(error), position=wrong_byte(error))
        return code, body[2:].decode(errors="replace")


# --- The table of states ---


class Phase(enum.StrEnum):
    """The states of RFC 6455, with CLOSING divided by who has sent a Close frame."""

    CONNECTING = "CONNECTING"
    OPEN = "OPEN"
    CLOSE_SENT = "CLOSE_SENT"
    CLOSE_RECEIVED = "CLOSE_RECEIVED"
    CLOSE_EXCHANGED = "CLOSE_EXCHANGED"
    FAILED = "FAILED"
    CLOSED = "CLOSED"


STATES: dict[Phase, State] = {
    Phase.CONNECTING: State.CONNECTING,
    Phase.OPEN: State.OPEN,
    Phase.CLOSE_SENT: State.CLOSING,
    Phase.CLOSE_RECEIVED: State.CLOSING,
    Phase.CLOSE_EXCHANGED: State.CLOSING,
    Phase.FAILED: State.CLOSING,
    Phase.CLOSED: State.CLOSED,
}
"""The RFC's state that each phase belongs to."""


class Happening(enum.StrEnum):
    """What can move an endpoint from one phase to another."""

    HANDSHAKE_DONE = "handshake done"
    HANDSHAKE_FAILED = "handshake failed"
    CLOSE_SENT = "Close sent"
    CLOSE_RECEIVED = "Close received"
    VIOLATION = "violation"
    SILENCE = "silence"
    END_RECEIVED = "TCP end received"
    DEADLINE = "deadline"


class Action(enum.StrEnum):
    """What an endpoint has to do when it has moved."""

    NOTHING = "nothing"
    ANSWER_CLOSE = "answer with Close"
    FAIL = "send Close, end TCP"
    END_TCP = "end TCP"
    AWAIT_END = "wait for the server to end TCP"
    RELEASE = "release TCP"


class Transition(NamedTuple):
    """One row: where it leads, what to do, and the section that says so."""

    after: Phase
    action: Action
    section: str


_BOTH: dict[tuple[Phase, Happening], Transition] = {
    (Phase.CONNECTING, Happening.HANDSHAKE_DONE): Transition(Phase.OPEN, Action.NOTHING, "4.1"),
    (Phase.CONNECTING, Happening.HANDSHAKE_FAILED): Transition(Phase.FAILED, Action.END_TCP, "7.1.7"),
    (Phase.CONNECTING, Happening.SILENCE): Transition(Phase.FAILED, Action.END_TCP, "7.1.7"),
    (Phase.CONNECTING, Happening.END_RECEIVED): Transition(Phase.CLOSED, Action.RELEASE, "7.1.4"),
    (Phase.CONNECTING, Happening.DEADLINE): Transition(Phase.CLOSED, Action.RELEASE, "7.1.7"),
    (Phase.OPEN, Happening.CLOSE_SENT): Transition(Phase.CLOSE_SENT, Action.NOTHING, "7.1.2"),
    (Phase.OPEN, Happening.CLOSE_RECEIVED): Transition(Phase.CLOSE_RECEIVED, Action.ANSWER_CLOSE, "5.5.1"),
    (Phase.OPEN, Happening.VIOLATION): Transition(Phase.FAILED, Action.FAIL, "7.1.7"),
    (Phase.OPEN, Happening.SILENCE): Transition(Phase.FAILED, Action.FAIL, "7.1.7"),
    (Phase.OPEN, Happening.END_RECEIVED): Transition(Phase.CLOSED, Action.RELEASE, "7.1.4"),
    (Phase.CLOSE_SENT, Happening.VIOLATION): Transition(Phase.FAILED, Action.END_TCP, "7.1.7"),
    (Phase.CLOSE_SENT, Happening.SILENCE): Transition(Phase.FAILED, Action.END_TCP, "7.1.7"),
    (Phase.CLOSE_SENT, Happening.END_RECEIVED): Transition(Phase.CLOSED, Action.RELEASE, "7.1.4"),
    (Phase.CLOSE_SENT, Happening.DEADLINE): Transition(Phase.CLOSED, Action.RELEASE, "7.1.1"),
    (Phase.CLOSE_EXCHANGED, Happening.END_RECEIVED): Transition(Phase.CLOSED, Action.RELEASE, "7.1.4"),
    (Phase.CLOSE_EXCHANGED, Happening.DEADLINE): Transition(Phase.CLOSED, Action.RELEASE, "7.1.1"),
    (Phase.FAILED, Happening.END_RECEIVED): Transition(Phase.CLOSED, Action.RELEASE, "7.1.4"),
    (Phase.FAILED, Happening.DEADLINE): Transition(Phase.CLOSED, Action.RELEASE, "7.1.1"),
}

_BY_ROLE: dict[Role, dict[tuple[Phase, Happening], Transition]] = {
    # A server ends TCP as soon as both Close frames have passed, so that TIME_WAIT is at its side (§7.1.1).
    Role.SERVER: {
        (Phase.CLOSE_SENT, Happening.CLOSE_RECEIVED): Transition(Phase.CLOSE_EXCHANGED, Action.END_TCP, "7.1.1"),
        (Phase.CLOSE_RECEIVED, Happening.CLOSE_SENT): Transition(Phase.CLOSE_EXCHANGED, Action.END_TCP, "7.1.1"),
    },
    Role.CLIENT: {
        (Phase.CLOSE_SENT, Happening.CLOSE_RECEIVED): Transition(Phase.CLOSE_EXCHANGED, Action.AWAIT_END, "7.1.1"),
        (Phase.CLOSE_RECEIVED, Happening.CLOSE_SENT): Transition(Phase.CLOSE_EXCHANGED, Action.AWAIT_END, "7.1.1"),
    },
}

TRANSITIONS: dict[Role, dict[tuple[Phase, Happening], Transition]] = {
    role: {**_BOTH, **own} for role, own in _BY_ROLE.items()
}
"""For each role, every change of state that there is."""


class ClosingMachine:
    """Where one endpoint stands; moved only by the table.

    Arguments:
        role: which half of the table applies.
    """

    def __init__(self, role: Role) -> None:
        self._table = TRANSITIONS[role]
        self.phase = Phase.CONNECTING

    @property
    def state(self) -> State:
        """The state in the words of the RFC."""
        return STATES[self.phase]

    def move(self, happening: Happening) -> Transition | None:
        """Move by one row; None where the table has no row, which means that nothing changes."""
        row = self._table.get((self.phase, happening))
        if row is not None:
            self.phase = row.after
        return row
