"""Extensions (RFC 6455 §9): the grammar of their header, negotiation, and the seam on the way out and in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.dummy import DummyFactory
from tests.support import masked, open_client, open_server, pair, pump, request_head, vectors
from wsedu.protocol.connection import Connection
from wsedu.protocol.events import BinaryReceived, Opened, PingReceived, PongReceived, TextReceived, ViolationFound
from wsedu.protocol.extensions import (
    ExtensionOffer,
    MalformedExtensionsError,
    format_extensions,
    negotiate,
    parse_extensions,
)
from wsedu.protocol.handshake import ServerPolicy
from wsedu.protocol.types import Limits, Role, State

HEADERS = vectors()["rfc6455"]["headers"]


def plain(offers: list[ExtensionOffer]) -> list[list[object]]:
    """Offers in the form of the vectors."""
    return [[offer.name, [list(parameter) for parameter in offer.parameters]] for offer in offers]


# --- The grammar (§9.1) ---


@pytest.mark.parametrize("vector", HEADERS["extensions_valid"], ids=lambda vector: vector["value"])
def test_the_examples_of_the_rfc(vector: dict[str, object]) -> None:
    parsed = parse_extensions(str(vector["value"]))
    assert plain(parsed) == vector.get("parsed", [[vector["value"], []]])
    assert format_extensions(parsed) == vector["value"]


@pytest.mark.parametrize("vector", HEADERS["extensions_equivalent"], ids=lambda vector: vector["same_as"])
def test_several_fields_are_one_list(vector: dict[str, Any]) -> None:
    each = [offer for value in vector["fields"] for offer in parse_extensions(value)]
    assert plain(each) == vector["parsed"]
    assert each == parse_extensions(str(vector["same_as"]))


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("", []),
        (" \t", []),
        (",, a ,\t,", [["a", []]]),
        ("a;b=c ; d\t,e", [["a", [["b", "c"], ["d", None]]], ["e", []]]),
        ('a;b="c"', [["a", [["b", "c"]]]]),
        (r'a;b="c\d"', [["a", [["b", "cd"]]]]),
        ("a; b = c", [["a", [["b", "c"]]]]),
        ("a;b;b", [["a", [["b", None], ["b", None]]]]),
    ],
)
def test_what_the_grammar_allows(value: str, parsed: list[object]) -> None:
    assert plain(parse_extensions(value)) == parsed


@pytest.mark.parametrize(
    ("value", "index"),
    [
        (";", 0),
        ("=", 0),
        ("a;", 2),
        ("a;;b", 2),
        ("a; =b", 3),
        ("a;b=", 4),
        ("a;b=;", 4),
        ("a b", 2),
        ("a=b", 1),
        ('"a"', 0),
        ('a;"b"', 2),
        ('a;b=""', 4),
        ('a;b="c d"', 4),
        ('a;b="c', 4),
        ("a;b=c d", 6),
        ("a,\u00e9", 2),
        ("a/b", 1),
    ],
)
def test_what_breaks_the_grammar_is_named_at_its_character(value: str, index: int) -> None:
    with pytest.raises(MalformedExtensionsError) as caught:
        parse_extensions(value)
    assert caught.value.index == index


TOKEN = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}", fullmatch=True)
OFFERS = st.lists(
    st.builds(ExtensionOffer, TOKEN, st.lists(st.tuples(TOKEN, st.none() | TOKEN), max_size=3).map(tuple)), max_size=3
)


@given(OFFERS)
def test_what_is_written_is_read_back(offers: list[ExtensionOffer]) -> None:
    assert parse_extensions(format_extensions(offers)) == offers


@given(st.text(st.sampled_from('ab;,="\\ \t\u00e9') | st.characters(), max_size=20))
def test_any_text_is_read_or_refused(value: str) -> None:
    index = 0
    try:
        offers = parse_extensions(value)
        assert parse_extensions(format_extensions(offers)) == offers
    except MalformedExtensionsError as error:
        index = error.index
    assert 0 <= index <= len(value)


# --- Negotiation ---


def test_a_server_takes_each_extension_once_in_the_order_of_the_client() -> None:
    factories = [DummyFactory("a", answer=(("x", "1"),), bit=0x20), DummyFactory("b")]
    offers = parse_extensions("c, b, a; unknown, a, a")
    chosen, in_use = negotiate(offers, factories)
    assert format_extensions(chosen) == "b, a; x=1"
    assert [extension.name for extension in in_use] == ["b", "a"]


def test_of_two_factories_of_a_name_the_first_that_accepts_is_used() -> None:
    picky = DummyFactory("a", offered=((("x", None),),))
    chosen, in_use = negotiate(parse_extensions("a"), [picky, DummyFactory("a", letter=b"2")])
    assert format_extensions(chosen) == "a"
    assert not picky.made
    assert len(in_use) == 1


def test_both_ends_agree() -> None:
    near, far = [DummyFactory("a"), DummyFactory("b")], [DummyFactory("b"), DummyFactory("c")]
    client, server = pair(client={"extensions": near}, server={"extensions": far})
    assert [extension.name for extension in client.extensions] == ["b"]
    assert [extension.name for extension in server.extensions] == ["b"]


def test_the_event_names_the_extensions() -> None:
    server = Connection(Role.SERVER, extensions=[DummyFactory()])
    server.receive_data(request_head({"Sec-WebSocket-Extensions": "dummy"}))
    [opened] = server.events()
    assert isinstance(opened, Opened)
    assert opened.extensions == ("dummy",)
    assert opened.response.headers.get("Sec-WebSocket-Extensions") == "dummy"


def test_without_an_offer_no_extension_is_answered() -> None:
    server = Connection(Role.SERVER, extensions=[DummyFactory()])
    server.receive_data(request_head())
    assert server.response is not None
    assert server.response.headers.get("Sec-WebSocket-Extensions") is None


# --- Required, and not there (§7.4.1) ---


def test_a_client_closes_with_1010_and_says_what_is_missing() -> None:
    client = Connection(Role.CLIENT, "ws://a/", extensions=[DummyFactory(required=True), DummyFactory("other")])
    server = Connection(Role.SERVER)
    moved = pump(client, server)
    opened, found, *_ = client.events()
    assert isinstance(opened, Opened)
    assert isinstance(found, ViolationFound)
    assert found.violation.rule.name == "EXTENSION_REQUIRED"
    assert found.violation.detail == {"missing": ["dummy"]}
    assert (server.close_code, server.close_reason) == (1010, "dummy"), "the reason lists them (§7.4.1)"
    assert moved.to_client.endswith(b"\x88\x02" + (1010).to_bytes(2, "big"))


def test_a_client_with_its_required_extension_stays() -> None:
    client, _ = pair(extensions=[DummyFactory(required=True)])
    assert client.state is State.OPEN
    assert client.violation is None


def test_a_server_refuses_the_handshake() -> None:
    server = Connection(Role.SERVER, policy=ServerPolicy(extensions=[DummyFactory(required=True)]))
    data = request_head({"Sec-WebSocket-Extensions": "other"})
    server.receive_data(data)
    assert server.violation is not None
    assert server.violation.rule.name == "EXTENSION_REQUIRED"
    assert server.violation.offset == len(data) - 2
    assert server.data_to_send().startswith(b"HTTP/1.1 400 ")


# --- The seam: frames through extensions ---


def test_extensions_work_in_the_order_of_the_list_and_back() -> None:
    """`a, b` sends b(a(payload)) and reads a⁻¹(b⁻¹(payload)) (§9.1)."""
    made = [DummyFactory("a", letter=b"1"), DummyFactory("b", letter=b"2", bit=0x20)]
    client, server = pair(client={"extensions": made}, server={"extensions": made})
    client.send_text("text")
    server.send_binary(b"data")
    moved = pump(client, server)
    assert moved.to_client == bytes([0x82 | 0x40 | 0x20, 6]) + b"data12"
    assert moved.to_server[0] == 0x81 | 0x40 | 0x20
    assert server.events() == [TextReceived("text")]
    assert client.events() == [BinaryReceived(b"data")]


def test_control_frames_do_not_pass_through_extensions() -> None:
    client, server = pair(extensions=[DummyFactory()])
    client.send_ping(b"ping")
    moved = pump(client, server)
    assert moved.to_client == b"\x8a\x04ping"
    assert server.events() == [PingReceived(b"ping")]
    assert client.events() == [PongReceived(b"ping", (b"ping",))]


def test_each_fragment_passes_through_the_extension() -> None:
    client, server = pair(extensions=[DummyFactory()])
    server.send_text("He", fin=False)
    server.send_continuation("llo")
    moved = pump(client, server)
    assert moved.to_client == b"\x41\x03He!" + b"\xc0\x04llo!"
    assert client.events() == [TextReceived("Hello", 2)]


def test_a_reserved_bit_is_legal_only_where_an_extension_claims_it() -> None:
    fine = open_server({"Sec-WebSocket-Extensions": "dummy"}, extensions=[DummyFactory()])
    fine.receive_data(masked(b"\xc1\x02a!"))
    assert fine.events() == [TextReceived("a")]
    for first in (0xA1, 0x91, 0xC9):
        server = open_server({"Sec-WebSocket-Extensions": "dummy"}, extensions=[DummyFactory()])
        server.receive_data(masked(bytes([first, 2]) + b"a!"))
        assert server.violation is not None
        assert server.violation.rule.name == "RSV_BITS"
    without = open_server(extensions=[DummyFactory()])
    without.receive_data(masked(b"\xc1\x02a!"))
    assert without.violation is not None
    assert without.violation.rule.name == "RSV_BITS"


def test_text_is_checked_after_it_is_decoded() -> None:
    """What is on the wire is not the text: an extension's bytes may be no UTF-8, and only the result is judged."""
    factory = DummyFactory(letter=b"\xff")
    client = open_client({"Sec-WebSocket-Extensions": "dummy"}, extensions=[factory])
    for byte in b"\xc1\x03ok\xff":
        client.receive_data(bytes([byte]))
    assert client.events() == [TextReceived("ok")]
    client.receive_data(b"\xc1\x02\xfe\xff")
    assert client.violation is not None
    assert client.violation.rule.name == "TEXT_UTF8"


def test_an_extension_is_told_how_much_room_there_is_and_may_not_exceed_it() -> None:
    factory = DummyFactory(letter=b"")
    client = open_client(
        {"Sec-WebSocket-Extensions": "dummy"}, extensions=[factory], limits=Limits(max_message_size=10)
    )
    client.receive_data(b"\x42\x04abcd" + b"\xc0\x06efghij")
    assert [room for _, _, room in factory.made[-1].log] == [10, 6]
    assert client.events() == [BinaryReceived(b"abcdefghij", 2)]


def test_what_an_extension_inflates_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    factory = DummyFactory()
    client = open_client({"Sec-WebSocket-Extensions": "dummy"}, extensions=[factory], limits=Limits(max_message_size=9))
    monkeypatch.setattr(
        type(factory.made[-1]), "decode", lambda self, frame, max_size: frame._replace(payload=bytes(max_size + 1))
    )
    client.receive_data(b"\xc2\x01a")
    assert client.violation is not None
    assert client.violation.rule.name == "MESSAGE_TOO_BIG"
    assert client.data_to_send()[0] == 0x88


def test_what_an_extension_refuses_fails_the_connection() -> None:
    client = open_client({"Sec-WebSocket-Extensions": "dummy"}, extensions=[DummyFactory()])
    client.receive_data(b"\xc1\x02ab")
    assert client.violation is not None
    assert client.violation.detail == {"letter": b"!"}
    assert client.state is State.CLOSING
