"""The Pings of one endpoint that are under way: who waits for which, and how long a round trip takes (§5.5.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable


class Pings:
    """Pings that no Pong has answered yet, by payload.

    Attributes:
        latency: the last round trip, in seconds; 0 before the first.
    """

    __slots__ = ("_count", "_keepalive", "_sent", "latency")

    def __init__(self) -> None:
        self.latency = 0.0
        self._count = 0
        self._sent: dict[bytes, tuple[float, asyncio.Future[float] | None]] = {}
        self._keepalive: bytes | None = None

    def __contains__(self, payload: bytes) -> bool:
        return payload in self._sent

    def new_payload(self) -> bytes:
        """A payload that no other Ping of this connection has: four bytes that count."""
        self._count += 1
        return self._count.to_bytes(4, "big")

    def sent(self, payload: bytes, now: float, answered: asyncio.Future[float]) -> None:
        """Somebody waits for the Pong of this Ping, which went out now (seconds of the loop's clock)."""
        self._sent[payload] = (now, answered)

    def sent_keepalive(self, payload: bytes, now: float) -> None:
        """A Ping went out for which nobody waits; of these only the latest one counts."""
        if self._keepalive is not None:
            self.forget(self._keepalive)
        self._keepalive = payload
        self._sent[payload] = (now, None)

    def forget(self, payload: bytes) -> None:
        """Nobody waits for it any longer, so that its payload may be sent again."""
        self._sent.pop(payload, None)

    def answer(self, payloads: Iterable[bytes], now: float) -> None:
        """A Pong has come that answers these; wake those who wait for them."""
        for payload in payloads:
            sent_at, answered = self._sent.pop(payload, (None, None))
            if sent_at is not None:
                self.latency = now - sent_at
            if answered is not None and not answered.done():
                answered.set_result(self.latency)

    def fail(self, error: Callable[[], Exception]) -> None:
        """No Pong will come any more: raise such an error for each who waits."""
        for _, answered in self._sent.values():
            if answered is not None and not answered.done():
                answered.set_exception(error())
                # Whoever was cancelled meanwhile does not ask for it; that is nothing to report.
                answered.exception()
        self._sent.clear()
