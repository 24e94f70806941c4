"""What the clients of a measured run share, over HTTP and over WebSocket: where they connect to, and who is who."""

from __future__ import annotations

import ssl as ssl_module
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from .metering import Meter
from .profiles import Profile
from .transports import Transport

HOST = "127.0.0.1"

Arrived = Callable[[int, list[str]], None]


class Clients:
    """Who is who: the server knows a client by the port that it comes from, so that no head has to tell."""

    def __init__(self) -> None:
        self._by_port: dict[int, int] = {}

    def comes_from(self, port: int, client: int) -> None:
        """A client has begun to connect."""
        self._by_port[port] = client

    def at(self, port: int) -> int:
        """The client that comes from a port."""
        return self._by_port[port]


@dataclass(eq=False)
class ConnectingClients(ABC):
    """The clients of one run.

    Arguments:
        transport: how they hear of events.
        profile: whose heads they send.
        clients: where each says which port it comes from.
        meter: of their sockets.
        arrived: called with what a client has heard.
        ssl: for TLS.
    """

    transport: Transport
    profile: Profile
    clients: Clients
    meter: Meter
    arrived: Arrived
    ssl: ssl_module.SSLContext | None

    @abstractmethod
    def __post_init__(self) -> None:
        """Make ready what only clients of this kind need."""

    @abstractmethod
    async def open(self, count: int, port: int) -> None:
        """Connect them all to a port of `HOST`."""

    @abstractmethod
    async def listen(self, client: int) -> None:
        """Take what one of them is told, until its connection ends."""

    @abstractmethod
    async def close(self) -> None:
        """End all connections."""
