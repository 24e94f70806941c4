"""The opening handshake on a real socket (RFC 6455 §4): what is refused, and how each end is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h11
import pytest

from wsedu import Limits, LocalViolation, Trace
from wsedu.loopback import Endpoint, HandshakeFailed, connect, serve
from wsedu.protocol.http import Request, Response
from wsedu.protocol.response import error_response
from wsedu.protocol.steps import FrameComplete

from ..support import SAMPLE_ACCEPT, Change, masked, request_head, response_head
from .net import Raw, pair, raw_client, raw_server, run, text


async def never(endpoint: Endpoint) -> None:
    """A handler that must not be called."""
    raise AssertionError("the handshake was refused")


def read_response(data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, fields and body of a response that ends with the connection, as h11 reads it."""
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(data)
    peer.receive_data(b"")
    response = peer.next_event()
    assert isinstance(response, h11.Response), response
    body = b""
    while isinstance(event := peer.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage), event
    return response.status_code, {name.decode(): value.decode() for name, value in response.headers}, body


REFUSED: list[tuple[str, dict[str, Change], str, int, str]] = [
    ("no upgrade", {"Upgrade": None}, "GET /chat HTTP/1.1", 426, "REQUEST_UPGRADE"),
    ("no connection", {"Connection": None}, "GET /chat HTTP/1.1", 400, "REQUEST_CONNECTION"),
    ("no key", {"Sec-WebSocket-Key": None}, "GET /chat HTTP/1.1", 400, "REQUEST_KEY"),
    ("version 12", {"Sec-WebSocket-Version": "12"}, "GET /chat HTTP/1.1", 426, "REQUEST_VERSION_SUPPORTED"),
    ("post", {}, "POST /chat HTTP/1.1", 405, "REQUEST_METHOD"),
    ("http 1.0", {}, "GET /chat HTTP/1.0", 505, "REQUEST_HTTP_VERSION"),
    ("origin", {"Origin": "http://evil.example"}, "GET /chat HTTP/1.1", 403, "REQUEST_ORIGIN"),
    ("too many fields", {"X-Many": ["x"] * 200}, "GET /chat HTTP/1.1", 431, "HEAD_TOO_MANY_FIELDS"),
    ("no HTTP", {}, "\x16\x03\x01 /chat HTTP/1.1", 400, "HEAD_START_LINE"),
]


@pytest.mark.parametrize(
    ("changes", "line", "status", "rule"), [one[1:] for one in REFUSED], ids=[o[0] for o in REFUSED]
)
def test_a_bad_request_gets_its_status_and_the_end_of_tcp(
    changes: dict[str, Change], line: str, status: int, rule: str
) -> None:
    async def main() -> None:
        async with serve(never, origins=["http://good.example", None]) as server:
            async with raw_client(server.port, handshake=False) as peer:
                await peer.send(request_head(changes, line=line))
                found, fields, body = read_response(await peer.rest())
            assert found == status
            assert rule.encode() in body
            assert fields["connection"].endswith("close")
            if status == 426:
                assert fields["sec-websocket-version"] == "13"
            if status == 405:
                assert fields["allow"] == "GET"

    run(main())


def test_the_rfcs_own_request_is_answered_with_the_rfcs_own_accept() -> None:
    """§1.3: in one piece, and byte by byte."""

    async def main() -> None:
        async with serve(lambda endpoint: endpoint.wait_closed()) as server:
            for size in (1, 1000):
                async with raw_client(server.port, handshake=False) as peer:
                    request = request_head()
                    for start in range(0, len(request), size):
                        await peer.send(request[start : start + size])
                        await asyncio.sleep(0)
                    assert f"\r\nSec-WebSocket-Accept: {SAMPLE_ACCEPT}\r\n".encode() in await peer.head()

    run(main())


def test_frames_behind_the_request_in_the_same_chunk_are_not_lost() -> None:
    async def main() -> None:
        async def handler(endpoint: Endpoint) -> None:
            await endpoint.send(f"got {await endpoint.recv()!s}")

        async with serve(handler) as server, raw_client(server.port, handshake=False) as peer:
            await peer.send(request_head() + masked(text("early")))
            await peer.head()
            assert (await peer.frame()).payload == b"got early"

    run(main())


def test_frames_behind_the_response_in_the_same_chunk_are_not_lost() -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            request = await peer.head()
            key = next(line[18:].strip() for line in request.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key:"))
            await peer.send(response_head(key.decode()) + text("early"))

        async with raw_server(script) as port, connect(f"ws://127.0.0.1:{port}/") as client:
            assert await client.recv() == "early"

    run(main())


# --- The application's last word ---

DECISIONS: list[tuple[int, list[tuple[str, str]]]] = [
    (404, []),
    (401, [("WWW-Authenticate", 'Basic realm="lessons"')]),
    (302, [("Location", "ws://127.0.0.1:1/elsewhere")]),
    (503, [("Retry-After", "60")]),
]


@pytest.mark.parametrize(("status", "fields"), DECISIONS, ids=[str(one[0]) for one in DECISIONS])
def test_an_application_refuses_with_a_response_of_its_own(status: int, fields: list[tuple[str, str]]) -> None:
    async def main() -> None:
        def decide(request: Request) -> Response | None:
            return None if request.target == "/open" else error_response(status, b"not here\n", fields)

        async with serve(lambda endpoint: endpoint.wait_closed(), decide=decide) as server:
            async with raw_client(server.port, handshake=False) as peer:
                await peer.send(request_head())
                found, received, body = read_response(await peer.rest())
            assert (found, body) == (status, b"not here\n")
            for name, value in fields:
                assert received[name.lower()] == value
            with pytest.raises(HandshakeFailed) as caught:
                await connect(f"{server.uri}closed")
            assert caught.value.response is not None
            assert caught.value.response.status == status
            assert caught.value.response.headers.pairs()[: len(fields)] == tuple(fields)
            assert str(status) in str(caught.value)
            async with connect(f"{server.uri}open") as client:
                assert client.opened

    run(main())


@pytest.mark.parametrize(
    ("origins", "origin", "fine"),
    [
        (["http://good.example"], "http://good.example", True),
        (["http://good.example"], "http://evil.example", False),
        (["http://good.example"], None, False),
        (["http://good.example", None], None, True),
        (None, "http://any.example", True),
    ],
)
def test_origins(origins: list[str | None] | None, origin: str | None, fine: bool) -> None:
    async def main() -> None:
        async with serve(lambda endpoint: endpoint.wait_closed(), origins=origins) as server:
            if fine:
                async with connect(server.uri, origin=origin) as client:
                    assert client.opened
                return
            with pytest.raises(HandshakeFailed) as caught:
                await connect(server.uri, origin=origin)
            assert caught.value.response is not None
            assert caught.value.response.status == 403
            assert b"REQUEST_ORIGIN" in caught.value.response.body

    run(main())


@pytest.mark.parametrize(
    ("offered", "spoken", "chosen"),
    [(["a", "b"], ["b", "a"], "a"), (["x", "b"], ["b", "a"], "b"), (["x"], ["a"], None), ([], ["a"], None)],
)
def test_subprotocols(offered: list[str], spoken: list[str], chosen: str | None) -> None:
    async def main() -> None:
        async with pair(client={"subprotocols": offered}, server={"subprotocols": spoken}) as ends:
            assert ends.client.subprotocol == ends.server.subprotocol == chosen

    run(main())


def test_an_application_chooses_the_subprotocol() -> None:
    async def main() -> None:
        server = {"choose_subprotocol": lambda request, offered: offered[-1]}
        async with pair(client={"subprotocols": ["a", "b"]}, server=server) as ends:
            assert ends.client.subprotocol == "b"

    run(main())


def test_a_clients_own_header_fields_reach_the_server() -> None:
    async def main() -> None:
        async with pair(client={"headers": [("Authorization", "Bearer 123")]}) as ends:
            assert ends.server.request is not None
            assert ends.server.request.headers.get("authorization") == "Bearer 123"

    run(main())


@pytest.mark.parametrize(
    ("uri", "options", "rule"),
    [
        ("http://127.0.0.1/", {}, "URI_SCHEME"),
        ("ws://127.0.0.1/#part", {}, "URI_FRAGMENT"),
        ("ws://127.0.0.1/", {"headers": [("X-A", "b\r\nX-C: d")]}, "HEADER_INJECTION"),
    ],
)
def test_what_a_client_may_not_send_is_refused_before_anything_is_sent(
    uri: str, options: dict[str, Any], rule: str
) -> None:
    async def main() -> None:
        with pytest.raises(LocalViolation) as caught:
            await connect(uri, port=1, **options)
        assert caught.value.rule.name == rule

    run(main())


@pytest.mark.parametrize("name", ["decide", "choose_subprotocol"])
def test_an_application_that_fails_when_it_decides_is_answered_with_500(name: str) -> None:
    async def main() -> None:
        def broken(*arguments: object) -> None:
            raise ArithmeticError("of my own")

        options: dict[str, Any] = {name: broken}
        async with serve(never, **options) as server:
            with pytest.raises(HandshakeFailed) as caught:
                await connect(server.uri, subprotocols=["chat"])
            assert caught.value.response is not None
            assert caught.value.response.status == 500
            # The client is told no secrets.
            assert b"of my own" not in caught.value.response.body

    run(main())


# --- Servers that answer wrongly ---

Answer = Callable[[str], bytes]

WRONG: list[tuple[str, Answer, int | None]] = [
    ("RESPONSE_ACCEPT", lambda key: response_head(key, {"Sec-WebSocket-Accept": SAMPLE_ACCEPT}), 101),
    ("RESPONSE_ACCEPT", lambda key: response_head(key, {"Sec-WebSocket-Accept": None}), 101),
    ("RESPONSE_STATUS", lambda key: response_head(key, line="HTTP/1.1 200 OK"), 200),
    ("RESPONSE_HTTP_VERSION", lambda key: response_head(key, line="HTTP/1.0 101 Switching Protocols"), 101),
    ("RESPONSE_UPGRADE", lambda key: response_head(key, {"Upgrade": "h2c"}), 101),
    ("RESPONSE_CONNECTION", lambda key: response_head(key, {"Connection": "close"}), 101),
    ("RESPONSE_SUBPROTOCOL_OFFERED", lambda key: response_head(key, {"Sec-WebSocket-Protocol": "chat"}), 101),
    ("RESPONSE_EXTENSION_OFFERED", lambda key: response_head(key, {"Sec-WebSocket-Extensions": "x-new"}), 101),
    ("HEAD_START_LINE", lambda key: b"220 mail.example ESMTP\r\n\r\n", None),
    ("HEAD_LINE_END", lambda key: response_head(key).replace(b"\r\n", b"\n"), None),
    ("HEAD_TOO_LARGE", lambda key: response_head(key, {"X-Long": "x" * 40_000}), None),
]


@pytest.mark.parametrize(
    ("rule", "answer", "status"), WRONG, ids=[f"{number}-{one[0]}" for number, one in enumerate(WRONG)]
)
def test_a_wrong_answer_fails_the_handshake_by_its_rule_and_no_frame_is_sent(
    rule: str, answer: Answer, status: int | None
) -> None:
    async def main() -> None:
        trace = Trace()
        after: list[bytes] = []

        async def script(peer: Raw) -> None:
            request = await peer.head()
            key = next(line[18:].strip() for line in request.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key:"))
            await peer.send(answer(key.decode()))
            after.append(await peer.rest())

        async with raw_server(script) as port:
            with pytest.raises(HandshakeFailed) as caught:
                await connect(f"ws://127.0.0.1:{port}/", trace=trace)
        assert caught.value.violation is not None
        assert caught.value.violation.rule.name == rule
        assert rule in str(caught.value)
        assert (caught.value.response.status if caught.value.response else None) == status
        assert after == [b""]
        assert not any(isinstance(record.step, FrameComplete) for record in trace)

    run(main())


def test_a_server_that_ends_tcp_instead_of_answering() -> None:
    async def main() -> None:
        async def script(peer: Raw) -> None:
            await peer.head()

        async with raw_server(script) as port:
            with pytest.raises(HandshakeFailed) as caught:
                await connect(f"ws://127.0.0.1:{port}/")
        assert (caught.value.response, caught.value.violation) == (None, None)

    run(main())


def test_a_request_head_beyond_the_limit_is_refused_before_it_is_complete() -> None:
    async def main() -> None:
        async with (
            serve(never, limits=Limits(max_head_size=512)) as server,
            raw_client(server.port, handshake=False) as peer,
        ):
            await peer.send(request_head({"X-Long": "x" * 600})[:-4])
            assert read_response(await peer.rest())[0] == 431

    run(main())
