"""One endpoint in use (RFC 6455 §4 to §6): opening, masks, pings, fragments, both roles, over a wire in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from tests.protocol.endpoints import CLOSE_1000, frames_of, from_peer, only_frame
from tests.support import (
    URI,
    as_bytes,
    frames_begin,
    key_of,
    masked,
    one_byte,
    open_client,
    open_endpoint,
    open_server,
    pair,
    pump,
    random_cuts,
    request_head,
    response_head,
    seeded,
)
from wsedu.protocol.connection import Connection
from wsedu.protocol.events import (
    BinaryReceived,
    Closed,
    CloseReceived,
    Opened,
    PingReceived,
    PongReceived,
    Refused,
    TextReceived,
    ViolationFound,
)
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.handshake import ServerPolicy
from wsedu.protocol.timers import Timer
from wsedu.protocol.types import Role, State

ROLES = pytest.mark.parametrize("role", list(Role))


# --- Opening ---


def test_a_connection_from_end_to_end_however_it_is_cut(seed: int) -> None:
    for cut in (lambda data: [data], one_byte, lambda data: random_cuts(data, seed)):
        client = Connection(Role.CLIENT, URI, subprotocols=["a", "b"])
        server = Connection(Role.SERVER, subprotocols=["b"])
        assert (client.state, server.state) == (State.CONNECTING, State.CONNECTING)
        pump(client, server, cut=cut)
        for endpoint in (client, server):
            [opened] = endpoint.events()
            assert isinstance(opened, Opened)
            assert opened.subprotocol == endpoint.subprotocol == "b"
            assert opened.request.target == "/chat"
            assert endpoint.state is State.OPEN
            assert (endpoint.close_code, endpoint.close_reason, endpoint.clean) == (None, None, False)
        client.send_text("h\u00e9")
        client.send_binary(b"\x00\xff")
        server.send_text("x" * 70000)
        pump(client, server, cut=cut)
        assert server.events() == [TextReceived("h\u00e9"), BinaryReceived(b"\x00\xff")]
        assert client.events() == [TextReceived("x" * 70000)]
        client.close(1000, "bye")
        pump(client, server, cut=cut)
        for endpoint in (client, server):
            events = endpoint.events()
            assert isinstance(events[0], CloseReceived)
            assert events[1:] == [Closed(1000, endpoint.close_reason or "", True)]
            assert (endpoint.state, endpoint.close_code, endpoint.clean) == (State.CLOSED, 1000, True)
        assert server.close_reason == "bye"


def test_frames_that_come_with_the_request_are_not_lost() -> None:
    server = Connection(Role.SERVER)
    server.receive_data(request_head() + masked("81 01 61") + masked("82 01 62") + masked("81 05 63")[:7])
    assert server.events()[1:] == [TextReceived("a"), BinaryReceived(b"b")]
    server.receive_data(masked("81 05 63 64 65 66 67")[7:])
    assert server.events() == [TextReceived("cdefg")]


def test_frames_that_come_with_the_response_are_not_lost() -> None:
    client = Connection(Role.CLIENT, URI)
    client.data_to_send()
    head = response_head(key_of(client))
    client.receive_data(head + as_bytes("89 01 70 81 01 61"))
    opened, *rest = client.events()
    assert isinstance(opened, Opened)
    assert rest == [PingReceived(b"p"), TextReceived("a")]
    pong = only_frame(client)
    assert (pong.name, pong.payload) == ("pong", b"p")


def test_a_breach_in_the_first_frame_is_named_in_the_stream_of_the_handshake() -> None:
    server = Connection(Role.SERVER)
    server.receive_data(request_head() + as_bytes("81 01 61"))
    opened, found = server.events()
    assert isinstance(opened, Opened)
    assert isinstance(found, ViolationFound)
    assert found.violation.rule.name == "CLIENT_MUST_MASK"
    assert found.violation.offset == len(request_head()) + 1
    assert server.data_to_send().startswith(b"HTTP/1.1 101 "), "the handshake was in order and is answered"


def test_a_close_in_the_first_chunk_is_answered() -> None:
    server = Connection(Role.SERVER)
    server.receive_data(request_head() + masked(CLOSE_1000) + b"anything")
    assert [type(event) for event in server.events()] == [Opened, CloseReceived]
    head, _, frames = server.data_to_send().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert frames == CLOSE_1000
    assert server.ends_transport


@ROLES
def test_the_end_of_tcp_before_the_handshake_is_done(role: Role) -> None:
    endpoint = Connection(role, URI)
    endpoint.data_to_send()
    endpoint.receive_eof()
    assert endpoint.events() == [Refused(None), Closed(1006, "", False)]
    assert endpoint.data_to_send() == b""
    assert (endpoint.state, endpoint.close_code, endpoint.close_reason) == (State.CLOSED, 1006, "")


def test_the_role_may_be_given_by_name() -> None:
    assert Connection("server").role is Role.SERVER  # type: ignore[arg-type]


def test_a_policy_takes_the_place_of_the_options() -> None:
    server = Connection(Role.SERVER, policy=ServerPolicy(["x"]), subprotocols=["y"])
    server.receive_data(request_head({"Sec-WebSocket-Protocol": "y, x"}))
    assert server.subprotocol == "x"


@pytest.mark.parametrize("tracer", [None, lambda step: None])
def test_the_bytes_of_both_directions_are_counted(tracer: Callable[[object], None] | None) -> None:
    client, server = Connection(Role.CLIENT, URI, tracer=tracer), Connection(Role.SERVER, tracer=tracer)
    moved = pump(client, server)
    client.send_text("Hello")
    assert client.bytes_sent == len(moved.to_server) + len(masked(b"\x81\x05Hello")), "what waits is counted too"
    client.send_frame(Frame.ping(b"p", masking_key=b"abcd"))
    more = pump(client, server)
    sent, received = len(moved.to_server) + len(more.to_server), len(moved.to_client) + len(more.to_client)
    assert (client.bytes_sent, client.bytes_received) == (sent, received)
    assert (server.bytes_sent, server.bytes_received) == (received, sent)


# --- Masks (§5.1, §5.3) ---


def test_a_client_masks_each_frame_with_a_new_key_and_a_server_none() -> None:
    keys = iter([bytes(16), b"aaaa", b"bbbb", b"cccc"])
    client = Connection(Role.CLIENT, URI, random_bytes=lambda size: next(keys))
    client.receive_data(response_head(key_of(client)))
    client.data_to_send()
    client.send_text("a")
    client.send_ping()
    client.close()
    assert [frame.masking_key for frame in frames_of(client)] == [b"aaaa", b"bbbb", b"cccc"]
    server = open_server(random_bytes=lambda size: pytest.fail("a server needs no key"))
    server.send_text("a")
    server.send_ping()
    server.close()
    assert [frame.masking_key for frame in frames_of(server)] == [None, None, None]


def test_a_run_can_be_repeated_to_the_byte(seed: int) -> None:
    def run() -> bytes:
        client = Connection(Role.CLIENT, URI, random_bytes=seeded(seed))
        server = Connection(Role.SERVER)
        sent = pump(client, server).to_server
        client.send_text("a")
        client.send_ping(b"b")
        client.close()
        return sent + pump(client, server).to_server

    assert run() == run()


# --- Pings (§5.5.2, §5.5.3) ---


@ROLES
@pytest.mark.parametrize("size", [0, 1, 125])
def test_a_ping_is_answered_with_its_payload(role: Role, size: int) -> None:
    endpoint = open_endpoint(role)
    payload = bytes(range(size))
    endpoint.receive_data(from_peer(endpoint, bytes([0x89, size]) + payload))
    assert endpoint.events() == [PingReceived(payload)]
    pong = only_frame(endpoint)
    assert (pong.name, pong.payload, pong.masking_key is not None) == ("pong", payload, role is Role.CLIENT)


@ROLES
def test_each_of_several_pings_is_answered_in_order(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.receive_data(from_peer(endpoint, "89 01 61", "89 01 62", "89 01 63"))
    assert [frame.payload for frame in frames_of(endpoint)] == [b"a", b"b", b"c"]


@ROLES
def test_a_ping_is_answered_after_our_close_and_not_after_theirs(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.close()
    endpoint.data_to_send()
    endpoint.receive_data(from_peer(endpoint, "89 01 61"))
    assert only_frame(endpoint).name == "pong"
    endpoint.receive_data(from_peer(endpoint, CLOSE_1000, "89 01 62"))
    endpoint.receive_data(from_peer(endpoint, "89 01 63"))
    assert endpoint.data_to_send() == b""
    assert endpoint.events() == [PingReceived(b"a"), CloseReceived(1000, "")]


@ROLES
def test_a_pong_answers_its_ping_and_all_before_it(role: Role) -> None:
    endpoint = open_endpoint(role)
    for payload in (b"a", b"b", b"c"):
        endpoint.send_ping(payload)
    assert [frame.payload for frame in frames_of(endpoint)] == [b"a", b"b", b"c"]
    assert list(endpoint.pending_pings) == [b"a", b"b", b"c"]
    endpoint.receive_data(from_peer(endpoint, "8a 01 62"))
    assert list(endpoint.pending_pings) == [b"c"]
    endpoint.receive_data(from_peer(endpoint, "8a 01 78", "8a 01 61"))
    assert list(endpoint.pending_pings) == [b"c"], "a Pong that nobody asked for answers nothing"
    endpoint.receive_data(from_peer(endpoint, "8a 01 63"))
    assert not endpoint.pending_pings
    assert endpoint.events() == [
        PongReceived(b"b", (b"a", b"b")),
        PongReceived(b"x"),
        PongReceived(b"a"),
        PongReceived(b"c", (b"c",)),
    ]
    assert endpoint.data_to_send() == b"", "a Pong is not answered"


def test_a_pong_may_be_sent_unasked() -> None:
    client, server = pair()
    client.send_pong(b"here")
    pump(client, server)
    assert server.events() == [PongReceived(b"here")]


# --- Sending fragments (§5.4) ---


def test_fragments_with_a_ping_between_them() -> None:
    client, server = pair()
    client.send_text(b"\xe2\x82", fin=False)
    client.send_ping(b"p")
    client.send_continuation(b"\xac", fin=False)
    client.send_continuation("!")
    client.send_binary(b"a", fin=False)
    client.send_continuation(b"b")
    sent = client.data_to_send()
    assert [(frame.name, frame.fin) for frame in FrameDecoder(Role.SERVER).feed(sent)] == [
        ("text", False),
        ("ping", True),
        ("continuation", False),
        ("continuation", True),
        ("binary", False),
        ("continuation", True),
    ]
    server.receive_data(sent)
    assert server.events() == [PingReceived(b"p"), TextReceived("\u20ac!", 3), BinaryReceived(b"ab", 2)]


def test_a_frame_can_be_sent_as_it_is_legal_or_not() -> None:
    client, server = pair()
    client.send_frame(Frame(3, b"abc", rsv2=True))
    assert client.state is State.OPEN
    moved = pump(client, server)
    assert moved.to_server.startswith(b"\xa3\x03abc")
    assert server.violation is not None


# --- Memory (§10.4) ---


@ROLES
def test_a_promise_of_much_data_takes_no_memory(role: Role) -> None:
    endpoint = open_endpoint(role)
    header = from_peer(endpoint, b"\x82\x7f" + (1 << 62).to_bytes(8, "big"))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        endpoint.receive_data(header)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 64 << 10
    assert endpoint.violation is not None
    assert endpoint.violation.rule.name == "FRAME_TOO_BIG"
    assert endpoint.violation.offset == frames_begin(endpoint) + 2


def test_nothing_is_wanted_after_the_end() -> None:
    client = open_client()
    client.receive_eof()
    client.events()
    assert client.next_deadline() is None
    for timer in Timer:
        client.timer_expired(timer)
    client.receive_data(b"anything")
    client.receive_eof()
    assert (client.events(), client.data_to_send()) == ([], b"")


@ROLES
def test_pongs_that_are_held_back_become_one_for_the_latest_ping(role: Role) -> None:
    """§5.5.3: with several Pings unanswered, the latest one may be answered alone."""
    endpoint = open_endpoint(role)
    endpoint.hold_pongs(True)
    for payload in (b"1", b"2", b"3"):
        endpoint.receive_data(from_peer(endpoint, bytes([0x89, 1]) + payload))
    assert endpoint.data_to_send() == b""
    endpoint.hold_pongs(False)
    assert [(frame.opcode, frame.payload) for frame in frames_of(endpoint)] == [(0xA, b"3")]
    endpoint.hold_pongs(False)
    assert endpoint.data_to_send() == b""


@ROLES
def test_a_pong_that_is_held_back_is_not_sent_behind_a_close(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.hold_pongs(True)
    endpoint.receive_data(from_peer(endpoint, b"\x89\x00") + from_peer(endpoint, b"\x88\x00"))
    endpoint.hold_pongs(False)
    assert [frame.opcode for frame in frames_of(endpoint)] == [0x8]


def test_raw_bytes_go_out_as_they_are() -> None:
    endpoint = open_endpoint(Role.CLIENT)
    endpoint.send_raw(b"\xff\x00no frame")
    assert endpoint.data_to_send() == b"\xff\x00no frame"
    assert endpoint.state is State.OPEN
