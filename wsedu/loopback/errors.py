"""How a connection on a real socket ends for its user."""

from __future__ import annotations

from ..protocol.http import Response
from ..protocol.rules import ProtocolViolation


class ConnectionClosed(Exception):
    """The connection is closed: nothing more can be sent or received.

    Attributes:
        code: the status code of RFC 6455 §7.1.5: 1005 without one, 1006 if TCP ended without a Close frame.
        reason: the reason of §7.1.6.
        violation: what the peer did wrong, if the connection failed for that.
    """

    def __init__(self, code: int, reason: str, violation: ProtocolViolation | None = None) -> None:
        super().__init__(code, reason, violation)
        self.code = code
        self.reason = reason
        self.violation = violation

    def __str__(self) -> str:
        text = f"{self.code} {self.reason}".rstrip()
        return text if self.violation is None else f"{text}: {self.violation}"


class ConnectionClosedOK(ConnectionClosed):
    """The closing handshake was complete, with 1000, 1001 or no code."""


class ConnectionClosedError(ConnectionClosed):
    """The connection ended in another way."""


class HandshakeFailed(Exception):
    """There is no connection: the opening handshake was refused or went wrong.

    Attributes:
        response: the server's response; None if there was none.
        violation: what was wrong with it; None if the peer ended TCP, or took too long.
    """

    def __init__(self, response: Response | None, violation: ProtocolViolation | None) -> None:
        super().__init__(response, violation)
        self.response = response
        self.violation = violation

    def __str__(self) -> str:
        status = "no response" if self.response is None else self.response.line
        return status if self.violation is None else f"{status}: {self.violation}"
