"""Sockets that count: what really passed, as the system took it and gave it, whoever reads and writes.

A library is handed such a socket and does not notice. What a socket receives is kept, so that it can be told apart
afterwards and costs no time while delays are measured. Under TLS the socket has only records; what is in them is taken
from the `SSLObject`, in the same way.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

TCP_INFO_SIZE = 256
SEGMENTS = struct.Struct("=II")
SEGMENTS_AT = 136
"""Where Linux has the segments sent and received in its `tcp_info` (since 4.2)."""

Tape = list[bytes]
"""What was received, in the pieces in which it came."""


class Meter:
    """What all sockets of one end have counted.

    Attributes:
        sent: bytes that the system took.
        received: bytes that the system gave.
        opened: sockets.
        segments: sent and received by sockets that have been closed; None where the system does not tell.
        tapes: what each socket received.
        plain: what each TLS connection received, decrypted.
        records: records of TLS with application data that were sent.
        plain_sent: bytes of application data that were sent over TLS.
    """

    def __init__(self) -> None:
        self.sent = self.received = self.opened = 0
        self.segments: int | None = 0
        self.tapes: list[Tape] = []
        self.plain: list[Tape] = []
        self.records = self.plain_sent = 0

    def closing(self, sock: socket.socket) -> None:
        """A socket is about to be closed: ask the system for its segments."""
        told = segments_of(sock)
        self.segments = None if told is None or self.segments is None else self.segments + told


def segments_of(sock: socket.socket) -> int | None:
    """TCP segments that a socket has sent and received, ACKs included; None where the system does not tell."""
    if not hasattr(socket, "TCP_INFO"):
        return None
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_SIZE)
    except OSError:
        return None
    if len(told) < SEGMENTS_AT + SEGMENTS.size:
        return None
    sent, received = SEGMENTS.unpack_from(told, SEGMENTS_AT)
    return int(sent + received)


class MeteredSocket(socket.socket):
    """A TCP socket that tells a meter what passes through it.

    Arguments:
        meter: which.
        connecting: called with the local port as soon as a connection is begun.
        options: as `socket.socket` takes them.
    """

    def __init__(self, meter: Meter, connecting: Callable[[int], None] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._meter = meter
        self._connecting = connecting
        self._tape: Tape = []
        self._counted = False

    def _count(self) -> None:
        """A connection, and not a socket that only listens."""
        if not self._counted:
            self._counted = True
            self._meter.opened += 1
            self._meter.tapes.append(self._tape)

    def connect(self, address: Any) -> None:
        """See `socket.socket.connect`."""
        self._count()
        try:
            super().connect(address)
        finally:
            if self._connecting is not None:
                self._connecting(self.getsockname()[1])

    def accept(self) -> tuple[MeteredSocket, Any]:
        """See `socket.socket.accept`; what is accepted is counted as well."""
        descriptor, address = self._accept()  # type: ignore[attr-defined]
        accepted = MeteredSocket(self._meter, family=self.family, type=self.type, proto=self.proto, fileno=descriptor)
        accepted._count()
        if socket.getdefaulttimeout() is None and self.gettimeout():
            accepted.setblocking(True)
        return accepted, address

    def recv(self, size: int, flags: int = 0) -> bytes:
        """See `socket.socket.recv`."""
        data = super().recv(size, flags)
        self._took(data)
        return data

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        """See `socket.socket.recv_into`."""
        count = super().recv_into(buffer, size, flags)
        self._took(bytes(memoryview(buffer).cast("B")[:count]))
        return count

    def _took(self, data: bytes) -> None:
        self._meter.received += len(data)
        self._tape.append(data)

    def send(self, data: Any, flags: int = 0) -> int:
        """See `socket.socket.send`."""
        count = super().send(data, flags)
        self._meter.sent += count
        return count

    def sendmsg(self, buffers: Any, *options: Any) -> int:
        """See `socket.socket.sendmsg`."""
        count = super().sendmsg(buffers, *options)
        self._meter.sent += count
        return count

    def close(self) -> None:
        """See `socket.socket.close`."""
        if self._counted and self.fileno() >= 0:
            self._meter.closing(self)
        super().close()


def listener(meter: Meter, host: str, port: int, backlog: int = 4096) -> MeteredSocket:
    """A socket that listens and counts what it accepts.

    Arguments:
        meter: of the server.
        host: where.
        port: where; 0 for a free one.
        backlog: connections that may wait to be accepted.

    Raises:
        OSError: the port is taken, or there are no descriptors left.
    """
    sock = MeteredSocket(meter, family=socket.AF_INET, type=socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(backlog)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def meter_tls(context: ssl.SSLContext, meter: Meter) -> None:
    """Have the connections of a context tell a meter what passes through them in the clear."""

    class MeteredTls(ssl.SSLObject):
        """TLS that tells."""

        def _tape(self) -> Tape:
            tape: Tape | None = self.__dict__.get("_kept")
            if tape is None:
                tape = self.__dict__["_kept"] = []
                meter.plain.append(tape)
            return tape

        def read(self, len: int = 1024, buffer: Any = None) -> Any:
            """See `ssl.SSLObject.read`."""
            if buffer is None:
                data = super().read(len)
                self._tape().append(data)
                return data
            count = super().read(len, buffer)
            self._tape().append(bytes(memoryview(buffer)[: int(count)]))
            return count

        def write(self, data: Any) -> int:
            """See `ssl.SSLObject.write`."""
            count = super().write(data)
            meter.plain_sent += count
            meter.records += -(-count // (1 << 14))
            return count

    context.sslobject_class = MeteredTls
