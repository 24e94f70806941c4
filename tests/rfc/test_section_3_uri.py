"""WebSocket URIs (RFC 6455 §3, §11.1): what a client may be asked to connect to, and what it makes of it."""

from __future__ import annotations

import pytest

from wsedu import Connection, LocalViolation, Role, parse_uri
from wsedu.protocol.rules import RULES as R
from wsedu.protocol.rules import Rule

from ..support import vectors
from .peers import first_bytes, parse_request, values


def assert_refused(uri: str, rule: Rule) -> None:
    """The URI is refused, and there is no connection that could send anything."""
    with pytest.raises(LocalViolation) as refused:
        Connection(Role.CLIENT, uri)
    assert refused.value.rule is rule


@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        ("http://h/", "URI_SCHEME"),
        ("h/p", "URI_SCHEME"),
        ("ws:/h", "URI_HOST"),
        ("ws://user:secret@h/", "URI_USERINFO"),
    ],
)
def test_uri_that_breaks_the_grammar_is_refused(uri: str, rule: str) -> None:
    """6455-3-01"""
    assert_refused(uri, R[rule])


def test_uri_has_all_the_parts_of_the_grammar() -> None:
    """6455-3-01"""
    uri = parse_uri("ws://[::1]:9000/p?q")
    assert (uri.host, uri.port, uri.resource_name) == ("::1", 9000, "/p?q")


def test_port_defaults_by_scheme() -> None:
    """6455-3-02"""
    ports = vectors()["rfc6455"]["headers"]["default_ports"]
    assert parse_uri("ws://h/").port == ports["ws"] == 80
    assert parse_uri("wss://h/").port == ports["wss"] == 443
    assert parse_uri("ws://h:8080/").port == 8080


def test_secure_flag_follows_the_scheme_in_any_case() -> None:
    """6455-3-03"""
    assert parse_uri("WSS://h/").secure is True
    assert parse_uri("wSs://h/").secure is True
    assert parse_uri("WS://h/").secure is False


@pytest.mark.parametrize(
    ("uri", "name"),
    [("ws://h", "/"), ("ws://h/a", "/a"), ("ws://h?x=1", "/?x=1"), ("ws://h/a?x=1&y", "/a?x=1&y"), ("ws://h/?", "/?")],
)
def test_resource_name_is_path_and_query(uri: str, name: str) -> None:
    """6455-3-04"""
    assert parse_uri(uri).resource_name == name
    assert parse_request(first_bytes(uri=uri)).target == name.encode()


@pytest.mark.parametrize("uri", ["ws://h/p#frag", "ws://h/p#", "ws://h#frag", "ws://h/p?q#frag"])
def test_fragment_is_refused(uri: str) -> None:
    """6455-3-05"""
    assert_refused(uri, R["URI_FRAGMENT"])


def test_escaped_number_sign_is_data() -> None:
    """6455-3-06"""
    assert parse_request(first_bytes(uri="ws://h/a%23b")).target == b"/a%23b"


@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        ("ws://h:99999/", "URI_PORT"),
        ("ws://h:0/", "URI_PORT"),
        ("ws://h:8o/", "URI_PORT"),
        ("ws:///p", "URI_HOST"),
        ("ws://[::g]/", "URI_HOST"),
        ("ws://a b/", "URI_HOST"),
    ],
)
def test_part_that_is_not_valid_fails_before_anything_is_sent(uri: str, rule: str) -> None:
    """6455-4.1-03"""
    assert_refused(uri, R[rule])


@pytest.mark.parametrize(("scheme", "ids"), [("ws", "6455-11.1.1-01"), ("wss", "6455-11.1.2-01")])
def test_host_is_converted_by_idna(scheme: str, ids: str) -> None:
    """6455-11.1.1-01, 6455-11.1.2-01"""
    uri = f"{scheme}://bücher.example/"
    assert parse_uri(uri).host == "xn--bcher-kva.example", ids
    assert values(parse_request(first_bytes(uri=uri)), "Host") == ["xn--bcher-kva.example"]


@pytest.mark.parametrize(("scheme", "ids"), [("ws", "6455-11.1.1-02"), ("wss", "6455-11.1.2-02")])
def test_other_characters_are_percent_encoded(scheme: str, ids: str) -> None:
    """6455-11.1.1-02, 6455-11.1.2-02"""
    data = first_bytes(uri=f"{scheme}://h/café?q=ü")
    assert parse_request(data).target == b"/caf%C3%A9?q=%C3%BC", ids


@pytest.mark.parametrize("part", ["/\ud800", "/?\udfff"])
def test_half_a_character_is_refused(part: str) -> None:
    """6455-11.1.1-02"""
    with pytest.raises(LocalViolation) as caught:
        parse_uri(f"ws://h{part}")
    assert caught.value.rule.name == "URI_CHARACTER"
    assert caught.value.offset == len("ws://h") + len(part) - 1
