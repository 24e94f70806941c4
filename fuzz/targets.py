"""Everything that reads what a stranger wrote, as functions of bytes: each raises only where there is a bug.

What a reader may raise by its own documentation is caught here and nowhere else. A new reader is one more function
and one more row of `TARGETS`; the tests and `fuzz/run.py` go through that table.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from wsedu.protocol.closing import Phase
from wsedu.protocol.connection import Connection
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.http import HeadReader
from wsedu.protocol.rules import ProtocolViolation
from wsedu.protocol.types import Limits, Role, State
from wsedu.trace import jsonl
from wsedu.trace.hexinput import HexError, read_hex
from wsedu.trace.pcaptrace import read_capture

from . import captures
from .jsonvalues import altered

LIMITS = Limits(max_message_size=2000, max_fragments=8, max_head_size=1000, max_header_count=10)
"""Small, so that inputs of a fuzzer reach them."""

PHASES = (
    Phase.CONNECTING,
    Phase.OPEN,
    Phase.CLOSE_SENT,
    Phase.CLOSE_EXCHANGED,
    Phase.FAILED,
    Phase.CLOSED,
)
KEY = b"the sample nonce"
REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)
"""With the key of RFC 6455 §1.3, whose nonce is `KEY`."""

RESPONSE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)


def pieces(data: bytes) -> list[bytes]:
    """The input in pieces; how it is cut depends on its own first byte."""
    step = data[0] % 7 if data else 0
    return [data[start : start + step] for start in range(0, len(data), step)] if step else [data]


# --- The core ---


def request_head(data: bytes) -> None:
    """A server's head reader, and the fields behind it."""
    reader = HeadReader(LIMITS)
    try:
        if any(reader.feed(piece) is not None for piece in pieces(data)):
            reader.request()
    except ProtocolViolation:
        pass
    assert len(reader.data) <= LIMITS.max_head_size + len(data)


def response_head(data: bytes) -> None:
    """A client's."""
    reader = HeadReader(LIMITS)
    try:
        if any(reader.feed(piece) is not None for piece in pieces(data)):
            reader.response()
    except ProtocolViolation:
        pass


def frames(data: bytes) -> None:
    """The decoder of both roles and of nobody's, and the dissection, which has to cover every bit."""
    for role in (None, *Role):
        decoder = FrameDecoder(role, LIMITS.frame_size)
        for piece in pieces(data):
            decoder.feed(piece)
            assert decoder.buffered <= LIMITS.frame_size + 14
    fields = dissect(data).fields
    assert sum(field.bits for field in fields) == 8 * len(data)


def endpoint(role: Role, phase: Phase, *, compress: bool = False) -> Connection:
    """An endpoint that has come to a phase."""
    made = Connection(
        role,
        "ws://server.example.com/chat",
        extensions=[PerMessageDeflateFactory()] if compress else [],
        limits=LIMITS,
        random_bytes=lambda count: KEY[:count],
    )
    made.data_to_send()
    if phase is not Phase.CONNECTING:
        head = REQUEST if role is Role.SERVER else RESPONSE
        if not compress and role is Role.CLIENT:
            head = head.replace(b"Sec-WebSocket-Extensions: permessage-deflate\r\n", b"")
        made.receive_data(head)
    if phase in (Phase.CLOSE_SENT, Phase.CLOSE_EXCHANGED):
        made.close()
    if phase is Phase.CLOSE_EXCHANGED:
        made.receive_data(b"\x88\x80abcd" if role is Role.SERVER else b"\x88\x00")
    if phase is Phase.FAILED:
        made.fail()
    if phase is Phase.CLOSED:
        made.receive_eof()
    assert made.phase is phase, (made.phase, made.violation)
    return made


def connection_target(phase: Phase, *, compress: bool = False) -> Callable[[bytes], None]:
    """Any bytes at both ends in one phase, and then the end of TCP."""

    def target(data: bytes) -> None:
        for role in Role:
            end = endpoint(role, phase, compress=compress)
            for piece in pieces(data):
                end.receive_data(piece)
                end.data_to_send()
                end.next_deadline()
                for event in end.events():
                    assert len(getattr(event, "data", b"")) <= LIMITS.max_message_size
            end.receive_eof()
            assert end.state is State.CLOSED
            end.data_to_send()
            end.events()

    return target


def inflate(data: bytes) -> None:
    """Compressed messages, the limit enforced while they are unpacked."""
    for role in Role:
        (extension,) = endpoint(role, Phase.OPEN, compress=True).extensions
        for piece in pieces(data):
            frame = Frame(2, piece, rsv1=True)
            try:
                plain = extension.decode(frame, max_size=LIMITS.max_message_size).payload
            except ProtocolViolation:
                break
            assert len(plain) <= LIMITS.max_message_size


# --- Files and pasted text ---


def trace_file(data: bytes) -> None:
    """A saved trace, damaged in any way."""
    with suppress(jsonl.DamagedTraceError):
        jsonl.loads(data.decode(errors="surrogateescape"))


def trace_values(data: bytes) -> None:
    """A saved trace whose lines are JSON objects, with odd values in them."""
    lines = altered([json.loads(line) for line in trace_of_an_exchange()], data)
    with suppress(jsonl.DamagedTraceError):
        jsonl.loads("\n".join(json.dumps(line) for line in lines))


@functools.cache
def trace_of_an_exchange() -> tuple[str, ...]:
    """The lines of a saved trace that has steps of many kinds."""
    (connection,) = read_capture(captures.pcap(PACKETS)).connections
    return tuple(jsonl.lines(connection.trace))


def hex_text(data: bytes) -> None:
    """What somebody pasted as hex."""
    with suppress(HexError):
        read_hex(data.decode(errors="replace"))


class Target(NamedTuple):
    """A reader of hostile input.

    Arguments:
        run: reads it.
        seeds: legal or nearly legal inputs to begin with.
    """

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


FRAMES = (
    bytes.fromhex("810548656c6c6f"),
    bytes.fromhex("818537fa213d7f9f4d5158"),
    bytes.fromhex("010348656c80026c6f"),
    bytes.fromhex("890548656c6c6f"),
    bytes.fromhex("880203e8"),
    bytes.fromhex("827e0100") + bytes(256),
    bytes.fromhex("827f0000000000010000"),
)
"""The examples of RFC 6455 §5.7 and a Close frame."""

DEFLATED = (
    bytes.fromhex("f248cdc9c90700"),
    bytes.fromhex("f200110000"),
    bytes.fromhex("f348cdc9c9070000"),
    b"\x00",
)
"""The examples of RFC 7692 §7.2.3."""

TRACES = (
    b'{"kind":"trace.header","format":1,"wsedu":"0","seed":1,"scenario":null}\n'
    b'{"n":0,"t":0.0,"connection":0,"endpoint":"client","kind":"bytes.sent","span":["client-to-server",0,16],'
    b'"data":"8100"}\n',
)
VALUES = (b"\x05\x00", b"\x14\x40", b"\x07\x16\x09\x42", bytes(range(40)))
"""Pairs of a place and what becomes of it: see `jsonvalues.altered`."""

HEXES = (
    b"81 05 48",
    b"b'\\x81\\x00'",
    b"00000000: 8105 4865  ..He\n",
    b"0x81, 0x05",
    b"\\x81\\x05",
    b"0000  81 05 48\n",
    b"00000000  81 05\n*\n00000010  81\n",
)

PACKETS = captures.exchange(REQUEST, RESPONSE, FRAMES[1], FRAMES[0])
"""A whole connection, as a capture has it."""

TARGETS: dict[str, Target] = {
    "request-head": Target(request_head, (REQUEST,)),
    "response-head": Target(response_head, (RESPONSE,)),
    "frames": Target(frames, FRAMES),
    **{
        f"connection-{phase.value.lower().replace('_', '-')}": Target(
            connection_target(phase), (REQUEST, RESPONSE, *FRAMES) if phase is Phase.CONNECTING else FRAMES
        )
        for phase in PHASES
    },
    "connection-deflate": Target(connection_target(Phase.OPEN, compress=True), (*FRAMES, b"\xc1\x07" + DEFLATED[0])),
    "inflate": Target(inflate, DEFLATED),
    "trace": Target(trace_file, TRACES),
    "capture": Target(captures.capture_file, (captures.pcap(PACKETS), captures.pcapng(PACKETS))),
    "capture-stream": Target(captures.capture_stream, captures.stream_seeds(FRAMES[1], FRAMES[0])),
    "trace-values": Target(trace_values, VALUES),
    "archive-values": Target(captures.archive_values, VALUES),
    "archive": Target(captures.archive, (json.dumps(captures.ARCHIVE).encode(),)),
    "hex": Target(hex_text, HEXES),
}
"""Every reader by name."""
