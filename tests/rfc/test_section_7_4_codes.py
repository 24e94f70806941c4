"""Status codes (RFC 6455 §7.4): which may travel, from whom, and what they answer."""

from __future__ import annotations

import pytest

from wsedu import Connection, Limits, LocalViolation, Role, State
from wsedu.protocol.events import BinaryReceived, CloseReceived, ViolationFound

from ..support import open_client, open_endpoint, open_server, vectors
from .doubles import MarkFactory
from .peers import BOTH, assert_fails, assert_refuses, from_peer, m, new_client, receive, request, response, sent

CODES = vectors()["rfc6455"]["close_codes"] + vectors()["rfc6455"]["close_codes_registered_later"]
# The RFC gives 1011 to servers; this product lets clients send it too, as other libraries do.
MAY_SEND = {code["code"]: {Role(role) for role in code["may_send"]} for code in CODES} | {1011: set(BOTH)}


def close_with(role: Role, code: int | None) -> bytes:
    """The payload of the Close frame that an endpoint sends for a code."""
    endpoint = open_endpoint(role)
    endpoint.close(code)
    (frame,) = sent(endpoint)
    assert frame.opcode == 8
    return frame.payload


def assert_code_refused(role: Role, code: int) -> None:
    endpoint = open_endpoint(role)
    with pytest.raises(ValueError, match="CLOSE_CODE"):
        endpoint.close(code)
    assert endpoint.data_to_send() == b""
    assert endpoint.state is State.OPEN


def assert_code_fails(role: Role, code: int) -> None:
    assert_fails(open_endpoint(role), from_peer(role, f"88 02 {code:04x}"), 1002)


@pytest.mark.parametrize("code", MAY_SEND)
@pytest.mark.parametrize("role", BOTH)
def test_codes_that_each_role_may_send(role: Role, code: int) -> None:
    """6455-7.4.1-01"""
    if role in MAY_SEND[code]:
        assert close_with(role, code) == code.to_bytes(2, "big")
    else:
        assert_code_refused(role, code)


def test_codes_of_a_client_are_refused_to_a_server_and_the_other_way_round() -> None:
    """6455-7.4.1-01, 6455-7.4.1-15"""
    for role, code in ((Role.SERVER, 1010), (Role.CLIENT, 1012)):
        endpoint = open_endpoint(role)
        with pytest.raises(LocalViolation, match="CLOSE_CODE_SENDER"):
            endpoint.close(code)
        assert endpoint.data_to_send() == b""


@pytest.mark.parametrize("role", BOTH)
def test_close_without_a_code_is_a_choice(role: Role) -> None:
    """6455-7.4-01, 6455-7.4.1-02"""
    assert close_with(role, None) == b""
    endpoint = open_endpoint(role)
    endpoint.close()
    assert [frame.payload for frame in sent(endpoint)] == [bytes.fromhex("03 e8")]


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("reserved bit", ["c1 00"]),
        ("opcode", ["83 00"]),
        ("fragmented control frame", ["09 00"]),
        ("continuation of nothing", ["80 00"]),
        ("message inside a message", ["01 00", "81 00"]),
        ("length in too many bytes", ["81 7e 00 00"]),
        ("close body of one byte", ["88 01 03"]),
    ],
)
@pytest.mark.parametrize("role", BOTH)
def test_protocol_errors_are_1002(role: Role, name: str, frames: list[str]) -> None:
    """6455-7.4.1-04, 6455-10.7-03"""
    assert_fails(open_endpoint(role), from_peer(role, *frames), 1002)


def test_text_only_application_can_answer_1003() -> None:
    """6455-7.4.1-05, 6455-7.4.1-06"""
    for end in (Connection.close, Connection.fail):
        server = open_server()
        assert receive(server, m("82 01 00")) == [BinaryReceived(b"\0")]
        end(server, 1003)
        assert server.data_to_send() == bytes.fromhex("88 02 03 eb")


def test_application_can_refuse_a_message_with_1008() -> None:
    """6455-7.4.1-11"""
    server = open_server()
    receive(server, m("81 02 68 69"))
    server.fail(1008)
    assert server.data_to_send() == bytes.fromhex("88 02 03 f0")
    assert server.ends_transport


@pytest.mark.parametrize("code", [1004])
@pytest.mark.parametrize("role", BOTH)
def test_reserved_code_does_not_travel(role: Role, code: int) -> None:
    """6455-7.4.1-07"""
    assert_code_refused(role, code)
    assert_code_fails(role, code)


@pytest.mark.parametrize("role", BOTH)
def test_1005_does_not_travel(role: Role) -> None:
    """6455-7.4.1-08"""
    assert_code_refused(role, 1005)
    assert_code_fails(role, 1005)
    endpoint = open_endpoint(role)
    receive(endpoint, from_peer(role, "88 00"))
    assert [frame.payload for frame in sent(endpoint)] == [b""]
    assert endpoint.close_code == 1005


@pytest.mark.parametrize("role", BOTH)
def test_1006_does_not_travel(role: Role) -> None:
    """6455-7.4.1-09"""
    assert_code_refused(role, 1006)
    assert_code_fails(role, 1006)


@pytest.mark.parametrize("role", BOTH)
def test_1015_does_not_travel(role: Role) -> None:
    """6455-7.4.1-17"""
    assert_code_refused(role, 1015)
    assert_code_fails(role, 1015)


def test_message_that_is_too_big_is_1009_from_the_header_alone() -> None:
    """6455-7.4.1-12"""
    server = open_server(limits=Limits(max_message_size=10))
    assert_fails(server, m("81 0b" + "61" * 11)[:2], 1009)
    server = open_server(limits=Limits(max_message_size=10))
    receive(server, m("01 06" + "61" * 6))
    assert_fails(server, m("80 05" + "61" * 5)[:2], 1009)


def test_client_that_misses_an_extension_closes_with_1010() -> None:
    """6455-7.4.1-13"""
    client = new_client(extensions=[MarkFactory("foo", required=True)])
    client.data_to_send()
    assert isinstance(receive(client, response())[-1], ViolationFound)
    assert [(frame.opcode, frame.code) for frame in sent(client)] == [(8, 1010)]
    assert client.ends_transport


def test_reason_with_1010_names_what_is_missing() -> None:
    """6455-7.4.1-14"""
    factories = [MarkFactory("foo", required=True), MarkFactory("bar"), MarkFactory("baz", required=True)]
    client = new_client(extensions=factories)
    client.data_to_send()
    receive(client, response(Sec_WebSocket_Extensions="bar"))
    (frame,) = sent(client)
    assert frame.code == 1010
    assert [name.strip() for name in frame.payload[2:].decode().split(",")] == ["foo", "baz"]


def test_server_that_misses_an_extension_refuses_the_handshake() -> None:
    """6455-7.4.1-15"""
    factories = [MarkFactory("foo", required=True)]
    assert_refuses(request(), 400, extensions=factories)
    assert_refuses(request(Sec_WebSocket_Extensions="bar"), 400, extensions=factories)


def test_server_says_1011_when_it_has_failed() -> None:
    """6455-7.4.1-16"""
    server = open_server()
    server.fail()
    assert server.data_to_send() == bytes.fromhex("88 02 03 f3")
    assert server.ends_transport


@pytest.mark.parametrize("code", [0, 1, 999])
@pytest.mark.parametrize("role", BOTH)
def test_codes_below_1000_are_not_used(role: Role, code: int) -> None:
    """6455-7.4.2-01"""
    assert_code_refused(role, code)
    assert_code_fails(role, code)


@pytest.mark.parametrize("code", [1016, 1100, 2000, 2999])
@pytest.mark.parametrize("role", BOTH)
def test_unassigned_codes_of_the_protocol_are_not_used(role: Role, code: int) -> None:
    """6455-7.4.2-02"""
    assert_code_refused(role, code)
    assert_code_fails(role, code)


@pytest.mark.parametrize("code", [1012, 1013, 1014])
def test_codes_that_were_registered_later_are_taken(code: int) -> None:
    """6455-7.4.2-02"""
    assert receive(open_client(), bytes.fromhex(f"88 02 {code:04x}")) == [CloseReceived(code, "")]


@pytest.mark.parametrize("code", [3000, 3999])
@pytest.mark.parametrize("role", BOTH)
def test_codes_of_libraries_travel(role: Role, code: int) -> None:
    """6455-7.4.2-03"""
    assert close_with(role, code) == code.to_bytes(2, "big")
    endpoint = open_endpoint(role)
    receive(endpoint, from_peer(role, f"88 02 {code:04x}"))
    assert [frame.code for frame in sent(endpoint)] == [code]


@pytest.mark.parametrize("code", [4000, 4999])
@pytest.mark.parametrize("role", BOTH)
def test_codes_for_private_use_travel(role: Role, code: int) -> None:
    """6455-7.4.2-04"""
    assert close_with(role, code) == code.to_bytes(2, "big")
    endpoint = open_endpoint(role)
    receive(endpoint, from_peer(role, f"88 02 {code:04x}"))
    assert [frame.code for frame in sent(endpoint)] == [code]


@pytest.mark.parametrize("code", [5000, 65535])
@pytest.mark.parametrize("role", BOTH)
def test_codes_above_4999_are_not_used(role: Role, code: int) -> None:
    """6455-7.4.2-04"""
    assert_code_refused(role, code)
    assert_code_fails(role, code)


@pytest.mark.parametrize("code", [-1, 65536, 70000])
def test_codes_that_do_not_fit_into_two_bytes(code: int) -> None:
    """6455-5.5.1-03"""
    assert_code_refused(Role.SERVER, code)
