"""The tap's rules between peers: what goes on, and what is said of it."""

from __future__ import annotations

import asyncio

import pytest

from tests.support import masked, request_head
from wsedu.protocol.steps import TapActed
from wsedu.protocol.types import Direction
from wsedu.trace.trace import Trace

from .net import HOST, Raw, raw_client, raw_server, run
from .tapping import tapping


async def _through(rules: tuple[str, ...], sends: bytes, answers: bytes) -> tuple[bytes, bytes, Trace]:
    """What the server and the client get of what the other sends."""
    got: list[bytes] = []

    async def script(server: Raw) -> None:
        await server.accept()
        got.append(await server.rest())
        await server.send(answers)

    async with raw_server(script) as far, tapping(far, *rules) as (port, trace, _), raw_client(port) as client:
        await client.send(sends)
        client.finish()
        back = await client.rest()
    return got[0], back, trace


HELLO, PING = masked("81 05 48 65 6c 6c 6f"), masked("89 00")


@pytest.mark.parametrize(
    ("rules", "sends", "arrives"),
    [
        (("drop client ping",), HELLO + PING + HELLO, HELLO + HELLO),
        (("drop client text =Hello #2",), HELLO + HELLO + HELLO, HELLO + HELLO),
        (("drop server ping",), HELLO + PING, HELLO + PING),
        (("edit client text /ell/unge/",), HELLO, masked(b"\x81\x06Hungeo")),
        (("drop client data >4", "drop client control <1"), HELLO + PING + masked("82 01 41"), masked("82 01 41")),
        (("delay client text 50ms",), HELLO + PING, HELLO + PING),
        (("hold client text until client pong",), HELLO + PING + masked("8a 00"), HELLO + PING + masked("8a 00")),
        (("hold client text",), PING + HELLO + PING, PING),
    ],
)
def test_what_the_rules_let_through(rules: tuple[str, ...], sends: bytes, arrives: bytes) -> None:
    async def main() -> None:
        if rules[0] == "hold client text":
            await _held(sends, arrives)
            return
        got, _, trace = await _through(rules, sends, b"")
        assert got == arrives
        assert bool(trace.filter(kind="tap.acted").records) == (arrives != sends or "server" not in rules[0])
        # The trace has what the client sent, whatever became of it.
        assert trace.bytes_of(Direction.TO_SERVER, received=True) == request_head() + sends

    run(main())


async def _held(sends: bytes, arrives: bytes) -> None:
    """A hold without an end: what is behind the frame stays behind it, the end of TCP too."""
    seen: list[bytes] = []
    enough = asyncio.Event()

    async def script(server: Raw) -> None:
        await server.accept()
        while len(b"".join(seen)) < len(arrives):
            seen.append(await server.some())
        enough.set()
        await server.send(b"\x8a\x00")
        with pytest.raises(ConnectionResetError):
            seen.append(await server.rest())

    async with raw_server(script) as far, tapping(far, "hold client text") as (port, trace, watcher):
        async with raw_client(port) as client:
            await client.send(sends)
            await enough.wait()
            assert await client.some() == b"\x8a\x00"
            client.reset()
        await watcher.over.wait()
    assert b"".join(seen) == arrives
    acted = [record.step for record in trace if isinstance(record.step, TapActed)]
    assert [step.action for step in acted] == ["hold"]


def test_a_frame_is_put_in_for_either_side() -> None:
    async def main() -> None:
        rules = ('inject server text ="from nobody" after client ping', "inject client ping =0x0102 before client text")
        got, back, trace = await _through(rules, PING + HELLO, b"\x8a\x00")
        assert back == b"\x81\x0bfrom nobody\x8a\x00"
        head, tail = got[: len(PING)], got[len(PING) :]
        assert head == PING
        assert tail.endswith(HELLO)
        put_in = tail[: -len(HELLO)]
        assert put_in == masked("89 02 01 02", put_in[2:6]), "a client's frame is masked, with a key of its own"
        assert len(trace.filter(kind="tap.acted").records) == 2

    run(main())


def test_the_host_is_rewritten_only_if_asked_for() -> None:
    async def main() -> None:
        for rewrite in (False, True):
            heads: list[bytes] = []

            async def script(server: Raw, heads: list[bytes] = heads) -> None:
                heads.append(await server.head())

            async with (
                raw_server(script) as far,
                tapping(far, rewrite_host=rewrite) as (port, _, __),
                raw_client(port, handshake=False) as client,
            ):
                await client.send(request_head())
                await client.rest()
            wanted = request_head({"Host": f"{HOST}:{far}"}) if rewrite else request_head()
            assert heads == [wanted]

    run(main())
