"""What only a real TCP connection shows: what is written when, who ends it first, and deadlines."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator

import pytest

from wsedu import Timeouts
from wsedu.loopback import ConnectionClosedError, Endpoint, connect, serve
from wsedu.protocol.http import Headers, Response

from ..support import request_head
from .peers import m, parse_request, parse_response, wire_frames
from .raw import HOST, Wire, connected, listening, run


async def echo(ws: Endpoint) -> None:
    async for message in ws:
        await ws.send(message)


async def wait_for_the_end(ws: Endpoint) -> None:
    await ws.wait_closed()


def test_client_sends_its_request_and_waits_for_the_response() -> None:
    """6455-4.1-02, 6455-4.1-15, 6455-4.1-16"""

    async def main() -> None:
        seen: list[bytes] = []

        async def behave(wire: Wire) -> None:
            seen.append(await wire.head())
            assert not opening.done()
            wire.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            assert await wire.rest() == b""

        async with listening(behave) as listener:
            opening = asyncio.ensure_future(_open(f"ws://{HOST}:{listener.port}/chat"))
            with pytest.raises(Exception, match="403"):
                await opening
        assert parse_request(seen[0]).target == b"/chat"

    run(main())


async def _open(uri: str) -> Endpoint:
    return await connect(uri)


@pytest.mark.parametrize("uri", [f"http://{HOST}/", f"ws://{HOST}:99999/", "ws:///p", f"ws://{HOST}/p#frag"])
def test_uri_is_checked_before_a_socket_is_opened(uri: str) -> None:
    """6455-4.1-03, 6455-3-01, 6455-3-05"""
    # No event loop runs here: nothing could have been opened.
    with pytest.raises(ValueError, match="URI_"):
        connect(uri)


def test_client_connects_straight_to_the_uris_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """6455-4.1-08"""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{HOST}:9")

    async def main() -> None:
        async with serve(wait_for_the_end) as server, connect(server.uri) as ws:
            assert ws.remote_address[:2] == (HOST, server.port)

    run(main())


def test_transport_that_cannot_be_opened_is_an_error() -> None:
    """6455-4.1-10"""

    async def main() -> None:
        with socket.socket() as closed:
            closed.bind((HOST, 0))  # bound and not listening: nobody answers here
            with pytest.raises(ConnectionRefusedError):
                await connect(f"ws://{HOST}:{closed.getsockname()[1]}/")

    run(main())


def test_bytes_reach_the_wire_when_send_returns() -> None:
    """6455-6.1-10, 6455-6.1-04"""

    async def main() -> None:
        async def hello(ws: Endpoint) -> None:
            await ws.send("Hello")
            await ws.wait_closed()

        async with serve(hello) as server, connected(server.port) as wire:
            await wire.open()
            assert await wire.read(7) == bytes.fromhex("81 05 48 65 6c 6c 6f")

    run(main())


def test_payload_cannot_be_changed_while_it_waits_for_the_transport() -> None:
    """6455-10.3-02"""

    async def main() -> None:
        size = 8 << 20  # more than the buffers of a socket hold
        changed = asyncio.Event()

        async def behave(wire: Wire) -> None:
            await wire.accept()
            await changed.wait()
            (frame,) = wire_frames(await wire.read(14 + size))
            assert frame.payload.count(b"a") == size

        async with listening(behave) as listener:
            ws = await connect(f"ws://{HOST}:{listener.port}/", timeouts=Timeouts(closing=1.0))
            data = bytearray(b"a" * size)
            sending = asyncio.ensure_future(ws.send(data))
            await asyncio.sleep(0)  # lets the sender run until it waits
            data[:] = b"b" * size
            changed.set()
            await sending
            await ws.close()

    run(main())


def test_second_stream_waits_for_the_first_to_end() -> None:
    """6455-5.4-08, 6455-5.4-07"""

    async def main() -> None:
        first_is_under_way, second_has_started = asyncio.Event(), asyncio.Event()

        async def first() -> AsyncIterator[str]:
            yield "a"
            yield "b"
            first_is_under_way.set()
            await second_has_started.wait()
            yield "c"

        async def second() -> AsyncIterator[str]:
            yield "1"
            yield "2"

        async def behave(wire: Wire) -> None:
            await wire.accept()
            frames = wire_frames(await wire.read(5 * 7))
            assert [(frame.opcode, frame.fin, frame.payload) for frame in frames] == [
                (1, False, b"a"),
                (0, False, b"b"),
                (0, True, b"c"),
                (1, False, b"1"),
                (0, True, b"2"),
            ]

        async with listening(behave) as listener:
            ws = await connect(f"ws://{HOST}:{listener.port}/", timeouts=Timeouts(closing=1.0))
            one = asyncio.ensure_future(ws.send(first()))
            await first_is_under_way.wait()
            two = asyncio.ensure_future(ws.send(second()))
            await asyncio.sleep(0)  # lets the second sender run until it waits
            second_has_started.set()
            await asyncio.gather(one, two)
            await ws.close()

    run(main())


def test_pong_does_not_wait_for_the_handler() -> None:
    """6455-5.5.2-04"""

    async def main() -> None:
        async with serve(wait_for_the_end) as server, connected(server.port) as wire:
            await wire.open()
            wire.write(m("81 02 68 69") + m("89 01 70"))
            assert await wire.read(3) == bytes.fromhex("8a 01 70")

    run(main())


def test_server_ends_tcp_first_and_reads_on() -> None:
    """6455-5.5.1-13, 6455-7.1.1-01, 6455-7.1.1-02, 6455-7.1.1-04, 6455-7.1.1-06"""

    async def main() -> None:
        async with serve(wait_for_the_end) as server, connected(server.port) as wire:
            await wire.open()
            # What stands behind the Close frame is dropped, and resets nothing.
            wire.write(m("88 02 03 e8") + m("82 7f 00 00 00 00 00 01 86 a0" + "00" * 100_000))
            assert await wire.rest() == bytes.fromhex("88 02 03 e8")

    run(main())


def test_server_that_starts_to_close_ends_tcp_first() -> None:
    """6455-7.1.1-04, 6455-7.3-03"""

    async def main() -> None:
        async def leave(ws: Endpoint) -> None:
            await ws.close(1000)

        async with serve(leave) as server, connected(server.port) as wire:
            await wire.open()
            assert await wire.read(4) == bytes.fromhex("88 02 03 e8")
            wire.write(m("88 02 03 e8"))
            assert await wire.rest() == b""

    run(main())


@pytest.mark.parametrize("answers", [True, False])
def test_client_waits_for_the_server_to_end_tcp_but_not_for_ever(answers: bool) -> None:
    """6455-5.5.1-14, 6455-5.5.1-15, 6455-7.1.1-05, 6455-7.1.1-07, 6455-7.3-03"""
    closing = 0.3

    async def main() -> None:
        loop = asyncio.get_running_loop()
        waited: list[float] = []

        async def behave(wire: Wire) -> None:
            await wire.accept()
            (close,) = wire_frames(await wire.read(8))
            assert (close.opcode, close.code) == (8, 1000)
            if answers:
                wire.write(bytes.fromhex("88 02 03 e8"))
            started = loop.time()
            assert await wire.rest() == b""
            waited.append(loop.time() - started)

        async with listening(behave) as listener:
            ws = await connect(f"ws://{HOST}:{listener.port}/", timeouts=Timeouts(closing=closing))
            await ws.close()
        assert waited[0] > closing / 2

    run(main())


def test_client_ends_when_the_server_has_ended() -> None:
    """6455-5.5.1-12, 6455-5.5.1-14, 6455-7.1.1-01"""

    async def main() -> None:
        async def behave(wire: Wire) -> None:
            await wire.accept()
            wire.write(bytes.fromhex("88 02 03 e8"))
            wire.writer.write_eof()
            (close,) = wire_frames(await wire.rest())
            assert close.code == 1000

        async with listening(behave) as listener:
            ws = await connect(f"ws://{HOST}:{listener.port}/")
            await ws.wait_closed()
            assert (ws.close_code, ws.connection.clean) == (1000, True)

    run(main())


def test_reset_is_reported_as_1006() -> None:
    """6455-7.2.1-02, 6455-7.1.5-03, 6455-7.1.7-06"""

    async def main() -> None:
        async def behave(wire: Wire) -> None:
            await wire.accept()
            await wire.read(6)
            linger = struct.pack("ii", 1, 0)  # closing at once, which sends a reset
            wire.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

        async with listening(behave) as listener:
            ws = await connect(f"ws://{HOST}:{listener.port}/")
            await ws.send("")
            with pytest.raises(ConnectionClosedError) as closed:
                await ws.recv()
            assert closed.value.code == 1006
            await ws.close()

    run(main())


def test_failure_is_described_to_the_client() -> None:
    """6455-7.1.7-01, 6455-7.1.7-02"""

    async def main() -> None:
        async def behave(wire: Wire) -> None:
            await wire.accept()
            wire.write(bytes.fromhex("83 00"))
            (close,) = wire_frames(await wire.rest())
            assert close.code == 1002

        async with listening(behave) as listener:
            ws = await connect(f"ws://{HOST}:{listener.port}/")
            with pytest.raises(ConnectionClosedError, match="OPCODE_RESERVED"):
                await ws.recv()
            await ws.close()

    run(main())


def test_server_logs_a_failure_and_closes(caplog: pytest.LogCaptureFixture) -> None:
    """6455-7.1.7-03, 6455-7.1.7-04"""

    async def main() -> None:
        async with serve(wait_for_the_end) as server, connected(server.port) as wire:
            await wire.open()
            wire.write(m("83 00"))
            (close,) = wire_frames(await wire.rest())
            assert close.code == 1002

    with caplog.at_level(logging.WARNING, logger="wsedu"):
        run(main())
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "OPCODE_RESERVED" in caplog.text


@pytest.mark.parametrize("data", [bytes(range(255, 0, -1)), b"\x16\x03\x01\x00\xa5", b"SSH-2.0-x\r\n\r\n"])
def test_garbage_instead_of_a_handshake_ends_tcp(data: bytes) -> None:
    """6455-10.7-02, 6455-7.2.2-01, 6455-4.2.1-02"""

    async def main() -> None:
        async with serve(wait_for_the_end) as server, connected(server.port) as wire:
            wire.write(data)
            assert parse_response(await wire.rest()).status_code == 400

    run(main())


def test_application_that_refuses_ends_tcp() -> None:
    """6455-4.2.2-07"""

    async def main() -> None:
        forbidden = Response(403, Headers([("Content-Length", "0")]))
        async with serve(echo, decide=lambda request: forbidden) as server, connected(server.port) as wire:
            wire.write(request_head())
            assert parse_response(await wire.rest()).status_code == 403

    run(main())


def test_server_that_shuts_down_says_1001_to_everybody() -> None:
    """6455-7.3-01, 6455-7.4.1-03"""

    async def main() -> None:
        async with serve(wait_for_the_end) as server:
            async with connected(server.port) as one, connected(server.port) as two:
                await one.open()
                await two.open()
                leaving = asyncio.ensure_future(server.close())
                for wire in (one, two):
                    assert await wire.read(4) == bytes.fromhex("88 02 03 e9")
                    wire.write(m("88 02 03 e9"))
                    assert await wire.rest() == b""
            await leaving

    run(main())


def test_handler_that_fails_closes_with_1011(caplog: pytest.LogCaptureFixture) -> None:
    """6455-7.4.1-16"""

    async def main() -> None:
        async def broken(ws: Endpoint) -> None:
            raise RuntimeError("broken on purpose")

        async with serve(broken) as server, connected(server.port) as wire:
            await wire.open()
            (close,) = wire_frames(await wire.rest())
            assert close.code == 1011

    run(main())
    assert "broken on purpose" in caplog.text
