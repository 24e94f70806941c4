"""Replay where permessage-deflate is in use: the same messages by another compressor, and other messages."""

from __future__ import annotations

import asyncio
import zlib

import pytest
import websockets
from websockets.asyncio.server import ServerConnection
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from tests.captures.test_commands import DEADLINE
from tests.cli.conftest import wsedu as wsedu
from wsedu.loopback import connect
from wsedu.loopback.replay import replay_client
from wsedu.loopback.replay_player import Outcome
from wsedu.loopback.replay_script import script_of
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.types import Direction, Role
from wsedu.trace.trace import Trace

MESSAGES = ("Hello, Hello, Hello", "Hello, Hello, Hello", "x" * 5000, "")


async def answer(ws: ServerConnection) -> None:
    """Sends everything back."""
    async for message in ws:
        await ws.send(message)


async def answer_otherwise(ws: ServerConnection) -> None:
    async for message in ws:
        await ws.send(message.replace("x" * 5000, "x" * 2500 + "y" * 2500))  # type: ignore[union-attr,arg-type]


def with_level(level: int) -> ServerPerMessageDeflateFactory:
    """The `websockets` library, compressing so hard."""
    return ServerPerMessageDeflateFactory(compress_settings={"level": level})


@pytest.fixture(scope="module")
def recording() -> Trace:
    trace = Trace()

    async def run() -> None:
        async with websockets.serve(answer, "127.0.0.1", 0, extensions=[with_level(9)], compression=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}/", trace=trace, extensions=[PerMessageDeflateFactory()]) as ws:
                for message in MESSAGES:
                    await ws.send(message)
                    assert await ws.recv() == message

    asyncio.run(asyncio.wait_for(run(), DEADLINE))
    return trace


def replayed(trace: Trace, handler: object, level: int) -> Outcome:
    async def run() -> Outcome:
        async with websockets.serve(
            handler,  # type: ignore[arg-type]
            "127.0.0.1",
            0,
            extensions=[with_level(level)],
            compression=None,
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            return await replay_client(script_of(trace, Role.CLIENT), f"ws://127.0.0.1:{port}/", fast=True)

    return asyncio.run(asyncio.wait_for(run(), DEADLINE))


def test_the_same_messages_by_another_compressor_are_the_same(recording: Trace) -> None:
    outcome = replayed(recording, answer, zlib.Z_NO_COMPRESSION)
    assert outcome.difference is None
    assert outcome.compared == len(MESSAGES) + 1  # and the Close frame
    # Stored blocks hold every byte: the recorded compressor has written others.
    third = [record.step.frame for record in recording.frames(Direction.TO_CLIENT, sent=False)][2]  # type: ignore[attr-defined]
    assert third.rsv1
    assert len(third.payload) < len(MESSAGES[2])


def test_another_message_is_a_difference_in_its_plain_content(recording: Trace) -> None:
    difference = replayed(recording, answer_otherwise, 9).difference
    assert difference is not None
    assert (difference.what, difference.number, difference.at) == ("payload", 3, 2500)
    assert difference.expected.startswith("78 78")
    assert difference.got.startswith("79 79")
