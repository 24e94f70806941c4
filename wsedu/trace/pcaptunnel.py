"""Tunnels through a forward proxy: what CONNECT opens is read as if nobody stood between (RFC 9110 §9.3.6)."""

from __future__ import annotations

from dataclasses import replace

from ..protocol.http import HeadReader
from ..protocol.rules import ProtocolViolation
from ..protocol.types import Limits
from .pcapstreams import Happened, StreamEvent, TcpConnection

_METHOD = b"CONNECT "


def without_tunnel(connection: TcpConnection) -> tuple[TcpConnection, str | None]:
    """What a tunnel carried, if there is one.

    Arguments:
        connection: of a capture.

    Returns:
        The connection without the two heads that opened the tunnel, and where it leads to, such as
        `example.org:443`; the connection as it is, and None, if no proxy agreed to open one.
    """
    for client in (0, 1):
        if not _stream(connection, client).startswith(_METHOD):
            continue
        request = _head(_stream(connection, client))
        response = _head(_stream(connection, 1 - client))
        if request is None or response is None or not _agrees(response[1]):
            return connection, None
        sizes = {client: request[0], 1 - client: response[0]}
        inside = replace(connection, events=_behind(connection.events, sizes))
        inside.gaps = [gap._replace(offset=gap.offset - sizes[gap.sender]) for gap in connection.gaps]
        return inside, _target(_stream(connection, client))
    return connection, None


def _stream(connection: TcpConnection, sender: int) -> bytes:
    limit = Limits().max_head_size
    data = b""
    for event in connection.events:
        if event.sender == sender:
            data += event.data
        if len(data) > limit:
            break
    return data


def _head(data: bytes) -> tuple[int, HeadReader] | None:
    """The head that a stream begins with, and its size; None if it is none, or not whole."""
    reader = HeadReader(Limits())
    try:
        size = reader.feed(data)
        return None if size is None else (size, reader)
    except ProtocolViolation:
        return None


def _agrees(response: HeadReader) -> bool:
    try:
        return 200 <= response.response().status < 300
    except ProtocolViolation:
        return False


def _target(data: bytes) -> str:
    return data.split(b" ", 2)[1].decode("ascii", errors="replace")


def _behind(events: list[StreamEvent], sizes: dict[int, int]) -> list[StreamEvent]:
    """The events behind so many bytes of each sender."""
    left = dict(sizes)
    found = []
    for event in events:
        skipped = min(left[event.sender], len(event.data))
        left[event.sender] -= skipped
        if event.what is not Happened.DATA or len(event.data) > skipped:
            found.append(event._replace(data=event.data[skipped:]))
    return found
