"""The key and the accept value (RFC 6455 §4.1 step 7, §4.2.2 step 5.4), and how checks are run."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SAMPLE_KEY, SAMPLE_NONCE, accept_of, as_bytes, vectors
from wsedu.protocol import rules
from wsedu.protocol.handshake import GUID, VERSION, Check, Finding, ServerPolicy, accept_key, make_key, run_checks
from wsedu.protocol.http import Headers, Request
from wsedu.protocol.rules import ProtocolViolation
from wsedu.protocol.steps import HandshakeAccept, HandshakeKey, Step
from wsedu.protocol.types import Role

HANDSHAKE = vectors()["rfc6455"]["handshake"]
KEYS = vectors()["rfc6455"]["key_encoding"]


@pytest.mark.parametrize("vector", HANDSHAKE, ids=lambda vector: vector["name"])
def test_accept_of_the_vectors(vector: dict[str, str]) -> None:
    assert vector["guid"] == GUID
    assert accept_key(vector["sec_websocket_key"]) == vector["sec_websocket_accept"]


@pytest.mark.parametrize("vector", KEYS, ids=lambda vector: vector["name"])
def test_keys_of_the_vectors(vector: dict[str, str]) -> None:
    nonce = as_bytes(vector["nonce_hex"])
    assert make_key(lambda size: nonce[:size]) == vector["sec_websocket_key"]
    assert accept_key(vector["sec_websocket_key"]) == vector["derived_sec_websocket_accept"]


def test_white_space_around_the_key_does_not_count() -> None:
    assert accept_key(f" \t{SAMPLE_KEY} ") == accept_of(SAMPLE_KEY)


def test_the_key_is_not_decoded_before_it_is_hashed() -> None:
    """The printed key of §4.1, which erratum 3150 corrects, decodes to the same bytes but hashes otherwise."""
    [vector] = KEYS
    printed, corrected = vector["printed_in_rfc"], vector["sec_websocket_key"]
    assert base64.b64decode(printed) == base64.b64decode(corrected)
    assert accept_key(printed) != accept_key(corrected)


@given(st.binary(min_size=16, max_size=16))
def test_accept_of_any_key(nonce: bytes) -> None:
    key = make_key(lambda size: nonce[:size])
    assert base64.b64decode(key, validate=True) == nonce
    assert accept_key(key) == accept_of(key)


def test_the_three_steps_lead_from_key_to_accept() -> None:
    steps: list[Step] = []
    [vector] = HANDSHAKE
    accept = accept_key(vector["sec_websocket_key"], tracer=steps.append)
    assert all(isinstance(step, HandshakeAccept) for step in steps)
    facts = [step.facts() for step in steps]
    assert [fact["stage"] for fact in facts] == ["concatenate", "sha1", "base64"]
    assert facts[0]["given"] == vector["sec_websocket_key"].encode()
    assert facts[0]["result"] == vector["concatenation"].encode() == facts[1]["given"]
    assert facts[1]["result"] == as_bytes(vector["sha1_hex"]) == facts[2]["given"]
    assert facts[2]["result"] == accept.encode()
    assert {step.rfc for step in steps} == {"4.2.2"}


def test_the_making_of_a_key_is_a_step() -> None:
    steps: list[Step] = []
    make_key(lambda size: SAMPLE_NONCE, tracer=steps.append)
    [step] = steps
    assert isinstance(step, HandshakeKey)
    assert (step.nonce, step.key) == (SAMPLE_NONCE, SAMPLE_KEY)


def test_the_version_is_13() -> None:
    [standard] = vectors()["rfc6455"]["headers"]["version_registry"]["standard"]
    assert standard == VERSION


# --- Running checks ---


def test_checks_stop_at_the_first_that_fails_and_each_is_a_step() -> None:
    asked: list[str] = []

    def passes(request: Request, policy: ServerPolicy) -> Finding:
        asked.append("passes")
        return Finding(True, "a")

    def fails(request: Request, policy: ServerPolicy) -> Finding:
        asked.append("fails")
        return Finding(False, None)

    checks = (
        Check(rules.REQUEST_HOST, "Host", passes),
        Check(rules.REQUEST_KEY, "Sec-WebSocket-Key", fails),
        Check(rules.REQUEST_ORIGIN, "Origin", passes),
    )
    steps: list[Step] = []
    request = Request("/", Headers([("Host", "a")]), size=100)
    with pytest.raises(ProtocolViolation) as caught:
        run_checks(checks, request, ServerPolicy(), Role.SERVER, steps.append)
    assert asked == ["passes", "fails"]
    assert [(step.rule, step.facts()["passed"]) for step in steps] == [("REQUEST_HOST", True), ("REQUEST_KEY", False)]
    assert caught.value.rule is rules.REQUEST_KEY
    assert caught.value.offset == 98, "a missing field is missed at the empty line"
