"""A handshake that carries more than it should is refused, on raw sockets: bodies, second requests, injected lines."""

from __future__ import annotations

import pytest

from wsedu import LocalViolation
from wsedu.loopback import Endpoint, connect, serve
from wsedu.protocol.http import Headers, Request, Response

from ..loopback.net import nothing_leaks as nothing_leaks
from ..loopback.net import raw_client, run
from ..support import request_head

SECOND = b"GET /admin HTTP/1.1\r\nHost: server.example.com\r\n\r\n"


async def wait(endpoint: Endpoint) -> None:
    """A handler that stays."""
    await endpoint.wait_closed()


def answer_to(data: bytes, **options: object) -> bytes:
    """All that a server says to these bytes."""

    async def main() -> bytes:
        async with serve(wait, **options) as server, raw_client(server.port, handshake=False) as peer:  # type: ignore[arg-type]
            await peer.send(data)
            peer.finish()
            return await peer.rest()

    return run(main())


BODIES = {
    "a body": (request_head({"Content-Length": "5"}) + b"hello"),
    "a body in chunks": (request_head({"Transfer-Encoding": "chunked"}) + b"5\r\nhello\r\n0\r\n\r\n"),
    "two lengths": request_head({"Content-Length": ["0", "48"]}) + SECOND,
    "length and chunks": request_head({"Content-Length": "0", "Transfer-Encoding": "chunked"}) + SECOND,
    "a signed length": request_head({"Content-Length": "+0"}) + SECOND,
}


@pytest.mark.parametrize("name", BODIES)
def test_a_handshake_with_a_body_is_refused(name: str) -> None:
    """And what is in the body is never answered as a request of its own."""
    answer = answer_to(BODIES[name])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_second_request_behind_the_handshake_is_no_request() -> None:
    """After the head there are frames (§4.2.2): `G` has RSV bits and a reserved opcode, and the connection fails."""
    answer = answer_to(request_head() + SECOND)
    head, _, frames = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"HTTP/1.1 " not in frames
    assert frames[0] == 0x88
    assert int.from_bytes(frames[2:4], "big") == 1002


LINES = {
    "bare line feeds": request_head().replace(b"\r\n", b"\n"),
    "a bare line feed hides a field": request_head({"X-A": "b\nX-Admin: yes"}),
    "a bare carriage return": request_head({"X-A": "b\rX-Admin: yes"}),
    "a folded line": request_head({"X-A": "b\r\n X-Admin: yes"}),
    "a space before the colon": request_head({"X-A ": "b"}),
    "a zero byte": request_head({"X-A": "b\0c"}),
    "two hosts": request_head({"Host": ["server.example.com", "evil.example"]}),
    "a target with a space": request_head(line="GET /chat HTTP/1.1 /admin HTTP/1.1"),
    "a target with a tab": request_head(line="GET\t/chat HTTP/1.1"),
    "another authority": request_head(line="GET ftp://evil.example/ HTTP/1.1"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_head_with_two_readings_is_refused(name: str) -> None:
    answer = answer_to(LINES[name])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("value", ["chat\r\nX-Admin: yes", "chat\nx", "chat\x00", "two words", ""])
def test_a_client_sends_no_subprotocol_that_breaks_its_line(value: str) -> None:
    async def main() -> None:
        async with serve(wait) as server:
            with pytest.raises(LocalViolation):
                await connect(server.uri, subprotocols=[value])

    run(main())


@pytest.mark.parametrize("path", ["/a\r\nX-Admin: yes", "/a b", "/a\nb", "/\x00"])
def test_a_client_sends_no_path_that_breaks_its_line(path: str) -> None:
    async def main() -> None:
        async with serve(wait, decide=seen.append) as server:
            try:
                async with connect(server.uri.rstrip("/") + path):
                    pass
            except LocalViolation:
                return
            # Whatever is sent instead has no line end and no space in it: it was escaped.
            [request] = seen
            assert set(request.target) <= set(map(chr, range(0x21, 0x7F)))
            assert request.headers.get("X-Admin") is None

    seen: list[Request] = []
    run(main())


def test_a_server_answers_with_no_subprotocol_that_breaks_its_line() -> None:
    """An offer with a line end in it never becomes one: it ends the field, and what follows is judged as one."""
    answer = answer_to(request_head({"Sec-WebSocket-Protocol": "chat\r\nSet-Cookie: a=b"}), subprotocols=["chat"])
    head = answer.partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"Set-Cookie" not in head
    assert b"\r\nSec-WebSocket-Protocol: chat\r\n" in head + b"\r\n"


def test_a_hook_cannot_break_out_of_its_field() -> None:
    """An application that repeats what it got is stopped before the bytes are written."""

    def decide(request: Request) -> Response:
        return Response(302, Headers([("Location", "/\r\nSet-Cookie: a=b")]))

    answer = answer_to(request_head(), decide=decide)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"Set-Cookie" not in answer
