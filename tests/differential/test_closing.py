"""Pings and Close frames beside the others: what each answers, and a list of where they differ, with reasons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import websockets.protocol
import wsproto.connection
import wsproto.events
import wsproto.utilities

from tests.differential.peers import WEBSOCKETS_ROLES, WSPROTO_ROLES
from tests.support import as_sent_by, open_endpoint
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.types import Opcode, Role

Answer = list[tuple[int, bytes]]
Told = Callable[[Role, bytes, bool], Answer]
"""What an endpoint of a role answers to a stream, after it has sent a Close of its own or not."""


def frames(role: Role, data: bytes) -> Answer:
    decoder = FrameDecoder(role.peer)
    found: list[Frame] = decoder.feed(data)
    assert decoder.violation is None
    return [(int(frame.opcode), frame.payload) for frame in found]


def wsedu_answers(role: Role, stream: bytes, closing: bool) -> Answer:
    endpoint = open_endpoint(role)
    if closing:
        endpoint.close()
        endpoint.data_to_send()
    endpoint.receive_data(stream)
    return frames(role, endpoint.data_to_send())


def websockets_answers(role: Role, stream: bytes, closing: bool) -> Answer:
    protocol = websockets.protocol.Protocol(WEBSOCKETS_ROLES[role])
    if closing:
        protocol.send_close(1000)
        protocol.data_to_send()
    protocol.receive_data(stream)
    return frames(role, b"".join(protocol.data_to_send()))


def wsproto_answers(role: Role, stream: bytes, closing: bool) -> Answer:
    """It answers nothing by itself: its caller sends the response that an event has, where its state allows that."""
    connection = wsproto.connection.Connection(WSPROTO_ROLES[role])
    if closing:
        connection.send(wsproto.events.CloseConnection(1000))
    connection.receive_data(stream)
    data = b""
    for event in connection.events():
        if isinstance(event, wsproto.events.Ping | wsproto.events.CloseConnection):
            try:
                data += connection.send(event.response())
            except wsproto.utilities.LocalProtocolError:
                continue
    return frames(role, data)


PING, PONG, CLOSE = Opcode.PING, Opcode.PONG, Opcode.CLOSE
ANSWERS: dict[str, Told] = {"wsedu": wsedu_answers, "websockets": websockets_answers, "wsproto": wsproto_answers}

# name: the peer's frames, whether we have sent a Close before, our answer, other answers, why they differ
CASES: dict[str, tuple[tuple[str, ...], bool, Answer, dict[str, Answer], str]] = {
    "a Ping": (("89 02 68 69",), False, [(PONG, b"hi")], {}, ""),
    "two Pings": (("89 01 61", "89 01 62"), False, [(PONG, b"a"), (PONG, b"b")], {}, ""),
    "a Pong": (("8a 01 61",), False, [], {}, ""),
    "a Close": (("88 02 03 e8",), False, [(CLOSE, b"\x03\xe8")], {}, ""),
    "an empty Close": (("88 00",), False, [(CLOSE, b"")], {}, ""),
    "a Close with a reason": (
        ("88 05 03 e8 62 79 65",),
        False,
        [(CLOSE, b"\x03\xe8")],
        {"websockets": [(CLOSE, b"\x03\xe8bye")], "wsproto": [(CLOSE, b"\x03\xe8bye")]},
        "§5.5.1 speaks of echoing the code: the others echo the reason too",
    ),
    "a Ping after Close": (("88 02 03 e8", "89 00"), False, [(CLOSE, b"\x03\xe8")], {}, ""),
    "a Ping after our Close": (
        ("89 01 61",),
        True,
        [(PONG, b"a")],
        {"wsproto": []},
        "§5.5.2 asks for a Pong until a Close has been received: wsproto sends none once it has sent its own Close",
    ),
    "a Close after our Close": (("88 02 03 e8",), True, [], {}, ""),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", CASES)
def test_answers(role: Role, name: str) -> None:
    told, closing, ours, others, reason = CASES[name]
    assert bool(reason) is bool(others), "a difference has a reason"
    stream = b"".join(as_sent_by(role.peer, frame) for frame in told)
    found = {who: answer(role, stream, closing) for who, answer in ANSWERS.items()}
    assert found == {"wsedu": ours, "websockets": ours, "wsproto": ours, **others}


# The codes of §7.1.5 when TCP ends: what the peer sent before, and what each reports.
ENDS = {"nothing": ((), 1006), "a Close": (("88 02 03 e9",), 1001), "an empty Close": (("88 00",), 1005)}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", ENDS)
def test_the_code_that_is_reported_at_the_end(role: Role, name: str) -> None:
    told, code = ENDS[name]
    stream = b"".join(as_sent_by(role.peer, frame) for frame in told)
    endpoint = open_endpoint(role)
    endpoint.receive_data(stream)
    endpoint.receive_eof()
    protocol = websockets.protocol.Protocol(WEBSOCKETS_ROLES[role])
    protocol.receive_data(stream)
    protocol.receive_eof()
    assert (endpoint.close_code, protocol.close_code) == (code, code)
    assert endpoint.clean is bool(told)
