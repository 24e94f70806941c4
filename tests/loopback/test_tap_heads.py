"""What the tap does to requests, and that it holds nothing back that is no head."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support import one_byte, random_cuts, request_head, response_head, whole
from wsedu.loopback.tap_heads import MAX_HEAD, HostRewriter

from .net import HOST, Raw, raw_client, raw_server, run
from .tapping import tapping

BODY = b"Host: keep me\r\n\r\nGET / \r\n"
REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: there:1\r\n\r\n",
    b"POST /a HTTP/1.1\r\nX: y\r\nHost: there:1\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
    b"POST /b HTTP/1.1\r\nhost:there:1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    b"15;name=value\r\nHost: kept\r\n\r\nHost: k\r\n0\r\nTrailer: Host: there:1\r\n\r\n",
    b"PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: there:1\r\n\r\n0\r\n\r\n",
    b"GET /chat HTTP/1.1\r\nHost: there:1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
]
FRAMES = b"\x81\x25GET / HTTP/1.1\r\nHost: there:1\r\n\r\nxyz"


def _rewritten(stream: bytes) -> bytes:
    return stream.replace(b"\r\nHost: there:1\r\n", b"\r\nHost: here:2\r\n").replace(
        b"\r\nhost:there:1", b"\r\nhost:here:2"
    )


@pytest.mark.parametrize("cut", [whole, one_byte, lambda data: random_cuts(data, 1)], ids=["whole", "bytes", "random"])
def test_every_request_gets_the_host_and_nothing_else_changes(cut: object) -> None:
    assert callable(cut)
    rewriter = HostRewriter("here:2")
    out = b"".join(rewriter.feed(piece) for piece in cut(b"".join(REQUESTS) + FRAMES))
    assert out == b"".join(_rewritten(request) for request in REQUESTS) + FRAMES
    assert rewriter.rest() == b""


def test_after_a_refused_upgrade_it_goes_on() -> None:
    rewriter = HostRewriter("here:2")
    assert rewriter.feed(REQUESTS[-1]) == _rewritten(REQUESTS[-1])
    assert rewriter.feed(REQUESTS[0]) == REQUESTS[0], "this could be anything"
    rewriter.go_on()
    assert rewriter.feed(REQUESTS[0]) == _rewritten(REQUESTS[0])


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: x",
        b"A" * (MAX_HEAD + 1),
        REQUESTS[3] + b"\x00\r\n",
    ],
)
def test_what_is_no_request_is_not_lost(data: bytes) -> None:
    rewriter = HostRewriter("here:2")
    assert rewriter.feed(data) + rewriter.rest() == _rewritten(data)


class _Asked(BaseHTTPRequestHandler):
    """Answers with the Host field and the body that it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.headers["Host"].encode() + b" " + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def _http_server() -> Iterator[int]:
    server = ThreadingHTTPServer((HOST, 0), _Asked)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _post(port: int, bodies: list[bytes]) -> list[bytes]:
    """One connection, kept alive: what is answered to each body."""
    client = http.client.HTTPConnection(HOST, port)
    answers = []
    for body in bodies:
        client.request("POST", "/", body)
        answers.append(client.getresponse().read())
    client.close()
    return answers


@pytest.mark.parametrize("rules", [(), ("drop any ping",)], ids=["plain", "with a rule"])
def test_requests_of_a_connection_that_is_kept_alive_reach_a_real_server(rules: tuple[str, ...]) -> None:
    bodies = [b"Host: body\r\n\r\n" * count for count in (1, 0, 10_000)]

    async def main() -> None:
        with _http_server() as far:
            async with tapping(far, *rules, rewrite_host=True) as (port, _, watcher):
                answers = await asyncio.to_thread(_post, port, bodies)
                await watcher.over.wait()
        assert answers == [f"{HOST}:{far} ".encode() + body for body in bodies]

    run(main())


def test_a_second_attempt_after_a_refusal_has_the_host_too() -> None:
    heads: list[bytes] = []
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"

    async def main() -> None:
        async def script(server: Raw) -> None:
            heads.append(await server.head())
            await server.send(refusal)
            heads.append(await server.head())
            await server.send(response_head())
            heads.append(await server.rest())

        async with (
            raw_server(script) as far,
            tapping(far, rewrite_host=True) as (port, _, __),
            raw_client(port, handshake=False) as client,
        ):
            for answer in (refusal, response_head()):
                await client.send(request_head())
                assert await client.head() == answer
            await client.send(FRAMES)
            client.finish()
            await client.rest()
        wanted = request_head({"Host": f"{HOST}:{far}"})
        assert heads == [wanted, wanted, FRAMES]

    run(main())


@pytest.mark.parametrize("options", [{}, {"rewrite_host": True}], ids=["as it is", "host"])
@pytest.mark.parametrize("rules", [(), ("drop any ping",)], ids=["plain", "with a rule"])
def test_what_is_no_http_does_not_wait_for_the_end_of_a_head(rules: tuple[str, ...], options: dict[str, bool]) -> None:
    hello = b"\x16\x03\x01\x00\x05hello"

    async def main() -> None:
        async def script(server: Raw) -> None:
            assert await server.some() == hello
            await server.send(hello)
            assert await server.rest() == hello

        async with (
            raw_server(script) as far,
            tapping(far, *rules, **options) as (port, trace, watcher),
        ):
            async with raw_client(port, handshake=False) as client:
                await client.send(hello)
                assert await client.some() == hello
                await client.send(hello)
                client.finish()
                await client.rest()
            await watcher.over.wait()
        assert {record.step.facts()["reason"] for record in trace.filter(kind="observer.unexplained")} == {"head"}

    run(main())
