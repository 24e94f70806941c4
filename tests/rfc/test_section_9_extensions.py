"""Extensions (RFC 6455 §9, §5.8, §4.3): the grammar of their header, and what being negotiated means."""

from __future__ import annotations

import pytest

from wsedu import Role, State
from wsedu.protocol.events import TextReceived
from wsedu.protocol.extensions import parse_extensions

from ..support import open_client, open_endpoint, open_server, pair, pump, vectors, xor
from .doubles import RSV2, MarkFactory
from .peers import (
    BOTH,
    assert_accepts,
    assert_client_fails,
    assert_client_opens,
    assert_fails,
    assert_refuses,
    from_peer,
    receive,
    request,
    response,
    sent,
    values,
)

MALFORMED = ["foo; =1", "foo;;", "foo;", "foo bar", "foo; a=", 'foo; a="b c"', 'foo; a="b', "foo; a=b c", "=", "", ","]


def parsed(value: str) -> list[list[object]]:
    """The list in the shape of the vectors."""
    return [[offer.name, [list(parameter) for parameter in offer.parameters]] for offer in parse_extensions(value)]


@pytest.mark.parametrize("value", MALFORMED)
def test_malformed_list_is_refused_by_a_server(value: str) -> None:
    """6455-9.1-01, 6455-4.3-05"""
    assert_refuses(request(Sec_WebSocket_Extensions=value), 400, extensions=[MarkFactory("foo")])


@pytest.mark.parametrize("value", MALFORMED)
def test_malformed_list_fails_at_a_client(value: str) -> None:
    """6455-9.1-01"""
    data = response(Sec_WebSocket_Extensions=value)
    assert_client_fails(data, "RESPONSE_EXTENSIONS", extensions=[MarkFactory("foo")])


@pytest.mark.parametrize("value", ['foo; level="1 2"', 'foo; level="1;2"', 'foo; level=""', 'foo; level="1\\ 2"'])
def test_quoted_value_that_is_no_token_is_malformed(value: str) -> None:
    """6455-4.3-01, 6455-9.1-02"""
    assert_refuses(request(Sec_WebSocket_Extensions=value), 400)
    assert_client_fails(response(Sec_WebSocket_Extensions=value), "RESPONSE_EXTENSIONS")


@pytest.mark.parametrize("value", ['foo; a="bc"', 'foo; a="b\\c"', "foo;a=bc", 'foo ; a = "bc"'])
def test_quoted_value_equals_its_token(value: str) -> None:
    """6455-4.3-01, 6455-9.1-02"""
    assert parse_extensions(value) == parse_extensions("foo; a=bc")


def test_grammar_of_the_list() -> None:
    """6455-4.3-05"""
    assert parsed("foo ; a=1;b , bar") == [["foo", [["a", "1"], ["b", None]]], ["bar", []]]
    for vector in vectors()["rfc6455"]["headers"]["extensions_valid"]:
        assert parsed(vector["value"]) == vector.get("parsed", [[vector["value"], []]])


@pytest.mark.parametrize("vector", vectors()["rfc6455"]["headers"]["extensions_equivalent"])
def test_several_fields_equal_one(vector: dict[str, list[str] | str]) -> None:
    """6455-9.1-03, 6455-11.3.2-01"""
    one = assert_accepts(request(Sec_WebSocket_Extensions=str(vector["same_as"])), extensions=[MarkFactory("foo")])
    fields = [str(field) for field in vector["fields"]]
    several = assert_accepts(request(Sec_WebSocket_Extensions=fields), extensions=[MarkFactory("foo")])
    assert values(one, "Sec-WebSocket-Extensions") == values(several, "Sec-WebSocket-Extensions") == ["foo"]


@pytest.mark.parametrize("role", BOTH)
def test_extension_that_was_not_agreed_on_is_not_used(role: Role) -> None:
    """6455-5.8-01, 6455-9.1-06"""
    endpoint = open_endpoint(role, extensions=[MarkFactory("foo")])
    endpoint.send_text("Hello")
    assert [(frame.first, frame.payload) for frame in sent(endpoint)] == [(0x81, b"Hello")]
    assert_fails(endpoint, from_peer(role, "c1 00"), 1002)


def test_extension_gives_a_meaning_to_its_own_bit_alone() -> None:
    """6455-5.2-05, 6455-5.8-01"""
    for first, passes in (("c1", True), ("a1", False), ("e1", False), ("c9", False)):
        client = open_client({"Sec-WebSocket-Extensions": "foo"}, extensions=[MarkFactory("foo")])
        data = bytes.fromhex(f"{first} 07") + b"hi<foo>"
        if passes:
            assert receive(client, data) == [TextReceived("hi")]
        else:
            assert_fails(client, data, 1002)


def test_parameters_follow_the_extensions_definition() -> None:
    """6455-9-04, 6455-9.1-05"""
    factories = [MarkFactory("foo")]
    declined = assert_accepts(request(Sec_WebSocket_Extensions="foo; unheard-of=1"), extensions=factories)
    assert values(declined, "Sec-WebSocket-Extensions") == []
    fallback = assert_accepts(request(Sec_WebSocket_Extensions="foo; level=x, foo; level=2"), extensions=factories)
    assert values(fallback, "Sec-WebSocket-Extensions") == ["foo; level=2"]
    data = response(Sec_WebSocket_Extensions="foo; unheard-of=1")
    assert_client_fails(data, "RESPONSE_EXTENSION_OFFERED", extensions=factories)


def test_order_is_that_of_the_servers_list() -> None:
    """6455-9.1-08, 6455-9.1-09"""
    factories = [MarkFactory("foo"), MarkFactory("bar", RSV2)]
    client = assert_client_opens(response(Sec_WebSocket_Extensions="foo, bar"), extensions=factories)
    client.send_text("Hello")
    data = client.data_to_send()
    assert xor(data[6:], data[2:6]) == b"Hello<foo><bar>"
    assert receive(client, bytes.fromhex("e1 0f") + b"Hello<foo><bar>") == [TextReceived("Hello")]


def test_two_endpoints_with_two_extensions_understand_each_other() -> None:
    """6455-9.1-09, 6455-9-01, 6455-9-02"""
    client, server = pair(extensions=[MarkFactory("foo"), MarkFactory("bar", RSV2)])
    client.send_text("é")
    server.send_text("a", fin=False)
    server.send_continuation("b")
    moved = pump(client, server)
    assert moved.to_client == bytes.fromhex("61 0b") + b"a<foo><bar>" + bytes.fromhex("e0 0b") + b"b<foo><bar>"
    assert server.events() == [TextReceived("é")]
    assert client.events() == [TextReceived("ab", 2)]
    assert client.state is server.state is State.OPEN


def test_server_lists_what_it_accepts() -> None:
    """6455-9.1-10, 6455-9-03"""
    server = open_server({"Sec-WebSocket-Extensions": "bar, foo"}, extensions=[MarkFactory("foo")])
    assert [extension.name for extension in server.extensions] == ["foo"]
    assert values(assert_accepts(request(), extensions=[MarkFactory("foo")]), "Sec-WebSocket-Extensions") == []
