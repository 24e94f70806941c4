"""`parse_uri` (RFC 6455 §3, §11.1): parts, defaults, and what is refused at which character."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import vectors
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.uri import parse_uri


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_default_port_is_that_of_the_scheme(scheme: str) -> None:
    uri = parse_uri(f"{scheme}://example.com/")
    assert uri.port == vectors()["rfc6455"]["headers"]["default_ports"][scheme]
    assert uri.secure is (scheme == "wss")
    assert uri.scheme == scheme
    assert uri.host_header == "example.com", "the default port is left out of Host"


@pytest.mark.parametrize(
    ("text", "resource_name"),
    [
        ("ws://example.com", "/"),
        ("ws://example.com/", "/"),
        ("ws://example.com?a=1", "/?a=1"),
        ("ws://example.com/chat?room=1&x=/?", "/chat?room=1&x=/?"),
        ("ws://example.com/a?", "/a?"),
        ("ws://example.com/%23", "/%23"),
        ("ws://example.com/a b", "/a%20b"),
        ("ws://example.com/caf\u00e9", "/caf%C3%A9"),
        ('ws://example.com/"<>\\^`{|}', "/%22%3C%3E%5C%5E%60%7B%7C%7D"),
        ("ws://example.com/\r\nHost: evil", "/%0D%0AHost:%20evil"),
    ],
)
def test_resource_name_is_path_and_query(text: str, resource_name: str) -> None:
    assert parse_uri(text).resource_name == resource_name


@pytest.mark.parametrize(
    ("text", "host", "port", "host_header"),
    [
        ("ws://EXAMPLE.com:8080/", "example.com", 8080, "example.com:8080"),
        ("ws://example.com:80/", "example.com", 80, "example.com"),
        ("wss://example.com:80/", "example.com", 80, "example.com:80"),
        ("ws://example.com:/", "example.com", 80, "example.com"),
        ("ws://127.0.0.1:65535/", "127.0.0.1", 65535, "127.0.0.1:65535"),
        ("ws://[::1]/", "::1", 80, "[::1]"),
        ("wss://[2001:DB8::1]:8443/", "2001:db8::1", 8443, "[2001:db8::1]:8443"),
        ("ws://b\u00fccher.example/", "xn--bcher-kva.example", 80, "xn--bcher-kva.example"),
    ],
)
def test_host_and_port(text: str, host: str, port: int, host_header: str) -> None:
    uri = parse_uri(text)
    assert (uri.host, uri.port, uri.host_header) == (host, port, host_header)


def test_scheme_is_read_without_regard_to_case() -> None:
    assert parse_uri("WSS://example.com/").secure


@pytest.mark.parametrize(
    ("text", "rule", "offset"),
    [
        ("", "URI_SCHEME", 0),
        ("example.com/chat", "URI_SCHEME", 0),
        ("http://example.com/", "URI_SCHEME", 0),
        ("//example.com/", "URI_SCHEME", 0),
        ("ws://example.com/#", "URI_FRAGMENT", 17),
        ("ws://example.com/a#b", "URI_FRAGMENT", 18),
        ("ws://", "URI_HOST", 3),
        ("ws:///chat", "URI_HOST", 3),
        ("wss:example.com", "URI_HOST", 4),
        ("ws://:80/", "URI_HOST", 5),
        ("ws://exa mple/", "URI_HOST", 8),
        ("ws://[::1/", "URI_HOST", 5),
        ("ws://[:::]/", "URI_HOST", 5),
        ("ws://[1.2.3.4]/", "URI_HOST", 5),
        ("ws://::1/", "URI_HOST", 5),
        ("ws://\u00fc..de/", "URI_HOST", 5),
        (f"ws://{64 * chr(0xFC)}.de/", "URI_HOST", 5),
        ("ws://user@example.com/", "URI_USERINFO", 5),
        ("ws://user:secret@example.com/", "URI_USERINFO", 5),
        ("ws://example.com:0/", "URI_PORT", 17),
        ("ws://example.com:65536/", "URI_PORT", 17),
        ("ws://example.com:-1/", "URI_PORT", 17),
        ("ws://example.com:http/", "URI_PORT", 17),
        ("ws://example.com:\u0668\u0660/", "URI_PORT", 17),
        pytest.param(f"ws://example.com:{5000 * '9'}/", "URI_PORT", 17, id="5000 digits"),
    ],
)
def test_refusal_names_rule_and_first_wrong_character(text: str, rule: str, offset: int) -> None:
    with pytest.raises(LocalViolation) as caught:
        parse_uri(text)
    assert (caught.value.rule.name, caught.value.offset) == (rule, offset)
    assert caught.value.detail["uri"] == text


LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@given(
    st.sampled_from(["ws", "wss"]),
    st.lists(LABEL, min_size=1, max_size=3).map(".".join),
    st.none() | st.integers(1, 65535),
    st.from_regex(r"(/[A-Za-z0-9._~%-]{0,5}){0,3}", fullmatch=True),
    st.none() | st.from_regex(r"[A-Za-z0-9=&]{0,8}", fullmatch=True),
)
def test_agrees_with_the_standard_library(
    scheme: str, host: str, port: int | None, path: str, query: str | None
) -> None:
    text = f"{scheme}://{host}{'' if port is None else f':{port}'}{path}{'' if query is None else f'?{query}'}"
    parts = urlsplit(text)
    uri = parse_uri(text)
    assert (uri.scheme, uri.host) == (parts.scheme, parts.hostname)
    assert uri.port == (parts.port or {"ws": 80, "wss": 443}[scheme])
    assert uri.resource_name == (path or "/") + ("" if query is None else f"?{query}")
    assert parse_uri(str(uri)) == uri


@given(st.text() | st.text().map(lambda rest: f"ws://{rest}") | st.text().map(lambda rest: f"wss://h{rest}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused = None
    try:
        uri = parse_uri(text)
        assert uri.host_header.isascii()
        assert uri.resource_name.isascii()
        assert uri.resource_name.startswith("/")
        assert not set(uri.resource_name) & set(" \r\n#")
    except LocalViolation as violation:
        refused = violation
    if refused is not None:
        assert refused.rule.name.startswith("URI_")
        assert refused.offset is not None
        assert 0 <= refused.offset <= len(text)


@pytest.mark.parametrize(
    ("text", "offset"), [("ws://example.com/\ud800", 17), ("ws://example.com/?a\udfff", 19), ("ws://\ud800/", 5)]
)
def test_half_of_a_surrogate_pair_is_no_character(text: str, offset: int) -> None:
    with pytest.raises(LocalViolation) as caught:
        parse_uri(text)
    assert (caught.value.rule.name, caught.value.offset) == ("URI_CHARACTER", offset)
