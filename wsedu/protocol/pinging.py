"""Pings and Pongs, ours and the peer's (RFC 6455 §5.5.2, §5.5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from . import rules
from .closing import Phase
from .endpoint import Endpoint
from .events import PingReceived, PongReceived
from .rules import calling_function
from .steps import Level, PingAnswered, PongMatched
from .types import Opcode, as_bytes
from .writer import MAX_CONTROL


def answered_pings(pings: Sequence[bytes], payload: bytes) -> int:
    """How many Pings a Pong answers: the one with its payload and all that were sent before (§5.5.3).

    Arguments:
        pings: payloads of those that wait for a Pong, oldest first.
        payload: of the Pong.
    """
    return pings.index(payload) + 1 if payload in pings else 0


class Pinging(Endpoint):
    """The Pings that an endpoint sends, the Pongs that it waits for, and those that it owes."""

    @property
    def pending_pings(self) -> tuple[bytes, ...]:
        """The payloads of our Pings that no Pong has answered, oldest first."""
        return tuple(self._pings)

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

    def _check_control(self, payload: bytes) -> None:
        # A Ping may still go out after our Close, but not after theirs: nobody would read it.
        if self._machine.phase is not Phase.CLOSE_SENT:
            self._check_open()
        if len(payload) > MAX_CONTROL:
            rules.refuse(rules.CONTROL_TOO_LONG, None, length=len(payload))

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
        count = answered_pings(self._pings, payload)
        answers, self._pings = tuple(self._pings[:count]), self._pings[count:]
        self._events.append(PongReceived(payload, answers))
        if self._level >= Level.BASE:
            self._trace(
                PongMatched(endpoint=self.role, decided_by=calling_function(), payload=payload, answers=len(answers))
            )
