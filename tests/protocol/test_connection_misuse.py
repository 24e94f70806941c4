"""What the owner of an endpoint may not ask for: it raises, sends nothing and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.protocol.endpoints import frames_of, in_phase, only_frame
from tests.support import (
    open_endpoint,
)
from wsedu.protocol.closing import Phase
from wsedu.protocol.connection import Connection
from wsedu.protocol.frame import Frame
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.types import Role, State

ROLES = pytest.mark.parametrize("role", list(Role))


# --- Misuse by our own caller ---

MISUSES: dict[str, tuple[Callable[[Connection], object], str]] = {
    "continuation without a start": (lambda endpoint: endpoint.send_continuation("a"), "CONTINUATION_WITHOUT_START"),
    "surrogate in a text": (lambda endpoint: endpoint.send_text("a\ud800"), "TEXT_UTF8"),
    "bytes that are no text": (lambda endpoint: endpoint.send_text(b"a\xff"), "TEXT_UTF8"),
    "text that ends inside a character": (lambda endpoint: endpoint.send_text(b"\xe2\x82"), "TEXT_UTF8"),
    "first fragment that is no text": (lambda endpoint: endpoint.send_text(b"\xff", fin=False), "TEXT_UTF8"),
    "fragment that ends inside a surrogate": (lambda endpoint: endpoint.send_text(b"\xed\xa0", fin=False), "TEXT_UTF8"),
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
    assert only_frame(endpoint).payload == b"c"


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
