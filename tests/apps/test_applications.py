"""`echo`, `chat` and `clock`, as the client of another library finds them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from websockets.asyncio.client import connect as their_connect

from tests.loopback.net import raw_client, run
from wsedu.apps import clock
from wsedu.apps.app import NAMES, App, application
from wsedu.cli.serve import APPLICATIONS
from wsedu.loopback import serve


def test_the_command_line_offers_every_application() -> None:
    assert APPLICATIONS == NAMES
    assert all(isinstance(application(name, "en"), App) for name in NAMES)
    with pytest.raises(KeyError):
        application("no such", "en")


@pytest.mark.parametrize("message", ["", "你好", b"", bytes(range(256)), "x" * 65_536])
def test_echo_sends_back_what_it_gets(message: str | bytes) -> None:
    async def main() -> str | bytes:
        async with serve(application("echo", "en").serve) as server, their_connect(server.uri) as client:
            await client.send(message)
            return await client.recv()

    assert run(main()) == message


@pytest.mark.parametrize("language", ["en", "zh"])
def test_in_chat_all_hear_what_one_says(language: str) -> None:
    async def main() -> tuple[list[str | bytes], list[str | bytes]]:
        async with serve(application("chat", language).serve) as server, their_connect(server.uri) as first:
            heard_first = [await first.recv()]
            async with their_connect(server.uri) as second:
                heard_second = [await second.recv()]
                heard_first.append(await first.recv())
                await second.send("hello")
                await second.send(b"\x00\x01")
                for client, heard in ((first, heard_first), (second, heard_second)):
                    heard += [await client.recv(), await client.recv()]
            heard_first.append(await first.recv())
            return heard_first, heard_second

    first, second = run(main())
    came_first, came_second, said, data, left = first
    assert second == [came_second, said, data]
    assert str(said).endswith(": hello")
    assert data == b"\x00\x01"
    name = str(said).removesuffix(": hello")
    assert str(came_second).startswith(name)
    assert str(left).startswith(name)
    assert not str(came_first).startswith(name)


def test_a_member_who_does_not_read_does_not_hold_up_the_others() -> None:
    async def main() -> str | bytes:
        chat = application("chat", "en")
        async with serve(chat.serve) as server, raw_client(server.port), their_connect(server.uri) as speaker:
            await speaker.recv()
            for _ in range(64):
                await speaker.send(bytes(65_536))
                await speaker.recv()
            await speaker.send("still here")
            return await speaker.recv()

    assert str(run(main())).endswith("still here")


def test_the_clock_speaks_without_being_asked_and_ticks() -> None:
    moments = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second) for second in range(1_000))

    async def main() -> list[str | bytes]:
        ticking = clock.Application("en", interval=0.01, now=lambda: next(moments))
        async with serve(ticking.serve) as server, their_connect(server.uri) as client:
            return [await client.recv() for _ in range(3)]

    heard = [datetime.fromisoformat(str(message)) for message in run(main())]
    assert [later - earlier for earlier, later in pairwise(heard)] == [timedelta(seconds=1)] * 2


def test_the_clock_stops_at_once_with_its_server() -> None:
    async def main() -> int | None:
        ticking = clock.Application("en", interval=3_600)
        async with serve(ticking.serve) as server, their_connect(server.uri) as client:
            await client.recv()
            reading = asyncio.ensure_future(client.wait_closed())
            await server.close()
            await reading
            return client.close_code

    assert run(main()) == 1001
