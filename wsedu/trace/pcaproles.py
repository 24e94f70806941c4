"""Which TCP connections of a capture are WebSocket, and which of their ends is the client."""

from __future__ import annotations

from enum import StrEnum

from ..protocol.heads import looks_like_head
from ..protocol.http import HeadReader
from ..protocol.overheard import wants_websocket
from ..protocol.rules import ProtocolViolation
from ..protocol.types import Limits, Role
from .pcapstreams import TcpConnection
from .pcaptls import is_tls


class Other(StrEnum):
    """What a TCP connection can be that is not taken for WebSocket."""

    HTTP = "http"
    TLS = "tls"
    LATE = "late"
    EMPTY = "empty"
    UNKNOWN = "unknown"


_ENOUGH = 16 << 10
"""Bytes of a direction that are looked at to find out what it is."""

Roles = tuple[Role, Role]


def roles_of(connection: TcpConnection, as_websocket: Role | None) -> Roles | Other:
    """The roles of the two ends; or what the connection is, if it is not WebSocket.

    Arguments:
        connection: of a capture.
        as_websocket: the role of the first end of a connection whose beginning was not captured; None if such a
            connection is not to be taken for WebSocket.
    """
    beginnings = [beginning_of(connection, sender) for sender in (0, 1)]
    for sender, data in enumerate(beginnings):
        if looks_like_head(data):
            client = sender if not data.startswith(b"HTTP/") else 1 - sender
            return _with_client(client) if _opens_websocket(data) else Other.HTTP
    if not any(beginnings):
        return Other.EMPTY
    if any(map(is_tls, beginnings)):
        return Other.TLS
    if as_websocket is not None:
        return as_websocket, as_websocket.peer
    return Other.UNKNOWN if connection.opened else Other.LATE


def _with_client(index: int) -> Roles:
    return (Role.CLIENT, Role.SERVER) if index == 0 else (Role.SERVER, Role.CLIENT)


def beginning_of(connection: TcpConnection, sender: int) -> bytes:
    """The first bytes that one end sent, as many as are needed to find out what they are."""
    data = b""
    for event in connection.events:
        if event.sender == sender:
            data += event.data
        if len(data) >= _ENOUGH:
            break
    return data[:_ENOUGH]


def _opens_websocket(data: bytes) -> bool:
    """Whether a head belongs to the opening handshake of WebSocket, or was meant to."""
    reader = HeadReader(Limits(max_head_size=_ENOUGH))
    try:
        if reader.feed(data) is not None:
            if not data.startswith(b"HTTP/"):
                return wants_websocket(reader.request())
            response = reader.response()
            return response.status == 101 and response.headers.get("Sec-WebSocket-Accept") is not None
    except ProtocolViolation:
        pass
    return b"sec-websocket-" in data.partition(b"\r\n\r\n")[0].lower()
