"""HTTP archives: `_webSocketMessages` as browsers and mitmproxy write them, to and from traces.

An archive has the heads of the opening handshake and the messages. It has no frames: whether a message was
fragmented, with which key it was masked, and which Pings, Pongs and Close frames passed is lost, so that a trace
made of an archive does not say it either.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from ..protocol.closing import ClosingMachine, Happening
from ..protocol.http import Headers, Request, Response
from ..protocol.overheard import judge_response
from ..protocol.steps import (
    BytesReceived,
    BytesSent,
    FrameComplete,
    HandshakeRequest,
    HandshakeResponse,
    MessageComplete,
    StateChanged,
    Tracer,
    violation_step,
)
from ..protocol.types import Opcode, Role
from .files import write_whole
from .pcapsegments import ends
from .trace import Record, Trace, new_header

MESSAGES = "_webSocketMessages"
"""The key under which an entry has its messages; a name of nobody's standard, and everybody's habit."""

HAR_VERSION = "1.2"

MILLISECONDS_FROM = 1e11
"""Some writers give the time of a message in seconds since 1970, some in milliseconds: from here on it is those."""

UNKNOWN_FRAGMENTS = 0
"""The number of frames of a message that nobody has recorded."""

TEXT_OR_BINARY = (Opcode.TEXT, Opcode.BINARY)


class DamagedHarError(ValueError):
    """A file is no HTTP archive, or has an entry that is not what it should be.

    Attributes:
        problem: `json`, `har` or `entry`, for the catalogues.
        entry: the number of the wrong entry, from 1; 0 where the whole file is meant.
        detail: what was found.
        traces: the exchanges of the entries before it.
    """

    def __init__(self, problem: str, entry: int, detail: str, traces: Sequence[Trace] = ()) -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.entry = entry
        self.detail = detail
        self.traces = list(traces)


def looks_like_har(value: Any) -> bool:
    """Whether a JSON value is an HTTP archive."""
    return isinstance(value, dict) and isinstance(value.get("log"), dict)


# --- Writing ---


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


class Message(NamedTuple):
    """One message of an archive.

    Arguments:
        t: when, in seconds.
        sender: who sent it.
        opcode: 1 for text, 2 for binary.
        data: its bytes; of a text, in UTF-8.
    """

    t: float
    sender: Role
    opcode: int
    data: bytes


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


# --- Reading ---


def read_har(value: Any) -> list[Trace]:
    """The WebSocket exchanges of an HTTP archive, each as a trace of the client's view.

    Arguments:
        value: the archive as JSON values.

    Raises:
        DamagedHarError: it is none, or an entry is not what it should be; the error has the exchanges before it.
    """
    if not looks_like_har(value) or not isinstance(value["log"].get("entries"), list):
        raise DamagedHarError("har", 0, type(value).__name__)
    traces: list[Trace] = []
    for number, entry in enumerate(value["log"]["entries"], 1):
        if not isinstance(entry, dict) or not _is_exchange(entry):
            continue
        try:
            exchange = _exchange(entry)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DamagedHarError("entry", number, f"{type(error).__name__}: {error}", traces) from None
        traces.append(_trace(exchange, len(traces) + 1))
    return traces


def loads_har(text: str) -> list[Trace]:
    """The WebSocket exchanges of an HTTP archive in a string; see `read_har`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedHarError("json", 0, str(error)) from None
    return read_har(value)


def _is_exchange(entry: Mapping[str, Any]) -> bool:
    return MESSAGES in entry or entry.get("_resourceType") == "websocket"


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What one entry says."""

    started: float
    request: Request
    response: Response | None
    messages: list[Message]


def _exchange(entry: Mapping[str, Any]) -> _Exchange:
    request = entry["request"]
    url = urlsplit(_text(request["url"]))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    version = _http_version(request)
    headers = Headers(_pairs(request))
    started = _seconds(datetime.fromisoformat(_text(entry["startedDateTime"])).timestamp())
    return _Exchange(
        started,
        Request(target, headers, _text(request["method"]), version),
        _response(entry["response"]),
        sorted(map(_message, entry.get(MESSAGES) or []), key=lambda message: message.t),
    )


def _response(value: Mapping[str, Any]) -> Response | None:
    status = value["status"]
    if type(status) is not int:
        raise TypeError(f"{status!r} is no status")
    if status < 100:
        return None
    return Response(status, Headers(_pairs(value)), _text(value.get("statusText", "")), _http_version(value))


def _http_version(value: Mapping[str, Any]) -> str:
    # Some writers leave it out, or say in lower case what it is.
    return _text(value.get("httpVersion", "")).upper().removeprefix("HTTP/") or "1.1"


def _pairs(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(_text(header["name"]), _text(header["value"])) for header in value.get("headers", ())]


def _message(value: Mapping[str, Any]) -> Message:
    opcode = value["opcode"]
    kind = value["type"]
    if kind not in ("send", "receive") or type(opcode) is not int or not 0 <= opcode < 16:
        raise ValueError(f"no message has type {kind!r} and opcode {opcode!r}")
    data = _text(value["data"])
    t = _seconds(value["time"])
    return Message(
        t / 1000 if t >= MILLISECONDS_FROM else t,
        Role.CLIENT if kind == "send" else Role.SERVER,
        opcode,
        data.encode("utf-8", "surrogatepass") if opcode == Opcode.TEXT else _base64(data),
    )


def _base64(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(f"binary data is no base64: {error}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no time")
    return float(value)


# --- An exchange as a trace ---


def _trace(exchange: _Exchange, number: int) -> Trace:
    now = exchange.started
    trace = Trace(new_header(), clock=lambda: now)
    for _ in range(number):
        connection = trace.new_connection()
    tracer = trace.recorder(connection)
    request, response = exchange.request, exchange.response
    tracer(
        HandshakeRequest(
            endpoint=Role.CLIENT,
            decided_by=f"{__name__}:read_har",
            sent=True,
            line=request.line,
            headers=request.headers.pairs(),
        )
    )
    opened = response is not None and _respond(request, response, tracer)
    machine = ClosingMachine(Role.CLIENT)
    _move(machine, Happening.HANDSHAKE_DONE if opened else Happening.HANDSHAKE_FAILED, tracer)
    for message in exchange.messages:
        # Clocks of the two times in an archive differ by a little.
        now = max(now, message.t)
        if message.opcode in TEXT_OR_BINARY:
            tracer(
                MessageComplete(
                    endpoint=message.sender.peer,
                    decided_by=f"{__name__}:read_har",
                    opcode=message.opcode,
                    fragments=UNKNOWN_FRAGMENTS,
                    data=message.data,
                )
            )
    return trace


def _respond(request: Request, response: Response, tracer: Tracer) -> bool:
    """The response and, where the archive has the key that it answers, the checks of it; whether it opens."""
    tracer(
        HandshakeResponse(
            endpoint=Role.CLIENT,
            decided_by=f"{__name__}:read_har",
            sent=False,
            line=response.line,
            headers=response.headers.pairs(),
        )
    )
    if request.headers.get("Sec-WebSocket-Key") is None:
        return response.status == 101
    for violation in judge_response(request, response, (), tracer):
        # There are no bytes in which an offset could count.
        violation.offset = None
        tracer(violation_step(violation, Role.CLIENT, None))
    return response.status == 101


def _move(machine: ClosingMachine, happening: Happening, tracer: Tracer) -> None:
    before = machine.phase
    row = machine.move(happening)
    assert row is not None
    tracer(
        StateChanged(
            endpoint=Role.CLIENT,
            decided_by="wsedu.protocol.closing:ClosingMachine.move",
            event=happening.value,
            before=before.value,
            after=machine.phase.value,
            state=machine.state.value,
            action=row.action.value,
        )
    )
