"""`chat`: whatever one says, all hear."""

from __future__ import annotations

from itertools import count

from ..explain.catalogue import catalogue
from ..loopback import Endpoint
from ..loopback.broadcast import broadcast
from .app import App


class Application(App):
    """Relays every message to everybody, its sender included; texts with the sender's number before them.

    Arguments:
        language: of what the room itself says.
    """

    def __init__(self, language: str) -> None:
        self._say = catalogue(language).say
        self._members: set[Endpoint] = set()
        self._numbers = count(1)

    async def serve(self, endpoint: Endpoint) -> None:
        """See `App`."""
        name = self._say("app.chat.name", number=next(self._numbers))
        self._members.add(endpoint)
        broadcast(self._members, self._say("app.chat.came", name=name, members=len(self._members)))
        try:
            async for message in endpoint:
                broadcast(self._members, f"{name}: {message}" if isinstance(message, str) else message)
        finally:
            self._members.discard(endpoint)
            broadcast(self._members, self._say("app.chat.left", name=name, members=len(self._members)))
