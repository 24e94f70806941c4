"""What the server of a live exchange does by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..loopback import Endpoint

Handler = Callable[[Endpoint], Awaitable[None]]


async def echo(endpoint: Endpoint) -> None:
    """Every message comes back as it is."""
    async for message in endpoint:
        await endpoint.send(message)


async def silence(endpoint: Endpoint) -> None:
    """Messages are taken, and nothing is said: what the server sends is up to whoever presses its buttons."""
    async for _ in endpoint:
        pass


APPS: dict[str, Handler] = {"echo": echo, "silence": silence}
"""By name."""
