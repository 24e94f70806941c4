"""One endpoint from the first byte to the last (RFC 6455 §4 to §7), both roles, over a wire in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from tests.support import (
    URI,
    as_bytes,
    as_sent_by,
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
from wsedu.protocol.closing import Phase
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
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.timers import Timer
from wsedu.protocol.types import Role, State

ROLES = pytest.mark.parametrize("role", list(Role))
CLOSE_1000 = as_bytes("88 02 03 e8")


def frames_of(endpoint: Connection) -> list[Frame]:
    """The frames that an endpoint wants to write, read by a decoder that judges them as its peer would."""
    decoder = FrameDecoder(endpoint.role.peer)
    frames = decoder.feed(endpoint.data_to_send())
    assert decoder.violation is None
    assert not decoder.mid_frame
    return frames


def only_frame(endpoint: Connection) -> Frame:
    [frame] = frames_of(endpoint)
    return frame


def from_peer(endpoint: Connection, *frames: str | bytes) -> bytes:
    return b"".join(as_sent_by(endpoint.role.peer, frame) for frame in frames)


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
    assert endpoint.pending_pings == (b"a", b"b", b"c")
    endpoint.receive_data(from_peer(endpoint, "8a 01 62"))
    assert endpoint.pending_pings == (b"c",)
    endpoint.receive_data(from_peer(endpoint, "8a 01 78", "8a 01 61"))
    assert endpoint.pending_pings == (b"c",), "a Pong that nobody asked for answers nothing"
    endpoint.receive_data(from_peer(endpoint, "8a 01 63"))
    assert endpoint.pending_pings == ()
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


# --- Misuse by our own caller ---

MISUSES: dict[str, tuple[Callable[[Connection], object], str]] = {
    "continuation without a start": (lambda endpoint: endpoint.send_continuation("a"), "CONTINUATION_WITHOUT_START"),
    "surrogate in a text": (lambda endpoint: endpoint.send_text("a\ud800"), "TEXT_UTF8"),
    "bytes that are no text": (lambda endpoint: endpoint.send_text(b"a\xff"), "TEXT_UTF8"),
    "text that ends inside a character": (lambda endpoint: endpoint.send_text(b"\xe2\x82"), "TEXT_UTF8"),
    "first fragment that is no text": (lambda endpoint: endpoint.send_text(b"\xff", fin=False), "TEXT_UTF8"),
    "long ping": (lambda endpoint: endpoint.send_ping(bytes(126)), "CONTROL_TOO_LONG"),
    "long pong": (lambda endpoint: endpoint.send_pong(bytes(126)), "CONTROL_TOO_LONG"),
    "close with 1005": (lambda endpoint: endpoint.close(1005), "CLOSE_CODE"),
    "close with 1006": (lambda endpoint: endpoint.close(1006), "CLOSE_CODE"),
    "close with 1015": (lambda endpoint: endpoint.close(1015), "CLOSE_CODE"),
    "close with 999": (lambda endpoint: endpoint.close(999), "CLOSE_CODE"),
    "long reason": (lambda endpoint: endpoint.close(1000, "a" * 124), "CONTROL_TOO_LONG"),
    "reason without a code": (lambda endpoint: endpoint.close(None, "a"), "CLOSE_BODY"),
    "surrogate in a reason": (lambda endpoint: endpoint.close(1000, "\ud800"), "CLOSE_REASON_UTF8"),
    "fail with 1005": (lambda endpoint: endpoint.fail(1005), "CLOSE_CODE"),
    "frame with a short key": (lambda endpoint: endpoint.send_frame(Frame.text("a", masking_key=b"abc")), "KEY_LENGTH"),
    "frame with opcode 16": (lambda endpoint: endpoint.send_frame(Frame(16)), "FIELD_WIDTH"),
}


@ROLES
@pytest.mark.parametrize("name", MISUSES)
def test_misuse_raises_and_sends_nothing(role: Role, name: str) -> None:
    misuse, rule = MISUSES[name]
    endpoint = open_endpoint(role)
    with pytest.raises(LocalViolation) as caught:
        misuse(endpoint)
    assert (caught.value.rule.name, caught.value.local) == (rule, True)
    assert endpoint.data_to_send() == b""
    assert endpoint.events() == []
    assert (endpoint.state, endpoint.pending_pings) == (State.OPEN, ())
    endpoint.send_text("still fine")
    assert only_frame(endpoint).payload == b"still fine"


@pytest.mark.parametrize(
    ("role", "code"), [(Role.SERVER, 1010), (Role.CLIENT, 1012), (Role.CLIENT, 1013), (Role.CLIENT, 1014)]
)
def test_a_code_of_the_other_role_is_misuse(role: Role, code: int) -> None:
    endpoint = open_endpoint(role)
    with pytest.raises(LocalViolation) as caught:
        endpoint.close(code)
    assert caught.value.rule.name == "CLOSE_CODE_SENDER"
    assert (endpoint.data_to_send(), endpoint.state) == (b"", State.OPEN)


SENDS: dict[str, Callable[[Connection], object]] = {
    "text": lambda endpoint: endpoint.send_text("a"),
    "text fragment": lambda endpoint: endpoint.send_text("a", fin=False),
    "binary": lambda endpoint: endpoint.send_binary(b"a"),
    "continuation": lambda endpoint: endpoint.send_continuation(b"a"),
    "ping": lambda endpoint: endpoint.send_ping(b"a"),
    "pong": lambda endpoint: endpoint.send_pong(b"a"),
    "close": lambda endpoint: endpoint.close(),
}


def in_phase(role: Role, phase: Phase) -> Connection:
    """An endpoint in a phase, its output and events taken."""
    if phase is Phase.CONNECTING:
        endpoint = Connection(role, URI)
    else:
        endpoint = open_endpoint(role)
    if phase in (Phase.CLOSE_SENT, Phase.CLOSE_EXCHANGED):
        endpoint.close()
    if phase is Phase.CLOSE_EXCHANGED:
        endpoint.receive_data(from_peer(endpoint, CLOSE_1000))
    if phase is Phase.FAILED:
        endpoint.receive_data(from_peer(endpoint, "83 00"))
    if phase is Phase.CLOSED:
        endpoint.receive_eof()
    endpoint.data_to_send()
    endpoint.events()
    assert endpoint.phase is phase
    return endpoint


@ROLES
@pytest.mark.parametrize("name", SENDS)
@pytest.mark.parametrize(
    "phase", [Phase.CONNECTING, Phase.CLOSE_SENT, Phase.CLOSE_EXCHANGED, Phase.FAILED, Phase.CLOSED]
)
def test_nothing_is_sent_when_the_connection_is_not_open(role: Role, name: str, phase: Phase) -> None:
    endpoint = in_phase(role, phase)
    if phase is Phase.CLOSE_SENT and name in ("ping", "pong"):
        # §5.5.1 forbids data frames after a Close frame, and control frames only by having nobody to read them.
        SENDS[name](endpoint)
        assert only_frame(endpoint).name == name
        return
    with pytest.raises(LocalViolation) as caught:
        SENDS[name](endpoint)
    assert caught.value.rule.name == "SEND_WHEN_OPEN"
    assert caught.value.detail == {"state": endpoint.state.value}
    assert endpoint.data_to_send() == b""
    assert endpoint.phase is phase


@ROLES
@pytest.mark.parametrize("first", ["text", "binary"])
def test_no_message_is_begun_inside_another(role: Role, first: str) -> None:
    endpoint = open_endpoint(role)
    (endpoint.send_text if first == "text" else endpoint.send_binary)(b"a", fin=False)
    endpoint.data_to_send()
    for send in (endpoint.send_text, endpoint.send_binary):
        for fin in (True, False):
            with pytest.raises(LocalViolation) as caught:
                send(b"b", fin=fin)
            assert caught.value.rule.name == "MESSAGE_INTERLEAVED"
    assert endpoint.data_to_send() == b""
    endpoint.send_continuation(b"c")
    assert only_frame(endpoint) .payload == b"c"


@ROLES
@pytest.mark.parametrize("wrong", [b"\xff", b"\x28", "a", b"\xe2"])
def test_a_refused_fragment_leaves_the_text_as_it_was(role: Role, wrong: bytes | str) -> None:
    """Half a character is out; what does not complete it is refused, and what does is still accepted after that."""
    endpoint = open_endpoint(role)
    endpoint.send_text(b"\xe2\x82", fin=False)
    for _ in range(2):
        with pytest.raises(LocalViolation) as caught:
            endpoint.send_continuation(wrong)
        assert caught.value.rule.name == "TEXT_UTF8"
    endpoint.send_continuation(b"\xac")
    frames = frames_of(endpoint)
    assert b"".join(frame.payload for frame in frames).decode() == "\u20ac"


@ROLES
def test_a_text_fragment_in_a_binary_message_is_text_or_refused(role: Role) -> None:
    endpoint = open_endpoint(role)
    endpoint.send_binary(b"a", fin=False)
    with pytest.raises(LocalViolation):
        endpoint.send_continuation("\ud800")


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
@pytest.mark.parametrize(("code", "reason", "body"), [(None, "", ""), (1000, "", "03 e8"), (4999, "\u00e9", "13 87 c3 a9")])
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
