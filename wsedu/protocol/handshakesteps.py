"""Steps of the opening handshake (RFC 6455 §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .step import Level, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeKey(Step):
    """The client made its key: base64 of 16 random bytes."""

    kind: ClassVar[str] = "handshake.key"
    section: ClassVar[str | None] = "4.1"
    nonce: bytes
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeRequest(Step):
    """The request head, as sent or as received."""

    kind: ClassVar[str] = "handshake.request"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "4.1"
    sent: bool
    line: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeResponse(Step):
    """The response head, as sent or as received."""

    kind: ClassVar[str] = "handshake.response"
    level: ClassVar[Level] = Level.CORE
    section: ClassVar[str | None] = "4.2.2"
    sent: bool
    line: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeCheck(Step):
    """One point of §4.1 or §4.2.1 was checked: which field, what was found, whether it passes.

    `passed` is None where only the endpoint itself can decide, and somebody who merely watches has written this down.
    """

    kind: ClassVar[str] = "handshake.check"
    field: str
    found: str | None
    passed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAccept(Step):
    """One of the three steps from Sec-WebSocket-Key to Sec-WebSocket-Accept.

    Arguments:
        stage: `concatenate`, `sha1` or `base64`.
        result: the bytes after it.
    """

    kind: ClassVar[str] = "handshake.accept"
    section: ClassVar[str | None] = "4.2.2"
    stage: str
    given: bytes
    result: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAgreed(Step):
    """What the two endpoints agreed on; None and () where they agreed on nothing."""

    kind: ClassVar[str] = "handshake.agreed"
    section: ClassVar[str | None] = "4.2.2"
    subprotocol: str | None
    extensions: tuple[str, ...]
