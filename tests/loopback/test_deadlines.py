"""Deadlines on a real socket: whoever waits for a peer that says nothing is free again.

What happened is asserted, never how long it took: the deadlines are short, and the trace says which one passed.
"""

from __future__ import annotations

import asyncio

import pytest

from wsedu import State, Timeouts, Trace
from wsedu.loopback import ConnectionClosedError, Endpoint, HandshakeFailed, connect, serve, wire
from wsedu.loopback import endpoint as endpoint_module
from wsedu.protocol.steps import TimerExpired

from ..support import masked, request_head
from .net import SOON, Raw, pair, raw_client, raw_server, run, text


def expired(trace: Trace) -> list[tuple[str, float]]:
    """The deadlines that passed: which one, after how many seconds."""
    return [(record.step.timer, record.step.seconds) for record in trace if isinstance(record.step, TimerExpired)]


async def silent(peer: Raw) -> None:
    """A server that opens the connection, and from then on only reads."""
    await peer.accept()
    await peer.rest()


# --- Opening ---


def test_a_client_gives_up_on_a_server_that_never_answers() -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.head()
            assert await peer.rest() == b""

        async with raw_server(script) as port:
            with pytest.raises((TimeoutError, HandshakeFailed)):
                await connect(f"ws://127.0.0.1:{port}/", timeouts=Timeouts(opening=SOON))

    run(main())


@pytest.mark.parametrize(
    "sent", [b"", request_head()[:40], request_head()[:-2]], ids=["nothing", "a part", "all but the end"]
)
def test_a_server_gives_up_on_a_client_that_never_finishes_its_request(sent: bytes) -> None:
    async def main() -> None:
        trace = Trace()

        async def never(endpoint: Endpoint) -> None:
            raise AssertionError("there was no handshake")

        async with (
            serve(never, trace=trace, timeouts=Timeouts(opening=SOON)) as server,
            raw_client(server.port, handshake=False) as peer,
        ):
            await peer.send(sent)
            assert await peer.rest() == b""
        assert expired(trace) == [("opening", SOON)]

    run(main())


def test_an_open_connection_has_no_opening_deadline() -> None:
    async def main() -> None:
        quick = Timeouts(opening=SOON, ping_interval=SOON, ping_timeout=None)
        async with pair(client={"timeouts": quick}, server={"timeouts": quick}) as ends:
            # Two keepalive round trips of the client's take longer than its opening deadline.
            for _ in range(2):
                before = ends.client.latency
                while ends.client.latency == before:
                    ends.client.moved.clear()
                    await ends.client.moved.wait()
            assert ends.client.state is State.OPEN

    run(main())


# --- Closing ---


@pytest.mark.parametrize("role", ["client", "server"])
def test_a_peer_that_never_answers_a_close_ends_in_1006(role: str) -> None:
    async def main() -> None:
        trace = Trace()
        times = Timeouts(closing=SOON)
        if role == "client":
            async with raw_server(silent) as port:
                client = await connect(f"ws://127.0.0.1:{port}/", trace=trace, timeouts=times)
                await client.close()
                assert (client.close_code, client.connection.clean) == (1006, False)
        else:
            codes: list[int | None] = []

            async def handler(endpoint: Endpoint) -> None:
                await endpoint.close()
                codes.append(endpoint.close_code)

            async with serve(handler, trace=trace, timeouts=times) as server, raw_client(server.port) as peer:
                assert (await peer.frame()).opcode == 8
                assert await peer.rest() == b""
            assert codes == [1006]
        assert expired(trace) == [("closing", SOON)]

    run(main())


def test_a_peer_that_keeps_talking_after_our_close_gets_no_more_time() -> None:
    async def main() -> None:
        trace = Trace()

        async def chatty(peer: Raw) -> None:
            await peer.accept()
            end = asyncio.create_task(peer.rest())
            while not end.done():
                peer.write(text("and another thing"))
                await asyncio.sleep(SOON / 10)
            await asyncio.gather(end, return_exceptions=True)

        async with raw_server(chatty) as port:
            client = await connect(f"ws://127.0.0.1:{port}/", trace=trace, timeouts=Timeouts(closing=SOON))
            await client.close()
        assert client.close_code == 1006
        assert expired(trace) == [("closing", SOON)]

    run(main())


def test_a_peer_that_broke_a_rule_and_stays_is_left_after_the_closing_deadline() -> None:
    async def main() -> None:
        trace = Trace()
        times = Timeouts(closing=SOON)
        async with (
            serve(lambda end: end.wait_closed(), trace=trace, timeouts=times) as server,
            raw_client(server.port) as peer,
        ):
            await peer.send(text("not masked"))
            assert (await peer.frame()).code == 1002
            assert await peer.rest() == b""
            # The server has ended its direction, and waits in vain for the end of the other one.
            while server.connections:
                await asyncio.sleep(SOON / 10)
        assert expired(trace) == [("closing", SOON)]

    run(main())


def test_a_peer_that_ends_tcp_but_does_not_read_is_left_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core is done when TCP's end has come; what we could not write must not keep the socket for ever."""
    monkeypatch.setattr(wire, "LINGER", SOON)

    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            await endpoint.send(bytes(32 << 20))

        async with serve(handler) as server, raw_client(server.port) as peer:
            peer.finish()
            while server.connections:
                await asyncio.sleep(SOON / 10)

    run(main())


# --- Silence ---


def test_keepalive_pings_keep_the_round_trip() -> None:
    async def main() -> None:
        times = Timeouts(ping_interval=SOON / 3, ping_timeout=5)
        async with pair(client={"timeouts": times}) as ends:
            while not ends.client.latency:
                ends.client.moved.clear()
                await ends.client.moved.wait()
            assert ends.client.latency > 0
            assert ends.server.latency == 0

    run(main())


def test_a_peer_that_never_answers_pings_is_given_up() -> None:
    async def main() -> None:
        trace = Trace()
        sent: list[int] = []

        async def never_pongs(peer: Raw) -> None:
            await peer.accept()
            ping, close = await peer.frame(), await peer.frame()
            assert (ping.opcode, close.opcode) == (9, 8)
            sent.append(close.code)
            await peer.rest()

        async with raw_server(never_pongs) as port:
            times = Timeouts(ping_interval=SOON, ping_timeout=SOON / 2, closing=5)
            client = await connect(f"ws://127.0.0.1:{port}/", trace=trace, timeouts=times)
            with pytest.raises(ConnectionClosedError) as caught:
                await client.recv()
        # Nothing was heard of the peer, so 1006 here; what it was told is 1011.
        assert caught.value.code == 1006
        assert sent == [1011]
        assert expired(trace) == [("ping", SOON), ("pong", SOON / 2)]

    run(main())


def test_any_byte_of_the_peer_counts_as_a_sign_of_life() -> None:
    async def main() -> None:
        trace = Trace()

        async def talks_but_never_pongs(peer: Raw) -> None:
            await peer.accept()
            for _ in range(3):
                assert (await peer.frame()).opcode == 9
                await peer.send(text("busy"))

        async with raw_server(talks_but_never_pongs) as port:
            times = Timeouts(ping_interval=SOON / 3, ping_timeout=5)
            client = await connect(f"ws://127.0.0.1:{port}/", trace=trace, timeouts=times)
            assert [await client.recv() for _ in range(3)] == ["busy"] * 3
            await client.wait_closed()
        assert {timer for timer, _ in expired(trace)} == {"ping"}

    run(main())


def test_an_idle_connection_is_closed() -> None:
    async def main() -> None:
        trace = Trace()
        times = Timeouts(ping_interval=None, idle=SOON)
        async with pair(server={"timeouts": times, "trace": trace}) as ends:
            await ends.client.wait_closed()
            await ends.server.wait_closed()
            assert ends.client.close_code == 1001
            assert ends.server.connection.clean
        assert expired(trace) == [("idle", SOON)]

    run(main())


def test_an_idle_peer_that_is_gone_ends_in_1006() -> None:
    async def main() -> None:
        trace = Trace()
        times = Timeouts(ping_interval=None, idle=SOON, closing=SOON)
        async with raw_server(silent) as port:
            client = await connect(f"ws://127.0.0.1:{port}/", trace=trace, timeouts=times)
            await client.wait_closed()
        assert client.close_code == 1006
        assert expired(trace) == [("idle", SOON), ("closing", SOON)]

    run(main())


def test_a_slow_receiver_does_not_take_its_own_silence_for_the_peers() -> None:
    """While messages wait that nobody takes, reading pauses: then no Pong can be heard."""

    async def main() -> None:
        times = Timeouts(ping_interval=SOON, ping_timeout=SOON)
        total = 3 * endpoint_module.MAX_QUEUE

        async def handler(endpoint: Endpoint) -> None:
            for number in range(total):
                await endpoint.send(str(number))
            await endpoint.wait_closed()

        async with serve(handler) as server, connect(server.uri, timeouts=times) as client:
            await client.recv()
            # Longer than both deadlines together: here the receiver is busy with something else.
            await asyncio.sleep(4 * SOON)
            rest = [await client.recv() for _ in range(total - 1)]
        assert rest == [str(number) for number in range(1, total)]
        assert client.close_code == 1000

    run(main())


def test_a_client_that_sends_in_time_is_served() -> None:
    async def main() -> None:
        times = Timeouts(opening=5, ping_interval=5, ping_timeout=5, idle=5, closing=5)

        async def echo(endpoint: Endpoint) -> None:
            async for message in endpoint:
                await endpoint.send(message)

        async with serve(echo, timeouts=times) as server, raw_client(server.port) as peer:
            await peer.send(masked(text("in time")))
            assert (await peer.frame()).payload == b"in time"

    run(main())
