"""The bytes of a recorded run, read and written by two other libraries: frame for frame what the trace lists."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.protocol import Protocol, Side
from wsproto import connection as wsproto_connection
from wsproto import events as wsproto_events
from wsproto import frame_protocol

from wsedu import Frame, Role, Trace
from wsedu.loopback import record
from wsedu.protocol.steps import FrameComplete, Level, MessageComplete
from wsedu.protocol.types import Direction
from wsedu.scenarios import SCENARIOS

LEGAL = sorted(set(SCENARIOS) - {"unmasked", "split-utf8", "silent-peer", "cross-site-refused"})
"""Scenarios in which nobody breaks a rule or falls silent."""

WAYS = [(name, role) for name in LEGAL for role in Role if not SCENARIOS[name].compress]
COMPRESSED = [(name, role) for name in LEGAL for role in Role if SCENARIOS[name].compress]


@functools.cache
def recorded(name: str) -> Trace:
    return record(name, seed=9, level=Level.BASE)


def frame_bytes(trace: Trace, sender: Role) -> bytes:
    """What an endpoint sent after its head."""
    head, end, frames = trace.bytes_of(sender.sends).partition(b"\r\n\r\n")
    assert head
    assert end
    return frames


def listed(trace: Trace, sender: Role) -> list[Frame]:
    """The frames that the trace says an endpoint sent."""
    steps = (one.step for one in trace.frames(sender.sends))
    return [step.frame for step in steps if isinstance(step, FrameComplete)]


def rough(frames: list[Any]) -> list[tuple[int, bool, bytes]]:
    """Opcode, FIN and payload."""
    return [(int(one.opcode), bool(one.fin), bytes(one.payload)) for one in frames]


@pytest.mark.parametrize(("name", "sender"), WAYS)
def test_websockets_reads_the_frames_that_the_trace_lists(name: str, sender: Role) -> None:
    trace = recorded(name)
    reader = Protocol(Side.SERVER if sender is Role.CLIENT else Side.CLIENT, max_size=None)
    reader.receive_data(frame_bytes(trace, sender))
    reader.receive_eof()
    assert reader.parser_exc is None
    read: list[Any] = reader.events_received()
    assert [(int(one.opcode), one.fin, bytes(one.data)) for one in read] == rough(listed(trace, sender))


@pytest.mark.parametrize(("name", "sender"), WAYS)
def test_wsproto_reads_the_frames_that_the_trace_lists(name: str, sender: Role) -> None:
    trace = recorded(name)
    reader = frame_protocol.FrameProtocol(client=sender is Role.SERVER, extensions=[])
    reader.receive_bytes(frame_bytes(trace, sender))
    assert list(wsproto_rough(reader)) == rough(listed(trace, sender))


def wsproto_rough(reader: frame_protocol.FrameProtocol) -> Iterator[tuple[int, bool, bytes]]:
    """The frames that wsproto reads; it takes Close frames apart and gives continuations a text or a binary opcode."""
    pieces: list[bytes] = []
    begun = False
    for frame in reader.received_frames():
        payload: Any = frame.payload
        if frame.opcode is frame_protocol.Opcode.CLOSE:
            code, reason = payload
            body = b"" if code == frame_protocol.CloseReason.NO_STATUS_RCVD else code.to_bytes(2, "big")
            yield 8, True, body + (reason or "").encode()
            continue
        data = payload.encode() if isinstance(payload, str) else bytes(payload)
        if frame.opcode.iscontrol():
            yield int(frame.opcode), True, data
            continue
        pieces.append(data)
        # A frame that came in several reads is given piece by piece.
        if frame.frame_finished:
            yield (0 if begun else int(frame.opcode)), frame.message_finished, b"".join(pieces)
            pieces, begun = [], not frame.message_finished


@pytest.mark.parametrize(("name", "sender"), WAYS)
def test_wsproto_reads_the_messages_that_the_trace_lists(name: str, sender: Role) -> None:
    trace = recorded(name)
    kind = wsproto_connection.ConnectionType
    reader = wsproto_connection.Connection(kind.SERVER if sender is Role.CLIENT else kind.CLIENT)
    reader.receive_data(frame_bytes(trace, sender))
    messages: list[bytes] = []
    pieces: list[bytes] = []
    for event in reader.events():
        if isinstance(event, wsproto_events.Message):
            pieces.append(event.data.encode() if isinstance(event.data, str) else bytes(event.data))
            if event.message_finished:
                messages.append(b"".join(pieces))
                pieces = []
    assert messages == delivered(trace, sender)


def delivered(trace: Trace, sender: Role) -> list[bytes]:
    """The messages that the trace says an endpoint's peer has got."""
    steps = (one.step for one in trace.filter(endpoint=sender.peer))
    return [step.data for step in steps if isinstance(step, MessageComplete)]


@pytest.mark.parametrize(("name", "sender"), COMPRESSED)
def test_websockets_inflates_the_messages_that_the_trace_lists(name: str, sender: Role) -> None:
    trace = recorded(name)
    reader = Protocol(Side.SERVER if sender is Role.CLIENT else Side.CLIENT, max_size=None)
    reader.extensions = [PerMessageDeflate(False, False, 15, 15)]
    reader.receive_data(frame_bytes(trace, sender))
    reader.receive_eof()
    assert reader.parser_exc is None
    messages: list[bytes] = []
    read: list[Any] = reader.events_received()
    for frame in read:
        if frame.opcode in (1, 2):
            messages.append(bytes(frame.data))
        elif frame.opcode == 0:
            messages[-1] += bytes(frame.data)
    assert messages == delivered(trace, sender)


@pytest.mark.parametrize(("name", "sender"), WAYS)
def test_wsproto_writes_the_same_bytes(name: str, sender: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the keys of the run, which it draws as we do: one for each frame of a client's."""
    trace = recorded(name)
    frames = listed(trace, sender)
    keys = iter([frame.masking_key for frame in frames if frame.masking_key])
    monkeypatch.setattr("wsproto.frame_protocol.os.urandom", lambda size: next(keys))
    kind = wsproto_connection.ConnectionType
    writer = wsproto_connection.Connection(kind.CLIENT if sender is Role.CLIENT else kind.SERVER)
    written = b"".join(writer.send(event) for event in as_events(frames))
    assert written == frame_bytes(trace, sender)


def as_events(frames: list[Frame]) -> Iterator[Any]:
    """Frames as wsproto's events."""
    text = False
    for frame in frames:
        if frame.opcode == 8:
            code = (
                int.from_bytes(frame.payload[:2], "big") if frame.payload else frame_protocol.CloseReason.NO_STATUS_RCVD
            )
            yield wsproto_events.CloseConnection(code, frame.payload[2:].decode() or None)
        elif frame.opcode == 9:
            yield wsproto_events.Ping(frame.payload)
        elif frame.opcode == 10:
            yield wsproto_events.Pong(frame.payload)
        else:
            text = frame.opcode == 1 or (frame.opcode == 0 and text)
            if text:
                yield wsproto_events.TextMessage(frame.payload.decode(), message_finished=frame.fin)
            else:
                yield wsproto_events.BytesMessage(frame.payload, message_finished=frame.fin)


def test_the_two_directions_together_are_the_whole_trace() -> None:
    trace = recorded("tour")
    for direction in Direction:
        assert trace.bytes_of(direction) == trace.bytes_of(direction, received=True)
    assert sum(len(listed(trace, role)) for role in Role) == len(trace.frames())
