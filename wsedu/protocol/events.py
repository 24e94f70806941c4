"""What a `Connection` tells its owner."""

from __future__ import annotations

from typing import NamedTuple

from .http import Request, Response
from .rules import ProtocolViolation


class Opened(NamedTuple):
    """The opening handshake is complete (RFC 6455 §4.1, §4.2.2)."""

    request: Request
    response: Response
    subprotocol: str | None
    extensions: tuple[str, ...]


class Refused(NamedTuple):
    """There will be no connection: the response that says so, sent or received; None where there was none."""

    response: Response | None


class TextReceived(NamedTuple):
    """A whole text message (§6.2), put together from `fragments` frames."""

    text: str
    fragments: int = 1


class BinaryReceived(NamedTuple):
    """A whole binary message (§6.2), put together from `fragments` frames."""

    data: bytes
    fragments: int = 1


class PingReceived(NamedTuple):
    """A Ping; its Pong is already on the way (§5.5.2)."""

    payload: bytes


class PongReceived(NamedTuple):
    """A Pong, and the payloads of our Pings that it answers: its own and all that were sent before (§5.5.3)."""

    payload: bytes
    answers: tuple[bytes, ...] = ()


class CloseReceived(NamedTuple):
    """A Close frame; `code` is None for one without a body (§5.5.1)."""

    code: int | None
    reason: str


class ViolationFound(NamedTuple):
    """The peer broke a rule, and the connection has failed (§7.1.7)."""

    violation: ProtocolViolation


class Closed(NamedTuple):
    """TCP has ended: what §7.1.4 to §7.1.6 report."""

    code: int
    reason: str
    clean: bool


Event = (
    Opened
    | Refused
    | TextReceived
    | BinaryReceived
    | PingReceived
    | PongReceived
    | CloseReceived
    | ViolationFound
    | Closed
)
