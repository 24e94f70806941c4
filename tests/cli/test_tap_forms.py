"""The forms in which `tap` and `serve` tell: in full, in brief, only what is wrong; and what none of them may claim."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect as their_connect

from tests.cli.talking import serving
from tests.cli.tapped import HOST, run, tapped
from tests.cli.test_tap import CLIENTS_NINE, SERVERS_NINE, _broken, _echo, _send, _talk
from tests.support import request_head, response_head
from tests.views.printing import too_wide

EVIL = "http://evil.example"


async def _told(answer: bytes, *options: str) -> tuple[str, str]:
    """What a tap says, on both of its outputs, of a server that answers a browser's request with these bytes."""

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.write_eof()
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(server, HOST, 0)
    async with listener, tapped(listener.sockets[0].getsockname()[1], *options) as tap:
        with suppress(OSError, WebSocketException):
            async with connect(tap.uri, origin=EVIL) as client:  # type: ignore[arg-type]
                await client.recv()
    return tap.output, tap.errors


def refusal(status: int) -> bytes:
    return b"HTTP/1.1 %d No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["--lang", "--quiet", "--brief", "--json"])
@pytest.mark.parametrize("status", [401, 403, 421])
def test_a_refusal_by_a_server_leads_to_host_and_origin(form: str, language: str, status: int) -> None:
    async def main() -> None:
        options = ("--lang", language) if form == "--lang" else ("--lang", language, form)
        output, errors = await _told(refusal(status), *options)
        hint = "".join((errors if form == "--json" else output).split())
        assert "--rewrite-host" in hint
        assert EVIL in hint.rpartition(str(status))[2]
        if form == "--json":
            steps = [json.loads(line) for line in output.splitlines()]
            undecided = [step["rule"] for step in steps if step.get("passed", True) is None]
            assert undecided == ["REQUEST_AUTHORITY", "REQUEST_ORIGIN"]

    run(main())


def test_no_other_status_leads_to_host_and_origin() -> None:
    async def main() -> None:
        for status in (404, 503):
            output, errors = await _told(refusal(status), "--quiet")
            assert "--rewrite-host" not in output + errors
            assert output.count("Not explained") == 1

    run(main())


def test_what_the_server_decides_has_no_tick() -> None:
    async def main() -> None:
        output, _ = await _told(refusal(403))
        words = " ".join(output.split())
        assert f"· Origin: {EVIL} · the server REQUEST_ORIGIN §10.2 decides" in words
        assert re.search(r"· Host: .*? REQUEST_AUTHORITY", words)
        marks = re.findall(r"^  ([✔✖·]) \S.*?(REQUEST_\w+)", output, re.MULTILINE)
        assert [rule for mark, rule in marks if mark == "·"] == ["REQUEST_AUTHORITY", "REQUEST_ORIGIN"]

    run(main())


def test_behind_a_failed_handshake_nothing_is_told_as_if_it_were_open() -> None:
    async def main() -> None:
        wrong = response_head(changes={"Sec-WebSocket-Accept": "wrong"})
        output, _ = await _told(wrong + b"\x81\x01a")
        words = " ".join(output.split())
        assert "✖ RESPONSE_ACCEPT" in words
        assert words.count("Not explained") == 1
        for claim in ("handshake complete", "to OPEN", "OPEN to", "delivers", "text message"):
            assert claim not in words, claim
        assert "the client moves from CONNECTING to FAILED" in words

    run(main())


def test_the_parts_of_a_tale_are_in_the_order_of_time_and_both_ends_open() -> None:
    async def main() -> None:
        async with serve(_echo, HOST, 0) as server, tapped(server.sockets[0].getsockname()[1]) as tap:
            assert await _talk(tap, "Hello") == ["Hello"]
        words = " ".join(tap.output.split())
        times = [float(time) for time in re.findall(r"· (\d+\.\d{4}) s ──", tap.output)]
        assert len(times) > 3
        assert times == sorted(times)
        for role in ("client", "server"):
            assert f"the {role} moves from CONNECTING to OPEN" in words
            assert words.count(f"✔ At the {role} the connection has ended cleanly") == 1
        assert words.count("has ended cleanly") == 2, "each behind its mark"

    run(main())


def test_quiet_is_silent_where_nothing_is_wrong() -> None:
    async def main() -> None:
        async with serve(_echo, HOST, 0) as server, tapped(server.sockets[0].getsockname()[1], "--quiet") as tap:
            await _talk(tap, "Hello")
            plain = b"GET /chat HTTP/1.1\r\nHost: x\r\n\r\n"
            assert (await _send(tap.uri, plain)).startswith(b"HTTP/1.1 4")
        said = tap.output.splitlines()
        assert said[0].startswith("connection 2: Not explained"), "nothing of the first, which is in order"
        assert said[1:2] == [""], "and once of the other"

    run(main())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_in_brief_each_frame_has_one_line_with_what_it_breaks(language: str) -> None:
    async def main() -> None:
        listener = await asyncio.start_server(_broken, HOST, 0)
        port = listener.sockets[0].getsockname()[1]
        async with listener, tapped(port, "--brief", "--lang", language) as tap:
            await _send(tap.uri, request_head() + b"".join(CLIENTS_NINE.values()))
        lines = [line for line in tap.output.splitlines() if re.match(r" *\d+\.\d{4} +1 ", line)]
        assert too_wide("\n".join(lines)) == []
        assert lines[0].split()[2:4] == ["─▶", "GET"]
        for arrow, broken in (("─▶", CLIENTS_NINE), ("◀─", SERVERS_NINE)):
            framed = [line for line in lines if line.split()[2] == arrow][1:]
            assert len(framed) == len(broken)
            for line, rule in zip(framed, broken, strict=True):
                assert f"✖ {rule}" in line
        assert tap.status == 1

    run(main())


def test_in_brief_a_payload_is_cut_to_the_line() -> None:
    async def main() -> None:
        async with (
            serve(_echo, HOST, 0, compression=None) as server,
            tapped(server.sockets[0].getsockname()[1], "--brief") as tap,
        ):
            messages = ["\u4f60\u597d" * 500, bytes(range(200)), "short"]
            assert await _talk(tap, *messages) == messages
        lines = tap.output.splitlines()
        assert too_wide("\n".join(lines[1:])) == []
        assert sum('5  "short"' in line for line in lines) == 2
        assert sum(" 3,000  " in line and "\u4f60\u597d" in line for line in lines) == 2
        assert sum("   200  00 01 02" in line for line in lines) == 2
        assert any(re.search(r"close +2  1000$", line) for line in lines)

    run(main())


def test_serve_in_brief_has_a_line_for_each_frame_while_it_goes_on() -> None:
    with serving("--app", "echo", "--brief") as server:
        with their_connect(server.uri, compression=None) as client:
            client.send("Hello")
            assert client.recv(timeout=20) == "Hello"
            server.until(r'─▶ text +5  "Hello"')
            server.until(r'◀─ text +5  "Hello"')
        server.until(r"◀─ close +2  1000")
        out, _, status = server.stop()
    assert status == 0
    assert "HTTP/1.1 101" in out
    assert "FIN" not in out
