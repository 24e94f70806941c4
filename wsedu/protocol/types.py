"""The few values that every part of the protocol shares: who, in which state, which frame, and how much."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Role(enum.StrEnum):
    """Which end of the connection an endpoint is (RFC 6455 §1.2)."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def peer(self) -> Role:
        """The other end."""
        return Role.SERVER if self is Role.CLIENT else Role.CLIENT

    @property
    def sends(self) -> Direction:
        """The direction of the bytes that this endpoint sends."""
        return Direction.TO_SERVER if self is Role.CLIENT else Direction.TO_CLIENT

    @property
    def receives(self) -> Direction:
        """The direction of the bytes that this endpoint receives."""
        return self.peer.sends


class Direction(enum.StrEnum):
    """Each connection has two byte streams; every offset counts from the first byte of one of them."""

    TO_SERVER = "client-to-server"
    TO_CLIENT = "server-to-client"


class State(enum.StrEnum):
    """The states of a connection (RFC 6455 §4.1, §7.1.3, §7.1.4)."""

    CONNECTING = "CONNECTING"
    OPEN = "OPEN"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


class Opcode(enum.IntEnum):
    """The opcodes that RFC 6455 §5.2 defines; 3-7 and 11-15 are reserved and stay plain integers."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


BytesLike = bytes | bytearray | memoryview


def as_bytes(data: BytesLike) -> bytes:
    """A bytes-like object as bytes.

    Raises:
        TypeError: it is something else, such as a number, of which `bytes` would make that many zeros.
    """
    return data if isinstance(data, bytes) else bytes(memoryview(data))


def opcode_name(opcode: int) -> str:
    """The RFC's name of an opcode in lower case, or `reserved`."""
    try:
        return Opcode(opcode).name.lower()
    except ValueError:
        return "reserved"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an endpoint accepts; what is larger is refused before memory is taken (RFC 6455 §10.4).

    Arguments:
        max_message_size: bytes of application data in one message, all fragments together.
        max_frame_size: bytes of payload in one frame; None means as many as a message may have.
        max_fragments: frames in one message.
        max_head_size: bytes of a request or response head, the empty line included.
        max_header_count: header fields in a head.
    """

    max_message_size: int = 1 << 20
    max_frame_size: int | None = None
    max_fragments: int = 1 << 16
    max_head_size: int = 16 << 10
    max_header_count: int = 100

    @property
    def frame_size(self) -> int:
        """The number of payload bytes that one frame may have."""
        return self.max_message_size if self.max_frame_size is None else self.max_frame_size


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an endpoint waits, in seconds; None waits for ever. The core only asks for these: see `Deadline`.

    Arguments:
        opening: until the opening handshake is complete.
        closing: from the first Close frame, or the failure, until TCP has ended.
        ping_interval: silence of the peer after which a keepalive Ping is sent.
        ping_timeout: further silence after that Ping until the peer is given up.
        idle: silence of the peer after which the connection is closed, Pings notwithstanding.
        writing: until a peer that takes nothing of what waits to be written is given up; while it takes some, it
            need not answer Pings, which wait behind it. Whoever owns the socket keeps this one.
    """

    opening: float | None = 10.0
    closing: float | None = 10.0
    ping_interval: float | None = 20.0
    ping_timeout: float | None = 20.0
    idle: float | None = None
    writing: float | None = 20.0
