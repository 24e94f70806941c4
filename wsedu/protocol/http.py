"""The heads of the opening handshake: as much HTTP/1.1 as RFC 6455 §4 needs, and strict about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from . import rules
from .types import Limits

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token of HTTP (RFC 9110 §5.6.2)."""

_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/(\d\.\d)")
_STATUS_LINE = re.compile(r"HTTP/(\d\.\d) (\d{3})(?: ([\t -~\x80-\xff]*))?")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~\x80-\xff]*)")
_TOKEN_BYTES = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def ascii_lower(text: str) -> str:
    """Fold the 26 ASCII letters and nothing else (RFC 6455 §2.1): `str.lower` would turn a Kelvin sign into k."""
    # `lower` is the same for ASCII and much faster.
    return text.lower() if text.isascii() else text.translate(_FOLD)


_fold_own = lru_cache(64)(ascii_lower)
"""The same for the few names that we look for; never for what a peer sent, which the cache would keep."""

_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class HeaderField(NamedTuple):
    """One line of a head.

    Arguments:
        name: as on the wire.
        value: without the white space around it.
        offset: index of the value's first byte in the head; 0 for a field that was not received.
    """

    name: str
    value: str
    offset: int = 0


class Headers(Sequence[HeaderField]):
    """Header fields in order; names are matched without regard to case (RFC 6455 §4.1)."""

    def __init__(self, pairs: Iterable[tuple[str, str] | HeaderField] = ()) -> None:
        self._fields = tuple([pair if isinstance(pair, HeaderField) else HeaderField(*pair) for pair in pairs])
        self._folded = [ascii_lower(field[0]) for field in self._fields]

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # Sequence's two overloads, both a tuple's
        return self._fields[index]

    def __len__(self) -> int:
        return len(self._fields)

    def __iter__(self) -> Iterator[HeaderField]:
        return iter(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.pairs() == other.pairs()

    def __hash__(self) -> int:
        return hash(self.pairs())

    def __repr__(self) -> str:
        return f"Headers({list(self.pairs())!r})"

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values, without offsets."""
        return tuple((field.name, field.value) for field in self._fields)

    def fields(self, name: str) -> list[HeaderField]:
        """Every field of that name, in order."""
        # A handshake looks for its dozen of names some thirty times, and finds most of them never or once.
        folded, names = _fold_own(name), self._folded
        count = names.count(folded)
        if count == 0:
            return []
        if count == 1:
            return [self._fields[names.index(folded)]]
        return [field for field, own in zip(self._fields, names, strict=True) if own == folded]

    def values(self, name: str) -> list[str]:
        """The values of every field of that name, in order."""
        return [field[1] for field in self.fields(name)]

    def get(self, name: str) -> str | None:
        """The values of that name joined by commas, as RFC 9110 §5.3 allows; None if there is no such field."""
        values = self.values(name)
        return ", ".join(values) if values else None

    def tokens(self, name: str) -> list[str]:
        """The elements of a comma-separated list, over all fields of that name, empty ones left out."""
        values = self.values(name)
        if not values:
            return []
        elements = (element.strip(" \t") for value in values for element in value.split(","))
        return [element for element in elements if element]


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request.

    Arguments:
        target: the request target, such as `/chat?room=1`.
        headers: in order.
        method: `GET` in a WebSocket handshake.
        version: of HTTP, such as `1.1`.
        size: bytes of the head as received, 0 for one that was not.
    """

    target: str
    headers: Headers
    method: str = "GET"
    version: str = "1.1"
    size: int = field(default=0, compare=False)

    @property
    def line(self) -> str:
        """The request line, without its line end."""
        return f"{self.method} {self.target} HTTP/{self.version}"

    def places(self) -> dict[str, int]:
        """Where the parts of the request line begin."""
        target = len(self.method) + 1
        return {"method": 0, "target": target, "version": target + len(self.target) + len(" HTTP/")}

    def encode(self) -> bytes:
        """The head as bytes."""
        return _encode_head(self.line, self.headers)


@dataclass(frozen=True, slots=True)
class Response:
    """The head of a response, and a body for those that refuse.

    Arguments:
        status: such as 101.
        headers: in order.
        reason: the phrase after the status; the standard one by default.
        version: of HTTP, such as `1.1`.
        body: bytes after the head, of a refusal.
        size: bytes of the head as received, 0 for one that was not.
    """

    status: int
    headers: Headers
    reason: str | None = None
    version: str = "1.1"
    body: bytes = b""
    size: int = field(default=0, compare=False)

    @property
    def line(self) -> str:
        """The status line, without its line end."""
        reason = standard_reason(self.status) if self.reason is None else self.reason
        return f"HTTP/{self.version} {self.status} {reason}"

    def places(self) -> dict[str, int]:
        """Where the parts of the status line begin."""
        version = len("HTTP/")
        return {"version": version, "status": version + len(self.version) + 1}

    def encode(self) -> bytes:
        """Head and body as bytes."""
        return _encode_head(self.line, self.headers) + self.body


def standard_reason(status: int) -> str:
    """The phrase that HTTP gives a status, or the empty string."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _encode_head(line: str, headers: Headers) -> bytes:
    lines = [line, *(f"{field.name}: {field.value}" for field in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def check_sendable(headers: Iterable[tuple[str, str]]) -> None:
    """Refuse header fields of our own caller that would break out of their line.

    Raises:
        LocalViolation: a name is not a token, or a value has a line end or another character that HTTP forbids.
    """
    for name, value in headers:
        if not TOKEN.fullmatch(name) or not _FIELD.fullmatch(f"{name}:{value}"):
            rules.refuse(rules.HEADER_INJECTION, None, name=name, value=value)


class HeadReader:
    """Collects the head of a request or a response from pieces of any size, and refuses it as early as it can.

    Arguments:
        limits: bytes and number of fields that a head may have.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._data = bytearray()
        self._line_start = 0
        self._lines: list[tuple[int, str]] = []

    @property
    def data(self) -> bytes:
        """What has been read so far."""
        return bytes(self._data)

    def feed(self, data: bytes) -> int | None:
        """Read the next bytes.

        Returns:
            How many of these bytes belong to the head, once it is complete; None until then.

        Raises:
            ProtocolViolation: a line does not end in CRLF, or the head is larger than the limits.
        """
        before = len(self._data)
        self._data += data
        if self._data and self._data[0] not in _TOKEN_BYTES:
            rules.enforce(rules.HEAD_START_LINE, 0, byte=self._data[0])
        while True:
            end = self._data.find(b"\n", max(self._line_start, 0))
            if end < 0:
                break
            if end >= self._limits.max_head_size:
                break
            line = self._take_line(end)
            if line == "":
                return end + 1 - before
        if len(self._data) > self._limits.max_head_size:
            rules.enforce(rules.HEAD_TOO_LARGE, self._limits.max_head_size, limit=self._limits.max_head_size)
        return None

    def _take_line(self, end: int) -> str:
        start, self._line_start = self._line_start, end + 1
        if end == start or self._data[end - 1] != 0x0D:
            rules.enforce(rules.HEAD_LINE_END, end)
        line = self._data[start:end].decode("latin-1").removesuffix("\r")
        if line:
            self._lines.append((start, line))
        if len(self._lines) > 1 + self._limits.max_header_count:
            rules.enforce(rules.HEAD_TOO_MANY_FIELDS, start, limit=self._limits.max_header_count)
        return line

    def request(self) -> Request:
        """The complete head as a request.

        Raises:
            ProtocolViolation: the request line or a header field is malformed.
        """
        start = self._lines[0][1] if self._lines else ""
        match = _REQUEST_LINE.fullmatch(start)
        if match is None:
            rules.enforce(rules.HEAD_START_LINE, 0, line=start)
            return Request("", self._headers(), "", "", self._line_start)
        return Request(match[2], self._headers(), match[1], match[3], self._line_start)

    def response(self) -> Response:
        """The complete head as a response.

        Raises:
            ProtocolViolation: the status line or a header field is malformed.
        """
        start = self._lines[0][1] if self._lines else ""
        match = _STATUS_LINE.fullmatch(start)
        if match is None:
            rules.enforce(rules.HEAD_START_LINE, 0, line=start)
            return Response(0, self._headers(), "", "", b"", self._line_start)
        return Response(int(match[2]), self._headers(), match[3] or "", match[1], b"", self._line_start)

    def _headers(self) -> Headers:
        fields = []
        for start, line in self._lines[1:]:
            match = _FIELD.fullmatch(line)
            if match is None:
                rules.enforce(rules.HEAD_FIELD, start + _first_wrong(line), line=line)
                continue
            value = match[2].lstrip(" \t")
            fields.append(HeaderField(match[1], value.rstrip(" \t"), start + match.end(2) - len(value)))
        return Headers(fields)


def _first_wrong(line: str) -> int:
    """The index of the character at which a header line stops being one."""
    name = TOKEN.match(line)
    if name is None:
        return 0
    if not line.startswith(":", name.end()):
        return name.end()
    rest = re.compile(r"[\t -~\x80-\xff]*").match(line, name.end() + 1)
    return name.end() + 1 if rest is None else rest.end()
