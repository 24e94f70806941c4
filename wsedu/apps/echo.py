"""`echo`: every message comes back as it is."""

from __future__ import annotations

from ..loopback import Endpoint
from .app import App


class Application(App):
    """Sends every message back, text as text and binary as binary.

    Arguments:
        language: not needed.
    """

    def __init__(self, language: str) -> None:
        pass

    async def serve(self, endpoint: Endpoint) -> None:
        """See `App`."""
        async for message in endpoint:
            await endpoint.send(message)
