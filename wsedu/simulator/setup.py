"""How a world is set up: all that decides what happens in it, besides what it is told to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from random import Random, SystemRandom
from typing import Any

from ..protocol.connection import Connection
from ..protocol.steps import Level, Tracer, TransportOpened
from ..protocol.types import Role
from ..scenarios.model import Scenario
from ..scenarios.network import Chunks, Fault, Link, Middlebox, Network, check_number
from ..trace.trace import Trace
from .agenda import LIMIT

HOSTS = {Role.CLIENT: "192.0.2.1", Role.SERVER: "192.0.2.2"}
"""Of the block that RFC 5737 keeps for examples."""

BARE = Scenario("world", ())
"""What a world without a scenario plays: nothing but the opening handshake."""


@dataclass(frozen=True)
class Setup:
    """All that decides what happens in a world, besides what it is told to do; arguments as for `World`."""

    scenario: Scenario
    seed: int
    network: Network
    level: Level
    traced: bool
    limit: float
    client: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, Any] = field(default_factory=dict)

    @property
    def links(self) -> tuple[Link, Link]:
        """Towards the server, and towards the client."""
        link = self.network.link
        return link if isinstance(link, tuple) else (link, link)

    def random(self, purpose: str) -> Random:
        """Randomness for one purpose, so that what one draws does not change what another gets."""
        return Random(f"{self.seed} {purpose}")

    def connection(self, role: Role, tracer: Tracer | None) -> Connection:
        """The core of one endpoint."""
        scenario = self.scenario
        # The same keys as on a real socket.
        options: dict[str, Any] = {"random_bytes": self.random(role.value).randbytes, "tracer": tracer}
        if role is Role.CLIENT:
            options |= {
                "uri": scenario.uri,
                "subprotocols": scenario.subprotocols,
                "extensions": scenario.extensions(),
                "origin": scenario.origin,
                "headers": scenario.headers,
                "timeouts": scenario.client_timeouts,
                **self.client,
            }
        else:
            options |= {"policy": scenario.policy(), "timeouts": scenario.server_timeouts, **self.server}
        return Connection(role, **options)

    def transport(self, role: Role) -> TransportOpened:
        """What an endpoint tells when its TCP is open."""
        tls = self.scenario.tls
        names = {Role.CLIENT: f"{HOSTS[Role.CLIENT]}:50000", Role.SERVER: f"{HOSTS[Role.SERVER]}:{443 if tls else 80}"}
        return TransportOpened(
            endpoint=role,
            decided_by="wsedu.simulator.endpoint:End.connected",
            local=names[role],
            remote=names[role.peer],
            tls="TLSv1.3" if tls else None,
        )


def make_setup(
    scenario: Scenario | None = None,
    *,
    seed: int | None = None,
    link: Link | tuple[Link, Link] | None = None,
    middleboxes: Sequence[Middlebox] | None = None,
    faults: Sequence[Fault] | None = None,
    chunks: Chunks | None = None,
    level: Level = Level.EXTRA,
    traced: bool = True,
    until: float | None = None,
    client: Mapping[str, Any] | None = None,
    server: Mapping[str, Any] | None = None,
) -> Setup:
    """The setup of a world; arguments as for `World`.

    Raises:
        ValueError: `until` is no time.
    """
    scenario = BARE if scenario is None else scenario
    given = scenario.network or Network()
    network = Network(
        given.link if link is None else link,
        given.middleboxes if middleboxes is None else tuple(middleboxes),
        given.faults if faults is None else tuple(faults),
        given.chunks if chunks is None else chunks,
    )
    seed = SystemRandom().getrandbits(32) if seed is None else seed
    limit = LIMIT if until is None else until
    if limit != inf:  # which is without end
        check_number("the time until which a world runs, in seconds,", limit, positive=True)
    return Setup(scenario, seed, network, level, traced, limit, client or {}, server or {})


@dataclass
class SimulatedTrace(Trace):
    """A trace that knows how it came about, so that it can be forked.

    Arguments:
        again: plays the same once more, with these faults besides; None if that cannot be.
        forked_at: the number of the last step that a fork has in common with what it was forked from; None for a
            trace that is no fork.
    """

    again: Callable[[tuple[Fault, ...]], SimulatedTrace] | None = field(default=None, repr=False, compare=False)
    forked_at: int | None = field(default=None, compare=False)
