"""HTTP archives: what an entry of one has of a WebSocket connection, as browsers and mitmproxy write it.

An archive has the heads of the opening handshake and the messages. It has no frames: whether a message was
fragmented, with which key it was masked, and which Pings, Pongs and Close frames passed is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..protocol.http import Request, Response
from ..protocol.types import Role

MESSAGES = "_webSocketMessages"
"""The key under which an entry has its messages; a name of nobody's standard, and everybody's habit."""

HAR_VERSION = "1.2"


def looks_like_har(value: Any) -> bool:
    """Whether a JSON value is an HTTP archive."""
    return isinstance(value, dict) and isinstance(value.get("log"), dict)


class Message(NamedTuple):
    """One message of an archive.

    Arguments:
        t: when, in seconds.
        sender: who sent it.
        opcode: 1 for text, 2 for binary.
        data: its bytes; of a text, in UTF-8.
    """

    t: float
    sender: Role
    opcode: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one entry of an archive says.

    Arguments:
        started: when its request was sent, in seconds since 1970.
        request: the head that opened it.
        response: the head that answered; None if none came.
        messages: in the order of time.
    """

    started: float
    request: Request
    response: Response | None
    messages: list[Message]
