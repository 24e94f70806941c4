"""The request of the opening handshake, as a client sends it (RFC 6455 §4.1 steps 1 to 12)."""

from __future__ import annotations

import base64
import inspect
import os
import re

import pytest

from wsedu import Connection, LocalViolation, Role, State
from wsedu.protocol.events import Opened

from ..support import vectors
from .doubles import MarkFactory
from .peers import first_bytes, new_client, parse_request, receive, response, values


def test_client_speaks_first_and_opens_when_it_was_answered() -> None:
    """6455-4.1-02, 6455-4.1-15"""
    client = new_client()
    assert client.data_to_send().startswith(b"GET ")
    assert client.events() == []
    assert client.state is State.CONNECTING
    assert [type(event) for event in receive(client, response())] == [Opened]


def test_request_is_well_formed_http() -> None:
    """6455-4.1-16"""
    data = first_bytes()
    parse_request(data)
    assert data.endswith(b"\r\n\r\n")
    assert data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")


def test_request_line_is_get_target_and_http_1_1() -> None:
    """6455-4.1-17, 6455-4.1-18, 6455-4.1-19"""
    assert first_bytes(uri="ws://example.com/chat").startswith(b"GET /chat HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("ws://h:80/", "h"),
        ("ws://h:8080/", "h:8080"),
        ("wss://h:80/", "h:80"),
        ("wss://h:443/", "h"),
        ("ws://[::1]:9000/", "[::1]:9000"),
    ],
)
def test_host_field_has_the_port_unless_it_is_the_default(uri: str, host: str) -> None:
    """6455-4.1-20"""
    assert values(parse_request(first_bytes(uri=uri)), "Host") == [host]


@pytest.mark.parametrize(("field", "value"), [("Upgrade", "websocket"), ("Connection", "Upgrade")])
def test_request_asks_for_the_upgrade(field: str, value: str) -> None:
    """6455-4.1-21, 6455-4.1-22"""
    assert values(parse_request(first_bytes()), field) == [value]


def test_key_is_base64_of_16_bytes() -> None:
    """6455-4.1-23, 6455-4.1-24, 6455-11.3.1-01"""
    (key,) = values(parse_request(Connection(Role.CLIENT, "ws://h/").data_to_send()), "Sec-WebSocket-Key")
    assert len(base64.b64decode(key, validate=True)) == 16
    assert re.fullmatch(r"[A-Za-z0-9+/]{21}[AQgw]==", key)


def test_key_of_a_known_nonce_is_that_of_the_erratum() -> None:
    """6455-4.1-24"""
    (vector,) = vectors()["rfc6455"]["key_encoding"]
    data = first_bytes(random_bytes=lambda size: bytes.fromhex(vector["nonce_hex"])[:size])
    assert values(parse_request(data), "Sec-WebSocket-Key") == [vector["sec_websocket_key"]]


def test_every_connection_draws_its_own_key_from_the_system() -> None:
    """6455-4.1-25"""
    keys = {Connection(Role.CLIENT, "ws://h/").data_to_send() for _ in range(1000)}
    assert len(keys) == 1000
    assert inspect.signature(Connection).parameters["random_bytes"].default is os.urandom


def test_origin_is_sent_when_given() -> None:
    """6455-4.1-27"""
    assert values(parse_request(first_bytes(origin="http://a")), "Origin") == ["http://a"]
    assert values(parse_request(first_bytes()), "Origin") == []


def test_version_is_13_once() -> None:
    """6455-4.1-29, 6455-11.3.5-02"""
    assert values(parse_request(first_bytes()), "Sec-WebSocket-Version") == ["13"]


def test_subprotocols_are_listed_in_the_callers_order() -> None:
    """6455-4.1-30, 6455-4.1-33"""
    listed = values(parse_request(first_bytes(subprotocols=["superchat", "chat"])), "Sec-WebSocket-Protocol")
    assert [element.strip() for element in ",".join(listed).split(",")] == ["superchat", "chat"]
    assert values(parse_request(first_bytes()), "Sec-WebSocket-Protocol") == []


@pytest.mark.parametrize("name", ["a b", "a/b", "", "é", "a,b", 'a"', "a\x7f"])
def test_subprotocol_that_is_no_token_is_refused(name: str) -> None:
    """6455-4.1-31"""
    with pytest.raises(ValueError, match="REQUEST_SUBPROTOCOL"):
        new_client(subprotocols=[name])


def test_subprotocol_twice_is_refused() -> None:
    """6455-4.1-32"""
    with pytest.raises(ValueError, match="REQUEST_SUBPROTOCOL"):
        new_client(subprotocols=["a", "b", "a"])
    new_client(subprotocols=["a", "A"])


def test_extensions_are_offered_as_they_say() -> None:
    """6455-4.1-34, 6455-9-01, 6455-9.1-05"""
    offered = parse_request(first_bytes(extensions=[MarkFactory("foo"), MarkFactory("bar")]))
    assert values(offered, "Sec-WebSocket-Extensions") == ["foo; level=1, bar; level=1"]
    assert values(parse_request(first_bytes()), "Sec-WebSocket-Extensions") == []


def test_other_fields_can_be_added() -> None:
    """6455-4.1-35"""
    data = first_bytes(headers=[("Authorization", "Basic dTpw"), ("Cookie", "a=1")])
    assert values(parse_request(data), "Authorization") == ["Basic dTpw"]
    assert values(parse_request(data), "Cookie") == ["a=1"]


@pytest.mark.parametrize(
    "field",
    [("X-Note", "a\r\nHost: evil"), ("X-Note", "a\nb"), ("X Note", "a"), ("", "a"), ("Host: evil", "a"), ("X", "a\0")],
)
def test_field_that_breaks_out_of_its_line_is_refused(field: tuple[str, str]) -> None:
    """6455-4.1-35"""
    with pytest.raises(ValueError, match="HEADER_INJECTION"):
        new_client(headers=[field])


@pytest.mark.parametrize("name", ["Sec-WebSocket-Key", "sec-websocket-version", "Host"])
def test_caller_cannot_repeat_a_field_that_may_be_there_once(name: str) -> None:
    """6455-11.3.1-01, 6455-11.3.5-02, 6455-4.1-16"""
    with pytest.raises(LocalViolation):
        new_client(headers=[(name, "13")])


def test_nothing_follows_the_request_until_it_is_answered() -> None:
    """6455-4.1-36"""
    client = new_client()
    client.data_to_send()
    for send in (client.send_text, client.send_continuation):
        with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
            send("too early")
    for control in (client.send_ping, client.send_pong, client.close):
        with pytest.raises(LocalViolation, match="SEND_WHEN_OPEN"):
            control()
    assert client.data_to_send() == b""
    receive(client, response())
    assert client.data_to_send() == b""
