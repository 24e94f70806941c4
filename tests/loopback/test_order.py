"""The steps of a real exchange are in the order in which things happen on the wire."""

from __future__ import annotations

import pytest

from wsedu.loopback import record
from wsedu.protocol.steps import BytesSent, EndSent, HandshakeRequest, TransportOpened
from wsedu.protocol.types import Role
from wsedu.scenarios import scenario
from wsedu.simulator import simulate
from wsedu.trace.trace import Trace


def real(name: str) -> Trace:
    return record(scenario(name), seed=1)


def virtual(name: str) -> Trace:
    return simulate(scenario(name), seed=1)


@pytest.mark.parametrize("name", ["hello", "unmasked"])
@pytest.mark.parametrize("made", [real, virtual])
def test_an_endpoint_ends_tcp_behind_its_last_bytes(made: object, name: str) -> None:
    trace = made(name)  # type: ignore[operator]
    for role in Role:
        own = [one.step for one in trace if one.step.endpoint is role and isinstance(one.step, (BytesSent, EndSent))]
        ends = [place for place, step in enumerate(own) if isinstance(step, EndSent)]
        assert ends == [len(own) - 1], role


@pytest.mark.parametrize("made", [real, virtual])
def test_a_client_asks_when_tcp_is_open(made: object) -> None:
    trace = made("hello")  # type: ignore[operator]
    kinds = [type(one.step) for one in trace if one.step.endpoint is Role.CLIENT]
    opened, asked, sent = (kinds.index(kind) for kind in (TransportOpened, HandshakeRequest, BytesSent))
    assert opened < asked < sent
