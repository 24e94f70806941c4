"""The closing handshake on a real socket (RFC 6455 §7): codes at both ends, and who ends TCP first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from wsedu import LocalViolation, Timeouts, Trace
from wsedu.loopback import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, Endpoint, connect, serve
from wsedu.protocol.steps import EndReceived, EndSent, TimerExpired

from ..support import masked
from .net import SOON, Raw, close_frame, pair, raw_client, raw_server, run, text

CODES = [(1000, "bye"), (1001, ""), (3000, "own"), (4999, "\u20ac" * 41), (None, "")]
"""The fourth reason has the 123 bytes that there is room for."""


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(("code", "reason"), CODES, ids=[str(one[0]) for one in CODES])
def test_both_ends_know_code_and_reason(role: str, code: int | None, reason: str) -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.sender(role).close(code, reason)
            await ends.receiver(role).wait_closed()
            for end in ends:
                assert end.close_code == (1005 if code is None else code)
                assert end.connection.clean
            # The answer repeats the code; a reason is for the peer, which need not send it back (§5.5.1).
            assert (ends.sender(role).close_reason, ends.receiver(role).close_reason) == ("", reason)

    run(main())


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1000, ConnectionClosedOK), (1001, ConnectionClosedOK), (None, ConnectionClosedOK)]
    + [(code, ConnectionClosedError) for code in (1002, 1003, 1007, 1008, 1009, 1011, 3000, 4000)],
)
def test_recv_says_how_the_connection_ended(code: int | None, kind: type[ConnectionClosed]) -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.server.close(code, "" if code is None else "why")
            with pytest.raises(kind) as caught:
                await ends.client.recv()
            assert (caught.value.code, caught.value.reason) == ((1005, "") if code is None else (code, "why"))
            assert str(caught.value).startswith(str(caught.value.code))

    run(main())


def test_both_ends_close_at_the_same_time() -> None:
    async def main() -> None:
        async with pair() as ends:
            await asyncio.gather(ends.client.close(4001, "client"), ends.server.close(4002, "server"))
            # §7.1.5: the code is that of the Close frame that was received first.
            assert (ends.client.close_code, ends.server.close_code) == (4002, 4001)
            assert ends.client.connection.clean
            assert ends.server.connection.clean

    run(main())


def test_closing_twice_is_closing_once() -> None:
    async def main() -> None:
        async with pair() as ends:
            await asyncio.gather(ends.client.close(1000, "first"), ends.client.close(1001, "second"))
            await ends.client.close(1008)
            assert (ends.server.close_code, ends.server.close_reason) == (1000, "first")

    run(main())


@pytest.mark.parametrize(
    ("code", "reason", "rule"),
    [
        (1005, "", "CLOSE_CODE"),
        (1006, "", "CLOSE_CODE"),
        (1015, "", "CLOSE_CODE"),
        (999, "", "CLOSE_CODE"),
        (5000, "", "CLOSE_CODE"),
        (1012, "", "CLOSE_CODE_SENDER"),
        (None, "why", "CLOSE_BODY"),
        (1000, "x" * 124, "CONTROL_TOO_LONG"),
    ],
)
def test_a_close_that_may_not_be_sent_is_refused_and_the_connection_stays_open(
    code: int | None, reason: str, rule: str
) -> None:
    async def main() -> None:
        async with pair() as ends:
            with pytest.raises(LocalViolation) as caught:
                await ends.client.close(code, reason)
            assert caught.value.rule.name == rule
            await ends.client.send("still open")
            assert await ends.server.recv() == "still open"

    run(main())


Sending = Callable[[Endpoint], Awaitable[object]]
SENDINGS: list[Sending] = [
    lambda end: end.send("late"),
    lambda end: end.send(["la", "te"]),
    lambda end: end.ping(),
    lambda end: end.pong(),
    lambda end: end.recv(),
]


@pytest.mark.parametrize("sending", SENDINGS, ids=["send", "fragments", "ping", "pong", "recv"])
def test_nothing_can_be_sent_on_a_closed_connection(sending: Sending) -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.client.close(1000, "done")
            for end in ends:
                with pytest.raises(ConnectionClosedOK) as caught:
                    await sending(end)
                reason = "done" if end is ends.server else ""
                assert (caught.value.code, caught.value.reason) == (1000, reason)

    run(main())


@pytest.mark.parametrize("sending", SENDINGS[:4], ids=["send", "fragments", "ping", "pong"])
def test_who_sends_while_the_connection_closes_is_told_how_it_closed(sending: Sending) -> None:
    """Before the peer's Close frame is there, nobody knows the code (§7.1.5)."""

    async def main() -> None:
        async with pair() as ends:
            closing = asyncio.create_task(ends.client.close(1000, "done"))
            await asyncio.sleep(0)
            with pytest.raises(ConnectionClosedOK) as caught:
                await sending(ends.client)
            assert caught.value.code == 1000
            await closing

    run(main())


def test_a_handler_that_returns_closes_with_1000() -> None:
    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            await endpoint.send("only this")

        async with serve(handler) as server, connect(server.uri) as client:
            assert [message async for message in client] == ["only this"]
            assert (client.close_code, client.close_reason) == (1000, "")

    run(main())


def test_a_handler_that_raises_closes_with_1011_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            raise ArithmeticError("of my own")

        async with serve(handler) as server, connect(server.uri) as client:
            with pytest.raises(ConnectionClosedError) as caught:
                await client.recv()
            assert caught.value.code == 1011
            # The client is told no secrets.
            assert "of my own" not in caught.value.reason

    run(main())
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.name for record in logged] == ["wsedu.loopback"]
    assert logged[0].exc_info is not None
    assert "of my own" in str(logged[0].exc_info[1])


def test_a_handler_that_lets_through_another_connections_end_closes_with_1011() -> None:
    """A handler that talks to a further server has failed when that one goes; its client must not wait for ever."""

    async def main() -> None:
        async def behind(endpoint: Endpoint) -> None:
            return

        async with serve(behind) as hidden:

            async def handler(endpoint: Endpoint) -> None:
                async with connect(hidden.uri) as further:
                    await endpoint.send(await further.recv())

            async with serve(handler) as server, connect(server.uri) as client:
                with pytest.raises(ConnectionClosedError) as caught:
                    await client.recv()
                assert caught.value.code == 1011

    run(main())


def test_a_handler_that_is_cancelled_takes_its_connection_with_it() -> None:
    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            raise asyncio.CancelledError

        async with serve(handler) as server, connect(server.uri) as client:
            with pytest.raises(ConnectionClosedError) as caught:
                await client.recv()
            assert caught.value.code == 1006

    run(main())


def test_a_server_that_shuts_down_closes_each_client_with_1001() -> None:
    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            async for _ in endpoint:
                pass

        async with serve(handler) as server:
            clients = [await connect(server.uri) for _ in range(3)]
            assert len(server.connections) == 3
        for client in clients:
            with pytest.raises(ConnectionClosedOK) as caught:
                await client.recv()
            assert caught.value.code == 1001
        assert server.connections == set()
        with pytest.raises(OSError, match=r"refused|[Cc]onnect"):
            await connect(f"ws://127.0.0.1:{clients[0].remote_address[1]}/")

    run(main())


def test_a_server_can_say_why_it_shuts_down_and_is_closed_only_once() -> None:
    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            await endpoint.wait_closed()

        async with serve(handler) as server:
            client = await connect(server.uri)
            await server.close(1012, "back at noon")
            await client.wait_closed()
            assert (client.close_code, client.close_reason) == (1012, "back at noon")
            await server.close()

    run(main())


# --- Who ends TCP ---


@pytest.mark.parametrize("first", ["peer", "server"])
def test_the_server_ends_tcp_as_soon_as_both_close_frames_have_passed(first: str) -> None:
    """§7.1.1: here the client has not ended TCP when it reads the server's FIN."""

    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            if first == "server":
                await endpoint.close(1000, "bye")
            await endpoint.wait_closed()

        trace = Trace()
        async with serve(handler, trace=trace) as server, raw_client(server.port) as peer:
            if first == "peer":
                await peer.send(masked(close_frame(1000, "bye")))
            frame = await peer.frame()
            assert (frame.opcode, frame.code) == (8, 1000)
            if first == "server":
                await peer.send(masked(close_frame(1000)))
            assert await peer.rest() == b""
            ends = [type(record.step) for record in trace if isinstance(record.step, (EndSent, EndReceived))]
            assert ends == [EndSent]

    run(main())


def test_the_client_ends_tcp_only_when_the_server_has() -> None:
    async def main() -> None:
        trace = Trace()
        may_end = asyncio.Event()

        async def script(peer: Raw) -> None:
            await peer.accept()
            assert (await peer.frame()).code == 1000
            await peer.send(close_frame(1000))
            end = asyncio.create_task(peer.rest())
            await may_end.wait()
            assert not end.done()
            peer.finish()
            assert await end == b""

        async with raw_server(script) as port:
            client = await connect(f"ws://127.0.0.1:{port}/", trace=trace)
            closing = asyncio.create_task(client.close())
            while client.close_code is None:
                client.moved.clear()
                await client.moved.wait()
            assert not closing.done()
            may_end.set()
            await closing
            assert client.connection.clean
        ends = [type(record.step) for record in trace if isinstance(record.step, (EndSent, EndReceived))]
        assert ends == [EndReceived, EndSent]

    run(main())


def test_the_client_gives_up_waiting_after_its_closing_deadline() -> None:
    """The handshake was complete, so the code is known, but the close was not clean."""

    async def main() -> None:
        trace = Trace()
        given_up = asyncio.Event()

        async def script(peer: Raw) -> None:
            await peer.accept()
            await peer.frame()
            await peer.send(close_frame(1000))
            await given_up.wait()

        async with raw_server(script) as port:
            client = await connect(f"ws://127.0.0.1:{port}/", trace=trace, timeouts=Timeouts(closing=SOON))
            await client.close()
            given_up.set()
        assert (client.close_code, client.connection.clean) == (1000, False)
        expired = [record.step for record in trace if isinstance(record.step, TimerExpired)]
        assert [(step.timer, step.seconds) for step in expired] == [("closing", SOON)]

    run(main())


def test_data_that_comes_after_our_close_is_still_received() -> None:
    """§7.1.2 ends what we send, not what the peer had on its way."""

    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.accept()
            assert (await peer.frame()).opcode == 8
            await peer.send(text("on its way") * 40 + close_frame(1000))

        async with raw_server(script) as port:
            client = await connect(f"ws://127.0.0.1:{port}/")
            await client.close()
            assert [message async for message in client] == ["on its way"] * 40

    run(main())
