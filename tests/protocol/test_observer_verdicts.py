"""What an `Observer` must not claim: points that only an endpoint decides, and what no endpoint would take."""

from __future__ import annotations

import pytest

from tests.protocol.test_observer import DOWN, MARKED, UP, Pair, named, opened, said, watch
from tests.support import masked
from wsedu.protocol.types import Role


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        ("880203ed", "CLOSE_CODE"),
        ("880103", "CLOSE_BODY"),
        ("880303e8ff", "CLOSE_REASON_UTF8"),
        ("c80203e8", "RSV_BITS"),
        ("88820102030402ea", "SERVER_MUST_NOT_MASK"),
    ],
)
def test_a_close_frame_that_breaks_a_rule_ends_nothing_cleanly(frame: str, rule: str) -> None:
    """Its reader reports what a real endpoint does that reads the same bytes."""
    pair = Pair()
    pair.client.receive_data(bytes.fromhex(frame))
    answer = pair.client.data_to_send()
    pair.client.receive_eof()
    observer, logs = watch([*pair.talk, (DOWN, bytes.fromhex(frame)), (UP, answer), (DOWN, b"")])
    assert named(observer) == [("server", rule)]
    reported = pair.logs[Role.CLIENT].facts("close.status")
    assert logs[Role.CLIENT].facts("close.status") == reported
    assert [facts["clean"] for facts in reported] == [False]


def test_behind_a_response_that_every_client_refuses_bytes_are_only_bytes() -> None:
    frames = [(DOWN, b"\x81\x01A"), (UP, masked("81 01 41")), (DOWN, b"")]
    observer, logs = opened(*frames, response={"Sec-WebSocket-Accept": "wrong"})
    assert named(observer) == [("server", "RESPONSE_ACCEPT")]
    assert (observer.opened, said(logs)) == (False, ["failed", "failed"])
    kinds = {step.kind for log in logs.values() for step in log.steps}
    assert not kinds & {"handshake.agreed", "frame.field", "frame.complete", "message.complete"}
    assert [facts["after"] for facts in logs[Role.CLIENT].facts("state.changed")] == ["FAILED", "CLOSED"]


def test_what_only_an_endpoint_knows_is_not_decided_by_who_watches() -> None:
    """The same request is served by one server and refused by another: its bytes do not say which."""
    _, logs = opened(request={"Origin": "http://evil.example"})
    checks = {facts["field"]: facts["passed"] for facts in logs[Role.SERVER].facts("handshake.check")}
    steps = [step for step in logs[Role.SERVER].steps if step.kind == "handshake.check"]
    assert {step.rule for step in steps if step.facts()["passed"] is None} == {"REQUEST_AUTHORITY", "REQUEST_ORIGIN"}
    assert checks["Upgrade"] is True
    _, logs = opened(request=MARKED, response=MARKED, extensions=())
    steps = [step for step in logs[Role.CLIENT].steps if step.facts().get("passed") is None]
    assert [step.rule for step in steps if step.kind == "handshake.check"] == ["RESPONSE_EXTENSION_OFFERED"]
