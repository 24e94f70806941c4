"""`page` without a browser: its document, who sees which steps, and what a page may ask for."""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as their_connect

from tests.cli.talking import serving as serve_process
from tests.loopback.net import raw_client, run
from tests.support import request_head
from wsedu.apps.app import App, application
from wsedu.apps.told import Told
from wsedu.explain.catalogue import LANGUAGES
from wsedu.loopback import Server, serve
from wsedu.protocol.steps import HandshakeCheck, Level
from wsedu.trace.jsonl import record_line
from wsedu.trace.trace import Record, Trace

KINDS = {"text": 1, "close": 8, "ping": 9, "pong": 10}


@asynccontextmanager
async def serving(*, traced: bool = True) -> AsyncIterator[tuple[Server, list[Record]]]:
    """The application as the command line sets it up, and the records that are told."""
    app: App = application("page", "en")
    told: list[Record] = []
    trace = Trace(level=Level.BASE, keep=False)
    trace.subscribe(Told(app.hides, app.watch, told.append))
    async with serve(app.serve, serve_page=app.page, trace=trace if traced else False) as server:
        yield server, told


async def get(port: int, target: str = "/", **changes: Any) -> tuple[int, http.client.HTTPMessage, bytes]:
    """An ordinary GET, its answer read by the standard library."""
    plain = {"Upgrade": None, "Connection": "close", "Sec-WebSocket-Key": None, "Sec-WebSocket-Version": None}
    head = request_head(plain | changes, line=f"GET {target} HTTP/1.1")
    async with raw_client(port, handshake=False) as raw:
        await raw.send(head)
        answer = await raw.rest()
    start, _, rest = answer.partition(b"\r\n")
    fields, _, body = rest.partition(b"\r\n\r\n")
    return int(start.split()[1]), http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n")), body


async def steps(client: ClientConnection, *, until: str) -> list[dict[str, Any]]:
    """What comes over `/trace` up to the first step of a kind."""
    found: list[dict[str, Any]] = []
    while not any(step["kind"] == until for step in found):
        message = json.loads(await client.recv())
        assert message["type"] == "steps", message
        found += message["steps"]
    return found


@asynccontextmanager
async def watched(server: Server, language: str = "en") -> AsyncIterator[tuple[ClientConnection, ClientConnection]]:
    """A page's two connections: the one with the steps, the one that is watched."""
    async with their_connect(f"{server.uri}trace?lang={language}") as trace:
        hello = json.loads(await trace.recv())
        assert hello["type"] == "hello"
        async with their_connect(f"{server.uri}?watch={hello['watch']}") as link:
            yield trace, link


# --- The document ---


def test_the_document_is_whole_and_fetches_nothing() -> None:
    async def main() -> tuple[int, http.client.HTTPMessage, bytes]:
        async with serving() as (server, _):
            return await get(server.port)

    status, headers, body = run(main())
    page = body.decode()
    assert status == 200
    assert int(headers["Content-Length"]) == len(body)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert re.findall(r"https?://|url\(|@import|<!--|\{\{|/\*(?:style|script|words)\*/", page) == []
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,", "?lang=zh"]


def test_the_policy_allows_the_script_and_the_style_of_the_page_and_no_other() -> None:
    async def main() -> tuple[int, http.client.HTTPMessage, bytes]:
        async with serving() as (server, _):
            return await get(server.port)

    _, headers, body = run(main())
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        content = re.findall(rf"<{tag}>(.*?)</{tag}>", body.decode(), re.DOTALL)
        assert len(content) == 1
        digest = base64.b64encode(hashlib.sha256(content[0].encode()).digest()).decode()
        assert policy[directive] == f"'sha256-{digest}'"
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"


@pytest.mark.parametrize(
    ("target", "accepted", "language"),
    [
        ("/", None, "en"),
        ("/?lang=zh", None, "zh"),
        ("/", "fr, zh-CN;q=0.9, en;q=0.8", "zh"),
        ("/?lang=en", "zh-CN", "en"),
        ("/?lang=fr", "de", "en"),
    ],
)
def test_the_language_follows_the_link_then_the_browser(target: str, accepted: str | None, language: str) -> None:
    async def main() -> http.client.HTTPMessage:
        async with serving() as (server, _):
            return (await get(server.port, target, **{"Accept-Language": accepted}))[1]

    assert run(main())["Content-Language"] == language


def test_what_is_no_page_is_not_found_and_what_is_no_plain_get_is_refused_as_ever() -> None:
    async def main() -> list[int]:
        async with serving() as (server, _):
            found = [(await get(server.port, "/other"))[0]]
            found.append((await get(server.port, Host=None))[0])
            found.append((await get(server.port, Upgrade="websocket"))[0])
            found.append((await get(server.port, **{"Content-Length": "3"}))[0])
            return found

    assert run(main()) == [404, 400, 400, 400]


def test_an_application_without_a_page_refuses_a_plain_get_as_the_rfc_demands() -> None:
    async def main() -> int:
        echo = application("echo", "en")
        async with serve(echo.serve, serve_page=echo.page) as server:
            return (await get(server.port))[0]

    assert run(main()) == 426


# --- Who sees which steps ---


def test_the_page_sees_the_frames_of_its_connection_from_the_request_to_the_end() -> None:
    async def main() -> list[dict[str, Any]]:
        async with serving() as (server, _), watched(server) as (trace, link):
            await link.send("Hello")
            await link.recv()
            await link.close(1000, "bye")
            return await steps(trace, until="close.status")

    found = run(main())
    frames = [(step["sent"], step["opcode"]) for step in found if step["kind"] == "frame.complete"]
    assert frames == [(False, 1), (True, 1), (False, 8), (True, 8)]
    assert [step["kind"] for step in found][:2] == ["transport.opened", "handshake.request"]
    hello = next(step for step in found if step["kind"] == "frame.complete")
    assert "Hello" in hello["sentence"]
    assert json.loads(hello["line"])["frame"]["payload"] == b"Hello".hex()
    # The fields are those of §5.2, in its order.
    assert [field["letter"] for field in hello["fields"]] == ["F", "R1", "R2", "R3", "O", "M", "L", "K", "P"]
    assert sum(field["bits"] for field in hello["fields"]) == 8 * (2 + 4 + len(b"Hello"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_checks_that_passed_are_one_entry_with_every_line_of_theirs(language: str) -> None:
    async def main() -> tuple[list[dict[str, Any]], list[Record]]:
        async with serving() as (server, told), watched(server, language) as (trace, link):
            await link.close()
            return await steps(trace, until="close.status"), told

    found, told = run(main())
    [entry] = [step for step in found if step["kind"] == "handshake.check"]
    checks = [record for record in told if isinstance(record.step, HandshakeCheck)]
    assert [json.loads(line) for line in entry["line"].splitlines()] == [json.loads(record_line(r)) for r in checks]
    assert str(len(checks)) in entry["title"]
    assert all(str(record.step.rule) in entry["sentence"] for record in checks)
    kinds = [step["kind"] for step in found]
    assert kinds.index("handshake.request") < kinds.index("handshake.check") < kinds.index("handshake.response")


def test_the_page_sees_how_its_connection_ends_when_the_server_stops() -> None:
    async def main() -> tuple[list[dict[str, Any]], int | None]:
        with serve_process() as server:
            async with their_connect(f"{server.uri}trace") as trace:
                hello = json.loads(await trace.recv())
                async with their_connect(f"{server.uri}?watch={hello['watch']}") as link:
                    await link.send("Hello")
                    await link.recv()
                    server.process.send_signal(signal.SIGINT)
                    found = await steps(trace, until="close.status")
                    await link.wait_closed()
                    return found, link.close_code

    found, code = run(main())
    closes = [step["sent"] for step in found if step.get("opcode") == KINDS["close"]]
    assert closes == [True, False]
    assert code == 1001


def test_the_steps_speak_the_language_of_the_page() -> None:
    async def main() -> list[dict[str, Any]]:
        async with serving() as (server, _), watched(server, "zh") as (trace, link):
            await link.close()
            return await steps(trace, until="close.status")

    assert all(re.search("[\u4e00-\u9fff]", step["sentence"]) for step in run(main()))


def test_nobody_sees_the_steps_of_another_page() -> None:
    async def main() -> list[dict[str, Any]]:
        async with serving() as (server, _), watched(server) as (trace, link), watched(server) as (_, other):
            await other.send("a secret")
            await other.recv()
            async with their_connect(server.uri) as stranger:
                await stranger.send("another secret")
                await stranger.recv()
            await link.close()
            return await steps(trace, until="close.status")

    found = run(main())
    assert "secret" not in json.dumps(found)
    assert len({step["connection"] for step in found}) == 1


def test_the_connection_with_the_steps_is_not_told_itself() -> None:
    async def main() -> list[Record]:
        async with serving() as (server, told):
            await get(server.port)
            async with watched(server) as (trace, link):
                await link.send("Hello")
                await link.close()
                await steps(trace, until="close.status")
            return told

    told = run(main())
    assert {record.connection for record in told} == {1}
    assert [record.n for record in told] == sorted(record.n for record in told)


def test_connections_are_counted_without_the_loads_of_the_page() -> None:
    async def main() -> list[Record]:
        async with serving() as (server, told):
            for _ in range(2):
                await get(server.port)
                async with watched(server) as (trace, link):
                    await link.close()
                    await steps(trace, until="close.status")
            return told

    opened = [record.connection for record in run(main()) if record.step.kind == "transport.opened"]
    assert opened == [1, 2]


def test_a_large_message_reaches_the_page_cut_to_what_it_can_show() -> None:
    async def main() -> list[dict[str, Any]]:
        async with serving() as (server, _), watched(server) as (trace, link):
            await link.send(bytes(1 << 19))
            await link.recv()
            await link.close()
            return await steps(trace, until="close.status")

    assert len(json.dumps(run(main()))) < 1 << 16


def test_without_a_trace_the_page_is_told_so_and_still_echoes() -> None:
    async def main() -> tuple[bool, str | bytes]:
        async with serving(traced=False) as (server, _), their_connect(f"{server.uri}trace") as trace:
            hello = json.loads(await trace.recv())
            async with their_connect(f"{server.uri}?watch={hello['watch']}") as link:
                await link.send("Hello")
                return hello["traced"], await link.recv()

    assert run(main()) == (False, "Hello")


# --- Orders ---


def test_the_server_pings_fragments_and_closes_when_the_page_asks() -> None:
    async def main() -> tuple[list[dict[str, Any]], str | bytes, int | None, str | None]:
        async with serving() as (server, _), watched(server) as (trace, link):
            await trace.send(json.dumps({"do": "ping", "text": "there?"}))
            await trace.send(json.dumps({"do": "fragment", "text": "你好!", "parts": 3}))
            message = await link.recv()
            await trace.send(json.dumps({"do": "close", "code": 4321, "reason": "done"}))
            await link.wait_closed()
            found = await steps(trace, until="close.status")
            return found, message, link.close_code, link.close_reason

    found, message, code, reason = run(main())
    assert message == "你好!"
    assert (code, reason) == (4321, "done")
    frames = [step for step in found if step["kind"] == "frame.complete"]
    sent = [json.loads(step["line"])["frame"] for step in frames if step["sent"]]
    assert [(frame["opcode"], frame["fin"]) for frame in sent] == [
        (KINDS["ping"], True),
        (KINDS["text"], False),
        (0, False),
        (0, True),
        (KINDS["close"], True),
    ]
    pieces = [bytes.fromhex(frame["payload"]) for frame in sent[1:4]]
    assert b"".join(pieces) == "你好!".encode()
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1
    assert any(step["opcode"] == KINDS["pong"] and not step["sent"] for step in frames)


@pytest.mark.parametrize(
    "order",
    [
        "no json",
        "[" * 100_000,
        "[]",
        "{}",
        '{"do": "explode"}',
        '{"do": ["ping"]}',
        '{"do": "ping", "text": 5}',
        json.dumps({"do": "ping", "text": "x" * 126}),
        '{"do": "fragment", "text": "a", "parts": 0}',
        '{"do": "fragment", "text": "a", "parts": 1000000}',
        '{"do": "fragment", "text": "a", "parts": true}',
        '{"do": "fragment", "text": "\\ud800", "parts": 2}',
        '{"do": "close", "code": 1005}',
        '{"do": "close", "code": 99999999999}',
        '{"do": "close", "code": "1000"}',
        json.dumps({"do": "close", "code": 1000, "reason": "x" * 124}),
    ],
)
def test_an_order_that_makes_no_sense_is_answered_and_changes_nothing(order: str) -> None:
    async def main() -> tuple[dict[str, Any], str | bytes]:
        async with serving() as (server, _), watched(server) as (trace, link):
            await trace.send(order)
            while (message := json.loads(await trace.recv()))["type"] == "steps":
                continue
            await link.send("still open")
            return message, await link.recv()

    message, echoed = run(main())
    assert message["type"] == "problem"
    assert message["text"]
    assert echoed == "still open"


def test_an_order_without_a_connection_says_to_connect_first() -> None:
    async def main() -> dict[str, Any]:
        async with serving() as (server, _), their_connect(f"{server.uri}trace") as trace:
            await trace.recv()
            await trace.send('{"do": "ping", "text": ""}')
            message: dict[str, Any] = json.loads(await trace.recv())
            return message

    assert run(main())["type"] == "problem"
