"""What only a real TLS connection shows (RFC 6455 §4.1 step 5, §4.2.2, §10.6)."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from wsedu import Timeouts
from wsedu.loopback import connect, serve
from wsedu.loopback.tls import throwaway_contexts

from .peers import m, wire_frames
from .raw import HOST, LIMIT, Wire, connected, listening, run
from .test_transport import echo, wait_for_the_end

ALERT, HANDSHAKE, APPLICATION_DATA = 21, 22, 23
"""Types of TLS records (RFC 8446 §5.1); 20, change_cipher_spec, is the fourth."""


def record_types(data: bytes) -> list[int]:
    """The types of the TLS records that these bytes consist of, to the last byte."""
    types = []
    while data:
        assert data[1] == 3, "the major version of every TLS record"
        size = 5 + int.from_bytes(data[3:5], "big")
        assert len(data) >= size
        types.append(data[0])
        data = data[size:]
    return types


async def relayed(port: int, context: ssl.SSLContext, talk: bytes) -> tuple[bytes, bytes]:
    """Echo one message through a relay that keeps the bytes of both directions as they are on TCP."""
    kept = (bytearray(), bytearray())

    async def copy(source: Wire, target: Wire, keep: bytearray) -> None:
        while data := await source.reader.read(65536):
            keep += data
            target.write(data)
        if target.writer.can_write_eof():
            target.writer.write_eof()

    async def behave(wire: Wire) -> None:
        async with connected(port) as onward:
            await asyncio.gather(copy(wire, onward, kept[0]), copy(onward, wire, kept[1]))

    async with listening(behave) as listener, connect(f"wss://{HOST}:{listener.port}/", ssl=context) as ws:
        await ws.send(talk)
        assert await ws.recv() == talk
    return bytes(kept[0]), bytes(kept[1])


def test_every_byte_of_both_directions_is_tls() -> None:
    """6455-4.1-11, 6455-4.1-13, 6455-4.2.2-03"""

    async def main() -> None:
        contexts = throwaway_contexts(HOST)
        talk = b"in the open" * 100
        async with serve(echo, ssl=contexts.server) as server:
            to_server, to_client = await relayed(server.port, contexts.client, talk)
        for data in (to_server, to_client):
            types = record_types(data)
            assert types[0] == HANDSHAKE
            assert set(types) <= {20, ALERT, HANDSHAKE, APPLICATION_DATA}
            assert APPLICATION_DATA in types
            for plain in (b"GET ", b"HTTP/1.1", b"Sec-WebSocket", b"in the open"):
                assert plain not in data

    run(main())


def test_client_says_hello_in_tls_before_anything_else() -> None:
    """6455-4.1-11"""

    async def main() -> None:
        async def behave(wire: Wire) -> None:
            assert (await wire.read(3))[:2] == bytes([HANDSHAKE, 3])

        async with listening(behave) as listener:
            with pytest.raises((ConnectionError, ssl.SSLError)):
                await connect(f"wss://{HOST}:{listener.port}/", timeouts=Timeouts(opening=LIMIT / 2))

    run(main())


@pytest.mark.parametrize("fault", ["unknown authority", "other name"])
def test_certificate_that_cannot_be_verified_fails(fault: str) -> None:
    """6455-4.1-12, 6455-10.6-03"""

    async def main() -> None:
        contexts = throwaway_contexts("elsewhere.example" if fault == "other name" else HOST)
        client = None if fault == "unknown authority" else contexts.client
        seen: list[str] = []

        async with serve(echo, ssl=contexts.server, decide=lambda request: seen.append(request.line)) as server:
            with pytest.raises(ssl.SSLCertVerificationError):
                await connect(server.uri, ssl=client)
        assert seen == []

    run(main())


@pytest.mark.parametrize(
    ("host", "name"),
    [("server.example", "server.example"), ("bücher.example", "xn--bcher-kva.example")],
)
def test_client_names_the_server_to_tls(host: str, name: str) -> None:
    """6455-4.1-14, 6455-11.1.2-01"""

    async def main() -> None:
        contexts = throwaway_contexts(name)
        named: list[str | None] = []
        contexts.server.sni_callback = lambda sock, server_name, context: named.append(server_name)
        async with serve(echo, ssl=contexts.server) as server:
            uri = f"wss://{host}:{server.port}/"
            async with connect(uri, host=HOST, ssl=contexts.client) as ws:
                await ws.send("hi")
                assert await ws.recv() == "hi"
        assert named == [name]

    run(main())


def test_client_masks_over_tls_too() -> None:
    """6455-5.1-02"""

    async def main() -> None:
        contexts = throwaway_contexts(HOST)

        async def behave(wire: Wire) -> None:
            await wire.accept()
            frames = wire_frames(await wire.read(6 + 5 + 8))
            assert [(frame.opcode, frame.masked, frame.payload[:5]) for frame in frames] == [
                (1, True, b"Hello"),
                (8, True, bytes.fromhex("03 e8")),
            ]

        async with listening(behave, ssl=contexts.server) as listener:
            ws = await connect(f"wss://{HOST}:{listener.port}/", ssl=contexts.client)
            await ws.send("Hello")
            await ws.close()

    run(main())


def test_plain_request_to_a_tls_port_is_not_answered() -> None:
    """6455-4.2.2-02"""

    async def main() -> None:
        contexts = throwaway_contexts(HOST)
        async with serve(echo, ssl=contexts.server) as server, connected(server.port) as wire:
            wire.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            answer = await wire.rest()
            assert b"HTTP/1.1" not in answer
            assert set(record_types(answer)) <= {ALERT}

    run(main())


def test_both_roles_speak_wss() -> None:
    """6455-10.6-01, 6455-4.1-11"""

    async def main() -> None:
        contexts = throwaway_contexts(HOST)
        async with serve(echo, ssl=contexts.server) as server:
            assert server.uri.startswith("wss://")
            async with connect(server.uri, ssl=contexts.client) as ws:
                for message in ("Hello", b"\x00\xff", "x" * 70000):
                    await ws.send(message)
                    assert await ws.recv() == message

    run(main())


def test_server_ends_tls_with_close_notify() -> None:
    """6455-7.1.1-02"""

    async def main() -> None:
        contexts = throwaway_contexts(HOST)

        def talk(port: int) -> bytes:
            with socket.create_connection((HOST, port), timeout=LIMIT / 2) as tcp:
                # With this, an end of TCP without close_notify is an error.
                wrap = contexts.client.wrap_socket(tcp, server_hostname=HOST, suppress_ragged_eofs=False)
                with wrap as tls:
                    tls.sendall(
                        b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                    )
                    tls.sendall(m("88 02 03 e8"))
                    received = b""
                    while data := tls.recv(4096):
                        received += data
                    return received

        async with serve(wait_for_the_end, ssl=contexts.server) as server:
            received = await asyncio.to_thread(talk, server.port)
        assert received.endswith(b"\r\n\r\n" + bytes.fromhex("88 02 03 e8"))

    run(main())
