"""The request (RFC 6455 §4.1, §4.2.1): what a client sends, and what a server makes of every point of it."""

from __future__ import annotations

import pytest

from tests.protocol.dummy import DummyFactory
from tests.support import SAMPLE_KEY, SAMPLE_NONCE, Change, request_head, vectors
from wsedu.protocol.connection import Connection
from wsedu.protocol.events import Opened, Refused, ViolationFound
from wsedu.protocol.handshake import ServerPolicy
from wsedu.protocol.request import REQUEST_CHECKS, build_request
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.steps import HandshakeCheck, Step
from wsedu.protocol.types import Role, State
from wsedu.protocol.uri import parse_uri

GET = "GET /chat HTTP/1.1"
CHAT = parse_uri("ws://server.example.com/chat")


def serve(data: bytes, policy: ServerPolicy | None = None) -> tuple[Connection, Opened | Refused]:
    """A server that was sent this, and how its opening handshake ended."""
    server = Connection(Role.SERVER, policy=policy)
    server.receive_data(data)
    event = server.events()[-1]
    assert isinstance(event, Opened | Refused)
    return server, event


# --- As a client builds it ---


def test_the_request_of_the_rfc_is_what_a_client_sends() -> None:
    sample = vectors()["rfc6455"]["headers"]["client_request_sample"]
    client = Connection(
        Role.CLIENT,
        CHAT,
        origin="http://example.com",
        subprotocols=["chat", "superchat"],
        random_bytes=lambda size: SAMPLE_NONCE[:size],
    )
    line, *fields = client.data_to_send().decode().removesuffix("\r\n\r\n").split("\r\n")
    assert line == sample["request_line"]
    assert {tuple(field) for field in sample["fields"]} == {tuple(field.split(": ", 1)) for field in fields}
    assert len(fields) == len(sample["fields"]), "no field is sent twice"


def test_further_fields_and_extensions_are_sent() -> None:
    factory = DummyFactory(offered=((("a", "1"), ("b", None)), ()))
    request = build_request(CHAT, SAMPLE_KEY, extensions=[factory], headers=[("Cookie", "a=b"), ("Cookie", "c=d")])
    assert request.headers.values("Cookie") == ["a=b", "c=d"]
    assert request.headers.get("Sec-WebSocket-Extensions") == "dummy; a=1; b, dummy"
    assert request.headers.get("Origin") is None
    assert request.headers.get("Sec-WebSocket-Protocol") is None


def test_a_client_takes_a_parsed_uri_or_a_text() -> None:
    assert Connection(Role.CLIENT, CHAT).uri == Connection(Role.CLIENT, str(CHAT)).uri == CHAT


def test_a_client_needs_a_uri() -> None:
    with pytest.raises(LocalViolation) as caught:
        Connection(Role.CLIENT)
    assert caught.value.rule.name == "URI_SCHEME"


@pytest.mark.parametrize("subprotocols", [["chat", "chat"], [""], ["a b"], ["a,b"], ["caf\u00e9"], ["a\r\nb"]])
def test_subprotocols_are_different_tokens(subprotocols: list[str]) -> None:
    with pytest.raises(LocalViolation) as caught:
        build_request(CHAT, SAMPLE_KEY, subprotocols=subprotocols)
    assert caught.value.rule.name == "REQUEST_SUBPROTOCOL"


@pytest.mark.parametrize("options", [{"headers": [("A", "b\r\nC: d")]}, {"origin": "http://a\r\nB: c"}])
def test_a_line_end_in_a_field_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(LocalViolation) as caught:
        Connection(Role.CLIENT, CHAT, **options)  # type: ignore[arg-type]
    assert caught.value.rule.name == "HEADER_INJECTION"


@pytest.mark.parametrize("name", ["Host", "host", "Sec-WebSocket-Key", "sec-websocket-version", "Upgrade", "Origin"])
def test_a_field_of_the_handshake_is_not_sent_twice(name: str) -> None:
    with pytest.raises(LocalViolation) as caught:
        Connection(Role.CLIENT, CHAT, origin="http://a", headers=[("Fine", "a"), (name, "b")])
    assert caught.value.detail["name"] == name


# --- As a server reads it: what passes ---


def test_the_request_of_the_rfc_opens_a_connection() -> None:
    sample = vectors()["rfc6455"]["headers"]["client_request_sample"]
    changes: dict[str, Change] = dict(map(tuple, sample["fields"]))
    server, event = serve(request_head(changes, line=sample["request_line"]), ServerPolicy(["chat"]))
    assert isinstance(event, Opened)
    assert server.state is State.OPEN
    assert event.request.target == "/chat"
    answer = vectors()["rfc6455"]["headers"]["server_response_sample"]
    line, *fields = server.data_to_send().decode().removesuffix("\r\n\r\n").split("\r\n")
    assert line == answer["status_line"]
    assert sorted(fields) == sorted(f"{name}: {value}" for name, value in answer["fields"])


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"Upgrade": "WebSocket"}, GET),
        ({"Upgrade": "h2c, WEBSOCKET"}, GET),
        ({"Upgrade": ["h2c", "websocket"]}, GET),
        ({"Connection": "keep-alive, Upgrade"}, GET),
        ({"Connection": "UPGRADE"}, GET),
        ({"Connection": ["keep-alive", "upgrade"]}, GET),
        ({"Connection": ",upgrade,"}, GET),
        ({"Host": "server.example.com:8080"}, GET),
        ({"Host": "[::1]:80"}, GET),
        ({"Sec-WebSocket-Key": "AQIDBAUGBwgJCgsMDQ4PEC=="}, GET),
        ({"Sec-WebSocket-Protocol": ["chat", "superchat"]}, GET),
        ({"Sec-WebSocket-Extensions": ["foo", "bar; baz=2"]}, GET),
        ({"Sec-WebSocket-Extensions": 'foo; a="b"'}, GET),
        ({"Content-Length": "0"}, GET),
        ({"X-Unknown": "anything"}, GET),
        ({}, "GET http://server.example.com/chat HTTP/1.1"),
        ({}, "GET HTTPS://server.example.com?a HTTP/1.1"),
        ({}, "GET https://server.example.com HTTP/1.1"),
        ({}, "GET / HTTP/1.2"),
        ({}, "GET / HTTP/2.0"),
    ],
)
def test_what_the_rfc_allows_is_accepted(changes: dict[str, Change], line: str) -> None:
    server, event = serve(request_head(changes, line=line))
    assert isinstance(event, Opened), event
    assert server.data_to_send().startswith(b"HTTP/1.1 101 Switching Protocols\r\n")


def test_names_of_fields_have_no_case() -> None:
    _, event = serve(request_head().replace(b"Sec-WebSocket-Key", b"sec-websocket-KEY").replace(b"Host", b"hOST"))
    assert isinstance(event, Opened)


# --- As a server reads it: what is refused, with which status, at which byte ---

NO_OFFSET = -1  # the field is missing: its absence shows at the empty line

REFUSALS = [
    # line, changes, rule, status, the first wrong byte (text that stands there; the empty line if None)
    ("POST /chat HTTP/1.1", {}, "REQUEST_METHOD", 405, "POST"),
    ("get /chat HTTP/1.1", {}, "REQUEST_METHOD", 405, "get"),
    ("GET /chat HTTP/1.0", {}, "REQUEST_HTTP_VERSION", 505, "1.0"),
    ("GET /chat HTTP/0.9", {}, "REQUEST_HTTP_VERSION", 505, "0.9"),
    ("GET chat HTTP/1.1", {}, "REQUEST_TARGET", 400, "chat"),
    ("GET * HTTP/1.1", {}, "REQUEST_TARGET", 400, "*"),
    ("GET ftp://a/ HTTP/1.1", {}, "REQUEST_TARGET", 400, "ftp"),
    ("GET http:///chat HTTP/1.1", {}, "REQUEST_TARGET", 400, "http"),
    ("GET /chat#top HTTP/1.1", {}, "REQUEST_TARGET", 400, "#top"),
    (GET, {"Content-Length": "5"}, "REQUEST_BODY", 400, "5\r\n\r\n"),
    (GET, {"Content-Length": "x"}, "REQUEST_BODY", 400, "x\r\n\r\n"),
    (GET, {"Host": None}, "REQUEST_HOST", 400, None),
    (GET, {"Host": ["a", "b"]}, "REQUEST_HOST", 400, "b\r\n"),
    (GET, {"Host": "a b"}, "REQUEST_HOST", 400, "a b"),
    (GET, {"Host": "a/b"}, "REQUEST_HOST", 400, "a/b"),
    (GET, {"Upgrade": None}, "REQUEST_UPGRADE", 426, None),
    (GET, {"Upgrade": "h2c"}, "REQUEST_UPGRADE", 426, "h2c"),
    (GET, {"Upgrade": "websockets"}, "REQUEST_UPGRADE", 426, "websockets"),
    (GET, {"Connection": None}, "REQUEST_CONNECTION", 400, None),
    (GET, {"Connection": "keep-alive"}, "REQUEST_CONNECTION", 400, "keep-alive"),
    (GET, {"Connection": "keep-alive Upgrade"}, "REQUEST_CONNECTION", 400, "keep-alive"),
    (GET, {"Sec-WebSocket-Key": None}, "REQUEST_KEY", 400, None),
    (GET, {"Sec-WebSocket-Key": ""}, "REQUEST_KEY", 400, "\r\nSec-WebSocket-Version"),
    (GET, {"Sec-WebSocket-Key": "c2hvcnQ="}, "REQUEST_KEY", 400, "c2hvcnQ="),
    (GET, {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSE="}, "REQUEST_KEY", 400, "dGhl"),
    (GET, {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ"}, "REQUEST_KEY", 400, "dGhl"),
    (GET, {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ_=="}, "REQUEST_KEY", 400, "dGhl"),
    (GET, {"Sec-WebSocket-Key": [SAMPLE_KEY, "AQIDBAUGBwgJCgsMDQ4PEA=="]}, "REQUEST_KEY_ONCE", 400, "AQID"),
    (GET, {"Sec-WebSocket-Version": None}, "REQUEST_VERSION", 400, None),
    (GET, {"Sec-WebSocket-Version": "x"}, "REQUEST_VERSION", 400, "x\r\n"),
    (GET, {"Sec-WebSocket-Version": "013"}, "REQUEST_VERSION", 400, "013"),
    (GET, {"Sec-WebSocket-Version": "256"}, "REQUEST_VERSION", 400, "256"),
    (GET, {"Sec-WebSocket-Version": "-1"}, "REQUEST_VERSION", 400, "-1"),
    (GET, {"Sec-WebSocket-Version": ["13", "8"]}, "REQUEST_VERSION_ONCE", 400, "8\r\n"),
    (GET, {"Sec-WebSocket-Version": "8"}, "REQUEST_VERSION_SUPPORTED", 426, "8\r\n"),
    (GET, {"Sec-WebSocket-Version": "25"}, "REQUEST_VERSION_SUPPORTED", 426, "25"),
    (GET, {"Sec-WebSocket-Version": "0"}, "REQUEST_VERSION_SUPPORTED", 426, "0\r\n"),
    (GET, {"Sec-WebSocket-Protocol": ""}, "REQUEST_SUBPROTOCOL", 400, "\r\n\r\n"),
    (GET, {"Sec-WebSocket-Protocol": "a, b c"}, "REQUEST_SUBPROTOCOL", 400, "a, b c"),
    (GET, {"Sec-WebSocket-Protocol": "chat, chat"}, "REQUEST_SUBPROTOCOL", 400, "chat, chat"),
    (GET, {"Sec-WebSocket-Extensions": ""}, "REQUEST_EXTENSIONS", 400, "\r\n\r\n"),
    (GET, {"Sec-WebSocket-Extensions": "foo; ; bar"}, "REQUEST_EXTENSIONS", 400, "; bar"),
    (GET, {"Sec-WebSocket-Extensions": "foo bar"}, "REQUEST_EXTENSIONS", 400, "bar"),
    (GET, {"Sec-WebSocket-Extensions": 'foo; a="b c"'}, "REQUEST_EXTENSIONS", 400, '"b c"'),
]


@pytest.mark.parametrize(("line", "changes", "rule", "status", "wrong"), REFUSALS)
def test_a_request_that_breaks_a_rule_is_refused(
    line: str, changes: dict[str, Change], rule: str, status: int, wrong: str | None
) -> None:
    data = request_head(changes, line=line)
    server = Connection(Role.SERVER)
    server.receive_data(data)
    found, refused = server.events()
    assert isinstance(found, ViolationFound)
    assert isinstance(refused, Refused)
    assert found.violation.rule.name == rule
    offset = len(data) - 2 if wrong is None else data.rindex(wrong.encode())
    assert found.violation.offset == offset, f"{data[offset:]!r} is wrong, not {data[found.violation.offset or 0 :]!r}"
    assert refused.response is not None
    assert refused.response.status == status == found.violation.rule.status
    assert server.data_to_send().startswith(f"HTTP/1.1 {status} ".encode())
    assert server.ends_transport, "the server ends TCP after its refusal"
    assert server.state is State.CLOSING


def test_the_version_is_named_at_its_place_and_not_in_the_target() -> None:
    data = request_head(line="GET /1.0 HTTP/1.0")
    server, _ = serve(data)
    assert server.violation is not None
    assert server.violation.offset == data.index(b"HTTP/") + len("HTTP/")


def test_the_target_is_named_at_its_place_and_not_in_the_method() -> None:
    data = request_head(line="GET GET HTTP/1.1")
    server, _ = serve(data)
    assert server.violation is not None
    assert server.violation.offset == len("GET ")


def test_a_body_is_named_at_the_field_that_announces_it() -> None:
    data = request_head({"Transfer-Encoding": "chunked", "X": "y"})
    server, _ = serve(data)
    assert server.violation is not None
    assert server.violation.rule.name == "REQUEST_BODY"
    assert server.violation.offset == data.index(b"chunked")


def test_the_malformed_one_of_two_extension_fields_is_named() -> None:
    data = request_head({"Sec-WebSocket-Extensions": ["foo;;", "bar"]})
    server, _ = serve(data)
    assert server.violation is not None
    assert server.violation.offset == data.index(b";;") + 1


def test_checks_stand_in_the_order_of_the_rfc() -> None:
    """Of several things wrong, the one that §4.2.1 asks for first is named; each check before it has passed."""
    steps: list[Step] = []
    server = Connection(Role.SERVER, tracer=steps.append)
    server.receive_data(request_head({"Host": None, "Upgrade": None, "Sec-WebSocket-Version": "8"}))
    assert server.violation is not None
    assert server.violation.rule.name == "REQUEST_HOST"
    checks = [step for step in steps if isinstance(step, HandshakeCheck)]
    assert [step.rule for step in checks] == [check.rule.name for check in REQUEST_CHECKS[: len(checks)]]
    assert [step.passed for step in checks] == [True] * (len(checks) - 1) + [False]


# --- Origin (§10.2) ---


@pytest.mark.parametrize(
    ("origins", "origin", "opens"),
    [
        (None, "http://any.example", True),
        (None, None, True),
        (["http://example.com"], "http://example.com", True),
        (["http://EXAMPLE.com"], "http://example.COM", True),
        (["http://example.com"], "http://evil.example", False),
        (["http://example.com"], "https://example.com", False),
        (["http://example.com"], "http://example.com.evil.example", False),
        (["http://example.com"], None, False),
        (["http://example.com", None], None, True),
        (["http://example.com"], ["http://example.com", "http://example.com"], False),
        ([], "http://example.com", False),
    ],
)
def test_origins(origins: list[str | None] | None, origin: Change, opens: bool) -> None:
    server, event = serve(request_head({"Origin": origin}), ServerPolicy(origins=origins))
    assert isinstance(event, Opened) is opens
    assert server.data_to_send().split(b"\r\n")[0].split()[1] == (b"101" if opens else b"403")
    if not opens:
        assert server.violation is not None
        assert server.violation.rule.name == "REQUEST_ORIGIN"
