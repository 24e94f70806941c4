"""The WebSocket connections of an HTTP archive, read from its JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..protocol.http import Headers, Request, Response
from ..protocol.types import Opcode, Role
from .har import MESSAGES, Exchange, Message, looks_like_har
from .harfields import Field, WrongFieldError
from .hartrace import exchange_trace
from .trace import Trace

MILLISECONDS_FROM = 1e11
"""Some writers give the time of a message in seconds since 1970, some in milliseconds: from here on it is those."""


class DamagedHarError(ValueError):
    """A file is no HTTP archive, or has an entry that is not what it should be.

    Attributes:
        problem: `json`, `cut` or `deep` (it is no JSON, ends too early, or is nested too deeply), `har`, or `missing`
            or `wrong` for a field of an entry; for the catalogues.
        entry: the number of the wrong entry, from 1; 0 where the whole file is meant.
        field: the name of its field, such as `request.url`.
        found: the value of a wrong field, as JSON.
        line, column: where it stops being JSON, from 1; 0 where that is not what is wrong.
        traces: the exchanges of the entries before it.
    """

    def __init__(
        self,
        problem: str,
        *,
        entry: int = 0,
        field: str = "",
        found: str = "",
        place: tuple[int, int] = (0, 0),
        traces: Sequence[Trace] = (),
    ) -> None:
        super().__init__(" ".join(filter(None, (problem, f"entry {entry}" if entry else "", field, found))))
        self.problem = problem
        self.entry = entry
        self.field = field
        self.found = found
        self.line, self.column = place
        self.traces = list(traces)


def read_har(value: Any) -> list[Trace]:
    """The WebSocket exchanges of an HTTP archive, each as a trace of the client's view.

    Arguments:
        value: the archive as JSON values.

    Raises:
        DamagedHarError: it is none, or an entry is not what it should be; the error has the exchanges before it.
    """
    if not looks_like_har(value) or not isinstance(value["log"].get("entries"), list):
        raise DamagedHarError("har")
    traces: list[Trace] = []
    for number, entry in enumerate(value["log"]["entries"], 1):
        if not isinstance(entry, dict) or not (MESSAGES in entry or entry.get("_resourceType") == "websocket"):
            continue
        try:
            exchange = _exchange(Field("", entry))
        except WrongFieldError as error:
            raise DamagedHarError(
                error.problem, entry=number, field=error.name, found=error.found, traces=traces
            ) from None
        traces.append(exchange_trace(exchange, len(traces) + 1))
    return traces


def loads_har(text: str) -> list[Trace]:
    """The WebSocket exchanges of an HTTP archive in a string; see `read_har`."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise DamagedHarError("deep") from None
    except json.JSONDecodeError as error:
        # A text that has no end is reported where it begins.
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        raise DamagedHarError(
            "cut" if cut else "json", place=_end(text) if cut else (error.lineno, error.colno)
        ) from None
    except ValueError:
        # A number with more digits than anybody reads.
        raise DamagedHarError("json", place=(1, 1)) from None
    return read_har(value)


def _end(text: str) -> tuple[int, int]:
    """Line and column of the last character."""
    text = text.rstrip()
    return text.count("\n") + 1, max(1, len(text) - text.rfind("\n") - 1)


def _exchange(entry: Field) -> Exchange:
    request = entry.of("request")
    url = request.of("url").read(lambda value: urlsplit(_text(value)))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    messages = entry.of(MESSAGES).items() if entry.has(MESSAGES) else ()
    return Exchange(
        entry.of("startedDateTime").read(lambda value: datetime.fromisoformat(_text(value)).timestamp()),
        Request(target, _headers(request), request.of("method").text(), _http_version(request)),
        _response(entry.of("response")),
        sorted(map(_message, messages), key=lambda message: message.t),
    )


def _response(field: Field) -> Response | None:
    status = field.of("status").whole()
    if status < 100:
        return None
    reason = field.of("statusText").text() if field.has("statusText") else ""
    return Response(status, _headers(field), reason, _http_version(field))


def _http_version(field: Field) -> str:
    # Some writers leave it out, or say in lower case what it is.
    version = field.of("httpVersion").text() if field.has("httpVersion") else ""
    return version.upper().removeprefix("HTTP/") or "1.1"


def _headers(field: Field) -> Headers:
    headers = field.of("headers").items() if field.has("headers") else ()
    return Headers([(header.of("name").text(), header.of("value").text()) for header in headers])


def _message(field: Field) -> Message:
    opcode = field.of("opcode").whole(range(16))
    t = field.of("time").number()
    data = field.of("data")
    return Message(
        t / 1000 if t >= MILLISECONDS_FROM else t,
        field.of("type").read({"send": Role.CLIENT, "receive": Role.SERVER}.__getitem__),
        opcode,
        data.text().encode("utf-8", "surrogatepass") if opcode == Opcode.TEXT else data.read(_base64),
    )


def _base64(value: Any) -> bytes:
    return base64.b64decode(_text(value), validate=True)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
