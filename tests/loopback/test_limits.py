"""How many connections a server has, and how much waits for a client that does not read."""

from __future__ import annotations

import asyncio

import pytest

from tests.loopback.net import SOON, raw_client, run
from wsedu.loopback import Endpoint, HandshakeFailed, connect, serve
from wsedu.loopback.broadcast import broadcast
from wsedu.protocol.types import Timeouts


async def echo(endpoint: Endpoint) -> None:
    async for message in endpoint:
        await endpoint.send(message)


def test_whoever_comes_when_all_places_are_taken_is_sent_away_and_the_others_stay() -> None:
    async def main() -> tuple[bytes, str | bytes, str | bytes]:
        async with serve(echo, max_connections=2) as server, connect(server.uri) as first:
            async with connect(server.uri):
                async with raw_client(server.port, handshake=False) as raw:
                    answer = await raw.rest()
                with pytest.raises((HandshakeFailed, OSError)):
                    await connect(server.uri)
                await first.send("still served")
                served = await first.recv()
            while len(server.connections) > 1:
                await asyncio.sleep(0)
            async with connect(server.uri) as third:
                await third.send("a place is free")
                return answer, served, await third.recv()

    answer, served, free = run(main())
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert (served, free) == ("still served", "a place is free")


def test_one_who_never_opens_takes_a_place_only_until_the_deadline() -> None:
    async def main() -> str | bytes:
        async with serve(echo, max_connections=1, timeouts=Timeouts(opening=SOON)) as server:
            async with raw_client(server.port, handshake=False) as raw:
                await raw.send(b"G")
                assert await raw.rest() == b""
            while server.connections:
                await asyncio.sleep(0)
            async with connect(server.uri) as client:
                await client.send("hello")
                return await client.recv()

    assert run(main()) == "hello"


def test_one_large_message_may_wait_however_slow_its_reader_is() -> None:
    message = bytes(8 << 20)

    async def main() -> bytes:
        async def handler(endpoint: Endpoint) -> None:
            await endpoint.send(message)
            await endpoint.send("behind it")
            await endpoint.wait_closed()

        async with serve(handler, max_outgoing=1 << 16) as server, raw_client(server.port) as raw:
            assert len((await raw.frame()).payload) == len(message)
            return (await raw.frame()).payload

    assert run(main()) == b"behind it"


def test_a_broadcast_reaches_whoever_is_open_and_gives_up_who_does_not_read() -> None:
    async def main() -> tuple[list[str | bytes], int | None]:
        members: list[Endpoint] = []

        async def handler(endpoint: Endpoint) -> None:
            members.append(endpoint)
            await endpoint.wait_closed()

        async with serve(handler, max_outgoing=1 << 16) as server, raw_client(server.port):
            while not members:
                await asyncio.sleep(0)
            slow = members[0]
            async with connect(server.uri) as client:
                while len(members) < 2:
                    await asyncio.sleep(0)
                heard: list[str | bytes] = []
                while slow.connection.close_code is None:
                    broadcast(members, bytes(1 << 16))
                    await client.recv()
                broadcast(members, "after")
                heard.append(await client.recv())
                return heard, slow.close_code

    assert run(main()) == (["after"], 1006)
