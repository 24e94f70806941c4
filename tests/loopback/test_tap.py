"""The tap between real peers: bytes unchanged, ends and resets passed on, violations named."""

from __future__ import annotations

import asyncio
import random
import ssl
from typing import Any

import pytest
from websockets.asyncio.client import connect as their_connect
from websockets.asyncio.server import serve as their_serve

from tests.support import masked, request_head, response_head
from wsedu.loopback.tap import HIGH_WATER
from wsedu.loopback.tls import throwaway_contexts
from wsedu.protocol.steps import Unexplained, Violation
from wsedu.protocol.types import Direction

from .net import HOST, Raw, raw_client, raw_server, run
from .tapping import tapping, violations


async def _echo(connection: Any) -> None:
    async for message in connection:
        await connection.send(message)


MESSAGES: tuple[str | bytes, ...] = ("", "Grüße 你好", bytes(range(256)), "x" * 65_536, b"\0" * (1 << 20))


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("rules", [(), ("drop client text ~nowhere",)], ids=["plain", "with a rule"])
def test_a_client_and_a_server_of_another_library_notice_nothing(
    rules: tuple[str, ...], compression: str | None
) -> None:
    async def main() -> None:
        async with (
            their_serve(_echo, HOST, 0, compression=compression, max_size=None) as server,
            tapping(server.sockets[0].getsockname()[1], *rules) as (port, trace, watcher),
        ):
            async with their_connect(f"ws://{HOST}:{port}/", compression=compression, max_size=None) as client:
                for message in MESSAGES:
                    await client.send(message)
                    assert await client.recv() == message
                await (await client.ping(b"alive"))
            await watcher.over.wait()
        assert violations(trace) == []
        messages = [record.step.facts()["data"] for record in trace.filter(kind="message.complete", endpoint="server")]
        assert messages == [item.encode() if isinstance(item, str) else item for item in MESSAGES]
        assert [record.step.facts()["clean"] for record in trace.filter(kind="close.status")] == [True, True]

    run(main())


@pytest.mark.parametrize("rules", [(), ("drop any frame =0x6e65766572",)], ids=["plain", "with a rule"])
@pytest.mark.parametrize("handshake", [True, False], ids=["after a handshake", "from the first byte"])
def test_random_bytes_pass_unchanged_in_both_directions(seed: int, handshake: bool, rules: tuple[str, ...]) -> None:
    source = random.Random(seed)
    up, down = source.randbytes(300_000), source.randbytes(200_000)
    if not handshake:
        # No head begins like this: the very first byte cannot be explained.
        up, down = b"\x80" + up, b"\x80" + down

    async def main() -> None:
        got: list[bytes] = []

        async def script(server: Raw) -> None:
            if handshake:
                got.append(await server.head())
                await server.send(response_head())
            await server.send(down)
            server.finish()
            got.append(await server.rest())

        async with raw_server(script) as far, tapping(far, *rules) as (port, trace, watcher):
            async with raw_client(port, handshake=False) as client:
                if handshake:
                    await client.send(request_head())
                    assert await client.head() == response_head()
                sending = asyncio.create_task(client.send(up))
                assert await client.rest() == down
                await sending
                client.finish()
            await watcher.over.wait()
        assert b"".join(got) == (request_head() if handshake else b"") + up
        said = [record.step for record in trace if isinstance(record.step, (Unexplained, Violation))]
        assert said, "random bytes are no frames, and nobody said so"
        for way, data, head in (
            (Direction.TO_SERVER, up, request_head()),
            (Direction.TO_CLIENT, down, response_head()),
        ):
            assert trace.bytes_of(way, received=True) == (head if handshake else b"") + data

    run(main())


NINE = {
    "CLIENT_MUST_MASK": "81 01 41",
    "RSV_BITS": masked("c1 01 41"),
    "OPCODE_RESERVED": masked("83 01 41"),
    "CONTROL_FRAGMENTED": masked("09 01 41"),
    "MINIMAL_LENGTH": masked("81 7e 00 01 41"),
    "CONTINUATION_WITHOUT_START": masked("80 01 41"),
    "TEXT_UTF8": masked("81 01 ff"),
    "CONTROL_TOO_LONG": masked(b"\x89\x7e\x00\x7e" + bytes(126)),
    "CLOSE_CODE": masked("88 02 03 ed"),
}
"""A frame for each of nine rules; the names are those of the rules, the bytes are made after RFC 6455 §5 and §7.4."""

SHIFTS = {"CLIENT_MUST_MASK": 1, "MINIMAL_LENGTH": 2, "TEXT_UTF8": 6, "CONTROL_TOO_LONG": 1, "CLOSE_CODE": 6}
"""Which byte of its frame is the wrong one: the mask bit and the 7-bit length are in byte 1, and so on (§5.2)."""


@pytest.mark.parametrize("size", [1, 7, 1 << 20], ids="pieces of {}".format)
def test_nine_violations_in_one_stream_are_all_named(size: int) -> None:
    frames = [bytes.fromhex(frame) if isinstance(frame, str) else frame for frame in NINE.values()]
    stream = b"".join(frames)

    async def main() -> None:
        async def script(server: Raw) -> None:
            await server.accept()
            assert await server.rest() == stream

        async with raw_server(script) as far, tapping(far) as (port, trace, watcher):
            async with raw_client(port) as client:
                for start in range(0, len(stream), size):
                    await client.send(stream[start : start + size])
                client.finish()
                await client.rest()
            await watcher.over.wait()
        found = violations(trace)
        assert [step.rule for step in found] == list(NINE)
        assert {step.endpoint for step in found} == {"server"}, "the reader has it, so the client broke it"
        begins = len(request_head())
        for step, frame in zip(found, frames, strict=True):
            assert step.offset == begins + SHIFTS.get(str(step.rule), 0), step.rule
            begins += len(frame)

    run(main())


def test_a_half_close_is_passed_on() -> None:
    async def main() -> None:
        async def script(server: Raw) -> None:
            await server.accept()
            assert await server.rest() == b""
            await server.send(b"\x81\x05later")

        async with raw_server(script) as far, tapping(far) as (port, _, __), raw_client(port) as client:
            client.finish()
            assert await client.rest() == b"\x81\x05later"

    run(main())


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_reset_is_passed_on(who: str) -> None:
    async def main() -> None:
        met: list[str] = []

        async def read(raw: Raw) -> None:
            try:
                await raw.rest()
            except ConnectionResetError:
                met.append("reset")

        async def script(server: Raw) -> None:
            await server.accept()
            if who == "server":
                server.reset()
            else:
                await read(server)

        async with raw_server(script) as far, tapping(far) as (port, trace, watcher):
            async with raw_client(port) as client:
                if who == "client":
                    client.reset()
                else:
                    await read(client)
            await watcher.over.wait()
        assert met == ["reset"]
        ends = [record.step.facts()["clean"] for record in trace.filter(kind="transport.end.received")]
        assert False in ends

    run(main())


def test_a_server_that_does_not_read_stops_the_client() -> None:
    """Nothing piles up in the tap: what it has read and not written stays below a bound."""
    frame = masked(b"\x82\x7f" + (1 << 16).to_bytes(8, "big") + bytes(1 << 16))
    many = 1000

    async def main() -> None:
        go = asyncio.Event()
        got: list[int] = []

        async def script(server: Raw) -> None:
            await server.accept()
            await go.wait()
            got.append(len(await server.rest()))

        async with raw_server(script) as far, tapping(far) as (port, trace, watcher):
            async with raw_client(port) as client:
                sending = asyncio.create_task(client.send(frame * many))
                sizes = [-1, 0]
                while sizes[-1] != sizes[-2]:
                    await asyncio.wait([sending], timeout=0.2)
                    sizes.append(len(trace.bytes_of(Direction.TO_SERVER, received=True)))
                assert not sending.done()
                assert sizes[-1] < len(frame) * many / 2
                go.set()
                await sending
                client.finish()
            await watcher.over.wait()
        assert got == [len(frame) * many]

    assert len(frame) * many > HIGH_WATER
    run(main())


def test_tls_on_both_sides() -> None:
    async def main() -> None:
        outer, inner = throwaway_contexts("localhost"), throwaway_contexts(HOST)
        async with (
            their_serve(_echo, HOST, 0, ssl=outer.server) as server,
            tapping(server.sockets[0].getsockname()[1], tls_in=inner.server, ssl=outer.client) as (
                port,
                trace,
                watcher,
            ),
        ):
            async with their_connect(f"wss://{HOST}:{port}/", ssl=inner.client) as client:
                await client.send("secret")
                assert await client.recv() == "secret"
            await watcher.over.wait()
        assert violations(trace) == []
        opened = [record.step.facts()["tls"] for record in trace.filter(kind="transport.opened")]
        assert len(opened) == 2
        assert None not in opened

    run(main())


def test_a_server_with_a_certificate_that_nobody_vouches_for_is_not_reached() -> None:
    async def main() -> None:
        server_side, stranger = throwaway_contexts("localhost"), throwaway_contexts("localhost")
        async with (
            their_serve(_echo, HOST, 0, ssl=server_side.server) as server,
            tapping(server.sockets[0].getsockname()[1], ssl=stranger.client) as (port, _, watcher),
        ):
            raw = Raw(*await asyncio.open_connection(HOST, port))
            assert await raw.rest() == b""
            await raw.close()
            kind, problem = watcher.told[0]
            assert kind == "unreachable"
            assert isinstance(problem, ssl.SSLCertVerificationError)

    run(main())


def test_ordinary_http_passes_and_is_no_violation() -> None:
    async def main() -> None:
        page = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello"

        async def script(server: Raw) -> None:
            await server.head()
            await server.send(page)

        async with (
            raw_server(script) as far,
            tapping(far, "drop any frame") as (port, trace, _),
            raw_client(port, handshake=False) as client,
        ):
            await client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert await client.rest() == page
        assert violations(trace) == []
        assert {record.step.facts()["reason"] for record in trace.filter(kind="observer.unexplained")} == {"http"}

    run(main())
