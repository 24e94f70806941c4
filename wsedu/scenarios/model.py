"""The form of a scenario: acts, one after the other, each by one endpoint.

A world plays them. It waits after each act until all bytes have arrived and been answered, unless the act
says `at_once`: then the next act happens before anything has moved. So the order is the same in every world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..protocol.connection import Connection
from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.extensions import ExtensionFactory
from ..protocol.handshake import ServerPolicy
from ..protocol.types import Role, Timeouts
from .network import Network

VANISH = "vanish"
"""The endpoint neither reads nor writes from now on, and its socket stays open."""

PAUSE = "pause"
"""Nothing is done; the world waits until a deadline has passed at this endpoint."""


QUIET = Timeouts(ping_interval=None)
"""Deadlines for a scenario in which nothing happens by itself."""


@dataclass(frozen=True)
class Act:
    """One thing that one endpoint does.

    Arguments:
        who: the endpoint.
        verb: a method of `Connection` such as `send_text`, or `VANISH`, or `PAUSE`.
        arguments: for the method, by position.
        options: for the method, by name.
        at_once: do the next act before any byte has moved.
        note: the key of a sentence in the catalogues that tells why, empty for none.
    """

    who: Role
    verb: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    at_once: bool = False
    note: str = ""

    def perform(self, connection: Connection) -> None:
        """Do it, on the endpoint's `Connection`."""
        if self.verb not in (VANISH, PAUSE):
            getattr(connection, self.verb)(*self.arguments, **self.options)


@dataclass(frozen=True)
class Scenario:
    """An exchange from the opening handshake to the end of TCP.

    Arguments:
        name: by which it is called.
        acts: what happens once both sides can act; the opening handshake comes before by itself.
        uri: what the client asks for; the world decides where its socket really goes.
        subprotocols: that the client offers and the server speaks.
        origin: the client's Origin, if any.
        headers: further fields of the client's request.
        same_host: the server serves pages of its own host only (RFC 6455 §10.2).
        tls: the exchange is protected by TLS.
        compress: both endpoints negotiate permessage-deflate.
        early: acts of the server in the moment in which it has accepted, in one chunk with its 101.
        client_timeouts: the client's deadlines in seconds.
        server_timeouts: the server's.
        network: what lies between the two in virtual time; None for the plainest link.
        virtual: it makes sense in virtual time only, for its network or for the time that passes in it.
        beside: the name of the scenario that differs from it in the one thing that matters; empty for none.
    """

    name: str
    acts: tuple[Act, ...]
    uri: str = "ws://localhost/chat"
    subprotocols: tuple[str, ...] = ()
    origin: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    same_host: bool = False
    tls: bool = False
    compress: bool = False
    early: tuple[Act, ...] = ()
    client_timeouts: Timeouts = QUIET
    server_timeouts: Timeouts = QUIET
    network: Network | None = None
    virtual: bool = False
    beside: str = ""

    def extensions(self) -> tuple[ExtensionFactory, ...]:
        """What each of the two endpoints can negotiate."""
        return (PerMessageDeflateFactory(),) if self.compress else ()

    def policy(self) -> ServerPolicy:
        """What the server accepts."""
        return ServerPolicy(self.subprotocols, extensions=self.extensions(), same_host=self.same_host)
