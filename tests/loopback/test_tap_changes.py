"""The tap's rules where frames are compressed, or too long to be held: the receiver can still read all that follows."""

from __future__ import annotations

import asyncio
import random
import zlib
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from tests.support import Change, masked, request_head, response_head
from wsedu.loopback.tap_frames import MAX_RULED
from wsedu.protocol.steps import TapActed
from wsedu.trace.trace import Trace

from .net import HOST, Raw, raw_client, raw_server, run
from .tapping import tapping, violations

Message = str | bytes | list[str]

WORDS = "the cat sat on the mat, and the cat was glad of it; "
"""Repeated, so that each message points back to those before it."""


def acted(trace: Trace) -> list[str]:
    return [record.step.action for record in trace if isinstance(record.step, TapActed)]


async def _delivered(rules: tuple[str, ...], messages: list[Message], **parameters: Any) -> tuple[list[Any], Trace]:
    """What a server of another library delivers of what its client sends, compressed, and the tap's trace."""
    got: list[Any] = []

    async def keep(connection: Any) -> None:
        got.extend([message async for message in connection])

    extensions = [ClientPerMessageDeflateFactory(client_max_window_bits=True, **parameters)]
    async with (
        serve(keep, HOST, 0, max_size=None) as server,
        tapping(server.sockets[0].getsockname()[1], *rules) as (port, trace, watcher),
    ):
        async with connect(f"ws://{HOST}:{port}/", compression=None, extensions=extensions) as client:
            assert [extension.name for extension in client.protocol.extensions] == ["permessage-deflate"]
            for message in messages:
                await client.send(message)
        assert client.close_code == 1000, "the server could read everything"
        await watcher.over.wait()
    assert violations(trace) == []
    return got, trace


TAKEOVER = pytest.mark.parametrize("parameters", [{}, {"client_no_context_takeover": True}], ids=["window", "fresh"])


@TAKEOVER
def test_a_compressed_message_is_edited_and_all_others_arrive(parameters: dict[str, bool]) -> None:
    async def main() -> None:
        plain = WORDS.replace("cat", "dog")
        messages: list[Message] = [plain * 3, WORDS * 3, plain * 4, [plain, plain * 2], WORDS, plain * 5]
        got, trace = await _delivered(("edit client text /cat/dog/",), messages, **parameters)
        assert got == [plain * 3, plain * 3, plain * 4, plain * 3, plain, plain * 5]
        assert acted(trace) == ["edit", "edit"]

    run(main())


@TAKEOVER
def test_a_compressed_message_is_dropped_and_all_others_arrive(parameters: dict[str, bool]) -> None:
    async def main() -> None:
        secret = WORDS.replace("cat", "secret")
        noise = random.Random(1).randbytes(3 * MAX_RULED)
        messages: list[Message] = [WORDS, secret, WORDS * 2, secret * 2, noise, [WORDS, WORDS], WORDS * 3]
        got, trace = await _delivered(("drop client text ~secret",), messages, **parameters)
        assert got == [WORDS, WORDS * 2, noise, WORDS * 2, WORDS * 3]
        assert acted(trace) == ["drop", "drop"]

    run(main())


def test_a_long_compressed_message_is_dropped_by_its_size() -> None:
    async def main() -> None:
        noise = random.Random(2).randbytes(2 * MAX_RULED)
        got, trace = await _delivered((f"drop client binary >{MAX_RULED}",), [WORDS, noise, WORDS, noise[:99]])
        assert got == [WORDS, WORDS, noise[:99]]
        assert acted(trace) == ["drop"]

    run(main())


def test_a_fragment_that_cannot_be_taken_out_stays_and_this_is_said() -> None:
    async def main() -> None:
        rules = ("drop client continuation", "edit client continuation /cat/dog/")
        got, trace = await _delivered(rules, [[WORDS * 9, WORDS * 9], WORDS])
        assert got == [WORDS * 18, WORDS]
        assert acted(trace) == ["cannot.fragment"] * 2, "each rule says it once"

    run(main())


def test_two_edits_of_one_frame_both_hold() -> None:
    async def main() -> None:
        got, _ = await _delivered(("edit client text /cat/dog/", "edit client text ~dog /mat/bed/"), [WORDS])
        assert got == [WORDS.replace("cat", "dog").replace("mat", "bed")]

    run(main())


# --- What cannot be read ---


async def _raw(rules: tuple[str, ...], stream: bytes, *, extension: str | None = None) -> tuple[bytes, Trace]:
    """What a server gets of a client's frames, and the tap's trace."""
    changes: dict[str, Change] = {} if extension is None else {"Sec-WebSocket-Extensions": extension}
    got: list[bytes] = []

    async def script(server: Raw) -> None:
        await server.head()
        await server.send(response_head(changes=changes))
        got.append(await server.rest())

    async with raw_server(script) as far, tapping(far, *rules) as (port, trace, watcher):
        async with raw_client(port, handshake=False) as client:
            await client.send(request_head(changes))
            await client.head()
            await client.send(stream)
            client.finish()
            await client.rest()
        await watcher.over.wait()
    return got[0], trace


DEFLATED = zlib.compress(b"a cat", wbits=-15)


@pytest.mark.parametrize(
    ("extension", "frame", "problem"),
    [
        ("x-unknown", b"\xc1\x05a cat", "extension"),
        ("permessage-deflate", b"\xc1\x03\xff\xff\xff", "inflate"),
        (None, b"\x81\x7f" + (MAX_RULED + 1).to_bytes(8, "big") + b"cat" + bytes(MAX_RULED - 2), "long"),
    ],
)
def test_a_rule_that_cannot_read_a_frame_says_so_and_lets_it_pass(
    extension: str | None, frame: bytes, problem: str
) -> None:
    async def main() -> None:
        stream = masked(frame) * 2
        for rule in ("drop client text ~cat", "edit client text /cat/dog/"):
            got, trace = await _raw((rule,), stream, extension=extension)
            assert got == stream
            assert acted(trace) == [f"cannot.{problem}"], "once, however often"

    run(main())


def test_an_uncompressed_message_where_compression_was_agreed_on_is_edited() -> None:
    async def main() -> None:
        stream = masked(b"\x81\x05a cat") + masked(bytes([0xC1, len(DEFLATED)]) + DEFLATED)
        got, _ = await _raw(("edit client text /a cat/dogs/",), stream, extension="permessage-deflate")
        assert got.startswith(masked(b"\x81\x04dogs"))

    run(main())


# --- Frames that are too long to be held ---

LONG = masked(b"\x82\x7f" + (2 * MAX_RULED).to_bytes(8, "big") + bytes(2 * MAX_RULED))
SHORT = masked(b"\x82\x02hi")


def test_a_long_frame_is_dropped_while_it_passes() -> None:
    async def main() -> None:
        got, trace = await _raw((f"drop client binary >{MAX_RULED}",), SHORT + LONG + SHORT + LONG)
        assert got == SHORT + SHORT
        assert acted(trace) == ["drop", "drop"]

    run(main())


def test_frames_are_put_before_and_behind_a_long_one_and_not_into_it() -> None:
    async def main() -> None:
        rules = ("inject client ping =1 before client binary >9", "inject client pong =2 after client binary >9")
        got, _ = await _raw(rules, LONG + SHORT)
        ping, rest = got[:7], got[7:]
        assert ping == masked(b"\x89\x011", ping[2:6])
        assert rest.startswith(LONG)
        assert rest.endswith(SHORT)
        pong = rest[len(LONG) : -len(SHORT)]
        assert pong == masked(b"\x8a\x012", pong[2:6])

    run(main())


def test_a_frame_for_a_direction_in_which_a_long_one_passes_waits_for_its_end() -> None:
    async def main() -> None:
        half, got = len(LONG) // 2, bytearray()

        async def script(server: Raw) -> None:
            await server.accept()
            while len(got) < half:
                got.extend(await server.some())
            await server.send(b"\x8a\x00")
            got.extend(await server.rest())

        rules = ("inject client ping =in after server pong",)
        async with raw_server(script) as far, tapping(far, *rules) as (port, _, watcher):
            async with raw_client(port) as client:
                await client.send(LONG[:half])
                assert await client.some() == b"\x8a\x00"
                await client.send(LONG[half:])
                client.finish()
                await client.rest()
            await watcher.over.wait()
        put_in = bytes(got[len(LONG) :])
        assert bytes(got[: len(LONG)]) == LONG
        assert put_in == masked(b"\x89\x02in", put_in[2:6])

    run(main())


def test_a_long_frame_waits_as_a_whole() -> None:
    async def main() -> None:
        got, held = bytearray(), asyncio.Event()

        async def script(server: Raw) -> None:
            await server.accept()
            got.extend(await server.some())
            await held.wait()
            assert bytes(got) == SHORT
            await server.send(b"\x89\x00")
            got.extend(await server.rest())

        rules = ("hold client binary >9 until server ping",)
        async with raw_server(script) as far, tapping(far, *rules) as (port, trace, watcher):
            trace.subscribe(lambda record: held.set() if isinstance(record.step, TapActed) else None)
            async with raw_client(port) as client:
                sending = asyncio.create_task(client.send(SHORT + LONG + SHORT))
                assert await client.some() == b"\x89\x00"
                await sending
                client.finish()
                await client.rest()
            await watcher.over.wait()
        assert bytes(got) == SHORT + LONG + SHORT
        assert acted(trace) == ["hold", "release"]

    run(main())
