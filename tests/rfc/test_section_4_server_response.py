"""The response of the opening handshake, as a server builds it (RFC 6455 §4.2.2, §4.4, §10.2)."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Sequence

import pytest

from wsedu import Connection, Role, ServerPolicy, State, accept_key
from wsedu.protocol.http import Headers, Request, Response

from ..support import SAMPLE_ACCEPT, SAMPLE_KEY, accept_of, vectors
from .doubles import RSV2, RSV3, MarkFactory
from .peers import (
    answer_to,
    assert_accepts,
    assert_client_opens,
    assert_refuses,
    parse_response,
    receive,
    request,
    values,
)


def refuse_with(status: int, *fields: tuple[str, str]) -> ServerPolicy:
    """A policy by which the application refuses every request with this response."""
    return ServerPolicy(decide=lambda request: Response(status, Headers([*fields, ("Content-Length", "0")])))


def test_accepting_response_is_well_formed_http() -> None:
    """6455-4.2.2-01, 6455-4.2.2-17, 6455-4.2.2-18"""
    server = Connection(Role.SERVER)
    receive(server, request())
    data = server.data_to_send()
    assert data.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert data.endswith(b"\r\n\r\n")
    assert parse_response(data).status_code == 101
    assert_client_opens(data)


@pytest.mark.parametrize(("field", "value"), [("Upgrade", "websocket"), ("Connection", "Upgrade")])
def test_accepting_response_upgrades(field: str, value: str) -> None:
    """6455-4.2.2-19, 6455-4.2.2-20"""
    assert values(assert_accepts(request()), field) == [value]


def test_accept_is_that_of_the_rfc() -> None:
    """6455-4.2.2-21"""
    (vector,) = vectors()["rfc6455"]["handshake"]
    assert accept_key(vector["sec_websocket_key"]) == vector["sec_websocket_accept"]
    assert values(assert_accepts(request()), "Sec-WebSocket-Accept") == [SAMPLE_ACCEPT]


@pytest.mark.parametrize("number", range(20))
def test_accept_is_base64_of_a_digest(number: int) -> None:
    """6455-4.2.2-21, 6455-4.2.2-22"""
    key = base64.b64encode(random.Random(number).randbytes(16)).decode()
    (accept,) = values(assert_accepts(request(Sec_WebSocket_Key=key)), "Sec-WebSocket-Accept")
    assert accept == accept_of(key)
    assert re.fullmatch("[A-Za-z0-9+/]{27}=", accept)


def test_accept_is_made_from_the_text_of_the_key() -> None:
    """6455-4.2.2-08"""
    assert accept_key(f"  {SAMPLE_KEY}\t") == SAMPLE_ACCEPT
    answer = assert_accepts(request(Sec_WebSocket_Key=f"   {SAMPLE_KEY} "))
    assert values(answer, "Sec-WebSocket-Accept") == [SAMPLE_ACCEPT]
    # Both texts decode to the same 16 bytes (erratum 3150); each has its own accept value.
    for key in ("AQIDBAUGBwgJCgsMDQ4PEA==", "AQIDBAUGBwgJCgsMDQ4PEC=="):
        answer = assert_accepts(request(Sec_WebSocket_Key=key))
        assert values(answer, "Sec-WebSocket-Accept") == [accept_of(key)]


def test_application_can_ask_for_authentication() -> None:
    """6455-4.2.2-04"""
    answer = assert_refuses(request(), 401, policy=refuse_with(401, ("WWW-Authenticate", "Basic")))
    assert values(answer, "WWW-Authenticate") == ["Basic"]


def test_application_can_redirect() -> None:
    """6455-4.2.2-05"""
    answer = assert_refuses(request(), 302, policy=refuse_with(302, ("Location", "https://h/")))
    assert values(answer, "Location") == ["https://h/"]


def test_application_can_route_by_resource_name() -> None:
    """6455-4.2.2-10"""

    def route(request: Request) -> Response | None:
        return None if request.target == "/chat" else Response(404, Headers([("Content-Length", "0")]))

    policy = ServerPolicy(decide=route)
    assert_accepts(request(), policy=policy)
    assert_refuses(request("GET /nope HTTP/1.1"), 404, policy=policy)


@pytest.mark.parametrize("value", ["http://h/\r\nSet-Cookie: a=1", "http://h/\nx"])
def test_refusal_that_breaks_out_of_its_line_is_not_sent(value: str) -> None:
    """6455-4.2.2-07"""
    server = Connection(Role.SERVER, policy=refuse_with(302, ("Location", value)))
    receive(server, request())
    assert parse_response(server.data_to_send()).status_code == 500
    assert server.ends_transport


def test_refusing_application_gets_an_http_error_sent() -> None:
    """6455-4.2.2-07"""
    assert_refuses(request(), 403, policy=refuse_with(403))


def test_origin_is_checked_against_the_list() -> None:
    """6455-4.2.2-06, 6455-10.2-01, 6455-10.2-02"""
    policy = ServerPolicy(origins=["http://a"])
    assert_accepts(request(Origin="http://a"), policy=policy)
    assert_accepts(request(Origin="HTTP://A"), policy=policy)
    for origin in ("http://evil", "http://a.evil", "https://a", "null", ["http://a", "http://a"]):
        assert_refuses(request(Origin=origin), 403, policy=policy)


def test_without_a_list_any_origin_is_served() -> None:
    """6455-4.2.2-06"""
    for origin in (None, "null", "http://evil"):
        assert_accepts(request(Origin=origin))


def test_request_without_origin_is_taken_for_what_it_is() -> None:
    """6455-4.2.1-09"""
    assert_refuses(request(), 403, policy=ServerPolicy(origins=["http://a"]))
    assert_accepts(request(), policy=ServerPolicy(origins=["http://a", None]))


@pytest.mark.parametrize(
    ("offered", "spoken", "chosen"),
    [
        ("a, b", ["b", "c"], ["b"]),
        ("a, b", ["b", "a"], ["a"]),
        ("a", ["c"], []),
        ("A", ["a"], []),
        (None, ["c"], []),
    ],
)
def test_subprotocol_is_one_of_those_offered(offered: str | None, spoken: Sequence[str], chosen: list[str]) -> None:
    """6455-4.2.2-11, 6455-4.2.2-12, 6455-4.2.2-13, 6455-4.2.2-23, 6455-11.3.4-02"""
    server, answer = answer_to(request(Sec_WebSocket_Protocol=offered), subprotocols=spoken)
    assert values(answer, "Sec-WebSocket-Protocol") == chosen
    assert server.subprotocol == (chosen[0] if chosen else None)


@pytest.mark.parametrize("choice", ["c", "", "a, b"])
def test_application_cannot_choose_a_subprotocol_that_was_not_offered(choice: str) -> None:
    """6455-4.2.2-11, 6455-4.2.2-13"""
    policy = ServerPolicy(choose_subprotocol=lambda request, offered: choice)
    assert_refuses(request(Sec_WebSocket_Protocol="a, b"), 500, policy=policy)


@pytest.mark.parametrize(
    ("offered", "in_response"),
    [("a; level=1, b", ["b"]), ("b, c", ["b, c"]), ("c, b", ["c, b"]), ("a", []), ("B", []), (None, [])],
)
def test_extensions_are_chosen_from_the_offer(offered: str | None, in_response: list[str]) -> None:
    """6455-4.2.2-14, 6455-4.2.2-15, 6455-4.2.2-16, 6455-9-02, 6455-9-03, 6455-9.1-08, 6455-9.1-10"""
    factories = [MarkFactory("b", RSV3), MarkFactory("c", RSV2)]
    server, answer = answer_to(request(Sec_WebSocket_Extensions=offered), extensions=factories)
    assert values(answer, "Sec-WebSocket-Extensions") == in_response
    assert ", ".join(extension.name for extension in server.extensions) == "".join(in_response)


def test_server_may_send_right_after_its_handshake() -> None:
    """6455-4.2.2-25"""
    server = Connection(Role.SERVER)
    receive(server, request())
    server.send_text("hi")
    assert server.state is State.OPEN
    assert server.data_to_send().endswith(b"\r\n\r\n" + bytes.fromhex("81 02 68 69"))
