"""The end of a connection (RFC 6455 §5.5.1, §7): in good order, at once, by failure, or without a word."""

from __future__ import annotations

import pytest

from tests.protocol.endpoints import CLOSE_1000, frames_of, from_peer, in_phase, only_frame
from tests.support import (
    as_bytes,
    open_endpoint,
    pair,
    pump,
)
from wsedu.protocol.closing import Phase
from wsedu.protocol.events import (
    BinaryReceived,
    Closed,
    CloseReceived,
    TextReceived,
    ViolationFound,
)
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.types import Role, State

ROLES = pytest.mark.parametrize("role", list(Role))


# --- Closing (§5.5.1, §7) ---


@ROLES
@pytest.mark.parametrize("body", ["", "03 e8", "03 e8 62 79 65", "0f a0"])
def test_a_close_is_answered_with_its_code(role: Role, body: str) -> None:
    endpoint = open_endpoint(role)
    data = as_bytes(body)
    endpoint.receive_data(from_peer(endpoint, bytes([0x88, len(data)]) + data))
    code = int.from_bytes(data[:2], "big") if data else None
    assert endpoint.events() == [CloseReceived(code, data[2:].decode())]
    answer = only_frame(endpoint)
    assert (answer.name, answer.payload) == ("close", data[:2])
    assert endpoint.state is State.CLOSING
    assert endpoint.close_code == (1005 if code is None else code)
    assert endpoint.ends_transport is (role is Role.SERVER), "the server ends TCP first (§7.1.1)"
    endpoint.receive_eof()
    assert endpoint.events() == [Closed(endpoint.close_code, data[2:].decode(), True)]
    assert endpoint.clean
    assert endpoint.ends_transport


@ROLES
@pytest.mark.parametrize(
    ("code", "reason", "body"), [(None, "", ""), (1000, "", "03 e8"), (4999, "\u00e9", "13 87 c3 a9")]
)
def test_our_close_and_its_answer(role: Role, code: int | None, reason: str, body: str) -> None:
    endpoint = open_endpoint(role)
    endpoint.close(code, reason)
    assert only_frame(endpoint).payload == as_bytes(body)
    assert (endpoint.state, endpoint.phase, endpoint.ends_transport) == (State.CLOSING, Phase.CLOSE_SENT, False)
    assert (endpoint.close_code, endpoint.close_reason) == (None, None)
    endpoint.receive_data(from_peer(endpoint, "88 02 0f a1"))
    assert endpoint.data_to_send() == b"", "an answer is not answered"
    assert endpoint.phase is Phase.CLOSE_EXCHANGED
    assert endpoint.ends_transport is (role is Role.SERVER)
    endpoint.receive_eof()
    assert endpoint.events() == [CloseReceived(4001, ""), Closed(4001, "", True)]


def test_both_close_at_once() -> None:
    client, server = pair()
    client.close(1000, "from the client")
    server.close(1001, "from the server")
    moved = pump(client, server)
    decoder = FrameDecoder(Role.SERVER)
    assert [frame.name for frame in decoder.feed(moved.to_server)] == ["close"]
    assert [frame.name for frame in FrameDecoder(Role.CLIENT).feed(moved.to_client)] == ["close"]
    assert client.events() == [CloseReceived(1001, "from the server"), Closed(1001, "from the server", True)]
    assert server.events() == [CloseReceived(1000, "from the client"), Closed(1000, "from the client", True)]


def test_the_server_ends_tcp_first() -> None:
    client, server = pair()
    client.close()
    pump(client, server, end=False)
    assert (client.ends_transport, server.ends_transport) == (False, True)
    assert (client.phase, server.phase) == (Phase.CLOSE_EXCHANGED, Phase.CLOSE_EXCHANGED)
    client.receive_eof()
    assert (client.state, client.ends_transport) == (State.CLOSED, True)
    server.receive_eof()
    assert (server.state, server.clean) == (State.CLOSED, True)


def test_an_empty_close_is_1005_at_both_ends() -> None:
    client, server = pair()
    server.close(None)
    moved = pump(client, server)
    assert moved.to_client == b"\x88\x00"
    assert FrameDecoder(Role.SERVER).feed(moved.to_server)[0].payload == b""
    for endpoint in (client, server):
        assert endpoint.events() == [CloseReceived(None, ""), Closed(1005, "", True)]


@ROLES
@pytest.mark.parametrize("clean", [True, False])
def test_the_end_of_tcp_without_a_close_is_1006(role: Role, clean: bool) -> None:
    for before in ("", "81 05 61", "01 01 61"):
        endpoint = open_endpoint(role)
        if before:
            endpoint.receive_data(from_peer(endpoint, before))
        endpoint.receive_eof(clean=clean)
        assert endpoint.events() == [Closed(1006, "", False)]
        assert (endpoint.state, endpoint.close_code, endpoint.close_reason, endpoint.clean) == (
            State.CLOSED,
            1006,
            "",
            False,
        )
        assert endpoint.data_to_send() == b""
        endpoint.receive_eof()
        assert endpoint.events() == [], "the end comes once"


@ROLES
def test_the_end_of_tcp_after_our_close_alone_is_not_clean(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.close()
    endpoint.receive_eof()
    assert endpoint.events() == [Closed(1006, "", False)]


@ROLES
def test_data_that_comes_after_our_close_is_still_read(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.close()
    endpoint.receive_data(from_peer(endpoint, "81 01 61", "02 01 62", "80 01 63"))
    assert endpoint.events() == [TextReceived("a"), BinaryReceived(b"bc", 2)]


@ROLES
def test_data_after_their_close_is_ignored(role: Role) -> None:
    for pieces in (1, 2):
        endpoint = open_endpoint(role)
        stream = from_peer(endpoint, CLOSE_1000, "81 01 61", "88 00", "83 00") + b"\xff" * 20
        cut = len(from_peer(endpoint, CLOSE_1000)) if pieces == 2 else len(stream)
        endpoint.receive_data(stream[:cut])
        endpoint.receive_data(stream[cut:])
        assert endpoint.events() == [CloseReceived(1000, "")]
        assert [frame.name for frame in frames_of(endpoint)] == ["close"]
        assert endpoint.violation is None
        endpoint.receive_eof()
        endpoint.receive_data(b"after the end")
        assert endpoint.events() == [Closed(1000, "", True)]
        assert endpoint.clean


# --- Failing (§7.1.7) ---


@ROLES
@pytest.mark.parametrize(
    ("frame", "rule", "code"),
    [
        ("83 00", "OPCODE_RESERVED", 1002),
        ("81 01 ff", "TEXT_UTF8", 1007),
        ("88 01 03", "CLOSE_BODY", 1002),
        ("88 02 03 ed", "CLOSE_CODE", 1002),
        ("88 03 03 e8 ff", "CLOSE_REASON_UTF8", 1007),
        ("82 7f 7f ff ff ff ff ff ff ff", "FRAME_TOO_BIG", 1009),
    ],
)
def test_a_breach_fails_the_connection(role: Role, frame: str, rule: str, code: int) -> None:
    endpoint = open_endpoint(role)
    endpoint.receive_data(from_peer(endpoint, "81 01 61", frame, "81 01 62", CLOSE_1000))
    delivered, found = endpoint.events()
    assert delivered == TextReceived("a"), "what came before the breach is delivered"
    assert isinstance(found, ViolationFound)
    assert found.violation is endpoint.violation
    assert (found.violation.rule.name, found.violation.local) == (rule, False)
    close = only_frame(endpoint)
    assert (close.name, close.payload[:2]) == ("close", code.to_bytes(2, "big"))
    assert close.payload[2:].decode() == rule
    assert endpoint.ends_transport
    assert (endpoint.state, endpoint.phase) == (State.CLOSING, Phase.FAILED)
    endpoint.receive_data(from_peer(endpoint, "89 00", CLOSE_1000))
    assert endpoint.events() == []
    assert endpoint.data_to_send() == b""
    endpoint.receive_eof()
    assert endpoint.events() == [Closed(1006, "", False)]


@ROLES
def test_a_breach_after_our_close_sends_no_second_close(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.close()
    endpoint.data_to_send()
    endpoint.receive_data(from_peer(endpoint, "83 00"))
    assert isinstance(endpoint.events()[0], ViolationFound)
    assert endpoint.data_to_send() == b""
    assert endpoint.ends_transport
    assert endpoint.phase is Phase.FAILED


@ROLES
def test_the_application_gives_up_with_a_code_of_its_own(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.fail(1008, "not here")
    assert only_frame(endpoint).payload == (1008).to_bytes(2, "big") + b"not here"
    assert endpoint.ends_transport
    assert endpoint.phase is Phase.FAILED
    endpoint.receive_data(from_peer(endpoint, "81 01 61"))
    assert endpoint.events() == []


@ROLES
@pytest.mark.parametrize("phase", [Phase.CONNECTING, Phase.CLOSE_SENT])
def test_giving_up_ends_tcp_where_no_close_can_be_sent(role: Role, phase: Phase) -> None:
    endpoint = in_phase(role, phase)
    endpoint.fail(1011)
    assert not frames_of(endpoint)
    assert endpoint.ends_transport


@ROLES
@pytest.mark.parametrize("phase", [Phase.CLOSE_EXCHANGED, Phase.FAILED, Phase.CLOSED])
def test_giving_up_what_is_given_up_changes_nothing(role: Role, phase: Phase) -> None:
    endpoint = in_phase(role, phase)
    endpoint.fail()
    assert endpoint.data_to_send() == b""
    assert endpoint.phase is phase


def test_a_lenient_endpoint_lets_pass_what_real_peers_send() -> None:
    frame = as_bytes("82 7e 00 05") + b"Hello"
    for role in Role:
        strict, lenient = open_endpoint(role), open_endpoint(role, strict=False)
        strict.receive_data(from_peer(strict, frame))
        lenient.receive_data(from_peer(lenient, frame))
        assert strict.violation is not None
        assert strict.violation.rule.lenient
        assert lenient.events() == [BinaryReceived(b"Hello")]
