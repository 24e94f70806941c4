"""How much of what was written the peer has taken."""

from __future__ import annotations

import asyncio
import socket
import struct

_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)
_BYTES_ACKED = struct.Struct("=120xQ")
"""`tcpi_bytes_acked` in Linux's `struct tcp_info`."""


def bytes_taken(transport: asyncio.Transport, written: int) -> int:
    """Bytes that the peer has taken so far; what counts is whether the number grows.

    Linux says what the other machine's TCP has acknowledged, under TLS as well. Elsewhere it is what the socket
    has taken, which grows in steps as large as its buffer.

    Arguments:
        transport: of the connection.
        written: bytes that were given to it.
    """
    end = transport.get_extra_info("socket")
    if _TCP_INFO is not None and end is not None:
        try:
            info = end.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _BYTES_ACKED.size)
        except OSError:
            info = b""
        if len(info) == _BYTES_ACKED.size:
            (acknowledged,) = _BYTES_ACKED.unpack(info)
            return int(acknowledged)
    return written - transport.get_write_buffer_size()
