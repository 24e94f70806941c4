"""permessage-deflate on real sockets: what is on the wire between us and `websockets` or aiohttp, and every wish.

That each case works with compression is for the matrix; here it is seen that data is compressed, and how.
"""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError as TheirClosedError
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory

from wsedu import Frame, Limits, Trace
from wsedu.loopback import ConnectionClosedError, Endpoint, connect, serve
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.steps import DeflateCompressed, DeflateInflated, FrameComplete, Level
from wsedu.protocol.types import Opcode

from ..deflating import compressed
from ..loopback.net import run
from .ends import MIB, ROOM, Manner, Other, client_tls, server_tls
from .link import WAYS, Link, Way, play
from .peer_aiohttp import PEER as AIOHTTP
from .peer_node import PEER as NODE

LIMITS = Limits(max_message_size=ROOM)
DATA = (Opcode.TEXT, Opcode.BINARY)


def messages(seed: int) -> list[str | bytes]:
    """Text, binary, nothing, what repeats, what does not, and 1 MiB of each sort."""
    noise = random.Random(seed).randbytes(MIB)
    return ["Hello, 你好", "Hello, 你好", "", b"", noise[:9000], noise[:9000], b"\x00" * MIB, noise, "né" * (MIB // 4)]


def check_wire(ours: Endpoint, sent: int, received: int) -> None:
    """Every message was compressed, in both directions, and shorter where it could be.

    Arguments:
        ours: our end, traced.
        sent: messages of ours.
        received: messages of the peer.
    """
    assert ours.trace is not None
    steps = [record.step for record in ours.trace]
    for is_sent, kind, count in ((True, DeflateCompressed, sent), (False, DeflateInflated, received)):
        frames = [step.frame for step in steps if isinstance(step, FrameComplete) and step.sent is is_sent]
        firsts = [frame for frame in frames if frame.opcode in DATA]
        assert [frame.rsv1 for frame in firsts] == [True] * count
        assert not any(frame.rsv1 for frame in frames if frame.opcode not in DATA)
        deflated: Any = [step for step in steps if isinstance(step, kind)]
        assert sum(step.compressed for step in deflated) < sum(step.plain for step in deflated)


def traced() -> Trace:
    """A trace without the fields, of which there are many."""
    return Trace(level=Level.BASE)


# --- websockets ---


def both(way: Way, options: dict[str, Any], **ours: Any) -> dict[str, dict[str, Any]]:
    """The options of the two ends of which each wants the same."""
    theirs = dict(options)
    if way.client == "their":
        theirs.setdefault("client_max_window_bits", True)
    kind = ClientPerMessageDeflateFactory if way.client == "their" else ServerPerMessageDeflateFactory
    return {
        "ours": {"extensions": [PerMessageDeflateFactory(**options)], "limits": LIMITS, **ours},
        "theirs": {"extensions": [kind(**theirs)], "max_size": ROOM},
    }


WISHES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no takeover": {"server_no_context_takeover": True, "client_no_context_takeover": True},
    "narrow": {"server_max_window_bits": 9, "client_max_window_bits": 9},
}


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_messages_with_websockets(way: Way, wish: str, seed: int) -> None:
    texts = messages(seed)

    async def script(link: Link) -> None:
        for text in texts:
            await link.ours.send(text)
            assert await link.theirs.recv() == text
            await link.theirs.send(text)
            assert await link.ours.recv() == text
        check_wire(link.ours, len(texts), len(texts))

    play(way, script, **both(way, WISHES[wish], trace=traced()))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_fragments_with_websockets(way: Way) -> None:
    pieces = ["Hel", "", "lo, ", "你" * 9000, ""]

    async def script(link: Link) -> None:
        for _ in range(2):
            await link.ours.send(pieces)
            assert [one async for one in link.theirs.recv_streaming()] == pieces
            await link.theirs.send(pieces)
            assert await link.ours.recv() == "".join(pieces)
        check_wire(link.ours, 2, 2)

    play(way, script, **both(way, {}, trace=traced()))


@pytest.mark.parametrize("first", ["ours", "theirs"])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_closing_with_websockets(way: Way, first: str) -> None:
    async def script(link: Link) -> None:
        await link.ours.send("last words")
        await link.theirs.send("last words")
        assert await link.ours.recv() == await link.theirs.recv() == "last words"
        await getattr(link, first).close(1000, "done")
        await asyncio.gather(link.ours.wait_closed(), link.theirs.wait_closed())
        assert link.ours.close_code == link.theirs.close_code == 1000
        assert link.ours.connection.clean

    play(way, script, **both(way, {}))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_bomb_of_websockets_is_refused(way: Way) -> None:
    """It is small enough on the wire: only by inflating can one know."""

    async def script(link: Link) -> None:
        await link.theirs.send(bytes(ROOM + 1))
        with pytest.raises(TheirClosedError) as told:
            await link.theirs.recv()
        assert told.value.rcvd is not None
        assert told.value.rcvd.code == 1009
        with pytest.raises(ConnectionClosedError) as caught:
            await link.ours.recv()
        assert caught.value.violation is not None
        assert caught.value.violation.rule.name == "MESSAGE_TOO_BIG"

    play(way, script, **both(way, {}))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_peer_without_compression_gets_none(way: Way) -> None:
    async def script(link: Link) -> None:
        assert link.ours.connection.extensions == ()
        await link.ours.send("plain")
        assert await link.theirs.recv() == "plain"
        await link.theirs.send("plain")
        assert await link.ours.recv() == "plain"

    play(way, script, ours={"extensions": [PerMessageDeflateFactory()]})


# --- aiohttp ---


@asynccontextmanager
async def with_aiohttp(we: str, manner: Manner) -> AsyncIterator[tuple[Endpoint, Other]]:
    """A connection, whoever is its client."""
    ours: dict[str, Any] = {"extensions": [PerMessageDeflateFactory()], "limits": LIMITS, "trace": traced()}
    assert AIOHTTP.client is not None
    assert AIOHTTP.server is not None
    if we == "client":
        async with (
            AIOHTTP.server(manner, False) as listening,
            connect(listening.uri, ssl=client_tls(manner), **ours) as endpoint,
        ):
            yield endpoint, await listening.next()
        return
    arrived: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()

    async def handler(endpoint: Endpoint) -> None:
        arrived.set_result(endpoint)
        await endpoint.wait_closed()

    async with (
        serve(handler, ssl=server_tls(manner), **ours) as server,
        AIOHTTP.client() as dial,
        dial(server.uri, manner) as theirs,
    ):
        yield await arrived, theirs


def play_with_aiohttp(we: str, tls: bool, script: Callable[[Endpoint, Other], Awaitable[None]]) -> None:
    """Run a script on a connection, and close it if it has not."""

    async def main() -> None:
        async with with_aiohttp(we, Manner(tls, True)) as (ours, theirs):
            await script(ours, theirs)
            await asyncio.gather(ours.close(), theirs.closed())

    run(main())


EITHER = pytest.mark.parametrize("we", ["client", "server"])
WITH_TLS = pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])


@EITHER
@WITH_TLS
def test_messages_with_aiohttp(we: str, tls: bool, seed: int) -> None:
    texts = messages(seed)

    async def script(ours: Endpoint, theirs: Other) -> None:
        for text in texts:
            await ours.send(text)
            assert await theirs.recv() == text
            await theirs.send(text)
            assert await ours.recv() == text
        await ours.send(["frag", "", "ments"])
        assert await theirs.recv() == "fragments"
        check_wire(ours, len(texts) + 1, len(texts))

    play_with_aiohttp(we, tls, script)


@EITHER
@WITH_TLS
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_closing_with_aiohttp(we: str, tls: bool, first: str) -> None:
    async def script(ours: Endpoint, theirs: Other) -> None:
        await ours.send("last words")
        assert await theirs.recv() == "last words"
        if first == "ours":
            _, told = await asyncio.gather(ours.close(4000, "done"), theirs.closed())
            assert told == (4000, "done")
        else:
            await asyncio.gather(theirs.close(4000, "done"), ours.wait_closed())
            assert (ours.close_code, ours.close_reason) == (4000, "done")
        assert ours.connection.clean

    play_with_aiohttp(we, tls, script)


# --- ws on Node.js ---

FINISHED = zlib.compress(b"Hello", wbits=-15)
"""Its only block has BFINAL=1, and no octet stands behind it (RFC 7692 §7.2.3.4)."""


@pytest.mark.parametrize(
    "pieces", [[FINISHED], [FINISHED[:3], FINISHED[3:]], [FINISHED, b""]], ids=["whole", "cut", "and nothing"]
)
def test_final_blocks_are_read_as_node_reads_them(pieces: list[bytes]) -> None:
    """The same frames for both: the messages that come out are the same."""
    (after,) = compressed(b"innocent")
    frames = [
        Frame(
            Opcode.CONTINUATION if number else Opcode.BINARY,
            piece,
            fin=number == len(pieces) - 1,
            rsv1=not number,
            masking_key=b"key!",
        )
        for number, piece in enumerate(pieces)
    ]
    frames.append(Frame(Opcode.BINARY, after, rsv1=True, masking_key=b"key!"))

    async def read_by_node() -> list[str | bytes]:
        async with (
            NODE.server(Manner(False, True), False) as listening,
            connect(listening.uri, extensions=[PerMessageDeflateFactory()]) as ours,
        ):
            theirs = await listening.next()
            for frame in frames * 2:
                await ours.send_frame(frame)
            return [await theirs.recv() for _ in range(4)]

    async def read_by_us() -> list[str | bytes]:
        received: asyncio.Future[list[str | bytes]] = asyncio.get_running_loop().create_future()

        async def handler(endpoint: Endpoint) -> None:
            received.set_result([await endpoint.recv() for _ in range(4)])

        options: dict[str, Any] = {"extensions": [PerMessageDeflateFactory()]}
        async with serve(handler, **options) as server, connect(server.uri, **options) as ours:
            for frame in frames * 2:
                await ours.send_frame(frame)
            return await received

    assert run(read_by_us()) == run(read_by_node()) == [b"Hello", b"innocent"] * 2
