"""Heads (RFC 6455 §4.1, §4.2.1; RFC 9112): read from pieces of any size, refused at the first wrong byte."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import all_cuts, one_byte, random_cuts, request_head, response_head
from wsedu.protocol.http import (
    Headers,
    HeadReader,
    Request,
    Response,
    ascii_lower,
    check_sendable,
    standard_reason,
)
from wsedu.protocol.rules import LocalViolation, ProtocolViolation
from wsedu.protocol.types import Limits

Result = tuple[str, object, object]


def read(pieces: list[bytes], *, limits: Limits | None = None, response: bool = False) -> Result:
    """What becomes of a head that comes in these pieces, and how many bytes of all belong to it."""
    reader = HeadReader(limits or Limits())
    fed = 0
    try:
        for piece in pieces:
            used = reader.feed(piece)
            if used is not None:
                head = reader.response() if response else reader.request()
                return "read", head, fed + used
            fed += len(piece)
    except ProtocolViolation as violation:
        return "refused", violation.rule.name, violation.offset
    return "waits", None, None


# --- Reading ---


def test_a_request_is_read_with_the_offset_of_each_value() -> None:
    data = request_head({"Origin": "http://example.com"})
    kind, request, used = read([data])
    assert (kind, used) == ("read", len(data))
    assert isinstance(request, Request)
    assert (request.method, request.target, request.version) == ("GET", "/chat", "1.1")
    assert request.size == len(data)
    for field in request.headers:
        assert data[field.offset : field.offset + len(field.value)].decode() == field.value
    assert request.headers.pairs()[-1] == ("Origin", "http://example.com")
    assert request.encode() == data


def test_a_response_is_read() -> None:
    data = response_head()
    kind, response, used = read([data], response=True)
    assert (kind, used) == ("read", len(data))
    assert isinstance(response, Response)
    assert (response.status, response.reason, response.version) == (101, "Switching Protocols", "1.1")
    assert response.size == len(data)
    assert response.encode() == data


def test_white_space_around_a_value_does_not_count() -> None:
    _, request, _ = read([b"GET / HTTP/1.1\r\nHost:\t  a b \t\r\nX:\r\nY: \t \r\n\r\n"])
    assert isinstance(request, Request)
    assert request.headers.pairs() == (("Host", "a b"), ("X", ""), ("Y", ""))


@pytest.mark.parametrize("reason", ["", " ", " Not Found", " caf\xe9"])
def test_the_reason_phrase_may_be_missing_or_anything(reason: str) -> None:
    _, response, _ = read([f"HTTP/1.1 404{reason}\r\n\r\n".encode("latin-1")], response=True)
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (404, reason[1:])


def test_bytes_after_the_head_are_not_part_of_it() -> None:
    data = request_head()
    for pieces in all_cuts(data + b"\x81\x00\r\n\r\n"):
        kind, request, used = read(pieces)
        assert (kind, used) == ("read", len(data))
        assert isinstance(request, Request)
        assert request.size == len(data)


def test_what_was_read_so_far_can_be_asked_for() -> None:
    reader = HeadReader(Limits())
    reader.feed(b"GET / HT")
    assert reader.data == b"GET / HT"


# --- Refusing ---

BAD_HEADS = [
    (b"\x16\x03\x01", "HEAD_START_LINE", 0),
    (b"\r\n", "HEAD_START_LINE", 0),
    (b"GET /\r\n\r\n", "HEAD_START_LINE", 0),
    (b"GET / HTTP/1.1 \r\n\r\n", "HEAD_START_LINE", 0),
    (b"GET / http/1.1\r\n\r\n", "HEAD_START_LINE", 0),
    (b"GET  / HTTP/1.1\r\n\r\n", "HEAD_START_LINE", 0),
    (b"GET / HTTP/1.1\n\n", "HEAD_LINE_END", 14),
    (b"GET / HTTP/1.1\r\nHost: a\n\r\n", "HEAD_LINE_END", 23),
    (b"GET / HTTP/1.1\r\n\n", "HEAD_LINE_END", 16),
    (b"GET / HTTP/1.1\r\nHost\r\n\r\n", "HEAD_FIELD", 20),
    (b"GET / HTTP/1.1\r\n: a\r\n\r\n", "HEAD_FIELD", 16),
    (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "HEAD_FIELD", 20),
    (b"GET / HTTP/1.1\r\n folded\r\n\r\n", "HEAD_FIELD", 16),
    (b"GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n", "HEAD_FIELD", 23),
    (b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "HEAD_FIELD", 23),
    (b"GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n", "HEAD_FIELD", 23),
]


@pytest.mark.parametrize(("data", "rule", "offset"), BAD_HEADS)
def test_a_malformed_head_is_refused_at_its_first_wrong_byte(data: bytes, rule: str, offset: int) -> None:
    assert read([data]) == ("refused", rule, offset)
    assert read(one_byte(data)) == ("refused", rule, offset)


@pytest.mark.parametrize(
    "line",
    ["HTTP/1.1 1001 x", "HTTP/1.1 10 x", "HTTP/1.1101 x", "HTTP/11 101 x", "GET / HTTP/1.1", "HTTP/1.1 101 \x01"],
)
def test_a_malformed_status_line_is_refused(line: str) -> None:
    assert read([f"{line}\r\n\r\n".encode()], response=True) == ("refused", "HEAD_START_LINE", 0)


@pytest.mark.parametrize("data", [b"\x81", b"\x00", b" GET / HTTP/1.1", b"\xff"])
def test_a_first_byte_that_begins_no_head_is_not_waited_on(data: bytes) -> None:
    assert read([data[:1]]) == ("refused", "HEAD_START_LINE", 0)


# --- Limits (§10.4) ---


def test_a_head_may_be_as_large_as_the_limit_and_no_larger() -> None:
    data = request_head()
    for pieces in ([data], one_byte(data)):
        assert read(pieces, limits=Limits(max_head_size=len(data)))[0] == "read"
        limit = len(data) - 1
        assert read(pieces, limits=Limits(max_head_size=limit)) == ("refused", "HEAD_TOO_LARGE", limit)


def test_a_line_that_never_ends_is_refused_at_the_limit() -> None:
    reader = HeadReader(Limits(max_head_size=100))
    assert reader.feed(b"G" * 100) is None
    with pytest.raises(ProtocolViolation) as caught:
        reader.feed(b"G")
    assert (caught.value.rule.name, caught.value.offset) == ("HEAD_TOO_LARGE", 100)


def test_there_may_be_as_many_fields_as_the_limit_and_no_more() -> None:
    lines = [b"GET / HTTP/1.1\r\n"] + [b"A: b\r\n"] * 3
    data = b"".join(lines) + b"\r\n"
    assert read([data], limits=Limits(max_header_count=3))[0] == "read"
    assert read([data], limits=Limits(max_header_count=2)) == (
        "refused",
        "HEAD_TOO_MANY_FIELDS",
        sum(map(len, lines[:-1])),
    )


def test_frames_in_the_same_chunk_do_not_count_as_head() -> None:
    data = request_head()
    assert read([data + bytes(1000)], limits=Limits(max_head_size=len(data)))[0] == "read"


def test_white_space_without_end_takes_no_time() -> None:
    """A line of blanks with one forbidden byte behind is refused in linear time, well below the limit on size."""
    program = (
        "from wsedu.protocol.http import HeadReader\n"
        "from wsedu.protocol.types import Limits\n"
        "from wsedu.protocol.rules import ProtocolViolation\n"
        "reader = HeadReader(Limits())\n"
        "reader.feed(b'GET / HTTP/1.1\\r\\nA:' + b' ' * 12000 + b'\\x00\\r\\n\\r\\n')\n"
        "try:\n    reader.request()\nexcept ProtocolViolation as violation:\n    print(violation.offset)\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    except subprocess.TimeoutExpired:
        pytest.fail("a head of 12 KB keeps the reader busy for more than 10 seconds")
    assert int(done.stdout) == len(b"GET / HTTP/1.1\r\nA:") + 12000


# --- Cuts ---


@given(st.sampled_from([data for data, _, _ in BAD_HEADS] + [request_head()]), st.binary(max_size=20), st.integers())
def test_cuts_change_nothing(data: bytes, rest: bytes, cuts: int) -> None:
    result = read([data + rest])
    assert read(one_byte(data + rest)) == result
    assert read(random_cuts(data + rest, cuts)) == result


HEAD_BYTES = st.lists(
    st.sampled_from(
        [b"GET / HTTP/1.1\r\n", b"HTTP/1.1 101 \r\n", b"A: b\r\n", b"\r\n", b"\n", b"\r", b":", b" ", b"\x00"]
    )
    | st.binary(max_size=8),
    max_size=12,
).map(b"".join)


@given(HEAD_BYTES, st.booleans(), st.integers())
def test_random_bytes_are_read_or_refused_and_cuts_change_nothing(data: bytes, response: bool, cuts: int) -> None:
    limits = Limits(max_head_size=40, max_header_count=3)
    result = read([data], limits=limits, response=response)
    assert read(one_byte(data), limits=limits, response=response) == result
    assert read(random_cuts(data, cuts), limits=limits, response=response) == result
    if result[0] == "refused":
        assert isinstance(result[2], int)
        assert 0 <= result[2] <= len(data)


# --- Headers as a value ---


def test_names_are_found_without_regard_to_case_and_values_keep_theirs() -> None:
    headers = Headers([("Connection", "keep-alive, Upgrade"), ("X", "1"), ("CONNECTION", " ,close,")])
    assert headers.values("connection") == ["keep-alive, Upgrade", " ,close,"]
    assert headers.tokens("connection") == ["keep-alive", "Upgrade", "close"]
    assert headers.get("x") == "1"
    assert headers.get("connection") == "keep-alive, Upgrade,  ,close,"
    assert headers.get("missing") is None
    assert headers.tokens("missing") == []


def test_only_ascii_letters_are_folded() -> None:
    assert ascii_lower("ABCXYZ") == "abcxyz"
    assert ascii_lower("\u212a\u0130\xc0") == "\u212a\u0130\xc0", "a Kelvin sign is no k"


def test_headers_are_a_sequence_that_can_be_compared() -> None:
    one, two = Headers([("A", "1"), ("B", "2")]), Headers([("A", "1"), ("B", "2")])
    assert one == two
    assert hash(one) == hash(two)
    assert one != Headers([("A", "1")])
    assert one != (("A", "1"), ("B", "2"))
    assert len(one) == 2
    assert one[1].value == "2"
    assert [field.name for field in one] == ["A", "B"]
    assert repr(one) == "Headers([('A', '1'), ('B', '2')])"


def test_the_phrase_of_a_status_is_that_of_http() -> None:
    assert standard_reason(426) == "Upgrade Required"
    assert standard_reason(299) == ""
    assert Response(404, Headers()).line == "HTTP/1.1 404 Not Found"
    assert Response(404, Headers(), "Gone fishing").line == "HTTP/1.1 404 Gone fishing"


def test_heads_are_immutable() -> None:
    request = Request("/", Headers())
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.target = "/other"  # type: ignore[misc]


# --- What our own caller may not send ---


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("A", "b\r\nC: d"),
        ("A", "b\n"),
        ("A", "b\r"),
        ("A", "\x00"),
        ("A", "\u0100"),
        ("A b", "c"),
        ("", "c"),
        ("A\r\nB", "c"),
        ("Host: evil\r\nX", "c"),
        ("Host: evil, X", "c"),
    ],
)
def test_a_field_that_would_break_out_of_its_line_is_refused(name: str, value: str) -> None:
    with pytest.raises(LocalViolation) as caught:
        check_sendable([("Fine", "value"), (name, value)])
    assert caught.value.rule.name == "HEADER_INJECTION"
    assert caught.value.detail == {"name": name, "value": value}


def test_any_value_of_http_may_be_sent() -> None:
    value = "\t " + "".join(map(chr, range(0x21, 0x7F))) + "\xe9"
    check_sendable([("X-Any", value), ("Empty", "")])
