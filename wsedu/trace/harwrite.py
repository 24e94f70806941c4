"""A trace as an HTTP archive: the heads and the messages of its connections."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ..protocol.http import Headers
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    MessageComplete,
)
from ..protocol.types import Opcode, Role
from .files import write_whole
from .har import HAR_VERSION, MESSAGES, Message
from .pcapsegments import ends
from .trace import Record, Trace, new_header


def write_har(trace: Trace, path: str | Path, *, start: float = 0.0) -> None:
    """Write the messages of a trace as an HTTP archive, an entry for each connection.

    Arguments:
        trace: whose handshakes and messages are written.
        path: where to; the file is there whole or not at all.
        start: seconds since 1970 of the first step; a trace has no date.

    Raises:
        OSError: the file cannot be written.
    """
    write_whole(path, (json.dumps(har_object(trace, start=start), ensure_ascii=False, indent=1) + "\n").encode())


def har_object(trace: Trace, *, start: float = 0.0) -> dict[str, Any]:
    """An HTTP archive as plain JSON values; arguments as for `write_har`."""
    numbers = dict.fromkeys(record.connection for record in trace)
    entries = [_entry(trace, number, start) for number in numbers]
    return {
        "log": {
            "version": HAR_VERSION,
            "creator": {"name": "wsedu", "version": new_header().version},
            "entries": [entry for entry in entries if entry is not None],
        }
    }


def _entry(trace: Trace, connection: int | None, start: float) -> dict[str, Any] | None:
    records = [record for record in trace if record.connection == connection]
    request = next((record for record in records if isinstance(record.step, HandshakeRequest)), None)
    response = next((record.step for record in records if isinstance(record.step, HandshakeResponse)), None)
    if request is None or not isinstance(request.step, HandshakeRequest):
        return None
    duration = 1000 * (records[-1].t - request.t)
    between = ends(trace, connection)
    return {
        "_resourceType": "websocket",
        "startedDateTime": datetime.fromtimestamp(start + request.t, UTC).isoformat().replace("+00:00", "Z"),
        "time": round(duration, 3),
        "request": _request_object(request.step, "ws" if between.tls is None else "wss"),
        "response": _response_object(response),
        "cache": {},
        "timings": {"send": 0, "wait": round(duration, 3), "receive": 0},
        "serverIPAddress": between.server.host,
        MESSAGES: [_message_object(message, start) for message in _messages(records)],
    }


def _request_object(step: HandshakeRequest, scheme: str) -> dict[str, Any]:
    method, target, version = (*step.line.split(" ", 2), "", "")[:3]
    host = Headers(step.headers).get("Host") or ""
    return {
        "method": method,
        "url": f"{scheme}://{host}{target}",
        "httpVersion": version,
        "cookies": [],
        "headers": _header_objects(step.headers),
        "queryString": [{"name": name, "value": value} for name, value in _query(target)],
        "headersSize": -1 if step.span is None else step.span.bits // 8,
        "bodySize": 0,
    }


def _query(target: str) -> list[tuple[str, str]]:
    return parse_qsl(target.partition("?")[2], keep_blank_values=True)


def _response_object(step: HandshakeResponse | None) -> dict[str, Any]:
    version, status, reason = ("", "0", "") if step is None else (*step.line.split(" ", 2), "", "")[:3]
    headers = () if step is None else step.headers
    return {
        # A response that never came has status 0, as browsers write it.
        "status": int(status) if status.isdecimal() else 0,
        "statusText": reason,
        "httpVersion": version,
        "cookies": [],
        "headers": _header_objects(headers),
        "content": {"size": 0, "mimeType": Headers(headers).get("Content-Type") or "x-unknown"},
        "redirectURL": Headers(headers).get("Location") or "",
        "headersSize": -1 if step is None or step.span is None else step.span.bits // 8,
        "bodySize": -1,
    }


def _header_objects(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _messages(records: Sequence[Record]) -> Iterator[Message]:
    """The messages of a connection: as delivered; where the reader was not recorded, as its peer sent them."""
    steps = [(record.t, record.step) for record in records]
    readers = {step.endpoint for _, step in steps if isinstance(step, (MessageComplete, BytesReceived))}
    senders = {step.endpoint for _, step in steps if isinstance(step, BytesSent)}
    under_way: dict[Role, tuple[int, list[bytes]]] = {}
    for t, step in steps:
        if isinstance(step, MessageComplete) and step.endpoint is not None:
            yield Message(t, step.endpoint.peer, step.opcode, step.data)
        elif isinstance(step, FrameComplete) and step.sent and step.endpoint in senders:
            who = step.endpoint
            assert who is not None
            if who.peer in readers or step.frame.is_control:
                continue
            opcode, pieces = under_way.pop(who, (int(step.frame.opcode), []))
            pieces.append(step.frame.payload)
            if step.frame.fin:
                yield Message(t, who, opcode, b"".join(pieces))
            else:
                under_way[who] = (opcode, pieces)


def _message_object(message: Message, start: float) -> dict[str, Any]:
    text = message.opcode == Opcode.TEXT
    return {
        # Archives are a client's view.
        "type": "send" if message.sender is Role.CLIENT else "receive",
        "time": round(start + message.t, 6),
        "opcode": int(message.opcode),
        "data": message.data.decode(errors="replace") if text else base64.b64encode(message.data).decode(),
    }
