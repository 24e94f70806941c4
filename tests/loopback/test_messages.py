"""Messages, fragments and pings between two endpoints on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from wsedu import LocalViolation, State
from wsedu.loopback import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, Endpoint, connect, serve

from ..support import masked
from .net import Raw, pair, raw_client, raw_server, run, text

ROLES = ("client", "server")

MESSAGES: list[str | bytes] = [
    "",
    "Hello",
    "\u20ac 你好 \U0001f600",
    b"",
    b"\x00\xff",
    bytes(125),
    bytes(126),
    "x" * 65535,
    bytes(65536),
]


@pytest.mark.parametrize("role", ROLES)
def test_messages_arrive_whole_in_order_and_with_their_type(role: str) -> None:
    async def main() -> None:
        async with pair() as ends:
            for message in MESSAGES:
                await ends.sender(role).send(message)
            assert [await ends.receiver(role).recv() for _ in MESSAGES] == MESSAGES

    run(main())


def test_bytearrays_and_memoryviews_are_binary_messages() -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.client.send(bytearray(b"one"))
            await ends.client.send(memoryview(b"-two-")[1:4])
            assert [await ends.server.recv(), await ends.server.recv()] == [b"one", b"two"]

    run(main())


def test_iteration_gives_every_message_and_ends_with_a_clean_close() -> None:
    async def main() -> None:
        received: list[str | bytes] = []

        async def handler(endpoint: Endpoint) -> None:
            async for message in endpoint:
                received.append(message)
                await endpoint.send(message)

        async with serve(handler) as server:
            async with connect(server.uri) as client:
                for message in MESSAGES:
                    await client.send(message)
                    assert await client.recv() == message
            assert client.close_code == 1000
        assert received == MESSAGES

    run(main())


def test_iteration_raises_an_end_that_was_not_clean() -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.accept()
            await peer.send(text("last words"))

        async with raw_server(script) as port, connect(f"ws://127.0.0.1:{port}/") as client:
            messages = aiter(client)
            assert await anext(messages) == "last words"
            with pytest.raises(ConnectionClosedError) as caught:
                await anext(messages)
        assert caught.value.code == 1006

    run(main())


def test_messages_that_came_before_the_close_can_still_be_received() -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.server.send("one")
            await ends.server.send("two")
            await ends.server.close(1001, "enough")
            assert [await ends.client.recv(), await ends.client.recv()] == ["one", "two"]
            with pytest.raises(ConnectionClosedOK) as caught:
                await ends.client.recv()
            assert (caught.value.code, caught.value.reason) == (1001, "enough")

    run(main())


def test_only_one_task_can_wait_for_a_message() -> None:
    async def main() -> None:
        async with pair() as ends:
            first = asyncio.create_task(ends.client.recv())
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="already waiting"):
                await ends.client.recv()
            await ends.server.send("for the first")
            assert await first == "for the first"

    run(main())


def test_a_cancelled_recv_loses_no_message() -> None:
    async def main() -> None:
        async with pair() as ends:
            waiting = asyncio.create_task(ends.client.recv())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await ends.server.send("kept")
            assert await ends.client.recv() == "kept"

    run(main())


async def _one_by_one(pieces: list[Any]) -> AsyncIterator[Any]:
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


FRAGMENTS: list[tuple[list[Any], str | bytes]] = [
    (["Hel", "", "lo"], "Hello"),
    (["alone"], "alone"),
    ([b"\x00", bytearray(b"\x01"), memoryview(b"\x02")], b"\x00\x01\x02"),
    (["", ""], ""),
    ([bytes(70_000), bytes(70_000)], bytes(140_000)),
]


@pytest.mark.parametrize("make", [iter, _one_by_one], ids=["iterable", "async iterable"])
@pytest.mark.parametrize(("pieces", "whole"), FRAGMENTS, ids=["text", "one", "binary", "empty", "long"])
@pytest.mark.parametrize("role", ROLES)
def test_an_iterable_is_sent_in_fragments(
    role: str, pieces: list[Any], whole: str | bytes, make: Callable[[list[Any]], Any]
) -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.sender(role).send(make(pieces))
            assert await ends.receiver(role).recv() == whole

    run(main())


def test_each_element_is_one_frame_and_only_the_last_has_fin() -> None:
    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            await endpoint.send(["a", "b", "c"])

        async with serve(handler) as server, raw_client(server.port) as peer:
            frames = [await peer.frame() for _ in range(3)]
        assert [(one.opcode, one.fin, one.payload) for one in frames] == [
            (1, False, b"a"),
            (0, False, b"b"),
            (0, True, b"c"),
        ]

    run(main())


def test_an_empty_iterable_sends_nothing() -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.client.send([])
            await ends.client.send("next")
            assert await ends.server.recv() == "next"

    run(main())


@pytest.mark.parametrize("second", ["whole", ["in ", "two"]], ids=["whole", "fragments"])
def test_a_second_sender_waits_until_the_fragmented_message_has_ended(second: Any) -> None:
    async def main() -> None:
        async with pair() as ends:
            go_on = asyncio.Event()

            async def slow() -> AsyncIterator[str]:
                yield "Hel"
                yield "lo"
                await go_on.wait()
                yield "!"

            first = asyncio.create_task(ends.client.send(slow()))
            await ends.server.ping()  # the first fragment has gone
            other = asyncio.create_task(ends.client.send(second))
            # A Ping goes between the fragments, a message does not.
            await ends.client.ping()
            assert not other.done()
            go_on.set()
            await asyncio.gather(first, other)
            assert await ends.server.recv() == "Hello!"
            assert await ends.server.recv() == "".join(second)

    run(main())


def test_an_iterable_that_fails_inside_a_message_fails_the_connection() -> None:
    """Half a message cannot be taken back, and nothing else could be sent behind it (§5.4)."""

    async def main() -> None:
        def broken() -> Any:
            yield "one"
            yield "two"
            raise ArithmeticError("no more")

        async with pair() as ends:
            with pytest.raises(ArithmeticError, match="no more"):
                await ends.client.send(broken())
            with pytest.raises(ConnectionClosedError) as caught:
                await ends.server.recv()
            assert caught.value.code == 1011

    run(main())


def test_an_iterable_that_fails_before_its_first_fragment_leaves_the_connection_open() -> None:
    async def main() -> None:
        def broken() -> Any:
            yield "held back until the next one is there"
            raise ArithmeticError

        async with pair() as ends:
            with pytest.raises(ArithmeticError):
                await ends.client.send(broken())
            await ends.client.send("fine")
            assert await ends.server.recv() == "fine"

    run(main())


def test_text_that_is_not_unicode_is_refused_and_nothing_is_sent() -> None:
    async def main() -> None:
        async with pair() as ends:
            with pytest.raises(LocalViolation) as caught:
                await ends.client.send("\ud800")
            assert caught.value.rule.name == "TEXT_UTF8"
            await ends.client.send("fine")
            assert await ends.server.recv() == "fine"

    run(main())


@pytest.mark.parametrize("role", ROLES)
def test_ping_gives_the_round_trip_and_keeps_it(role: str) -> None:
    async def main() -> None:
        async with pair() as ends:
            sender = ends.sender(role)
            before = asyncio.get_running_loop().time()
            round_trip = await sender.ping()
            assert 0 < round_trip <= asyncio.get_running_loop().time() - before
            assert sender.latency == round_trip
            assert await sender.ping(b"my own") > 0
            # Several under way at once, each with its own answer.
            assert all(trip > 0 for trip in await asyncio.gather(*(sender.ping() for _ in range(5))))

    run(main())


def test_a_later_pong_answers_the_pings_before_it() -> None:
    """§5.5.3: an endpoint may answer only the last of several Pings."""

    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.accept()
            await peer.frame()
            await peer.send(b"\x8a\x06" + (await peer.frame()).payload)
            await peer.rest()

        async with raw_server(script) as port, connect(f"ws://127.0.0.1:{port}/") as client:
            await asyncio.gather(client.ping(b"first "), client.ping(b"second"))
            client.abort()

    run(main())


def test_a_pong_that_nobody_asked_for_changes_nothing() -> None:
    async def main() -> None:
        async with pair() as ends:
            await ends.server.pong(b"unasked")
            await ends.server.send("still here")
            assert await ends.client.recv() == "still here"
            assert ends.client.latency == 0

    run(main())


def test_bad_pings_are_refused_and_nothing_is_sent() -> None:
    async def main() -> None:
        async with pair() as ends:
            with pytest.raises(LocalViolation) as caught:
                await ends.client.ping(bytes(126))
            assert caught.value.rule.name == "CONTROL_TOO_LONG"
            waiting = asyncio.create_task(ends.client.ping(b"twice"))
            await asyncio.sleep(0)
            with pytest.raises(ValueError, match="already under way"):
                await ends.client.ping(b"twice")
            assert await waiting > 0

    run(main())


def test_a_ping_without_answer_ends_with_the_connection() -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.accept()
            await peer.frame()

        async with raw_server(script) as port, connect(f"ws://127.0.0.1:{port}/") as client:
            with pytest.raises(ConnectionClosed) as caught:
                await client.ping()
            assert caught.value.code == 1006

    run(main())


def test_a_client_masks_each_frame_with_a_new_key_and_a_server_masks_none() -> None:
    async def main() -> None:
        keys: list[bytes | None] = []

        async def script(peer: Raw) -> None:
            await peer.accept()
            keys.extend([(await peer.frame()).key for _ in range(8)])

        async with raw_server(script) as port, connect(f"ws://127.0.0.1:{port}/") as client:
            for _ in range(8):
                await client.send("the same")
            await client.wait_closed()
        assert None not in keys
        assert len(set(keys)) == len(keys)

        async def handler(endpoint: Endpoint) -> None:
            await endpoint.send(str(await endpoint.recv()))

        async with serve(handler) as server, raw_client(server.port) as peer:
            await peer.send(masked(text("echo")))
            frame = await peer.frame()
        assert (frame.key, frame.payload) == (None, b"echo")

    run(main())


def test_what_an_endpoint_says_about_itself() -> None:
    async def main() -> None:
        options = {"subprotocols": ["chat"], "trace": False}
        async with pair(client=options, server=options) as ends:
            for end in ends:
                assert (end.state, end.opened, end.subprotocol, end.trace) == (State.OPEN, True, "chat", None)
                assert (end.close_code, end.close_reason) == (None, None)
                assert end.request is not None
                assert end.request.target == "/"
                assert end.response is not None
                assert end.response.status == 101
            assert ends.client.local_address == ends.server.remote_address
            assert ends.client.remote_address == ends.server.local_address
        assert ends.client.state is ends.server.state is State.CLOSED

    run(main())
