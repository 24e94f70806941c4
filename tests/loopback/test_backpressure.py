"""Backpressure on a real socket: a slow receiver stops the sender, memory stays bounded, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest

from wsedu.loopback import ConnectionClosed, Endpoint, connect, serve
from wsedu.loopback import endpoint as endpoint_module

from ..support import masked, xor
from .net import Pair, Raw, pair, raw_client, raw_server, run

ROLES = ("client", "server")
SIZE = 100_000
COUNT = 400
"""Together much more than all buffers on the way hold."""


def messages(count: int) -> list[bytes]:
    """Different ones, so that a lost or a doubled one is seen."""
    return [number.to_bytes(4, "big") * (SIZE // 4) for number in range(count)]


async def until_it_stops(task: asyncio.Task[None], progress: list[int]) -> None:
    """Wait until a sender makes no more progress, which it counts in a list."""
    seen = -1
    while progress[0] != seen:
        seen = progress[0]
        # A pause in which an unhindered sender would go on, not a wait for something to happen.
        await asyncio.sleep(0.1)
        assert not task.done()


def start(ends: Pair, role: str) -> tuple[asyncio.Task[None], list[int]]:
    """Have one end send everything; how many it has sent stands in the list."""
    sent = [0]

    async def send_all() -> None:
        for message in messages(COUNT):
            await ends.sender(role).send(message)
            sent[0] += 1

    return asyncio.create_task(send_all()), sent


@pytest.mark.parametrize("role", ROLES)
def test_a_receiver_that_does_not_read_stops_the_sender_and_loses_nothing(role: str) -> None:
    async def main() -> None:
        async with pair(client={"trace": False}, server={"trace": False}) as ends:
            sending, sent = start(ends, role)
            await until_it_stops(sending, sent)
            assert sent[0] < COUNT
            # All that was received waits in the queue, and what one read from the socket can add to it.
            assert 0 < len(ends.receiver(role)._messages) <= endpoint_module.MAX_QUEUE + 256 * 1024 // SIZE + 1
            for message in messages(COUNT):
                assert await ends.receiver(role).recv() == message
            await sending

    run(main())


@pytest.mark.parametrize("role", ROLES)
def test_a_sender_that_waits_is_woken_by_the_end_of_the_connection(role: str) -> None:
    async def main() -> None:
        async with pair(client={"trace": False}, server={"trace": False}) as ends:
            sending, sent = start(ends, role)
            await until_it_stops(sending, sent)
            ends.receiver(role).abort()
            (outcome,) = await asyncio.gather(sending, return_exceptions=True)
            assert isinstance(outcome, ConnectionClosed)

    run(main())


def test_a_raw_peer_that_does_not_read_stops_the_sender() -> None:
    async def main() -> None:
        sent = [0]
        received = bytearray()
        may_read = asyncio.Event()

        async def script(peer: Raw) -> None:
            await peer.accept()
            await may_read.wait()
            for _ in range(COUNT):
                frame = await peer.frame(unmasked=False)
                assert frame.key is not None
                received.extend(xor(frame.payload[:4], frame.key))

        async with raw_server(script) as port:
            client = await connect(f"ws://127.0.0.1:{port}/", trace=False)

            async def send_all() -> None:
                for message in messages(COUNT):
                    await client.send(message)
                    sent[0] += 1

            sending = asyncio.create_task(send_all())
            await until_it_stops(sending, sent)
            assert sent[0] < COUNT
            may_read.set()
            await sending
            await client.wait_closed()
        assert bytes(received) == b"".join(message[:4] for message in messages(COUNT))

    run(main())


def test_a_raw_peer_that_sends_too_fast_is_stopped_by_tcp() -> None:
    async def main() -> None:
        received: list[str | bytes] = []
        may_read = asyncio.Event()
        frame = masked(b"\x82\x7e" + (60_000).to_bytes(2, "big") + bytes(60_000))

        async def handler(endpoint: Endpoint) -> None:
            await may_read.wait()
            received.extend([await endpoint.recv() for _ in range(COUNT)])

        async with serve(handler, trace=False) as server, raw_client(server.port) as peer:
            sent = [0]

            async def send_all() -> None:
                for _ in range(COUNT):
                    await peer.send(frame)
                    sent[0] += 1

            sending = asyncio.create_task(send_all())
            await until_it_stops(sending, sent)
            assert sent[0] < COUNT
            may_read.set()
            await sending
            assert (await peer.frame()).code == 1000
        assert [len(message) for message in received] == [60_000] * COUNT

    run(main())
