"""The response of the opening handshake, as a client checks it (RFC 6455 §4.1 end, §4.4, §11.3)."""

from __future__ import annotations

import pytest

from wsedu import LocalViolation, State
from wsedu.protocol.events import Refused, TextReceived
from wsedu.protocol.response import supported_versions

from ..support import SAMPLE_ACCEPT, accept_of, vectors
from .doubles import RSV2, MarkFactory
from .peers import assert_client_fails, assert_client_opens, new_client, receive, response


@pytest.mark.parametrize("line", ["HTTP/1.1 200 OK", "HTTP/1.1 302 Found", "HTTP/1.1 401 Unauthorized"])
def test_status_other_than_101_is_ordinary_http(line: str) -> None:
    """6455-4.1-38"""
    client = new_client()
    client.data_to_send()
    refused = receive(client, response(line, Location="http://h/", WWW_Authenticate="Basic"))[-1]
    assert isinstance(refused, Refused)
    assert refused.response is not None
    assert f"HTTP/1.1 {refused.response.status}" == line[:12]
    assert refused.response.headers.get("location") == "http://h/"
    assert client.state is State.CLOSING
    assert client.data_to_send() == b""


@pytest.mark.parametrize("value", [None, "h2c", "websocket, h2c", "web socket"])
def test_upgrade_that_is_not_websocket_fails(value: str | None) -> None:
    """6455-4.1-39, 6455-4.1-37"""
    assert_client_fails(response(Upgrade=value), "RESPONSE_UPGRADE")


def test_upgrade_is_compared_without_case() -> None:
    """6455-4.1-39"""
    assert_client_opens(response(Upgrade="WebSocket"))


@pytest.mark.parametrize("value", [None, "close", "keep-alive", "upgraded"])
def test_connection_without_upgrade_fails(value: str | None) -> None:
    """6455-4.1-40, 6455-4.1-37"""
    assert_client_fails(response(Connection=value), "RESPONSE_CONNECTION")


def test_connection_is_a_list_of_tokens() -> None:
    """6455-4.1-40"""
    assert_client_opens(response(Connection="keep-alive, upgrade"))


@pytest.mark.parametrize(
    "value", [None, accept_of("AAAAAAAAAAAAAAAAAAAAAA=="), SAMPLE_ACCEPT.lower(), SAMPLE_ACCEPT[:-1]]
)
def test_accept_that_is_not_that_of_our_key_fails(value: str | None) -> None:
    """6455-4.1-41, 6455-4.1-37"""
    assert_client_fails(response(Sec_WebSocket_Accept=value), "RESPONSE_ACCEPT")


def test_accept_with_white_space_around_it() -> None:
    """6455-4.1-41"""
    assert_client_opens(response(Sec_WebSocket_Accept=f"  {SAMPLE_ACCEPT}\t "))


@pytest.mark.parametrize("value", ["permessage-deflate", "foo, bar", "foo, foo"])
def test_extension_that_was_not_offered_fails(value: str) -> None:
    """6455-4.1-42, 6455-4.1-37"""
    data = response(Sec_WebSocket_Extensions=value)
    assert_client_fails(data, "RESPONSE_EXTENSION_OFFERED", extensions=[MarkFactory("foo")])


def test_extension_without_an_offer_fails() -> None:
    """6455-4.1-42"""
    assert_client_fails(response(Sec_WebSocket_Extensions="permessage-deflate"), "RESPONSE_EXTENSION_OFFERED")


@pytest.mark.parametrize("value", ["superchat", "Chat", "chat, chat"])
def test_subprotocol_that_was_not_offered_fails(value: str) -> None:
    """6455-4.1-43, 6455-4.1-37"""
    data = response(Sec_WebSocket_Protocol=value)
    assert_client_fails(data, "RESPONSE_SUBPROTOCOL_OFFERED", subprotocols=["chat"])


@pytest.mark.parametrize("line", ["HTTP/1.0 101 Switching Protocols", "HTTP/0.9 101 Switching Protocols"])
def test_http_older_than_1_1_fails(line: str) -> None:
    """6455-4.1-44"""
    assert_client_fails(response(line), "RESPONSE_HTTP_VERSION")


@pytest.mark.parametrize("line", ["101 Switching Protocols", "HTTP/1.1 10 Short", "HTTP/1.1  101 Wide"])
def test_malformed_status_line_fails(line: str) -> None:
    """6455-4.1-44"""
    assert_client_fails(response(line), "HEAD_START_LINE")


def test_malformed_header_line_fails() -> None:
    """6455-4.1-44"""
    assert_client_fails(response().replace(b"Upgrade: websocket", b"Upgrade: websocket\r\nno colon"), "HEAD_FIELD")


def test_line_that_does_not_end_in_crlf_fails() -> None:
    """6455-4.1-44"""
    assert_client_fails(response().replace(b"websocket\r\n", b"websocket\n"), "HEAD_LINE_END")


def test_accept_twice_fails_even_if_equal() -> None:
    """6455-11.3.3-01, 6455-4.1-44"""
    assert_client_fails(response(Sec_WebSocket_Accept=[SAMPLE_ACCEPT, SAMPLE_ACCEPT]), "RESPONSE_ACCEPT_ONCE")


def test_subprotocol_twice_fails_even_if_equal() -> None:
    """6455-11.3.4-02, 6455-4.1-44"""
    data = response(Sec_WebSocket_Protocol=["chat", "chat"])
    assert_client_fails(data, "RESPONSE_SUBPROTOCOL_ONCE", subprotocols=["chat"])


def test_client_does_not_open_halfway_through_the_response() -> None:
    """6455-4.1-37"""
    client = new_client()
    client.data_to_send()
    for byte in response()[:-1]:
        assert receive(client, bytes([byte])) == []
        assert client.state is State.CONNECTING
    with pytest.raises(LocalViolation):
        client.send_text("too early")
    receive(client, b"\n")
    assert client.state is State.OPEN


def test_header_names_are_matched_without_case() -> None:
    """6455-4.1-45"""
    assert_client_opens(response().replace(b"Sec-WebSocket-Accept", b"sec-websocket-accept"))


def test_agreement_is_null_where_the_fields_are_absent() -> None:
    """6455-4.1-46"""
    client = assert_client_opens(response(), subprotocols=["chat"], extensions=[MarkFactory("foo")])
    assert client.subprotocol is None
    assert client.extensions == ()


def test_agreement_is_what_the_fields_say() -> None:
    """6455-4.1-46"""
    data = response(Sec_WebSocket_Protocol="chat", Sec_WebSocket_Extensions="foo")
    client = assert_client_opens(data, subprotocols=["superchat", "chat"], extensions=[MarkFactory("foo")])
    assert client.subprotocol == "chat"
    assert [extension.name for extension in client.extensions] == ["foo"]


def test_cookies_of_the_handshake_can_be_read() -> None:
    """6455-4.1-47"""
    client = assert_client_opens(response(Set_Cookie=["a=1; Path=/", "b=2"]))
    assert client.response is not None
    assert client.response.headers.values("Set-Cookie") == ["a=1; Path=/", "b=2"]


def test_accepted_extensions_may_share_a_field_or_not() -> None:
    """6455-4.2.2-24, 6455-11.3.2-02"""
    factories = [MarkFactory("foo"), MarkFactory("bar", RSV2)]
    one = assert_client_opens(response(Sec_WebSocket_Extensions="foo, bar"), extensions=factories)
    two = assert_client_opens(response(Sec_WebSocket_Extensions=["foo", "bar"]), extensions=factories)
    assert [extension.name for extension in one.extensions] == ["foo", "bar"]
    assert [extension.name for extension in two.extensions] == ["foo", "bar"]


def test_bytes_after_the_response_are_frames() -> None:
    """6455-4.2.2-25"""
    client = new_client()
    client.data_to_send()
    events = receive(client, response() + bytes.fromhex("81 02 68 69"))
    assert events[1:] == [TextReceived("hi")]


def _refused_for_version(*fields: str) -> list[int]:
    client = new_client()
    client.data_to_send()
    data = response("HTTP/1.1 400 Bad Request", Sec_WebSocket_Version=[*fields])
    refused = receive(client, data)[-1]
    assert isinstance(refused, Refused)
    assert refused.response is not None
    assert client.state is State.CLOSING
    assert client.data_to_send() == b""
    return supported_versions(refused.response.headers)


@pytest.mark.parametrize("vector", vectors()["rfc6455"]["headers"]["version_negotiation"])
def test_client_learns_the_servers_versions(vector: dict[str, list[str] | list[int]]) -> None:
    """6455-4.3-04, 6455-4.4-02, 6455-11.3.5-01"""
    assert _refused_for_version(*map(str, vector["response_fields"])) == vector["supported"]
