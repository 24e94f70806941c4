"""`dissect_head`: a head on its own, with every check that can be made of it (RFC 6455 §4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SAMPLE_ACCEPT, SAMPLE_KEY, accept_of, all_cuts, request_head, response_head, vectors
from wsedu.protocol.heads import dissect_head, looks_like_head
from wsedu.protocol.http import Request, Response
from wsedu.protocol.request import REQUEST_CHECKS
from wsedu.protocol.types import Role


def test_the_request_of_the_rfc() -> None:
    sample = vectors()["rfc6455"]["headers"]["client_request_sample"]
    data = request_head(dict(map(tuple, sample["fields"])), line=sample["request_line"])
    found = dissect_head(data + b"\x81\x80abcd")
    assert found.legal
    assert found.complete
    assert (found.sender, found.size, found.accept) == (Role.CLIENT, len(data), SAMPLE_ACCEPT)
    assert isinstance(found.message, Request)
    assert found.message.line == sample["request_line"]
    assert [check.rule for check in found.checks] == [check.rule.name for check in REQUEST_CHECKS]
    undecided = {check.rule for check in found.checks if check.passed is None}
    assert undecided == {"REQUEST_AUTHORITY", "REQUEST_ORIGIN"}, "its server decides; all others are in order"
    assert not any(check.passed is False for check in found.checks)


def test_a_response_is_judged_as_far_as_that_needs_no_request() -> None:
    data = response_head(SAMPLE_KEY, {"Sec-WebSocket-Protocol": "any"})
    found = dissect_head(data)
    assert found.legal
    assert (found.sender, found.size, found.accept) == (Role.SERVER, len(data), None)
    assert isinstance(found.message, Response)
    checked = {check.rule for check in found.checks}
    assert {"RESPONSE_STATUS", "RESPONSE_UPGRADE", "RESPONSE_CONNECTION"} <= checked
    assert not checked & {"RESPONSE_ACCEPT", "RESPONSE_SUBPROTOCOL_OFFERED", "RESPONSE_EXTENSION_OFFERED"}


@pytest.mark.parametrize(
    ("data", "rule", "offset"),
    [
        (request_head({"Host": None}), "REQUEST_HOST", len(request_head({"Host": None})) - 2),
        (response_head(line="HTTP/1.1 404 Not Found"), "RESPONSE_STATUS", 9),
        (b"GET / HTTP/1.1\nHost: a\n\n", "HEAD_LINE_END", 14),
        (b"HTTP/1.1 x\r\n\r\n", "HEAD_START_LINE", 0),
        (b"\x81\x05Hello", "HEAD_START_LINE", 0),
    ],
)
def test_what_is_wrong_is_named(data: bytes, rule: str, offset: int) -> None:
    found = dissect_head(data)
    assert found.violation is not None
    assert (found.violation.rule.name, found.violation.offset) == (rule, offset)
    assert not found.legal


def test_a_head_that_is_cut_short_is_not_legal_yet_but_breaks_no_rule() -> None:
    data = request_head()
    for first, _ in all_cuts(data):
        found = dissect_head(first)
        assert (found.violation, found.complete, found.legal) == (None, False, False)
        assert (found.size, found.message, found.checks) == (len(first), None, ())


def test_the_accept_value_of_a_refused_request_is_still_told() -> None:
    """The steps to it are arithmetic: they can be shown for any key."""
    found = dissect_head(request_head({"Sec-WebSocket-Key": "c2hvcnQ="}))
    assert not found.legal
    assert found.accept == accept_of("c2hvcnQ=")


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (request_head(), True),
        (response_head(), True),
        (b"POST /a HTTP/", True),
        (b"HTTP/1", True),
        (b"GET / FTP/", False),
        (b"get / HTTP/1.1", False),
        (b"\x81\x05Hello", False),
        (b"", False),
    ],
)
def test_bytes_that_look_like_http_are_told_from_frames(data: bytes, looks: bool) -> None:
    assert looks_like_head(data) is looks


@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda rest: b"GET / HTTP/1.1\r\n" + rest))
def test_any_bytes_are_dissected(data: bytes) -> None:
    found = dissect_head(data)
    assert 0 <= found.size <= len(data)
    assert found.legal is (found.complete and found.violation is None)
    assert looks_like_head(data) in (True, False)
