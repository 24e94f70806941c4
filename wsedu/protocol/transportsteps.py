"""Steps of the wire: bytes as they go and come, the end of TCP, and what a scenario has an endpoint do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .step import Level, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOpened(Step):
    """A transport is there: the addresses as `host:port`, and whether TLS protects it."""

    kind: ClassVar[str] = "transport.opened"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "4.1"
    local: str
    remote: str
    tls: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesSent(Step):
    """Bytes were handed to the transport in one piece."""

    kind: ClassVar[str] = "bytes.sent"
    level: ClassVar[Level] = Level.CORE
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesReceived(Step):
    """One chunk was read from the transport."""

    kind: ClassVar[str] = "bytes.received"
    level: ClassVar[Level] = Level.CORE
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesIgnored(Step):
    """Bytes that came after the peer's Close frame, or after the connection failed: read and thrown away."""

    kind: ClassVar[str] = "bytes.ignored"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "7.1.7"
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSent(Step):
    """This endpoint ends its direction of the TCP connection."""

    kind: ClassVar[str] = "transport.end.sent"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "7.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReceived(Step):
    """The peer's direction of the TCP connection has ended; `clean` if no error ended it."""

    kind: ClassVar[str] = "transport.end.received"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "7.1.4"
    clean: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioAct(Step):
    """A scenario has this endpoint do something: a method of `Connection`, and the key of the reason why."""

    kind: ClassVar[str] = "scenario.act"
    level: ClassVar[Level] = Level.CORE
    verb: str
    note: str
