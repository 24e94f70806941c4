"""The request of the opening handshake, as a server checks it (RFC 6455 §4.2.1, §4.3, §11.3)."""

from __future__ import annotations

import random

import pytest

from wsedu import Connection, Limits, Role, ServerPolicy, State

from ..support import REQUEST_FIELDS, SAMPLE_ACCEPT, head, request_head
from .peers import assert_accepts, assert_refuses, parse_response, receive, request, values


@pytest.mark.parametrize("name", [name for name, _ in REQUEST_FIELDS])
def test_request_without_a_required_field_is_refused(name: str) -> None:
    """6455-4.2.1-02"""
    status = 426 if name == "Upgrade" else 400
    assert_refuses(request_head({name: None}), status)


@pytest.mark.parametrize("line", ["GET /chat", "GET  /chat HTTP/1.1", "GET /a b HTTP/1.1", "get", "GET /chat HTTP/x"])
def test_malformed_request_line_is_refused(line: str) -> None:
    """6455-4.2.1-02"""
    assert_refuses(request(line), 400)


@pytest.mark.parametrize("line", ["no colon", " folded: line", "na me: x", "name : x", "x: a\x00b", ": x"])
def test_malformed_header_line_is_refused(line: str) -> None:
    """6455-4.2.1-02"""
    data = request().replace(b"Upgrade: websocket\r\n", b"Upgrade: websocket\r\n" + line.encode("latin-1") + b"\r\n")
    assert_refuses(data, 400)


@pytest.mark.parametrize("end", [b"\n", b"\r\r\n", b"\r"])
def test_line_that_does_not_end_in_crlf_is_refused(end: bytes) -> None:
    """6455-4.2.1-02"""
    assert_refuses(request().replace(b"websocket\r\n", b"websocket" + end), 400)


@pytest.mark.parametrize(("name", "value"), [("Content_Length", "5"), ("Transfer_Encoding", "chunked")])
def test_request_with_a_body_is_refused(name: str, value: str) -> None:
    """6455-4.2.1-02"""
    assert_refuses(request(**{name: value}), 400)


def test_unicode_letters_do_not_fold_to_ascii() -> None:
    """6455-2.1-02"""
    assert_accepts(request(Upgrade="WebSocket"))
    data = request(Upgrade="web@ocket")
    for letter in ("ſ", "S\u0307"):  # the long s, which case folding turns into s; S with a dot
        assert_refuses(data.replace(b"@", letter.encode()), 426)


def test_kelvin_sign_is_no_k() -> None:
    """6455-2.1-02"""
    assert_refuses(request(Upgrade="websoc@et").replace(b"@", "\u212a".encode()), 426)


@pytest.mark.parametrize("method", ["POST", "HEAD", "get", "CONNECT"])
def test_method_must_be_get(method: str) -> None:
    """6455-4.2.1-03"""
    assert values(assert_refuses(request(f"{method} /chat HTTP/1.1"), 405), "Allow") == ["GET"]


@pytest.mark.parametrize("version", ["1.0", "0.9"])
def test_http_version_must_be_1_1_or_later(version: str) -> None:
    """6455-4.2.1-03"""
    assert_refuses(request(f"GET /chat HTTP/{version}"), 505)


@pytest.mark.parametrize("target", ["*", "chat", "ftp://h/chat", "http:///chat", "/chat#frag", "http://h/#frag"])
def test_target_that_is_no_resource_name_is_refused(target: str) -> None:
    """6455-4.2.1-03"""
    assert_refuses(request(f"GET {target} HTTP/1.1"), 400)


@pytest.mark.parametrize("target", ["/", "/chat?x=1", "http://h/chat", "https://h:8443/chat?x", "http://h"])
def test_target_may_be_a_resource_name_or_an_absolute_uri(target: str) -> None:
    """6455-4.2.1-03"""
    assert_accepts(request(f"GET {target} HTTP/1.1"))


@pytest.mark.parametrize("host", [None, "", ["a", "a"], "a b", "a/b", "a:port"])
def test_host_must_be_there_once(host: str | list[str] | None) -> None:
    """6455-4.2.1-04"""
    assert_refuses(request(Host=host), 400)


@pytest.mark.parametrize(
    ("host", "status"),
    [("LOCALHOST:8000", 101), ("[::1]", 101), ("[::1]:80", 101), ("evil.example:8000", 421), ("localhost.evil", 421)],
)
def test_host_must_be_a_name_of_the_server(host: str, status: int) -> None:
    """6455-4.2.1-04"""
    server = Connection(Role.SERVER, policy=ServerPolicy(hosts={"localhost", "[::1]"}))
    server.receive_data(request(Host=host))
    assert server.response is not None
    assert server.response.status == status


@pytest.mark.parametrize("upgrade", ["WEBSOCKET", "h2c, websocket"])
def test_upgrade_may_be_a_list_in_any_case(upgrade: str) -> None:
    """6455-4.2.1-05"""
    assert_accepts(request(Upgrade=upgrade))


@pytest.mark.parametrize("upgrade", [None, "h2c", "websockets"])
def test_upgrade_without_websocket_is_refused(upgrade: str | None) -> None:
    """6455-4.2.1-05"""
    assert values(assert_refuses(request(Upgrade=upgrade), 426), "Upgrade") == ["websocket"]


@pytest.mark.parametrize(
    "connection", ["keep-alive, Upgrade", ["keep-alive", "upgrade"], "UPGRADE", "close ,\tupgrade"]
)
def test_connection_is_a_list_of_tokens(connection: str | list[str]) -> None:
    """6455-4.2.1-06"""
    assert_accepts(request(Connection=connection))


@pytest.mark.parametrize("connection", [None, "close", "keep-alive", "upgrades"])
def test_connection_without_upgrade_is_refused(connection: str | None) -> None:
    """6455-4.2.1-06"""
    assert_refuses(request(Connection=connection), 400)


@pytest.mark.parametrize("key", [None, "", "AAAA", "x" * 24, "AAAAAAAAAAAAAAAAAAAAAAA=", "A" * 32])
def test_key_that_is_not_16_bytes_is_refused(key: str | None) -> None:
    """6455-4.2.1-07"""
    assert_refuses(request(Sec_WebSocket_Key=key), 400)


@pytest.mark.parametrize("key", ["AQIDBAUGBwgJCgsMDQ4PEA==", "AQIDBAUGBwgJCgsMDQ4PEC=="])
def test_key_of_16_bytes_is_accepted(key: str) -> None:
    """6455-4.2.1-07"""
    assert_accepts(request(Sec_WebSocket_Key=key))


@pytest.mark.parametrize("key", ["-QIDBAUGBwgJCgsMDQ4PEA==", "AQID_AUGBwgJCgsMDQ4PEA==", "AQID AUGBwgJCgsMDQ4PEA=="])
def test_key_outside_the_base64_grammar_is_refused(key: str) -> None:
    """6455-4.3-03"""
    assert_refuses(request(Sec_WebSocket_Key=key), 400)


def test_key_twice_is_refused() -> None:
    """6455-11.3.1-01"""
    key = "AQIDBAUGBwgJCgsMDQ4PEA=="
    assert_refuses(request(Sec_WebSocket_Key=[key, key]), 400)


def test_version_that_is_missing_is_refused() -> None:
    """6455-4.2.1-08"""
    assert_refuses(request(Sec_WebSocket_Version=None), 400)


@pytest.mark.parametrize("version", ["0", "8", "12", "14", "25", "255"])
def test_version_other_than_13_is_answered_with_ours(version: str) -> None:
    """6455-4.2.1-08, 6455-4.2.2-09, 6455-4.4-01"""
    answer = assert_refuses(request(Sec_WebSocket_Version=version), 426)
    assert values(answer, "Sec-WebSocket-Version") == ["13"]


@pytest.mark.parametrize("version", ["013", "256", "13;", "1 3", "-13", "13, 8", ""])
def test_version_that_is_no_number_is_refused(version: str) -> None:
    """6455-4.3-02"""
    assert_refuses(request(Sec_WebSocket_Version=version), 400)


def test_version_twice_is_refused() -> None:
    """6455-11.3.5-02"""
    assert_refuses(request(Sec_WebSocket_Version=["13", "13"]), 400)


def test_application_sees_the_subprotocols_in_order() -> None:
    """6455-4.2.1-10, 6455-11.3.4-01"""
    seen: list[list[str]] = []
    policy = ServerPolicy(choose_subprotocol=lambda request, offered: seen.append(list(offered)))
    assert_accepts(request(Sec_WebSocket_Protocol="a, b"), policy=policy)
    assert_accepts(request(Sec_WebSocket_Protocol=["a", "b"]), policy=policy)
    assert seen == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize("value", ["", ",", "a b", "a/b", "a, a", ["a", "a"]])
def test_malformed_list_of_subprotocols_is_refused(value: str | list[str]) -> None:
    """6455-4.2.1-10"""
    assert_refuses(request(Sec_WebSocket_Protocol=value), 400)


def test_unknown_extension_is_declined() -> None:
    """6455-4.2.1-11"""
    answer = assert_accepts(request(Sec_WebSocket_Extensions="x-unknown"))
    assert values(answer, "Sec-WebSocket-Extensions") == []


def test_unknown_fields_are_ignored() -> None:
    """6455-4.2.1-12"""
    assert_accepts(request(X_Foo="bar", Sec_WebSocket_Unheard_Of="1"))


def test_order_of_the_fields_does_not_matter(seed: int) -> None:
    """6455-4.2.1-13, 6455-4.2.1-01"""
    source = random.Random(seed)
    for _ in range(20):
        fields = source.sample(REQUEST_FIELDS, len(REQUEST_FIELDS))
        answer = assert_accepts(head("GET /chat HTTP/1.1", fields))
        assert values(answer, "Sec-WebSocket-Accept") == [SAMPLE_ACCEPT]


def test_header_names_are_matched_without_case() -> None:
    """6455-4.1-45"""
    assert_accepts(request().replace(b"Sec-WebSocket-Key", b"SEC-WEBSOCKET-KEY").replace(b"Upgrade:", b"upGrade:"))


def test_garbage_instead_of_http_is_dropped_at_the_first_byte() -> None:
    """6455-10.7-02, 6455-7.2.2-01"""
    server = Connection(Role.SERVER)
    receive(server, bytes.fromhex("16 03 01"))
    assert server.state is State.CLOSING
    assert parse_response(server.data_to_send()).status_code == 400
    assert server.ends_transport


def test_head_that_is_too_large_is_refused_before_it_ends() -> None:
    """6455-10.7-04"""
    limits = Limits(max_head_size=1000)
    server = Connection(Role.SERVER, limits=limits)
    receive(server, b"GET /" + b"a" * 995)
    assert server.data_to_send() == b""
    receive(server, b"a")
    assert server.state is State.CLOSING
    assert parse_response(server.data_to_send()).status_code == 431


def test_head_with_too_many_fields_is_refused() -> None:
    """6455-10.7-04"""
    limits = Limits(max_header_count=6)
    assert_accepts(request(X_1="1"), limits=limits)
    assert_refuses(request(X_1="1", X_2="2"), 431, limits=limits)
