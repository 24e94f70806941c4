"""The WebSocket connections of an HTTP archive, read from its JSON."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..protocol.http import Headers, Request, Response
from ..protocol.types import Opcode, Role
from .har import MESSAGES, Exchange, Message, looks_like_har
from .hartrace import exchange_trace
from .trace import Trace

MILLISECONDS_FROM = 1e11
"""Some writers give the time of a message in seconds since 1970, some in milliseconds: from here on it is those."""


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
        traces.append(exchange_trace(exchange, len(traces) + 1))
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


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    request = entry["request"]
    url = urlsplit(_text(request["url"]))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    version = _http_version(request)
    headers = Headers(_pairs(request))
    started = _seconds(datetime.fromisoformat(_text(entry["startedDateTime"])).timestamp())
    return Exchange(
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
