"""`record`: a scenario played on a real loopback socket, and the trace of both endpoints."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from ..protocol.connection import Connection
from ..protocol.steps import Level, ScenarioAct, Tracer
from ..protocol.types import Role, State
from ..protocol.uri import parse_uri
from ..scenarios import Act, Scenario
from ..scenarios import scenario as find_scenario
from ..scenarios.model import PAUSE, VANISH
from ..trace.trace import Trace, new_header
from .endpoint import Endpoint, new_endpoint
from .errors import ConnectionClosed, HandshakeFailed
from .server import Server

HOST = "127.0.0.1"
DEADLINE = 30.0
"""Seconds that a whole scenario may take."""

T = TypeVar("T")


def record(
    scenario: str | Scenario,
    *,
    seed: int | None = None,
    tls: bool = False,
    compress: bool = False,
    level: Level = Level.EXTRA,
    subscriber: Callable[[Any], None] | None = None,
) -> Trace:
    """Play a scenario between a client and a server on a real TCP connection on 127.0.0.1.

    It is plain and synchronous, and works where an event loop is already running, such as in a notebook.

    Arguments:
        scenario: one, or its name.
        seed: of the keys; the same seed gives the same bytes. None for real randomness.
        tls: have it over TLS.
        compress: have it with permessage-deflate.
        level: how fine the steps are.
        subscriber: called with each record as it happens.

    Raises:
        KeyError: there is no scenario of that name.
        ValueError: it only makes sense in virtual time.
        MissingExtraError: TLS needs a package that is not installed.
        TimeoutError: it took longer than `DEADLINE`.
    """
    if isinstance(scenario, str):
        scenario = find_scenario(scenario, tls=tls, compress=compress)
    if scenario.virtual:
        raise ValueError(f"{scenario.name} is for virtual time: see wsedu.simulator.simulate")
    trace = Trace(new_header(seed=seed, scenario=scenario.name), level)
    if subscriber is not None:
        trace.subscribe(subscriber)
    run_anywhere(lambda: _Player(scenario, trace, seed).play())
    return trace


def run_anywhere(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end, in a thread of its own where an event loop is already running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(make())
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(make()))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="wsedu-record", daemon=True)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def random_source(seed: int | None, role: Role) -> Callable[[int], bytes]:
    """Where an endpoint's keys come from: the operating system, or for a seed a generator of its own."""
    if seed is None:
        return os.urandom
    return random.Random(f"{seed} {role.value}").randbytes


async def _take_all(endpoint: Endpoint) -> None:
    """Take the messages, which the trace has: with too many waiting, reading would pause."""
    with suppress(ConnectionClosed):
        async for _ in endpoint:
            pass


class _Player:
    """Plays one scenario."""

    def __init__(self, scenario: Scenario, trace: Trace, seed: int | None) -> None:
        self._scenario = scenario
        self._trace = trace
        self._seed = seed
        self._number = trace.new_connection()
        self._ends: dict[Role, Endpoint] = {}

    async def play(self) -> None:
        """From the opening handshake to the end of TCP."""
        async with asyncio.timeout(DEADLINE):
            uri = parse_uri(self._scenario.uri)
            contexts = None
            if self._scenario.tls:
                from .tls import throwaway_contexts

                contexts = throwaway_contexts(uri.host, HOST)
            server = Server(self._serve, self._make_server)
            await server.listen(HOST, 0, ssl=contexts.server if contexts else None)
            reading: list[asyncio.Task[None]] = []
            try:
                client = self._make_client()
                await asyncio.get_running_loop().create_connection(
                    lambda: client,
                    HOST,
                    server.port,
                    ssl=contexts.client if contexts else None,
                    server_hostname=uri.host if contexts else None,
                )
                # A server that refuses the request leaves nobody who could act; both go on to the end of TCP.
                with suppress(HandshakeFailed):
                    await client.wait_opened()
                    reading.append(asyncio.create_task(_take_all(client)))
                    await self._perform_all()
                await self._wait_for_the_end()
            finally:
                for endpoint in self._ends.values():
                    endpoint.abort()
                await server.close()
                await asyncio.gather(*reading)

    def _make_client(self) -> Endpoint:
        scenario = self._scenario

        def make(tracer: Tracer | None) -> Connection:
            return Connection(
                Role.CLIENT,
                scenario.uri,
                subprotocols=scenario.subprotocols,
                extensions=scenario.extensions(),
                origin=scenario.origin,
                headers=scenario.headers,
                timeouts=scenario.client_timeouts,
                random_bytes=random_source(self._seed, Role.CLIENT),
                tracer=tracer,
            )

        return self._new(Role.CLIENT, make, None)

    def _make_server(self) -> Endpoint:
        scenario = self._scenario

        def make(tracer: Tracer | None) -> Connection:
            return Connection(
                Role.SERVER,
                policy=scenario.policy(),
                timeouts=scenario.server_timeouts,
                random_bytes=random_source(self._seed, Role.SERVER),
                tracer=tracer,
            )

        return self._new(Role.SERVER, make, self._act_early)

    def _new(
        self,
        role: Role,
        make: Callable[[Tracer | None], Connection],
        on_open: Callable[[Endpoint], None] | None,
    ) -> Endpoint:
        endpoint = new_endpoint(make, self._trace, number=self._number, on_open=on_open)
        self._ends[role] = endpoint
        return endpoint

    async def _serve(self, endpoint: Endpoint) -> None:
        """The server's handler: what it does is in the scenario's acts, so it only takes what comes."""
        await _take_all(endpoint)

    def _act_early(self, endpoint: Endpoint) -> None:
        for act in self._scenario.early:
            self._perform(act)

    async def _perform_all(self) -> None:
        await self._settle()
        for act in self._scenario.acts:
            self._perform(act)
            if act.at_once:
                continue
            for endpoint in self._ends.values():
                endpoint.flush()
            if act.verb == PAUSE:
                await self._ends[act.who].wait_closed()
            else:
                await self._settle()

    async def _wait_for_the_end(self) -> None:
        for role, endpoint in self._ends.items():
            if not self._gone(role):
                await endpoint.wait_closed()

    def _perform(self, act: Act) -> None:
        endpoint = self._ends[act.who]
        self._trace.add(
            ScenarioAct(endpoint=act.who, decided_by=f"{__name__}:_Player._perform", verb=act.verb, note=act.note),
            self._number,
        )
        if act.verb == VANISH:
            endpoint.vanish()
        else:
            act.perform(endpoint.connection)

    def _gone(self, role: Role) -> bool:
        return any(act.who is role and act.verb == VANISH for act in self._scenario.acts)

    async def _settle(self) -> None:
        """Wait until every byte that was sent has been received and answered, or the connection is closed."""
        client, server = self._ends[Role.CLIENT], self._ends[Role.SERVER]
        while not self._settled(client, server):
            client.moved.clear()
            server.moved.clear()
            waiting = [asyncio.create_task(endpoint.moved.wait()) for endpoint in (client, server)]
            _, unfinished = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in unfinished:
                task.cancel()

    def _settled(self, client: Endpoint, server: Endpoint) -> bool:
        if any(end.vanished for end in (client, server)):
            return True
        if all(end.state is State.CLOSED for end in (client, server)):
            return True
        ways = ((client.connection, server.connection), (server.connection, client.connection))
        return all(one.bytes_sent == other.bytes_received or other.state is State.CLOSED for one, other in ways)
