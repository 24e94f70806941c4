"""A peer that does not read what is sent to it is ended by the server, whatever else it does; one that reads slowly
is not. And what a connection has had to do leaves nothing behind in it."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from wsedu.loopback import ConnectionClosed, ConnectionClosedError, Endpoint, serve
from wsedu.loopback.tls import throwaway_contexts
from wsedu.protocol.types import Timeouts
from wsedu.trace.trace import Trace

from ..support import masked
from .net import SOON, Raw, pair, raw_client, run

LONG = 60.0
"""Seconds: a deadline that must not be what ends a connection here."""

FULL = bytes(14 << 20)
"""More than all buffers on the way hold, and less than makes a server give up at once."""

WRITING = Timeouts(closing=LONG, ping_interval=LONG, ping_timeout=LONG, writing=SOON)
"""Only the writing deadline is short."""

BIG = masked(b"\x82\x7e" + (60_000).to_bytes(2, "big") + bytes(60_000))


async def flood(raw: Raw, data: bytes) -> None:
    """Send the same again and again, until the other end has had enough."""
    with suppress(OSError):
        while True:
            await raw.send(data)
            await asyncio.sleep(0)


async def outcome(raw: Raw, server_ended: asyncio.Future[Endpoint], data: bytes) -> Endpoint:
    """Never read, send that without end if it is anything, and wait until the server's side is over."""
    flooding = asyncio.create_task(flood(raw, data)) if data else None
    endpoint = await server_ended
    if flooding is not None:
        await flooding
    return endpoint


@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
@pytest.mark.parametrize("sends", [b"", masked("89 00"), BIG], ids=["nothing", "Pings", "messages"])
def test_whoever_never_reads_is_ended_by_the_server(sends: bytes, tls: bool) -> None:
    """One that sends messages as well is hard to tell: while our handler is stuck sending, we do not read either."""

    async def main() -> int | None:
        contexts = throwaway_contexts("127.0.0.1")
        ended: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()

        async def handler(endpoint: Endpoint) -> None:
            try:
                while True:
                    await endpoint.send(FULL)
            except ConnectionClosedError:
                ended.set_result(endpoint)

        options: dict[str, Any] = {"ssl": contexts.client, "server_hostname": "127.0.0.1"} if tls else {}
        async with (
            serve(handler, timeouts=WRITING, trace=False, ssl=contexts.server if tls else None) as server,
            raw_client(server.port, **options) as raw,
        ):
            return (await outcome(raw, ended, sends)).close_code

    assert run(main()) == 1006


def test_without_that_deadline_the_unanswered_ping_ends_it_though_it_never_left() -> None:
    async def main() -> list[str]:
        trace = Trace()
        times = Timeouts(closing=SOON, ping_interval=SOON, ping_timeout=SOON, writing=None)
        ended: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()

        async def handler(endpoint: Endpoint) -> None:
            with suppress(ConnectionClosed):
                await endpoint.send(FULL)
                await endpoint.recv()
            ended.set_result(endpoint)

        async with serve(handler, timeouts=times, trace=trace) as server, raw_client(server.port) as raw:
            await outcome(raw, ended, b"")
        return [record.step.timer for record in trace if record.step.kind == "timer.expired"]

    assert run(main()) == ["ping", "pong", "closing"]


def test_whoever_reads_slowly_is_served_to_the_end() -> None:
    """It takes several times each deadline, with something taken in all of them; Pings are behind what waits."""
    reads = 64

    async def main() -> bytes:
        async def handler(endpoint: Endpoint) -> None:
            with suppress(ConnectionClosed):
                while True:
                    await endpoint.send(bytes(4 << 20))

        times = Timeouts(ping_interval=SOON, ping_timeout=SOON, writing=8 * SOON)
        async with serve(handler, timeouts=times, trace=False) as server, raw_client(server.port) as raw:
            raw.hold_little()
            for _ in range(reads):
                assert await raw.some(1 << 18)
                # The pace of the reader, not a wait for something to happen.
                await asyncio.sleep(SOON / 3)
            await raw.send(masked("88 02 03 e8"))
            return (await raw.rest())[-4:]

    assert run(main()) == bytes.fromhex("88 02 03 e8")


def test_an_untraced_connection_does_not_grow_with_what_passes() -> None:
    """Messages, fragments, Pings in both directions: after a thousand more of each, no more memory is held."""

    async def main() -> int:
        async with pair(client={"trace": False}, server={"trace": False}) as ends:

            async def exchange(count: int) -> None:
                for number in range(count):
                    await ends.client.send(f"message {number}")
                    await ends.client.send([b"in ", b"pieces"])
                    assert await ends.server.recv() == f"message {number}"
                    assert await ends.server.recv() == b"in pieces"
                    await ends.server.send(number.to_bytes(8, "big"))
                    assert await ends.client.recv() == number.to_bytes(8, "big")
                    await ends.client.ping()
                    await ends.server.ping()

            await exchange(200)
            gc.collect()
            tracemalloc.start()
            try:
                before = tracemalloc.get_traced_memory()[0]
                await exchange(1000)
                gc.collect()
                return tracemalloc.get_traced_memory()[0] - before
            finally:
                tracemalloc.stop()

    # One object kept for each of the thousand rounds would be more.
    assert run(main()) < 16_000
