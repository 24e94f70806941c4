"""Interop with the `websockets` library on real sockets: either end as the client, with and without TLS."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError as TheirClosedError
from websockets.exceptions import InvalidStatus

from wsedu import Frame, Limits
from wsedu.loopback import ConnectionClosedError, ConnectionClosedOK, HandshakeFailed, connect, serve
from wsedu.protocol.response import error_response

from ..loopback.net import run
from .link import WAYS, Link, Way, dial, play, their_listener, tls, tls_client

every_way = pytest.mark.parametrize("way", WAYS, ids=str)

MIB = 1 << 20
ROOM: dict[str, dict[str, Any]] = {
    "ours": {"limits": Limits(max_message_size=2 * MIB), "trace": False},
    "theirs": {"max_size": 2 * MIB},
}


def messages(seed: int) -> dict[str, str | bytes]:
    """The table of messages: each form of the length, and its borders."""
    source = random.Random(seed)
    sizes = (1, 125, 126, 127, 65_535, 65_536, MIB)
    table: dict[str, str | bytes] = {
        "empty text": "",
        "empty binary": b"",
        "text": "Hello, 你好, \U0001f44b",
        "text that looks like HTTP": "GET / HTTP/1.1\r\n\r\n",
        "a text of 65,536 bytes": "\u00e9" * 32_768,
    }
    return table | {f"{size} bytes": source.randbytes(size) for size in sizes}


@every_way
def test_messages_both_ways(way: Way, seed: int) -> None:
    async def script(link: Link) -> None:
        for name, message in messages(seed).items():
            await link.ours.send(message)
            assert await link.theirs.recv() == message, name
            await link.theirs.send(message)
            assert await link.ours.recv() == message, name

    play(way, script, **ROOM)


@every_way
def test_many_messages_at_once(way: Way) -> None:
    async def script(link: Link) -> None:
        sent = [f"message {number}" for number in range(500)]

        async def send(end: Any) -> None:
            for message in sent:
                await end.send(message)

        async def receive(end: Any) -> list[Any]:
            return [await end.recv() for _ in sent]

        _, _, *received = await asyncio.gather(
            send(link.ours), send(link.theirs), receive(link.ours), receive(link.theirs)
        )
        assert received == [sent, sent]

    play(way, script)


@every_way
@pytest.mark.parametrize("pieces", [["Hel", "", "lo"], [b"\x00" * 70_000, b"\xff"]], ids=["text", "binary"])
def test_fragments_both_ways(way: Way, pieces: list[Any]) -> None:
    whole = pieces[0][:0].join(pieces)

    async def script(link: Link) -> None:
        await link.ours.send(pieces)
        assert [one async for one in link.theirs.recv_streaming()] == pieces
        await link.theirs.send(pieces)
        assert await link.ours.recv() == whole

    play(way, script)


@every_way
def test_a_ping_between_fragments(way: Way) -> None:
    async def script(link: Link) -> None:
        async def pieces() -> Any:
            yield "Hel"
            yield "lo"
            assert await link.ours.ping() > 0
            yield "!"

        receiving = asyncio.create_task(link.theirs.recv())
        await link.ours.send(pieces())
        assert await receiving == "Hello!"

    play(way, script)


@every_way
def test_pings_both_ways(way: Way) -> None:
    async def script(link: Link) -> None:
        assert await link.ours.ping() > 0
        assert await link.ours.ping(b"x" * 125) > 0
        assert await (await link.theirs.ping()) > 0
        assert await (await link.theirs.ping(b"")) > 0
        await link.ours.pong(b"unasked")
        await link.theirs.pong(b"unasked")
        await link.ours.send("still open")
        assert await link.theirs.recv() == "still open"

    play(way, script)


# --- Closing ---


@every_way
@pytest.mark.parametrize(
    ("code", "reason"), [(1000, "done"), (1001, ""), (4000, "\u20ac" * 41)], ids=["1000", "1001", "4000"]
)
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_either_end_closes_first(way: Way, first: str, code: int, reason: str) -> None:
    async def script(link: Link) -> None:
        await getattr(link, first).close(code, reason)
        await asyncio.gather(link.ours.wait_closed(), link.theirs.wait_closed())
        assert link.ours.close_code == link.theirs.close_code == code
        assert link.ours.connection.clean
        if first == "theirs":
            assert link.ours.close_reason == reason
        else:
            assert link.theirs.close_reason == reason

    play(way, script)


@every_way
def test_a_close_without_a_code(way: Way) -> None:
    async def script(link: Link) -> None:
        await link.ours.close(None)
        await link.theirs.wait_closed()
        assert link.theirs.close_code == 1005
        assert link.ours.close_code == 1005

    play(way, script)


@every_way
def test_both_ends_close_at_once(way: Way) -> None:
    async def script(link: Link) -> None:
        await asyncio.gather(link.ours.close(4001), link.theirs.close(4002))
        # Each reports the first Close frame that it received.
        assert link.ours.close_code == 4002
        assert link.ours.connection.clean
        assert link.theirs.protocol.close_rcvd is not None
        assert link.theirs.protocol.close_rcvd.code == 4001

    play(way, script)


@every_way
def test_iteration_ends_with_their_close(way: Way) -> None:
    async def script(link: Link) -> None:
        await link.theirs.send("last")
        await link.theirs.close()
        assert [message async for message in link.ours] == ["last"]
        with pytest.raises(ConnectionClosedOK):
            await link.ours.recv()

    play(way, script)


# --- The opening handshake ---


@every_way
def test_subprotocols(way: Way) -> None:
    async def script(link: Link) -> None:
        assert link.ours.subprotocol == link.theirs.subprotocol == "chat"

    play(way, script, ours={"subprotocols": ["chat", "x"]}, theirs={"subprotocols": ["chat", "y"]})


@every_way
def test_an_offer_of_compression_is_declined(way: Way) -> None:
    """Theirs offers permessage-deflate unless it is told not to; ours does without, and the connection opens."""

    async def main() -> None:
        async def echo(end: Any) -> None:
            async for message in end:
                await end.send(message)

        if way.client == "our":
            async with their_listener(way, echo) as uri, connect(uri, **tls_client(way)) as ours:
                await ours.send("x" * 1000)
                assert await ours.recv() == "x" * 1000
            return
        import websockets.asyncio.client

        async with (
            serve(echo, **tls(way)) as server,
            websockets.asyncio.client.connect(server.uri, proxy=None, **tls_client(way)) as theirs,
        ):
            assert theirs.protocol.extensions == []
            await theirs.send("x" * 1000)
            assert await theirs.recv() == "x" * 1000

    run(main())


@every_way
def test_a_refused_handshake(way: Way) -> None:
    async def main() -> None:
        async def never(end: Any) -> None:
            raise AssertionError("the handshake was refused")

        if way.client == "our":

            def no(connection: Any, request: Any) -> Any:
                return connection.respond(403, "not you\n")

            async with their_listener(way, never, process_request=no) as uri:
                with pytest.raises(HandshakeFailed) as caught:
                    await connect(uri, **tls_client(way))
            assert caught.value.response is not None
            assert (caught.value.response.status, caught.value.response.body) == (403, b"not you\n")
            assert caught.value.violation is not None
            assert caught.value.violation.rule.name == "RESPONSE_STATUS"
            return
        for options in ({"origins": ["https://good.example"]}, {"decide": lambda request: error_response(403)}):
            async with serve(never, **tls(way), **options) as server:
                with pytest.raises(InvalidStatus) as refused:
                    await dial(way, server.uri)
            assert refused.value.response.status_code == 403

    run(main())


# --- Limits and broken rules ---


@every_way
@pytest.mark.parametrize("whole", [True, False], ids=["one frame", "fragments"])
def test_a_message_beyond_our_limit_is_answered_with_1009(way: Way, whole: bool) -> None:
    async def script(link: Link) -> None:
        await link.theirs.send(bytes(1000))
        assert await link.ours.recv() == bytes(1000)
        await link.theirs.send(bytes(1001) if whole else [bytes(600), bytes(401)])
        with pytest.raises(TheirClosedError) as told:
            await link.theirs.recv()
        assert told.value.rcvd is not None
        assert told.value.rcvd.code == 1009
        with pytest.raises(ConnectionClosedError) as caught:
            await link.ours.recv()
        assert caught.value.violation is not None
        assert caught.value.violation.rule.name in ("FRAME_TOO_BIG", "MESSAGE_TOO_BIG")

    play(way, script, ours={"limits": Limits(max_message_size=1000)})


@every_way
@pytest.mark.parametrize("whole", [True, False], ids=["one frame", "fragments"])
def test_a_message_beyond_their_limit_is_answered_with_1009(way: Way, whole: bool) -> None:
    async def script(link: Link) -> None:
        await link.ours.send(bytes(1000))
        assert await link.theirs.recv() == bytes(1000)
        await link.ours.send(bytes(1001) if whole else [bytes(600), bytes(401)])
        # Whoever reads in fragments notices when the message is asked for.
        receiving = asyncio.create_task(link.theirs.recv())
        with pytest.raises(ConnectionClosedError) as caught:
            await link.ours.recv()
        assert (caught.value.code, caught.value.violation) == (1009, None)
        await asyncio.gather(receiving, return_exceptions=True)

    play(way, script, theirs={"max_size": 1000})


ILLEGAL: dict[str, tuple[list[Frame], int]] = {
    "reserved opcode": ([Frame(3)], 1002),
    "reserved bit": ([Frame(1, b"x", rsv2=True)], 1002),
    "a Ping in fragments": ([Frame(9, b"x", fin=False)], 1002),
    "a Ping that is too long": ([Frame(9, bytes(126))], 1002),
    "nothing to continue": ([Frame(0, b"x")], 1002),
    "a message inside a message": ([Frame(1, b"x", fin=False), Frame(1, b"y")], 1002),
    "half a close code": ([Frame(8, b"\x03")], 1002),
    "a close code that never travels": ([Frame(8, (1006).to_bytes(2, "big"))], 1002),
    "not UTF-8": ([Frame(1, b"\xc3(")], 1007),
}


def masked_by(frame: Frame, client: bool) -> Frame:
    """The frame as that role sends it, or, where it must not, as it must not."""
    return frame._replace(masking_key=b"\x01\x02\x03\x04" if client else None)


@every_way
@pytest.mark.parametrize("name", sorted(ILLEGAL))
def test_an_illegal_frame_of_ours_is_answered_by_their_code(way: Way, name: str) -> None:
    frames, code = ILLEGAL[name]

    async def script(link: Link) -> None:
        for frame in frames:
            link.ours.connection.send_frame(masked_by(frame, way.client == "our"))
        link.ours.flush()
        # They look at the text of a message when somebody asks for it.
        receiving = asyncio.create_task(link.theirs.recv())
        with pytest.raises(ConnectionClosedError) as caught:
            await link.ours.recv()
        await asyncio.gather(receiving, return_exceptions=True)
        # They found the fault, so the code is in their Close frame, and no rule was broken by them.
        assert (caught.value.code, caught.value.violation) == (code, None)

    play(way, script)


@every_way
def test_masking_on_the_wrong_side_is_answered_with_1002(way: Way) -> None:
    async def script(link: Link) -> None:
        link.ours.connection.send_frame(masked_by(Frame.text("Hello"), way.client != "our"))
        link.ours.flush()
        with pytest.raises(ConnectionClosedError) as caught:
            await link.ours.recv()
        assert caught.value.code == 1002

    play(way, script)


@every_way
@pytest.mark.parametrize("name", sorted(ILLEGAL))
def test_an_illegal_frame_of_theirs_is_answered_by_our_code(way: Way, name: str) -> None:
    from wsedu import encode_frame

    frames, code = ILLEGAL[name]

    async def script(link: Link) -> None:
        data = b"".join(encode_frame(masked_by(frame, way.client == "their")) for frame in frames)
        link.theirs.transport.write(data)
        with pytest.raises(TheirClosedError) as told:
            await link.theirs.recv()
        assert told.value.rcvd is not None
        assert told.value.rcvd.code == code
        with pytest.raises(ConnectionClosedError) as caught:
            await link.ours.recv()
        assert caught.value.violation is not None
        assert caught.value.violation.rule.code == code

    play(way, script)
