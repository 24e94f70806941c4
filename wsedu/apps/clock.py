"""`clock`: the server speaks by itself, once a second, which plain HTTP has no way to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from ..loopback import ConnectionClosed, Endpoint
from .app import App


def _utc() -> datetime:
    return datetime.now(UTC)


class Application(App):
    """Sends the time as ISO 8601, at once and then at every tick; what the client sends is ignored.

    Arguments:
        language: not needed.
        interval: seconds between two messages.
        now: gives the time.
    """

    def __init__(self, language: str, *, interval: float = 1.0, now: Callable[[], datetime] = _utc) -> None:
        self._interval = interval
        self._now = now

    async def serve(self, endpoint: Endpoint) -> None:
        """See `App`."""
        ticking = asyncio.create_task(self._tick(endpoint))
        try:
            await super().serve(endpoint)
        finally:
            ticking.cancel()

    async def _tick(self, endpoint: Endpoint) -> None:
        with suppress(ConnectionClosed):
            while True:
                await endpoint.send(self._now().isoformat(timespec="seconds"))
                await asyncio.sleep(self._interval)
