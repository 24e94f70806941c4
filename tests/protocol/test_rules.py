"""The table of rules: for every rule a breach that is refused by it, and that passes with that one rule off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.deflating import compressing
from tests.protocol.dummy import DummyFactory
from tests.support import (
    KEY,
    URI,
    Change,
    as_bytes,
    as_sent_by,
    key_of,
    one_byte,
    open_endpoint,
    request_head,
    response_head,
)
from wsedu.protocol import rules
from wsedu.protocol.connection import Connection
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.handshake import ServerPolicy
from wsedu.protocol.masking import apply_mask
from wsedu.protocol.rules import RULES, LocalViolation, ProtocolViolation, Rule
from wsedu.protocol.types import Limits, Opcode, Role
from wsedu.protocol.uri import parse_uri

Breach = Callable[[], ProtocolViolation | None]


def asked(action: Callable[[], object]) -> Breach:
    """Something that our own caller asks for."""

    def breach() -> ProtocolViolation | None:
        try:
            action()
        except ProtocolViolation as violation:
            return violation
        return None

    return breach


def used(action: Callable[[Connection], object], role: Role = Role.SERVER) -> Breach:
    """Something that the owner of an open endpoint asks for."""

    def do() -> None:
        endpoint = open_endpoint(role)
        action(endpoint)
        endpoint.data_to_send()

    return asked(do)


def two_messages_at_once(endpoint: Connection) -> None:
    endpoint.send_text("a", fin=False)
    endpoint.send_text("b")


def heard(endpoint: Callable[[], Connection], data: Callable[[Connection], bytes], *, bytewise: bool = False) -> Breach:
    """Something that an endpoint reads, to the end of the connection."""

    def breach() -> ProtocolViolation | None:
        one = endpoint()
        stream = data(one)
        for piece in one_byte(stream) if bytewise else [stream]:
            one.receive_data(piece)
        one.data_to_send()
        one.events()
        one.receive_eof()
        assert one.close_code is not None
        return one.violation

    return breach


def request(
    changes: dict[str, Change] | None = None, raw: bytes | None = None, line: str = "", **options: Any
) -> Breach:
    data = raw or (request_head(changes, line=line) if line else request_head(changes))
    return heard(lambda: Connection(Role.SERVER, **options), lambda server: data)


def response(changes: dict[str, Change] | None = None, line: str = "", **options: Any) -> Breach:
    more = {"line": line} if line else {}
    return heard(
        lambda: Connection(Role.CLIENT, URI, **options), lambda client: response_head(key_of(client), changes, **more)
    )


def frames(role: Role, *parts: str, bytewise: bool = False, **options: Any) -> Breach:
    """Frames, or parts of them, as they are: unmasked ones to a client, masked ones to a server by hand."""
    stream = b"".join(as_bytes(part) for part in parts)
    return heard(lambda: open_endpoint(role, **options), lambda endpoint: stream, bytewise=bytewise)


def to_server(*parts: str, **options: Any) -> Breach:
    return frames(Role.SERVER, *(as_sent_by(Role.CLIENT, part).hex() for part in parts), **options)


def compressed(*parts: str, **options: Any) -> Breach:
    """Frames to a client that has agreed on permessage-deflate."""
    stream = b"".join(as_bytes(part) for part in parts)
    return heard(lambda: compressing(Role.CLIENT, **options), lambda endpoint: stream)


CLIENT, SERVER = Role.CLIENT, Role.SERVER
SMALL = Limits(max_message_size=10, max_fragments=2)

BREACHES: list[tuple[Rule, str, Breach]] = [
    (rules.URI_SCHEME, "http", asked(lambda: parse_uri("http://a/"))),
    (rules.URI_SCHEME, "none", asked(lambda: parse_uri("a:80"))),
    (rules.URI_HOST, "none", asked(lambda: parse_uri("ws:///"))),
    (rules.URI_HOST, "none at all", asked(lambda: parse_uri("ws:a"))),
    (rules.URI_HOST, "wrong", asked(lambda: parse_uri("ws://a b/"))),
    (rules.URI_PORT, "70000", asked(lambda: parse_uri("ws://a:70000/"))),
    (rules.URI_PORT, "letters", asked(lambda: parse_uri("ws://a:b/"))),
    (rules.URI_USERINFO, "user", asked(lambda: parse_uri("ws://user@a/"))),
    (rules.URI_FRAGMENT, "fragment", asked(lambda: parse_uri("ws://a/#b"))),
    (rules.URI_CHARACTER, "surrogate", asked(lambda: parse_uri("ws://a/\ud800"))),
    (rules.HEAD_START_LINE, "first byte", request(raw=b"\x16\r\n\r\n")),
    (rules.HEAD_START_LINE, "request line", request(line="GET /")),
    (rules.HEAD_START_LINE, "empty request line", request(raw=b"\r\n\r\n")),
    (rules.HEAD_START_LINE, "status line", response(line="HTTP/1.1 1 x")),
    (rules.HEAD_LINE_END, "line feed", request(raw=request_head().replace(b"\r\n", b"\n"))),
    (rules.HEAD_FIELD, "no colon", request(raw=request_head().replace(b"Host: ", b"Host "))),
    (rules.HEAD_FIELD, "response", response({"A b": "c"})),
    (rules.HEAD_TOO_LARGE, "request", request(limits=Limits(max_head_size=10))),
    (rules.HEAD_TOO_LARGE, "response", response(limits=Limits(max_head_size=10))),
    (rules.HEAD_TOO_MANY_FIELDS, "request", request(limits=Limits(max_header_count=1))),
    (rules.REQUEST_METHOD, "post", request(line="POST / HTTP/1.1")),
    (rules.REQUEST_HTTP_VERSION, "1.0", request(line="GET / HTTP/1.0")),
    (rules.REQUEST_TARGET, "relative", request(line="GET a HTTP/1.1")),
    (rules.REQUEST_TARGET, "fragment", request(line="GET /#a HTTP/1.1")),
    (rules.REQUEST_BODY, "length", request({"Content-Length": "1"})),
    (rules.REQUEST_BODY, "chunked", request({"Transfer-Encoding": "chunked"})),
    (rules.REQUEST_HOST, "none", request({"Host": None})),
    (rules.REQUEST_AUTHORITY, "other", request({"Host": "a"}, policy=ServerPolicy(hosts=["b"]))),
    (rules.REQUEST_UPGRADE, "none", request({"Upgrade": None})),
    (rules.REQUEST_CONNECTION, "none", request({"Connection": None})),
    (rules.REQUEST_KEY, "none", request({"Sec-WebSocket-Key": None})),
    (rules.REQUEST_KEY, "short", request({"Sec-WebSocket-Key": "YQ=="})),
    (rules.REQUEST_KEY_ONCE, "twice", request({"Sec-WebSocket-Key": ["YQ==", "YQ=="]})),
    (rules.REQUEST_VERSION, "text", request({"Sec-WebSocket-Version": "x"})),
    (rules.REQUEST_VERSION_ONCE, "twice", request({"Sec-WebSocket-Version": ["13", "13"]})),
    (rules.REQUEST_VERSION_SUPPORTED, "8", request({"Sec-WebSocket-Version": "8"})),
    (rules.REQUEST_ORIGIN, "other", request({"Origin": "http://a"}, policy=ServerPolicy(origins=[]))),
    (rules.REQUEST_SUBPROTOCOL, "twice", request({"Sec-WebSocket-Protocol": "a, a"})),
    (
        rules.REQUEST_SUBPROTOCOL,
        "ours",
        asked(lambda: Connection(Role.CLIENT, URI, subprotocols=["a", "a"])),
    ),
    (rules.REQUEST_EXTENSIONS, "grammar", request({"Sec-WebSocket-Extensions": "a;;"})),
    (rules.REQUEST_EXTENSIONS, "empty", request({"Sec-WebSocket-Extensions": ""})),
    (rules.RESPONSE_HTTP_VERSION, "1.0", response(line="HTTP/1.0 101 x")),
    (rules.RESPONSE_STATUS, "200", response(line="HTTP/1.1 200 OK")),
    (rules.RESPONSE_UPGRADE, "none", response({"Upgrade": None})),
    (rules.RESPONSE_CONNECTION, "none", response({"Connection": None})),
    (rules.RESPONSE_ACCEPT, "none", response({"Sec-WebSocket-Accept": None})),
    (rules.RESPONSE_ACCEPT, "wrong", response({"Sec-WebSocket-Accept": "x"})),
    (rules.RESPONSE_ACCEPT_ONCE, "twice", response({"Sec-WebSocket-Accept": ["x", "x"]})),
    (rules.RESPONSE_EXTENSIONS, "grammar", response({"Sec-WebSocket-Extensions": "a;;"})),
    (rules.RESPONSE_EXTENSION_OFFERED, "not offered", response({"Sec-WebSocket-Extensions": "a"})),
    (rules.RESPONSE_SUBPROTOCOL_ONCE, "twice", response({"Sec-WebSocket-Protocol": ["a", "a"]})),
    (rules.RESPONSE_SUBPROTOCOL_OFFERED, "not offered", response({"Sec-WebSocket-Protocol": "a"})),
    (
        rules.EXTENSION_REQUIRED,
        "server",
        request(policy=ServerPolicy(extensions=[DummyFactory(required=True)])),
    ),
    (rules.EXTENSION_REQUIRED, "client", response(extensions=[DummyFactory(required=True)])),
    (rules.RSV_BITS, "rsv1", frames(CLIENT, "c1 01 61")),
    (rules.OPCODE_RESERVED, "data", frames(CLIENT, "83 01 61")),
    (rules.OPCODE_RESERVED, "control", frames(CLIENT, "8b 01 61")),
    (rules.CONTROL_FRAGMENTED, "ping", frames(CLIENT, "09 01 61")),
    (rules.CONTROL_FRAGMENTED, "close", frames(CLIENT, "08 00")),
    (rules.CONTROL_TOO_LONG, "ping", frames(CLIENT, "89 7e 00 7e", "61" * 126)),
    (rules.CONTROL_TOO_LONG, "our ping", used(lambda endpoint: endpoint.send_ping(bytes(126)))),
    (rules.CONTROL_TOO_LONG, "our reason", used(lambda endpoint: endpoint.close(1000, "a" * 124))),
    (rules.CLIENT_MUST_MASK, "text", frames(SERVER, "81 01 61")),
    (rules.SERVER_MUST_NOT_MASK, "text", frames(CLIENT, "81 81 37 fa 21 3d 56")),
    (rules.MINIMAL_LENGTH, "16", frames(CLIENT, "82 7e 00 01 61")),
    (rules.LENGTH_TOP_BIT, "64", frames(CLIENT, "82 7f 80 00 00 00 00 00 00 00 61")),
    (rules.FRAME_TOO_BIG, "7", frames(CLIENT, "82 0b", "61" * 11, limits=SMALL)),
    (rules.FRAME_TOO_BIG, "16", frames(CLIENT, "82 7e 00 7e", "61" * 126, limits=SMALL)),
    (rules.CONTINUATION_WITHOUT_START, "last", frames(CLIENT, "80 01 61")),
    (rules.CONTINUATION_WITHOUT_START, "not last", frames(CLIENT, "00 01 61", "80 01 61")),
    (rules.CONTINUATION_WITHOUT_START, "ours", used(lambda endpoint: endpoint.send_continuation(b"a"))),
    (rules.MESSAGE_INTERLEAVED, "text", frames(CLIENT, "02 01 ff", "81 01 61", "80 00")),
    (
        rules.MESSAGE_INTERLEAVED,
        "ours",
        used(two_messages_at_once),
    ),
    (rules.MESSAGE_TOO_BIG, "fragments", frames(CLIENT, "02 09", "61" * 9, "80 02 61 61", limits=SMALL)),
    (rules.TOO_MANY_FRAGMENTS, "three", frames(CLIENT, "02 00", "00 00", "80 00", limits=SMALL)),
    (rules.MESSAGE_TOO_BIG, "inflated", compressed("c2 05 4b 44 05 00 00", limits=SMALL)),
    (rules.INFLATE, "block type", compressed("c2 01 07")),
    (rules.INFLATE, "in fragments", compressed("42 01 00", "80 04 05 00 05 00")),
    (rules.INFLATE, "final blocks", compressed("c2 7e 00 ca", "03 00" * 101)),
    (rules.TEXT_UTF8, "inflated", compressed("c1 03 fa 0f 00")),
    (rules.TEXT_UTF8, "one frame", frames(CLIENT, "81 01 ff")),
    (rules.TEXT_UTF8, "byte by byte", frames(CLIENT, "81 03 61 ff 62", bytewise=True)),
    (rules.TEXT_UTF8, "fragments", frames(CLIENT, "01 01 ff", "80 01 61")),
    (rules.TEXT_UTF8, "surrogate byte by byte", frames(CLIENT, "81 03 ed a0 80", bytewise=True)),
    (rules.TEXT_UTF8, "cut character", frames(CLIENT, "01 01 e2", "80 00")),
    (rules.TEXT_UTF8, "masked", to_server("81 01 ff")),
    (rules.TEXT_UTF8, "our surrogate", used(lambda endpoint: endpoint.send_text("\ud800"))),
    (rules.TEXT_UTF8, "our bytes", used(lambda endpoint: endpoint.send_text(b"\xff"))),
    (rules.CLOSE_BODY, "one byte", frames(CLIENT, "88 01 03")),
    (rules.CLOSE_BODY, "our reason without code", used(lambda endpoint: endpoint.close(None, "a"))),
    (rules.CLOSE_CODE, "1005", frames(CLIENT, "88 02 03 ed")),
    (rules.CLOSE_CODE, "our 1005", used(lambda endpoint: endpoint.close(1005))),
    (rules.CLOSE_REASON_UTF8, "reason", frames(CLIENT, "88 03 03 e8 ff")),
    (rules.CLOSE_REASON_UTF8, "our reason", used(lambda endpoint: endpoint.close(1000, "\ud800"))),
    (rules.DATA_AFTER_CLOSE, "text", lambda: dissect(as_bytes("88 00 81 00")).server.violation),
    (rules.SEND_WHEN_OPEN, "connecting", asked(lambda: Connection(Role.SERVER).send_text("a"))),
    (rules.SEND_WHEN_OPEN, "binary", asked(lambda: Connection(Role.SERVER).send_binary(b"a"))),
    (rules.SEND_WHEN_OPEN, "ping", asked(lambda: Connection(Role.SERVER).send_ping())),
    (rules.CLOSE_CODE_SENDER, "1010", used(lambda endpoint: endpoint.close(1010))),
    (rules.FIELD_WIDTH, "opcode", asked(lambda: encode_frame(Frame(16)))),
    (rules.FIELD_WIDTH, "7", asked(lambda: encode_frame(Frame(Opcode.TEXT, bytes(126), length_form=7)))),
    (rules.FIELD_WIDTH, "16", asked(lambda: encode_frame(Frame(Opcode.TEXT, bytes(65536), length_form=16)))),
    (rules.KEY_LENGTH, "frame", asked(lambda: encode_frame(Frame.text("a", masking_key=b"abc")))),
    (rules.KEY_LENGTH, "mask", asked(lambda: apply_mask(b"abcdef", KEY + b"e"))),
    (rules.KEY_LENGTH, "empty", asked(lambda: apply_mask(b"abcdef", b""))),
    (rules.HEADER_INJECTION, "ours", asked(lambda: Connection(Role.CLIENT, URI, headers=[("A", "b\r\nC: d")]))),
    (
        rules.SUBPROTOCOL_CHOICE,
        "not offered",
        request(policy=ServerPolicy(choose_subprotocol=lambda one, offered: "x")),
    ),
]

EACH = pytest.mark.parametrize(
    ("rule", "breach"), [pytest.param(rule, breach, id=f"{rule.name}: {what}") for rule, what, breach in BREACHES]
)


def test_every_rule_has_a_breach() -> None:
    assert {rule.name for rule, _, _ in BREACHES} == set(RULES)


def test_a_rule_is_found_by_its_name() -> None:
    assert all(rule.name == name for name, rule in RULES.items())
    assert str(rules.MINIMAL_LENGTH) == "MINIMAL_LENGTH (RFC 6455 §5.2)"


@EACH
def test_a_breach_is_refused_by_its_rule(rule: Rule, breach: Breach) -> None:
    violation = breach()
    assert violation is not None
    assert violation.rule is rule
    assert violation.decided_by is not None, "a violation says which function found it"
    assert rule.name in str(violation)


@pytest.fixture
def switched_off(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Rule:
    """One rule that is not enforced; all others are."""
    off: Rule = request.getfixturevalue("rule")
    for name in ("enforce", "refuse"):
        original = getattr(rules, name)

        def lenient(rule: Rule, offset: int | None = None, _original: Any = original, **detail: Any) -> None:
            if rule is not off:
                _original(rule, offset, **detail)

        monkeypatch.setattr(rules, name, lenient)
    return off


@EACH
def test_with_its_rule_off_a_breach_goes_through(rule: Rule, breach: Breach, switched_off: Rule) -> None:
    """Nothing but another rule's violation ever comes out, so switching a rule off shows that rule and no crash."""
    violation = breach()
    assert violation is None or violation.rule is not rule


def test_what_may_be_answered_is_answered() -> None:
    for rule in RULES.values():
        assert rule.code is None or rule.code in (1002, 1007, 1009, 1010)
        assert rule.status is None or rule.status in (400, 403, 405, 421, 426, 431, 500, 505)
        assert rule.binds
        assert rule.section.split(".")[0].isdigit()


def test_a_local_violation_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="URI_SCHEME") as caught:
        parse_uri("http://a/")
    assert isinstance(caught.value, LocalViolation)
    assert caught.value.local
    assert not ProtocolViolation(rules.RSV_BITS).local
    assert str(ProtocolViolation(rules.RSV_BITS)) == str(rules.RSV_BITS)
    assert ProtocolViolation(rules.RSV_BITS).detail == {}
