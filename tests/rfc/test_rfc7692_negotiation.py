"""permessage-deflate (RFC 7692 §3, §5): offers and responses, and what becomes of a connection without one."""

from __future__ import annotations

import pytest

from wsedu import Connection, Role, State
from wsedu.protocol.deflate import Agreed, PerMessageDeflate, PerMessageDeflateFactory
from wsedu.protocol.events import TextReceived
from wsedu.protocol.extensions import parse_extensions

from ..deflating import NAME, Inflater, compressed, compressing
from ..support import open_endpoint, open_server, pair, pump, vectors
from .doubles import RSV1, RSV2, MarkFactory
from .peers import (
    BOTH,
    answer_to,
    assert_accepts,
    assert_client_fails,
    assert_client_opens,
    assert_fails,
    first_bytes,
    from_peer,
    m,
    parse_request,
    receive,
    request,
    response,
    sent,
    values,
)

FIELD = "Sec-WebSocket-Extensions"
NEGOTIATION = vectors()["rfc7692"]["negotiation"]
EVERY = [
    PerMessageDeflateFactory(),
    PerMessageDeflateFactory(server_no_context_takeover=True),
    PerMessageDeflateFactory(client_no_context_takeover=True),
    PerMessageDeflateFactory(server_max_window_bits=9),
    PerMessageDeflateFactory(client_max_window_bits=9),
    PerMessageDeflateFactory(True, True, 15, 15),
]


def offered(*factories: PerMessageDeflateFactory) -> list[str]:
    """The elements that a client with these factories offers."""
    (value,) = values(parse_request(first_bytes(extensions=factories)), FIELD)
    return value.split(", ")


def answered(offer: str, *factories: PerMessageDeflateFactory) -> list[str]:
    """What a server with these factories puts into its response to an offer."""
    accepted = factories or (PerMessageDeflateFactory(),)
    return values(assert_accepts(request(Sec_WebSocket_Extensions=offer), extensions=accepted), FIELD)


def agreed_by_client(element: str, *factories: PerMessageDeflateFactory) -> Agreed:
    """The parameters that a client uses after this response."""
    data = response(Sec_WebSocket_Extensions=element)
    client = assert_client_opens(data, extensions=factories or (PerMessageDeflateFactory(),))
    (extension,) = client.extensions
    assert isinstance(extension, PerMessageDeflate)
    return extension.agreed


def agreed_by_server(offer: str, *factories: PerMessageDeflateFactory) -> Agreed:
    """The parameters that a server uses after this offer."""
    server, _ = answer_to(
        request(Sec_WebSocket_Extensions=offer), extensions=factories or (PerMessageDeflateFactory(),)
    )
    (extension,) = server.extensions
    assert isinstance(extension, PerMessageDeflate)
    return extension.agreed


def refused_by_client(element: str, *factories: PerMessageDeflateFactory) -> None:
    data = response(Sec_WebSocket_Extensions=element)
    assert_client_fails(data, "RESPONSE_EXTENSION_OFFERED", extensions=factories or (PerMessageDeflateFactory(),))


def test_of_two_offers_one_is_accepted() -> None:
    """7692-3-01, 7692-5-08"""
    (element,) = answered(f"{NAME}, {NAME}; client_max_window_bits")
    assert [offer.name for offer in parse_extensions(element)] == [NAME]


def test_client_puts_the_name_into_its_request() -> None:
    """7692-5-01"""
    assert [parse_extensions(element)[0].name for element in offered(PerMessageDeflateFactory())] == [NAME]
    assert values(parse_request(first_bytes()), FIELD) == []


def test_client_may_offer_several_times() -> None:
    """7692-5-02, 7692-5-03"""
    wanted = [PerMessageDeflateFactory(server_max_window_bits=10), PerMessageDeflateFactory()]
    offers = offered(*wanted)
    assert len(offers) == 2
    assert answered(", ".join(offers)) == [f"{NAME}; server_max_window_bits=10"], "the first one is preferred"
    assert answered(f"{NAME}, {offers[0]}") == [NAME]
    assert agreed_by_client(f"{NAME}; server_max_window_bits=10", *wanted).server_max_window_bits == 10
    assert agreed_by_client(NAME, *wanted).server_max_window_bits == 15


def test_offer_says_what_the_client_can_inflate() -> None:
    """7692-5-04, 7692-7.1.2.1-01"""
    (element,) = offered(PerMessageDeflateFactory())
    assert "server_max_window_bits" not in element
    (element,) = offered(PerMessageDeflateFactory(server_max_window_bits=10))
    assert "server_max_window_bits=10" in element.split("; ")


def test_offer_may_hint_at_the_clients_own_window() -> None:
    """7692-5-05, 7692-7.1.2.2-01"""
    (element,) = offered(PerMessageDeflateFactory(client_max_window_bits=12))
    assert "client_max_window_bits=12" in element.split("; ")
    assert answered(element) == [NAME]
    (element,) = offered(PerMessageDeflateFactory())
    assert "client_max_window_bits" in element.split("; ")
    assert answered(element) == [NAME]


def test_demand_is_met_and_hint_may_be_ignored() -> None:
    """7692-5-06"""
    demand = f"{NAME}; server_no_context_takeover; server_max_window_bits=11"
    (element,) = answered(demand)
    assert set(element.split("; ")[1:]) == {"server_no_context_takeover", "server_max_window_bits=11"}
    assert agreed_by_client(NAME, PerMessageDeflateFactory(client_no_context_takeover=True)) is not None
    refused_by_client(NAME, PerMessageDeflateFactory(server_no_context_takeover=True))


def test_hint_alone_does_not_bind() -> None:
    """7692-5-07, 7692-7.1.2.2-04"""
    offer = f"{NAME}; client_max_window_bits=10"
    assert answered(offer) == [NAME]
    assert agreed_by_server(offer).client_max_window_bits == 15
    for own, expected in ((9, 9), (10, 10), (12, 10)):
        factory = PerMessageDeflateFactory(client_max_window_bits=own)
        assert answered(offer, factory) == [f"{NAME}; client_max_window_bits={expected}"]
        assert agreed_by_server(offer, factory).client_max_window_bits == expected


@pytest.mark.parametrize("factory", EVERY, ids=repr)
@pytest.mark.parametrize("bits", [None, 8, 9, 12, 15])
def test_response_is_something_that_the_server_can_do(factory: PerMessageDeflateFactory, bits: int | None) -> None:
    """7692-5-09"""
    offer = NAME if bits is None else f"{NAME}; server_max_window_bits={bits}"
    for element in answered(offer, factory):
        server = open_server({FIELD: offer}, extensions=[factory])
        (extension,) = server.extensions
        assert isinstance(extension, PerMessageDeflate)
        assert 9 <= extension.agreed.server_max_window_bits <= (bits or 15)
        server.send_text("Hello")
        (frame,) = sent(server)
        assert Inflater(extension.agreed.server_max_window_bits).message([frame.payload]) == b"Hello"
        assert element.startswith(NAME)


def test_response_is_all_that_a_client_needs() -> None:
    """7692-5-10"""
    both = [PerMessageDeflateFactory(server_max_window_bits=12), PerMessageDeflateFactory(client_max_window_bits=9)]
    element = f"{NAME}; server_max_window_bits=10; client_max_window_bits=11; server_no_context_takeover"
    assert agreed_by_client(element, *both) == Agreed(True, False, 10, 11)


def test_two_claims_to_rsv1_do_not_go_together() -> None:
    """7692-5-11, 7692-5-12"""
    factories = [PerMessageDeflateFactory(), MarkFactory("foo", RSV1)]
    accepted = assert_accepts(request(Sec_WebSocket_Extensions=f"{NAME}, foo"), extensions=factories)
    assert values(accepted, FIELD) == [NAME]
    other = assert_accepts(request(Sec_WebSocket_Extensions=f"foo, {NAME}"), extensions=factories)
    assert values(other, FIELD) == ["foo"]
    for element in (f"{NAME}, foo", f"foo, {NAME}"):
        data = response(Sec_WebSocket_Extensions=element)
        assert_client_fails(data, "RESPONSE_EXTENSION_OFFERED", extensions=factories)


def test_compression_is_not_put_on_top_of_bits_of_each_frame() -> None:
    """7692-5-13, 7692-5-14"""
    factories = [PerMessageDeflateFactory(), MarkFactory("foo", RSV2)]
    accepted = assert_accepts(request(Sec_WebSocket_Extensions=f"foo, {NAME}"), extensions=factories)
    assert values(accepted, FIELD) == ["foo"]
    data = response(Sec_WebSocket_Extensions=f"foo, {NAME}")
    assert_client_fails(data, "RESPONSE_EXTENSION_OFFERED", extensions=factories)
    # The other way round the marks are put on what was compressed, and nothing is in the way.
    client, server = pair(extensions=factories)
    assert [extension.name for extension in client.extensions] == [NAME, "foo"]
    client.send_text("Hello")
    pump(client, server)
    assert server.events() == [TextReceived("Hello")]


def test_server_without_compression_lists_none() -> None:
    """7692-5-15"""
    accepted = assert_accepts(request(Sec_WebSocket_Extensions=f"{NAME}; client_max_window_bits"))
    assert values(accepted, FIELD) == []


@pytest.mark.parametrize("role", BOTH)
def test_without_agreement_nothing_is_compressed(role: Role) -> None:
    """7692-5-16"""
    endpoint = open_endpoint(role, extensions=[PerMessageDeflateFactory()])
    endpoint.send_text("Hello")
    assert [(frame.first, frame.payload) for frame in sent(endpoint)] == [(0x81, b"Hello")]
    assert_fails(endpoint, from_peer(role, "c1 07 f2 48 cd c9 c9 07 00"), 1002)


def test_response_that_is_not_valid_fails_the_connection() -> None:
    """7692-5-17"""
    assert_client_fails(response(Sec_WebSocket_Extensions=NAME), "RESPONSE_EXTENSION_OFFERED")
    refused_by_client(f"{NAME}, {NAME}")
    refused_by_client(f"{NAME}, x-unknown")


@pytest.mark.parametrize("role", BOTH)
def test_both_sides_use_what_was_agreed(role: Role) -> None:
    """7692-5-18"""
    parameters = "server_max_window_bits=9; client_no_context_takeover"
    endpoint = compressing(role, parameters)
    hello = b"Hello" * 99
    (once, again) = compressed(hello, hello, bits=9 if role is Role.CLIENT else 15)
    heard = [once, again if role is Role.CLIENT else once]
    frames = [f"c1 {len(payload):02x} {payload.hex()}" for payload in heard]
    assert receive(endpoint, from_peer(role, *frames)) == [TextReceived("Hello" * 99)] * 2
    endpoint.send_binary(hello)
    endpoint.send_binary(hello)
    inflater = Inflater(15, takeover=False) if role is Role.CLIENT else Inflater(9)
    assert [inflater.message([frame.payload]) for frame in sent(endpoint)] == [hello] * 2


def test_client_that_cannot_work_with_the_response_gives_up() -> None:
    """7692-5.1-01"""
    refused_by_client(NAME, PerMessageDeflateFactory(server_max_window_bits=10))
    endpoint = Connection(Role.CLIENT, "ws://a/", extensions=[PerMessageDeflateFactory(required=True)])
    server = Connection(Role.SERVER)
    pump(endpoint, server)
    assert (server.close_code, server.close_reason) == (1010, NAME)
    assert endpoint.state is State.CLOSED


# --- §7: what is no offer and no response ---

WRONG_IN_BOTH = {
    "unknown": ["foo", "foo=1", "Server_No_Context_Takeover", "server_max_window_bits_=10"],
    "value": [
        *[f"{side}_no_context_takeover={value}" for side in ("server", "client") for value in ("1", "true", "x")],
        *[
            f"{side}_max_window_bits={value}"
            for side in ("server", "client")
            for value in ("7", "16", "08", "09", "+9", "0x9", "abc", "100", "-9", "9.0")
        ],
        "server_max_window_bits",
    ],
    "repeated": [
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits=10; server_max_window_bits=10",
        "client_max_window_bits=10; client_max_window_bits=11",
    ],
}


def declined(parameters: str) -> None:
    """A server declines the offer, goes on without it, and takes a later one that is in order."""
    assert answered(f"{NAME}; {parameters}") == []
    assert answered(f"{NAME}; {parameters}, {NAME}") == [NAME]


@pytest.mark.parametrize("parameters", WRONG_IN_BOTH["unknown"])
def test_unknown_parameter(parameters: str) -> None:
    """7692-7-01, 7692-7-05"""
    declined(parameters)
    refused_by_client(f"{NAME}; {parameters}")


@pytest.mark.parametrize("parameters", WRONG_IN_BOTH["value"])
def test_wrong_value(parameters: str) -> None:
    """7692-7-02, 7692-7-06, 7692-7.1.2.1-02, 7692-7.1.2.1-05, 7692-7.1.2.2-02, 7692-7.1.2.2-05"""
    declined(parameters)
    refused_by_client(f"{NAME}; {parameters}")


@pytest.mark.parametrize("parameters", WRONG_IN_BOTH["repeated"])
def test_parameter_twice(parameters: str) -> None:
    """7692-7-03, 7692-7-07"""
    declined(parameters)
    refused_by_client(f"{NAME}; {parameters}")
    declined("client_max_window_bits; client_max_window_bits=10")


def test_window_that_zlib_cannot_make() -> None:
    """7692-7-04, 7692-7-08, 7692-7.1.2.1-03"""
    declined("server_max_window_bits=8")
    refused_by_client(f"{NAME}; client_max_window_bits=8")
    assert agreed_by_client(f"{NAME}; server_max_window_bits=8").server_max_window_bits == 8, "it can be inflated"


@pytest.mark.parametrize("role", BOTH)
def test_prefix_names_the_side_that_compresses(role: Role) -> None:
    """7692-7-09"""
    noise = bytes(range(256)) * 4
    endpoint = compressing(role, "server_max_window_bits=9")
    endpoint.send_binary(noise[:600] + bytes(1500))
    endpoint.send_binary(noise[:600])
    first, second = (frame.payload for frame in sent(endpoint))
    inflater = Inflater(15 if role is Role.CLIENT else 9)
    assert [len(inflater.message([payload])) for payload in (first, second)] == [2100, 600]
    # Only a window of more than 512 bytes reaches back over 1,500 zeros.
    assert (len(second) < 100) == (role is Role.CLIENT)


# --- §7.1.1: context takeover ---


@pytest.mark.parametrize("side", ["server", "client"])
def test_offer_may_contain_no_context_takeover(side: str) -> None:
    """7692-7.1.1.1-01, 7692-7.1.1.2-01"""
    name = f"{side}_no_context_takeover"
    (element,) = offered(PerMessageDeflateFactory(**{name: True}))  # type: ignore[arg-type]  # one of the two flags
    assert name in element.split("; ")
    (element,) = offered(PerMessageDeflateFactory())
    assert name not in element


@pytest.mark.parametrize("side", ["server", "client"])
@pytest.mark.parametrize("value", ["1", "0", "true", "x", '"10"'])
def test_no_context_takeover_has_no_value(side: str, value: str) -> None:
    """7692-7.1.1.1-02, 7692-7.1.1.2-04"""
    declined(f"{side}_no_context_takeover={value}")
    refused_by_client(f"{NAME}; {side}_no_context_takeover={value}")


def test_server_complies_with_no_context_takeover() -> None:
    """7692-7.1.1.1-03, 7692-7.1.1.1-04"""
    assert answered(f"{NAME}; server_no_context_takeover") == [f"{NAME}; server_no_context_takeover"]
    server = compressing(Role.SERVER, "server_no_context_takeover")
    server.send_text("Hello")
    server.send_text("Hello")
    first, second = sent(server)
    assert first == second


def test_server_may_declare_it_unasked() -> None:
    """7692-7.1.1.1-05"""
    assert agreed_by_client(f"{NAME}; server_no_context_takeover").server_no_context_takeover
    factory = PerMessageDeflateFactory(server_no_context_takeover=True)
    assert answered(NAME, factory) == [f"{NAME}; server_no_context_takeover"]


def test_server_may_ask_for_it() -> None:
    """7692-7.1.1.2-02, 7692-7.1.1.2-05"""
    factory = PerMessageDeflateFactory(client_no_context_takeover=True)
    assert answered(NAME, factory) == [f"{NAME}; client_no_context_takeover"]
    client = compressing(Role.CLIENT, "client_no_context_takeover")
    client.send_text("Hello")
    client.send_text("Hello")
    assert [frame.payload.hex() for frame in sent(client)] == ["f248cdc9c90700"] * 2


def test_client_may_be_told_nothing_after_its_hint() -> None:
    """7692-7.1.1.2-03"""
    factory = PerMessageDeflateFactory(client_no_context_takeover=True)
    assert agreed_by_client(NAME, factory) is not None
    # A server that does not answer the hint has to keep its window: the client may still take over.
    server = compressing(Role.SERVER)
    first = receive(server, m("c1 07 f2 48 cd c9 c9 07 00"))
    assert first + receive(server, m("c1 05 f2 00 11 00 00")) == [TextReceived("Hello")] * 2


# --- §7.1.2: the window ---


@pytest.mark.parametrize("bits", range(9, 16))
def test_every_number_of_bits_is_known(bits: int) -> None:
    """7692-7.1.2.1-02, 7692-7.1.2.1-05, 7692-7.1.2.2-02, 7692-7.1.2.2-05"""
    for value in (str(bits), f'"{bits}"'):
        assert answered(f"{NAME}; server_max_window_bits={value}") == [f"{NAME}; server_max_window_bits={bits}"]
        assert agreed_by_client(f"{NAME}; server_max_window_bits={value}").server_max_window_bits == bits
        assert agreed_by_client(f"{NAME}; client_max_window_bits={value}").client_max_window_bits == bits
        wanted = PerMessageDeflateFactory(client_max_window_bits=9)
        expected = [f"{NAME}; client_max_window_bits=9"]
        assert answered(f"{NAME}; client_max_window_bits={value}", wanted) == expected


@pytest.mark.parametrize("own", [None, *range(9, 16)])
@pytest.mark.parametrize("bits", range(9, 16))
def test_server_answers_with_the_same_or_a_smaller_window(bits: int, own: int | None) -> None:
    """7692-7.1.2.1-04"""
    factory = PerMessageDeflateFactory(server_max_window_bits=own)
    smaller = min(bits, own or 15)
    assert answered(f"{NAME}; server_max_window_bits={bits}", factory) == [f"{NAME}; server_max_window_bits={smaller}"]


def test_server_may_limit_itself_unasked() -> None:
    """7692-7.1.2.1-06"""
    assert agreed_by_client(f"{NAME}; server_max_window_bits=12").server_max_window_bits == 12
    factory = PerMessageDeflateFactory(server_max_window_bits=12)
    assert answered(NAME, factory) == [f"{NAME}; server_max_window_bits=12"]


def test_server_may_limit_a_client_that_lets_it() -> None:
    """7692-7.1.2.2-03"""
    factory = PerMessageDeflateFactory(client_max_window_bits=12)
    assert answered(f"{NAME}; client_max_window_bits", factory) == [f"{NAME}; client_max_window_bits=12"]


@pytest.mark.parametrize("factory", EVERY, ids=repr)
def test_client_that_did_not_let_it_is_not_limited(factory: PerMessageDeflateFactory) -> None:
    """7692-7.1.2.2-06"""
    (element,) = answered(NAME, factory)
    assert "client_max_window_bits" not in element
    # No response can have it without our asking for it: every offer of ours has it.
    (element,) = offered(factory)
    assert "client_max_window_bits" in element


@pytest.mark.parametrize("vector", NEGOTIATION, ids=lambda vector: f"{vector['offer']} / {vector['response']}")
def test_examples_of_the_rfc(vector: dict[str, str | bool]) -> None:
    """7692-3-01, 7692-7.1.2.2-06"""
    offer, wanted = str(vector["offer"]), str(vector["response"])
    (element,) = answered(offer)
    if not vector["valid"]:
        assert element != wanted
    elif vector.get("accepts") == "second offer":
        assert element != wanted, "we prefer the first"
        assert answered(", ".join(reversed(offer.split(", ")))) == [wanted]
    else:
        assert element == wanted


def test_default_window_is_worth_its_while() -> None:
    """7692-7.3-01"""
    default = agreed_by_server(NAME)
    assert min(default.server_max_window_bits, default.client_max_window_bits) >= 10
