"""What one side of a recorded exchange did, as a script that can be played again.

The bytes of that side are cut into frames, each with its time and with the number of frames of the other side that
had come before it. So a replay keeps the order of cause and effect even where it is faster than the recording.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..protocol.dissection import dissect
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.heads import looks_like_head
from ..protocol.http import Headers, HeadReader, Request, Response
from ..protocol.layout import lay_out_header, waiting_for
from ..protocol.rules import ProtocolViolation
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    EndReceived,
    EndSent,
    HandshakeRequest,
    HandshakeResponse,
    MessageComplete,
)
from ..protocol.types import Limits, Role
from ..trace.trace import Record, Trace
from .replay_messages import Messages, inflater


class NothingToReplayError(ValueError):
    """A trace does not have what a replay needs.

    Attributes:
        problem: `connection`, `request` or `response`: what is missing.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Act(NamedTuple):
    """Bytes that the player sends in one piece.

    Arguments:
        t: when they were sent, in seconds since the player's own head of the handshake.
        after: how many frames of the peer had come before.
        data: the bytes: a frame, or what cannot be read as one.
    """

    t: float
    after: int
    data: bytes


class Awaited(NamedTuple):
    """A frame that the peer sent.

    Arguments:
        t: when it had come, in seconds since the player's own head of the handshake.
        frame: what it holds.
    """

    t: float
    frame: Frame


@dataclass(frozen=True, slots=True)
class Script:
    """One side of an exchange.

    Arguments:
        role: who is played.
        request: the recorded request.
        response: the recorded response; None if there was none.
        acts: what the player sends after its head, in order.
        awaited: what the peer sent after its own.
        compressed: permessage-deflate was in use: what is awaited are control frames, and messages by their plain
            content, each as one frame.
        messages_only: the recording has messages, and neither how they were framed nor control frames.
        own_end: when the player ended its direction of TCP, in seconds since its own head of the handshake; None if
            the peer had ended its own before, or nobody recorded it.
    """

    role: Role
    request: Request
    response: Response | None
    acts: tuple[Act, ...]
    awaited: tuple[Awaited, ...]
    compressed: bool = False
    messages_only: bool = False
    own_end: float | None = None


def connections_of(trace: Trace) -> list[int | None]:
    """The numbers of the connections of a trace, in the order in which they appear."""
    return list(dict.fromkeys(record.connection for record in trace))


def script_of(
    trace: Trace,
    role: Role,
    *,
    connection: int | None = None,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> Script:
    """The part of one side in a recorded exchange.

    Arguments:
        trace: the recording, of both endpoints or of one.
        role: whose part.
        connection: its number; the first one by default.
        random_bytes: gives the masking keys of messages that were recorded without frames.

    Raises:
        NothingToReplayError: there is no such connection, or its handshake was not recorded.
    """
    numbers = connections_of(trace)
    if not numbers or (connection is not None and connection not in numbers):
        raise NothingToReplayError("connection")
    wanted = numbers[0] if connection is None else connection
    records = [record for record in trace if record.connection == wanted]
    if any(isinstance(record.step, (BytesSent, BytesReceived)) for record in records):
        return _of_bytes(records, role)
    return _of_messages(records, role, random_bytes)


# --- Recorded bytes ---


class _Chunk(NamedTuple):
    """Bytes of one direction with their time and their place among all steps."""

    t: float
    n: int
    data: bytes


class _Piece(NamedTuple):
    """A frame of a stream, or what is left of it, with the time and place of its last byte."""

    t: float
    n: int
    data: bytes
    whole: bool


def _of_bytes(records: list[Record], role: Role) -> Script:
    own, peers = _chunks(records, role, seen_by=role), _chunks(records, role.peer, seen_by=role)
    own_head, own_pieces = _split(own)
    peer_head, peer_pieces = _split(peers)
    request, response = _heads(role, own_head, peer_head)
    if request is None:
        raise NothingToReplayError("request")
    if role is Role.SERVER and response is None:
        raise NothingToReplayError("response")
    start = own[0].t if own else 0.0
    extension = inflater(response, role)
    messages = None if extension is None else Messages(extension)
    came: list[int] = []  # the places of what is awaited
    awaited: list[Awaited] = []
    for piece in peer_pieces:
        if piece.whole:
            frame = frame_of(piece.data)
            for one in [frame] if messages is None else messages.take(frame):
                came.append(piece.n)
                awaited.append(Awaited(max(0.0, piece.t - start), one))
    acts = [Act(max(0.0, piece.t - start), sum(1 for n in came if n < piece.n), piece.data) for piece in own_pieces]
    return Script(
        role,
        request,
        response,
        tuple(acts),
        tuple(awaited),
        compressed=messages is not None,
        own_end=_own_end(records, role, start),
    )


def _chunks(records: list[Record], sender: Role, *, seen_by: Role) -> list[_Chunk]:
    """The bytes of one sender as one end saw them; as the other end saw them where that one was not recorded."""
    sent = [_chunk(record) for record in records if _is(record, BytesSent, sender)]
    received = [_chunk(record) for record in records if _is(record, BytesReceived, sender.peer)]
    return (sent or received) if sender is seen_by else (received or sent)


def _is(record: Record, kind: type[BytesSent] | type[BytesReceived], endpoint: Role) -> bool:
    return isinstance(record.step, kind) and record.step.endpoint is endpoint


def _chunk(record: Record) -> _Chunk:
    assert isinstance(record.step, (BytesSent, BytesReceived))
    return _Chunk(record.t, record.n, record.step.data)


def _own_end(records: list[Record], role: Role, start: float) -> float | None:
    """When a side ended its direction, if it was the first to do so."""
    first = next((record for record in records if isinstance(record.step, (EndSent, EndReceived))), None)
    if first is None:
        return None
    ended = first.step.endpoint is (role if isinstance(first.step, EndSent) else role.peer)
    return max(0.0, first.t - start) if ended else None


def _split(chunks: list[_Chunk]) -> tuple[bytes, list[_Piece]]:
    """The head of a stream, and the frames behind it."""
    stream = b"".join(chunk.data for chunk in chunks)
    head = b""
    if looks_like_head(stream):
        end = stream.find(b"\r\n\r\n")
        head = stream if end < 0 else stream[: end + 4]
    places = _Places(chunks)
    pieces = []
    for start, end, whole in frame_places(stream[len(head) :]):
        at = places.chunk_of(len(head) + end - 1)
        pieces.append(_Piece(at.t, at.n, stream[len(head) + start : len(head) + end], whole))
    return head, pieces


class _Places:
    """Finds the chunk that has a byte of the stream; asked from the front to the back."""

    def __init__(self, chunks: list[_Chunk]) -> None:
        self._chunks = chunks
        self._index = 0
        self._end = len(chunks[0].data) if chunks else 0

    def chunk_of(self, offset: int) -> _Chunk:
        while offset >= self._end:
            self._index += 1
            self._end += len(self._chunks[self._index].data)
        return self._chunks[self._index]


def frame_places(stream: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each frame of a stream begins and ends, legal or not, and whether it is whole.

    Arguments:
        stream: from the beginning of a frame on.
    """
    start = 0
    while start < len(stream):
        _, head = lay_out_header(stream, start)
        if waiting_for(head, len(stream) - start):
            yield start, len(stream), False
            return
        end = start + head.size + (head.length or 0)
        yield start, end, True
        start = end


def frame_of(data: bytes) -> Frame:
    """The frame that whole bytes of one are, legal or not."""
    frame = dissect(data).frames[0].frame
    assert frame is not None
    return frame


def _heads(role: Role, own: bytes, peers: bytes) -> tuple[Request | None, Response | None]:
    request, response = (own, peers) if role is Role.CLIENT else (peers, own)
    return read_request(request), read_response(response)


def read_request(head: bytes) -> Request | None:
    """A request head; None if it is none."""
    reader = HeadReader(Limits())
    try:
        return None if reader.feed(head) is None else reader.request()
    except ProtocolViolation:
        return None


def read_response(head: bytes) -> Response | None:
    """A response head; None if it is none."""
    reader = HeadReader(Limits())
    try:
        return None if reader.feed(head) is None else reader.response()
    except ProtocolViolation:
        return None


# --- Recorded messages ---


def _of_messages(records: list[Record], role: Role, random_bytes: Callable[[int], bytes]) -> Script:
    """Of an HTTP archive: a message is sent in one frame, and awaited however it is framed."""
    request = next((_as_request(record.step) for record in records if isinstance(record.step, HandshakeRequest)), None)
    response = next(
        (_as_response(record.step) for record in records if isinstance(record.step, HandshakeResponse)), None
    )
    if request is None:
        raise NothingToReplayError("request")
    if role is Role.SERVER and response is None:
        raise NothingToReplayError("response")
    acts: list[Act] = []
    awaited: list[Awaited] = []
    for record in records:
        step = record.step
        if not isinstance(step, MessageComplete):
            continue
        if step.endpoint is role:
            awaited.append(Awaited(record.t, Frame(step.opcode, step.data)))
        else:
            key = random_bytes(4) if role is Role.CLIENT else None
            data = encode_frame(Frame(step.opcode, step.data, masking_key=key))
            acts.append(Act(record.t, len(awaited), data))
    return Script(role, request, response, tuple(acts), tuple(awaited), messages_only=True)


def _as_request(step: HandshakeRequest) -> Request:
    method, target, version = (*step.line.split(" ", 2), "", "")[:3]
    return Request(target, Headers(step.headers), method, version.removeprefix("HTTP/"))


def _as_response(step: HandshakeResponse) -> Response:
    version, status, reason = (*step.line.split(" ", 2), "", "")[:3]
    number = int(status) if status.isdecimal() else 0
    return Response(number, Headers(step.headers), reason, version.removeprefix("HTTP/"))
