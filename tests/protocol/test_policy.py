"""What a server's policy adds to the RFC: pages on the same port, and origins that have the server's own host."""

from __future__ import annotations

import pytest

from tests.support import request_head
from wsedu.protocol.connection import Connection
from wsedu.protocol.handshake import ServerPolicy
from wsedu.protocol.http import Headers, Request, Response
from wsedu.protocol.types import Role, State

PAGE = Response(200, Headers([("Content-Length", "2"), ("Connection", "close")]), body=b"hi")
PLAIN: dict[str, str | list[str] | None] = {
    "Upgrade": None,
    "Connection": "keep-alive",
    "Sec-WebSocket-Key": None,
    "Sec-WebSocket-Version": None,
}


def status(policy: ServerPolicy, head: bytes) -> int:
    """The status with which a server answers a request."""
    server = Connection(Role.SERVER, policy=policy)
    server.receive_data(head)
    assert server.response is not None
    return server.response.status


# --- Pages ---


def test_a_plain_get_is_answered_by_the_application_and_ends_the_connection() -> None:
    asked: list[str] = []

    def serve_page(request: Request) -> Response:
        asked.append(request.target)
        return PAGE

    server = Connection(Role.SERVER, policy=ServerPolicy(serve_page=serve_page))
    server.receive_data(request_head(PLAIN, line="GET /a?b HTTP/1.1") + b"GET /smuggled HTTP/1.1\r\n\r\n")
    assert server.data_to_send() == PAGE.encode()
    assert asked == ["/a?b"]
    assert server.ends_transport
    assert server.violation is None
    assert server.state is not State.OPEN


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "POST / HTTP/1.1"),
        ({}, "HEAD / HTTP/1.1"),
        ({}, "GET / HTTP/1.0"),
        ({}, "GET /#part HTTP/1.1"),
        ({"Host": None}, "GET / HTTP/1.1"),
        ({"Host": ["a", "b"]}, "GET / HTTP/1.1"),
        ({"Content-Length": "5"}, "GET / HTTP/1.1"),
        ({"Transfer-Encoding": "chunked"}, "GET / HTTP/1.1"),
        ({"Upgrade": "h2c"}, "GET / HTTP/1.1"),
        ({"Upgrade": "websocket"}, "GET / HTTP/1.1"),
    ],
)
def test_the_application_is_asked_for_nothing_else(changes: dict[str, str | list[str] | None], line: str) -> None:
    asked: list[Request] = []
    head = request_head(PLAIN | changes, line=line)
    assert status(ServerPolicy(serve_page=asked.append), head) == status(ServerPolicy(), head) >= 400
    assert asked == []


def test_a_page_is_served_under_no_other_name() -> None:
    policy = ServerPolicy(serve_page=lambda request: PAGE, hosts=["localhost"])
    assert status(policy, request_head(PLAIN | {"Host": "localhost:8000"})) == 200
    assert status(policy, request_head(PLAIN | {"Host": "evil.example:8000"})) == 421


def test_an_opening_handshake_is_no_business_of_the_page() -> None:
    assert status(ServerPolicy(serve_page=lambda request: PAGE), request_head()) == 101


def test_without_a_page_the_refusal_is_that_of_the_rfc() -> None:
    assert status(ServerPolicy(serve_page=lambda request: None), request_head(PLAIN)) == status(
        ServerPolicy(), request_head(PLAIN)
    )


def test_a_page_whose_headers_would_break_out_and_one_that_fails_are_answered_with_500() -> None:
    bad = Response(200, Headers([("X", "a\r\nSet-Cookie: b")]), body=b"")
    assert status(ServerPolicy(serve_page=lambda request: bad), request_head(PLAIN)) == 500
    assert status(ServerPolicy(serve_page=lambda request: 1 / 0), request_head(PLAIN)) == 500  # type: ignore[arg-type,return-value]


# --- The same host ---


@pytest.mark.parametrize(
    ("host", "origin", "served"),
    [
        ("example.com", None, True),
        ("example.com", "http://example.com", True),
        ("example.com", "https://example.com", True),
        ("EXAMPLE.com", "http://example.COM", True),
        ("example.com:80", "http://example.com", True),
        ("example.com:443", "https://example.com", True),
        ("example.com:8000", "http://example.com:8000", True),
        ("[::1]:8000", "http://[::1]:8000", True),
        ("[::1]", "http://[::1]", True),
        ("example.com", "http://evil.example", False),
        ("example.com", "http://example.com.evil.example", False),
        ("example.com", "http://evil.example.com", False),
        ("example.com", "http://example.com:8000", False),
        ("example.com:443", "http://example.com", False),
        ("example.com:8000", "http://example.com", False),
        ("example.com", "null", False),
        ("example.com", "", False),
        ("example.com", "file://example.com", False),
        ("example.com", "http://example.com/", False),
        ("example.com", "http://evil@example.com", False),
        ("[::1]", "http://[::2]", False),
    ],
)
def test_the_origin_of_a_page_has_to_have_the_host_and_port_of_the_server(
    host: str, origin: str | None, served: bool
) -> None:
    answer = status(ServerPolicy(same_host=True), request_head({"Host": host, "Origin": origin}))
    assert answer == (101 if served else 403)


def test_two_origins_are_refused_and_a_list_adds_to_the_same_host() -> None:
    twice = request_head({"Host": "a", "Origin": ["http://a", "http://a"]})
    assert status(ServerPolicy(same_host=True), twice) == 403
    both = ServerPolicy(same_host=True, origins=["https://friend.example"])
    assert status(both, request_head({"Host": "a", "Origin": "https://friend.example"})) == 101
    assert status(both, request_head({"Host": "a", "Origin": "http://a"})) == 101
    assert status(both, request_head({"Host": "a", "Origin": "https://other.example"})) == 403
