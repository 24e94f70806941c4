"""`tap` as a user runs it: between real peers in processes of their own."""

from __future__ import annotations

import asyncio
import json
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import WebSocketException

from tests.cli.conftest import Run
from tests.cli.tapped import HOST, Tapped, paragraphs, run, tapped
from tests.loopback.test_tap import NINE
from tests.support import as_bytes, masked, request_head, response_head
from tests.views.printing import too_wide

CLIENTS_NINE = {rule: as_bytes(frame) for rule, frame in NINE.items()}
SERVERS_NINE = {
    "SERVER_MUST_NOT_MASK": masked("81 01 41"),
    "RSV_BITS": b"\xc1\x01A",
    "OPCODE_RESERVED": b"\x83\x01A",
    "CONTROL_FRAGMENTED": b"\x09\x01A",
    "MINIMAL_LENGTH": b"\x81\x7e\x00\x01A",
    "CONTINUATION_WITHOUT_START": b"\x80\x01A",
    "TEXT_UTF8": b"\x81\x01\xff",
    "CONTROL_TOO_LONG": b"\x89\x7e\x00\x7e" + bytes(126),
    "CLOSE_CODE": b"\x88\x02\x03\xed",
}
"""A frame for each of nine rules, by each side (RFC 6455 §5, §7.4)."""


async def _echo(connection: Any) -> None:
    async for message in connection:
        await connection.send(message)


async def _talk(tap: Tapped, *messages: str | bytes) -> list[str | bytes]:
    """Send each message and wait for its answer."""
    answers = []
    async with connect(tap.uri) as client:
        for message in messages:
            await client.send(message)
            answers.append(await client.recv())
    return answers


def test_both_directions_are_told_in_words() -> None:
    async def main() -> None:
        async with serve(_echo, HOST, 0) as server, tapped(server.sockets[0].getsockname()[1]) as tap:
            assert await _talk(tap, "Hello") == ["Hello"]
        words = " ".join(tap.output.split())
        assert 'The server delivers a text message of 5 bytes, which came in one frame: "Hello"' in words
        assert 'The client delivers a text message of 5 bytes, which came in one frame: "Hello"' in words
        assert "the connection has ended cleanly" in words
        assert (tap.status, tap.errors) == (0, "")

    run(main())


def test_json_and_a_saved_file_have_the_same_lines(tmp_path: Path) -> None:
    file = tmp_path / "exchange.jsonl"

    async def main() -> None:
        async with (
            serve(_echo, HOST, 0) as server,
            tapped(server.sockets[0].getsockname()[1], "--json", "--save", str(file)) as tap,
        ):
            await _talk(tap, "Hello")
            await _talk(tap, "again")
        lines = tap.output.splitlines()
        assert lines == file.read_text(encoding="utf-8").splitlines()
        steps = [json.loads(line) for line in lines[1:]]
        assert {step["connection"] for step in steps} == {1, 2}

    run(main())


def test_a_rule_is_applied_and_said() -> None:
    async def main() -> None:
        async with (
            serve(_echo, HOST, 0, compression=None) as server,
            tapped(server.sockets[0].getsockname()[1], "--quiet", "--rule", "edit server text /cat/dog/") as tap,
        ):
            assert await _talk(tap, "a cat") == ["a dog"]
        assert '"edit server text /cat/dog/"' in tap.output
        assert tap.status == 0

    run(main())


def test_a_client_that_was_given_the_authority_trusts_the_tap(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"

    async def main() -> None:
        async with (
            serve(_echo, HOST, 0) as server,
            tapped(server.sockets[0].getsockname()[1], "--quiet", "--tls-in", "--tls-ca", str(file)) as tap,
        ):
            context = ssl.create_default_context(cafile=str(file))
            async with connect(tap.uri, ssl=context) as client:
                await client.send("secret")
                assert await client.recv() == "secret"
        assert (tap.status, tap.errors) == (0, "")

    run(main())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--to", "ws://127.0.0.1:9/", "--rule", "drop serve ping"], " 6"),
        (["--to", "ws://127.0.0.1:9/", "--rule", "delay any ping"], "2s"),
        (["--to", "http://127.0.0.1:9/"], "http://127.0.0.1:9/"),
        (["--to", "ws://127.0.0.1:9/", "--port", "65536"], "65536"),
        (["--to", "ws://127.0.0.1:9/", "--save", "exchange.txt"], "exchange.txt"),
        (["--to", "ws://127.0.0.1:9/", "--tls-ca", "ca.pem"], "--tls-in"),
        (["--to", "wss://127.0.0.1:9/", "--ca", "nowhere.pem"], "nowhere.pem"),
    ],
)
def test_a_mistake_is_one_line(wsedu: Run, options: list[str], part: str, language: str) -> None:
    done = wsedu("tap", *options, "--lang", language)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert part in done.stderr


def test_a_server_that_is_not_there_is_said() -> None:
    async def main() -> None:
        async with serve(_echo, HOST, 0) as server:
            port = server.sockets[0].getsockname()[1]
        async with tapped(port) as tap:
            with pytest.raises((OSError, WebSocketException)):
                await _talk(tap, "Hello")
        assert "connection 1" in tap.errors
        assert tap.errors.count("\n") == 1

    run(main())


# --- Broken peers ---


async def _broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that opens a connection, breaks as many rules as the client, and waits for the end."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(response_head() + b"".join(SERVERS_NINE.values()))
    await reader.read()
    writer.close()


async def _send(uri: str, data: bytes) -> bytes:
    """Send bytes and the end; all that comes back."""
    reader, writer = await asyncio.open_connection(HOST, int(uri.split(":")[2].split("/")[0]))
    writer.write(data)
    answer = await reader.readuntil(b"\r\n\r\n") if data.startswith(b"GET /chat") else b""
    writer.write_eof()
    answer += await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("options", [(), ("--quiet",)], ids=["in full", "quiet"])
def test_nine_broken_rules_of_each_side_are_named_and_counted(options: tuple[str, ...], language: str) -> None:
    async def main() -> None:
        listener = await asyncio.start_server(_broken, HOST, 0)
        port = listener.sockets[0].getsockname()[1]
        async with listener, tapped(port, "--lang", language, *options) as tap:
            assert await _send(tap.uri, request_head() + b"".join(CLIENTS_NINE.values())) == response_head() + b"".join(
                SERVERS_NINE.values()
            )
        *told, by_client, by_server = paragraphs(tap.output)
        for rule in (*CLIENTS_NINE, *SERVERS_NINE):
            assert rule in " ".join(told), rule
        assert [rule for rule in CLIENTS_NINE if rule in by_client] == list(CLIENTS_NINE)
        assert [rule for rule in SERVERS_NINE if rule in by_server] == list(SERVERS_NINE)
        assert str(len(CLIENTS_NINE) + len(SERVERS_NINE)) in told[-1]
        # A line for each finding may be as long as it has to be; what is laid out fits.
        assert options or too_wide(tap.output.partition("\n")[2]) == []
        assert (tap.status, tap.errors) == (1, "")

    run(main())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "this is ordinary HTTP"),
        (b"\x16\x03\x01\x00\x05hello", "cannot begin an HTTP head"),
        (bytes(range(128, 256)) * 1000, "cannot begin an HTTP head"),
    ],
    ids=["http", "tls", "garbage"],
)
def test_what_is_no_websocket_passes_and_is_said_without_a_verdict_on_closing(data: bytes, words: str) -> None:
    async def back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read())
        writer.close()

    async def main() -> None:
        listener = await asyncio.start_server(back, HOST, 0)
        async with listener, tapped(listener.sockets[0].getsockname()[1]) as tap:
            assert await _send(tap.uri, data) == data
        output = " ".join(tap.output.split())
        assert words in output
        assert "Not explained" in output
        assert "1006" not in output
        assert tap.errors == ""

    run(main())


@pytest.mark.parametrize("data", [b"", request_head()[:40], request_head() + b"\x81"], ids=["nothing", "head", "frame"])
@pytest.mark.parametrize("who", ["client", "server"])
def test_a_peer_that_vanishes_leaves_no_trace_of_the_program(who: str, data: bytes) -> None:
    async def main() -> None:
        came, gone = asyncio.Event(), asyncio.Event()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came.set()
            if who == "server":
                writer.transport.abort()
            await reader.read()
            gone.set()
            writer.close()

        listener = await asyncio.start_server(accept, HOST, 0)
        async with listener, tapped(listener.sockets[0].getsockname()[1]) as tap:
            reader, writer = await asyncio.open_connection(HOST, int(tap.uri.split(":")[2].split("/")[0]))
            writer.write(data)
            await came.wait()
            if who == "client":
                writer.transport.abort()
            with suppress(ConnectionResetError):
                await reader.read()
            writer.close()
            await gone.wait()
        assert tap.errors == ""
        assert "stopped: 1 connection relayed" in tap.output

    run(main())
