"""The response (RFC 6455 §4.2.2, §4.1): what a server sends, and what a client makes of every point of it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from tests.protocol.dummy import DummyFactory
from tests.support import (
    SAMPLE_ACCEPT,
    SAMPLE_KEY,
    URI,
    Change,
    all_cuts,
    key_of,
    open_client,
    request_head,
    response_head,
    vectors,
)
from wsedu.protocol.connection import Connection
from wsedu.protocol.events import Opened, Refused, ViolationFound
from wsedu.protocol.handshake import ServerPolicy
from wsedu.protocol.http import Headers, Request, Response
from wsedu.protocol.response import RESPONSE_CHECKS, error_response, supported_versions
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.steps import HandshakeCheck, Step
from wsedu.protocol.types import Limits, Role, State

LINE = "HTTP/1.1 101 Switching Protocols"


def answer(policy: ServerPolicy | None = None, changes: dict[str, Change] | None = None) -> Response:
    """What a server answers to a request."""
    server = Connection(Role.SERVER, policy=policy)
    server.receive_data(request_head(changes))
    assert server.response is not None
    assert server.data_to_send() == server.response.encode(), "what is told is what is sent"
    return server.response


# --- As a server builds it ---


def test_the_response_that_opens_a_connection() -> None:
    response = answer()
    assert response.line == LINE
    assert dict(response.headers.pairs()) == {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Accept": SAMPLE_ACCEPT,
    }


@pytest.mark.parametrize(
    ("spoken", "offered", "chosen"),
    [
        ([], "chat", None),
        (["chat"], None, None),
        (["chat"], "superchat", None),
        (["chat", "superchat"], "superchat, chat", "superchat"),
        (["chat", "superchat"], ["superchat", "chat"], "superchat"),
        (["Chat"], "chat", None),
    ],
)
def test_the_first_subprotocol_of_the_client_that_the_server_speaks(
    spoken: list[str], offered: Change, chosen: str | None
) -> None:
    response = answer(ServerPolicy(spoken), {"Sec-WebSocket-Protocol": offered})
    assert response.headers.get("Sec-WebSocket-Protocol") == chosen


def test_the_application_may_choose_the_subprotocol() -> None:
    seen: list[tuple[str, list[str]]] = []

    def choose(request: Request, offered: object) -> str | None:
        assert isinstance(offered, list)
        seen.append((request.target, offered))
        return "b"

    response = answer(ServerPolicy(choose_subprotocol=choose), {"Sec-WebSocket-Protocol": "a, b"})
    assert seen == [("/chat", ["a", "b"])]
    assert response.headers.get("Sec-WebSocket-Protocol") == "b"
    none = answer(ServerPolicy(choose_subprotocol=lambda request, offered: None), {"Sec-WebSocket-Protocol": "a"})
    assert none.headers.get("Sec-WebSocket-Protocol") is None


def test_a_subprotocol_that_was_not_offered_is_our_own_fault() -> None:
    server = Connection(Role.SERVER, policy=ServerPolicy(choose_subprotocol=lambda request, offered: "c"))
    server.receive_data(request_head({"Sec-WebSocket-Protocol": "a, b"}))
    found, refused = server.events()
    assert isinstance(found, ViolationFound)
    assert (found.violation.rule.name, found.violation.local) == ("SUBPROTOCOL_CHOICE", True)
    assert isinstance(refused, Refused)
    assert refused.response is not None
    assert refused.response.status == 500


@pytest.mark.parametrize("status", [301, 401, 403, 404, 503])
def test_the_application_may_refuse_a_request_that_is_in_order(status: int) -> None:
    refusal = error_response(status, b"no", [("X-Why", "because")])
    server = Connection(Role.SERVER, policy=ServerPolicy(decide=lambda request: refusal))
    server.receive_data(request_head() + b"\x81\x80abcd")
    assert server.events() == [Refused(refusal)]
    assert server.data_to_send() == refusal.encode()
    assert server.violation is None
    assert server.ends_transport


def test_the_application_is_asked_only_about_requests_that_are_in_order() -> None:
    asked: list[str] = []

    def decide(request: Request) -> Response | None:
        asked.append(request.target)
        return None

    assert answer(ServerPolicy(decide=decide)).status == 101
    assert answer(ServerPolicy(decide=decide), {"Host": None}).status == 400
    assert asked == ["/chat"]


# --- Refusals ---


@pytest.mark.parametrize(
    ("data", "policy", "limits", "status"),
    [
        (request_head({"Host": None}), None, None, 400),
        (b"\x16\x03\x01", None, None, 400),
        (request_head({"Origin": "http://evil.example"}), ServerPolicy(origins=[]), None, 403),
        (request_head(line="PUT / HTTP/1.1"), None, None, 405),
        (request_head({"Sec-WebSocket-Version": "12"}), None, None, 426),
        (request_head({"Upgrade": None}), None, None, 426),
        (request_head(), None, Limits(max_head_size=50), 431),
        (request_head(), None, Limits(max_header_count=2), 431),
        (request_head(), ServerPolicy(choose_subprotocol=lambda request, offered: "x"), None, 500),
        (request_head(line="GET / HTTP/1.0"), None, None, 505),
    ],
)
def test_each_refusal_is_a_whole_http_response_that_ends_the_connection(
    data: bytes, policy: ServerPolicy | None, limits: Limits | None, status: int
) -> None:
    server = Connection(Role.SERVER, policy=policy, limits=limits)
    server.receive_data(data)
    head, _, body = server.data_to_send().partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    fields = dict(field.split(": ", 1) for field in lines)
    assert line.startswith(f"HTTP/1.1 {status} ")
    assert int(fields["Content-Length"]) == len(body)
    assert fields["Content-Type"] == "text/plain; charset=utf-8"
    assert "close" in fields["Connection"].split(", ")
    assert server.violation is not None
    assert server.violation.rule.name in body.decode()
    # RFC 9110 §15.5.6 and §15.5.22: what is allowed instead; §4.4: the versions that we speak.
    assert fields.get("Allow") == ("GET" if status == 405 else None)
    assert fields.get("Upgrade") == ("websocket" if status == 426 else None)
    assert fields.get("Sec-WebSocket-Version") == ("13" if status == 426 else None)
    assert ("Upgrade" in fields["Connection"].split(", ")) is (status == 426)
    assert server.ends_transport


def test_the_refusal_is_all_that_a_server_says() -> None:
    """Nothing of the request's rest is read, and nothing else is answered (§4.2.1)."""
    server = Connection(Role.SERVER)
    server.receive_data(request_head({"Host": None}) + b"\x89\x80abcd")
    assert server.data_to_send().startswith(b"HTTP/1.1 400 ")
    server.events()
    server.receive_data(b"\x89\x80abcd")
    server.receive_data(request_head())
    assert server.data_to_send() == b""
    assert server.events() == []


def test_a_field_of_a_refusal_has_no_line_end() -> None:
    with pytest.raises(LocalViolation) as caught:
        error_response(302, headers=[("Location", "/\r\nSet-Cookie: a=b")])
    assert caught.value.rule.name == "HEADER_INJECTION"


@pytest.mark.parametrize("hook", ["decide", "choose_subprotocol"])
def test_a_hook_that_fails_is_answered_with_500_and_kept(hook: str) -> None:
    failure = ZeroDivisionError("in the application")

    def fail(*arguments: object) -> None:
        raise failure

    server = Connection(Role.SERVER, policy=ServerPolicy(**{hook: fail}))  # type: ignore[arg-type]
    server.receive_data(request_head())
    assert server.data_to_send().startswith(b"HTTP/1.1 500 ")
    assert server.error is failure
    assert server.violation is None, "it is nobody's breach of the protocol"
    [refused] = server.events()
    assert isinstance(refused, Refused)
    assert server.ends_transport


def test_a_refusal_of_the_application_cannot_break_out_of_its_line() -> None:
    wrong = Response(302, Headers([("Location", "/\r\nSet-Cookie: a=b")]))
    server = Connection(Role.SERVER, policy=ServerPolicy(decide=lambda request: wrong))
    with contextlib.suppress(LocalViolation):  # refusing our own caller is as good as a response without the field
        server.receive_data(request_head())
    assert b"\r\nSet-Cookie" not in server.data_to_send()


@pytest.mark.parametrize("vector", vectors()["rfc6455"]["headers"]["version_negotiation"])
def test_the_versions_of_a_refusal_are_read(vector: dict[str, Any]) -> None:
    headers = Headers(("Sec-WebSocket-Version", value) for value in vector["response_fields"])
    assert supported_versions(headers) == vector["supported"]


def test_what_is_no_version_is_left_out() -> None:
    assert supported_versions(Headers([("Sec-WebSocket-Version", "13, x, 1234, , 8")])) == [13, 8]


# --- As a client reads it ---


@pytest.mark.parametrize(
    "changes",
    [
        {"Upgrade": "WebSocket"},
        {"Upgrade": "WEBSOCKET"},
        {"Connection": "upgrade"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": ["keep-alive", "Upgrade"]},
        {"X-Unknown": "anything"},
        {"Sec-WebSocket-Protocol": "chat"},
        {"Sec-WebSocket-Extensions": "dummy"},
    ],
)
def test_what_the_rfc_allows_is_accepted(changes: dict[str, Change]) -> None:
    client = open_client(changes, subprotocols=["chat"], extensions=[DummyFactory()])
    assert client.state is State.OPEN


@pytest.mark.parametrize("line", ["HTTP/1.1 101", "HTTP/1.1 101 Anything", "HTTP/1.2 101 x"])
def test_the_phrase_of_the_status_line_does_not_count(line: str) -> None:
    client = Connection(Role.CLIENT, URI)
    client.receive_data(response_head(key_of(client), line=line))
    assert isinstance(client.events()[0], Opened)


REFUSALS = [
    # line, changes, rule, the first wrong byte (text that stands there; the empty line if None)
    ("HTTP/1.0 101 Switching Protocols", {}, "RESPONSE_HTTP_VERSION", "1.0"),
    ("HTTP/1.1 200 OK", {}, "RESPONSE_STATUS", "200"),
    ("HTTP/1.1 301 Moved Permanently", {}, "RESPONSE_STATUS", "301"),
    ("HTTP/1.1 401 Unauthorized", {}, "RESPONSE_STATUS", "401"),
    ("HTTP/1.1 100 Continue", {}, "RESPONSE_STATUS", "100"),
    (LINE, {"Upgrade": None}, "RESPONSE_UPGRADE", None),
    (LINE, {"Upgrade": "h2c"}, "RESPONSE_UPGRADE", "h2c"),
    (LINE, {"Upgrade": "websocket, h2c"}, "RESPONSE_UPGRADE", "websocket, h2c"),
    (LINE, {"Connection": None}, "RESPONSE_CONNECTION", None),
    (LINE, {"Connection": "close"}, "RESPONSE_CONNECTION", "close"),
    (LINE, {"Sec-WebSocket-Accept": None}, "RESPONSE_ACCEPT", None),
    (LINE, {"Sec-WebSocket-Accept": SAMPLE_KEY}, "RESPONSE_ACCEPT", SAMPLE_KEY),
    (LINE, {"Sec-WebSocket-Accept": SAMPLE_ACCEPT.lower()}, "RESPONSE_ACCEPT", SAMPLE_ACCEPT.lower()),
    (LINE, {"Sec-WebSocket-Accept": [SAMPLE_ACCEPT, "other"]}, "RESPONSE_ACCEPT_ONCE", "other"),
    (LINE, {"Sec-WebSocket-Extensions": "foo"}, "RESPONSE_EXTENSION_OFFERED", "foo"),
    (LINE, {"Sec-WebSocket-Extensions": "dummy; a=1"}, "RESPONSE_EXTENSION_OFFERED", "dummy; a=1"),
    (LINE, {"Sec-WebSocket-Extensions": "dummy, dummy"}, "RESPONSE_EXTENSION_OFFERED", "dummy, dummy"),
    (LINE, {"Sec-WebSocket-Extensions": "dummy;"}, "RESPONSE_EXTENSIONS", "\r\n\r\n"),
    (LINE, {"Sec-WebSocket-Extensions": ""}, "RESPONSE_EXTENSIONS", "\r\n\r\n"),
    (LINE, {"Sec-WebSocket-Protocol": "superchat"}, "RESPONSE_SUBPROTOCOL_OFFERED", "superchat"),
    (LINE, {"Sec-WebSocket-Protocol": "Chat"}, "RESPONSE_SUBPROTOCOL_OFFERED", "Chat"),
    (LINE, {"Sec-WebSocket-Protocol": ""}, "RESPONSE_SUBPROTOCOL_OFFERED", "\r\n\r\n"),
    (LINE, {"Sec-WebSocket-Protocol": ["chat", "chat"]}, "RESPONSE_SUBPROTOCOL_ONCE", "chat"),
]


def sample_client() -> Connection:
    """A client with the key of the RFC that offers a subprotocol and an extension."""
    return Connection(
        Role.CLIENT,
        URI,
        subprotocols=["chat"],
        extensions=[DummyFactory()],
        random_bytes=lambda size: b"the sample nonce"[:size],
    )


@pytest.mark.parametrize(("line", "changes", "rule", "wrong"), REFUSALS)
def test_a_response_that_breaks_a_rule_opens_nothing(
    line: str, changes: dict[str, Change], rule: str, wrong: str | None
) -> None:
    client = sample_client()
    client.data_to_send()
    data = response_head(SAMPLE_KEY, changes, line=line)
    client.receive_data(data)
    found, refused = client.events()
    assert isinstance(found, ViolationFound)
    assert found.violation.rule.name == rule
    assert found.violation.offset == (len(data) - 2 if wrong is None else data.rindex(wrong.encode()))
    assert isinstance(refused, Refused)
    assert refused.response is not None
    assert refused.response.status == int(line.split()[1])
    assert client.data_to_send() == b"", "no Close frame: nothing was opened"
    assert client.ends_transport
    client.receive_eof()
    assert (client.state, client.close_code, client.clean) == (State.CLOSED, 1006, False)


def test_a_response_that_is_no_http_is_refused_without_one() -> None:
    client = Connection(Role.CLIENT, URI)
    client.receive_data(b"\x82\x7e")
    found, refused = client.events()
    assert isinstance(found, ViolationFound)
    assert found.violation.rule.name == "HEAD_START_LINE"
    assert refused == Refused(None)


def test_the_body_of_a_refusal_comes_along() -> None:
    client = Connection(Role.CLIENT, URI)
    client.receive_data(b"HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nno\r\n\r\nno")
    refused = client.events()[-1]
    assert isinstance(refused, Refused)
    assert refused.response is not None
    assert refused.response.body == b"no\r\n\r\nno"
    assert refused.response.reason == "Not Found"


def test_the_body_that_comes_with_the_end_of_the_head_is_that_body() -> None:
    """Wherever the head is cut, what follows its last byte in the same chunk is the body."""
    head, body = b"HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\n", b"no\r\n\r\nno"
    for first, second in all_cuts(head):
        client = Connection(Role.CLIENT, URI)
        client.receive_data(first)
        client.receive_data(second + body)
        refused = client.events()[-1]
        assert isinstance(refused, Refused)
        assert refused.response is not None
        assert refused.response.body == body, f"cut before {second!r}"


def test_checks_stand_in_the_order_of_the_rfc() -> None:
    steps: list[Step] = []
    client = open_client(tracer=steps.append)
    assert client.state is State.OPEN
    checks = [step for step in steps if isinstance(step, HandshakeCheck)]
    assert [step.rule for step in checks] == [check.rule.name for check in RESPONSE_CHECKS]
    assert all(step.passed for step in checks)


def test_the_subprotocol_agreed_on_is_the_same_at_both_ends() -> None:
    client = open_client({"Sec-WebSocket-Protocol": "b"}, subprotocols=["a", "b"])
    assert client.subprotocol == "b"
