"""What a cancelled or impatient user leaves behind: a connection that is in order, or one that has ended."""

from __future__ import annotations

import asyncio

import pytest

from wsedu import Limits, State, Timeouts
from wsedu.loopback import ConnectionClosed, Endpoint, HandshakeFailed, connect, serve

from ..support import masked
from .net import Raw, pair, raw_client, raw_server, run

QUICK = Timeouts(closing=0.2, ping_interval=None)


def test_a_fragmented_message_that_is_cancelled_ends_the_connection() -> None:
    """Half a message cannot be taken back, and nothing may follow it (§5.4)."""

    async def silent(raw: Raw) -> None:
        await raw.accept()
        await raw.rest()

    async def main() -> None:
        async with raw_server(silent) as port:
            ws = await connect(f"ws://127.0.0.1:{port}/", timeouts=QUICK, trace=False)
            sending = asyncio.create_task(ws.send([bytes(30_000_000), b"y", b"z"]))
            while not ws.connection.sending_fragments:
                await asyncio.sleep(0)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert ws.state is not State.OPEN
            with pytest.raises(ConnectionClosed):
                await ws.send("after half a message")
            ws.abort()
            await ws.wait_closed()

    run(main())


def test_a_ping_that_nobody_waits_for_any_more_can_be_sent_again() -> None:
    async def main() -> None:
        async with pair() as ends:
            ends.server.vanish()
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await ends.client.ping(b"a")
            ends.client.abort()
            ends.server.abort()

    run(main())


def test_a_refusal_is_told_at_once_though_the_server_keeps_tcp_open() -> None:
    async def refuse(raw: Raw) -> None:
        await raw.head()
        await raw.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await raw.rest()

    async def main() -> None:
        async with raw_server(refuse) as port:
            with pytest.raises(HandshakeFailed) as caught:
                await connect(f"ws://127.0.0.1:{port}/", timeouts=Timeouts(opening=None))
            assert caught.value.violation is not None
            assert caught.value.violation.rule.name == "RESPONSE_STATUS"
            assert caught.value.response is not None
            assert caught.value.response.body == b"ok"

    run(main())


def test_a_server_that_closes_does_not_wait_for_ever_for_a_handler() -> None:
    ended: list[str] = []

    async def stuck(ws: Endpoint) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def main() -> None:
        async with serve(stuck, timeouts=QUICK) as server:
            ws = await connect(server.uri)
        assert ended == ["cancelled"]
        await ws.wait_closed()
        assert ws.close_code == 1001

    run(main())


@pytest.mark.parametrize("wrong", [5, None, [1, 2], {"a": 1}, ["a", b"b"], [b"a", "b"], object()])
def test_what_is_no_message_is_refused_before_anything_is_sent(wrong: object) -> None:
    async def main() -> None:
        async with pair() as ends:
            with pytest.raises(TypeError):
                await ends.client.send(wrong)  # type: ignore[arg-type]
            await ends.client.send("right")
            assert await ends.server.recv() == "right"

    run(main())


def test_pings_of_a_peer_that_does_not_read_do_not_fill_memory() -> None:
    """While nothing can be written, Pongs are held back; afterwards the latest Ping is answered (§5.5.3)."""
    count, payload = 60_000, b"p" * 121

    async def main() -> None:
        arrived: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()

        async def handler(ws: Endpoint) -> None:
            arrived.set_result(ws)
            await ws.wait_closed()

        async with serve(handler, trace=False) as server, raw_client(server.port) as raw:
            ws = await arrived
            for number in range(0, count, 500):
                pings = (masked(b"\x89\x7d" + payload + n.to_bytes(4, "big")) for n in range(number, number + 500))
                await raw.send(b"".join(pings))
            transport = ws._transport
            assert transport is not None
            assert transport.get_write_buffer_size() < count * 127 // 10
            while (frame := await raw.frame()).payload[-4:] != (count - 1).to_bytes(4, "big"):
                assert frame.opcode == 0xA
            await raw.send(masked("88 02 03 e8"))
            assert (await raw.frame()).code == 1000

    run(main())


def test_messages_that_come_while_we_close_are_kept_up_to_the_limit() -> None:
    async def main() -> None:
        async def flood(raw: Raw) -> None:
            await raw.accept()
            assert (await raw.frame()).opcode == 0x8
            for _ in range(50):
                await raw.send(b"\x82\x7e\x03\xe8" + bytes(1000))
            await raw.send(b"\x88\x02\x03\xe8")

        async with raw_server(flood) as port:
            ws = await connect(f"ws://127.0.0.1:{port}/", limits=Limits(max_message_size=10_000), timeouts=QUICK)
            await ws.close()
            received = [message async for message in ws]
            assert received == [bytes(1000)] * len(received)
            assert 5 < len(received) <= 10

    run(main())
