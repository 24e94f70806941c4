"""The scenarios: all of them by name, data and nothing else, and the same exchange in every world."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

import wsedu.scenarios
from wsedu import Connection, Frame, Role, State, Timeouts, Trace
from wsedu.loopback import record
from wsedu.protocol.steps import (
    CloseStatus,
    FrameComplete,
    HandshakeRequest,
    Level,
    MessageComplete,
    TimerExpired,
    Violation,
)
from wsedu.protocol.types import Direction
from wsedu.scenarios import SCENARIOS, Act, Scenario, scenario
from wsedu.scenarios.model import PAUSE, VANISH

from .world import World

NAMES = (
    "tour",
    "hello",
    "fragments",
    "early-frame",
    "both-close",
    "silent-peer",
    "unmasked",
    "split-utf8",
    "empty-close",
    "large",
    "compressed",
    "tls",
    "cross-site",
    "cross-site-refused",
)
"""As the product promises them."""


def test_every_scenario_is_there_by_its_name() -> None:
    assert tuple(SCENARIOS) == NAMES
    assert all(one.name == name for name, one in SCENARIOS.items())


# --- Data and nothing else ---


def values(value: Any) -> list[Any]:
    """A value and everything inside it."""
    if dataclasses.is_dataclass(value):
        return [value, *(part for field in dataclasses.fields(value) for part in values(getattr(value, field.name)))]
    if isinstance(value, dict):
        return [value, *(part for pair in value.items() for one in pair for part in values(one))]
    if isinstance(value, tuple | list):
        return [value, *(part for one in value for part in values(one))]
    return [value]


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_data_only(name: str) -> None:
    kinds = {type(value) for value in values(SCENARIOS[name])}
    assert kinds <= {Scenario, Act, Role, Timeouts, Frame, str, bytes, int, float, bool, tuple, dict, type(None)} | {
        type(frame.opcode) for frame in values(SCENARIOS[name]) if isinstance(frame, Frame)
    }
    assert pickle.loads(pickle.dumps(SCENARIOS[name])) == copy.deepcopy(SCENARIOS[name]) == SCENARIOS[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_cannot_be_changed_by_accident(name: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SCENARIOS[name].name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
def test_every_act_is_something_that_an_endpoint_can_do(name: str) -> None:
    one = SCENARIOS[name]
    for act in (*one.early, *one.acts):
        if act.verb in (VANISH, PAUSE):
            assert (act.arguments, act.options) == ((), {})
        else:
            signature = inspect.signature(getattr(Connection, act.verb))
            signature.bind(None, *act.arguments, **act.options)
    assert all(act.who is Role.SERVER for act in one.early)


@pytest.mark.parametrize("name", NAMES)
def test_every_act_says_why(name: str) -> None:
    notes = {act.note for act in (*SCENARIOS[name].early, *SCENARIOS[name].acts)}
    assert all(re.fullmatch(r"act(\.[a-z0-9]+)+", note) for note in notes), notes


@pytest.mark.parametrize("name", NAMES)
def test_the_uri_fits_tls(name: str) -> None:
    assert SCENARIOS[name].uri.startswith("wss://" if SCENARIOS[name].tls else "ws://")
    secure = scenario(name, tls=True)
    assert secure.tls
    assert secure.uri.startswith("wss://")
    assert secure.acts == SCENARIOS[name].acts
    assert scenario(name) == SCENARIOS[name]


def test_an_unknown_name_is_a_keyerror() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        scenario("nowhere")


def test_scenarios_know_nothing_of_worlds() -> None:
    """So that the same scenario can be played on a socket, in virtual time, or in a test."""
    for file in Path(str(wsedu.scenarios.__file__)).parent.glob("*.py"):
        assert not re.search(r"import (asyncio|socket|time|ssl)|loopback|simulator", file.read_text("utf-8")), file


# --- The same in every world ---


def exchange(trace: Trace) -> dict[Direction, list[Frame]]:
    """The frames of each direction, as they were sent."""
    return {
        direction: [one.step.frame for one in trace.frames(direction) if isinstance(one.step, FrameComplete)]
        for direction in Direction
    }


def outcome(trace: Trace, role: Role) -> list[Any]:
    """What one endpoint received, how it ended, which rules were broken and which deadlines passed."""
    kinds = (MessageComplete, CloseStatus, Violation, TimerExpired)
    return [one.step for one in trace if isinstance(one.step, kinds) and one.step.endpoint is role]


@pytest.mark.parametrize("name", NAMES)
def test_memory_and_a_real_socket_play_the_same_exchange(name: str) -> None:
    real = record(name, seed=7, level=Level.BASE)
    imagined = World(SCENARIOS[name], seed=7).play()
    assert exchange(imagined) == exchange(real)
    for direction in Direction:
        assert imagined.bytes_of(direction) == real.bytes_of(direction)
    for role in Role:
        assert outcome(imagined, role) == outcome(real, role)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_comes_to_its_end(name: str) -> None:
    world = World(SCENARIOS[name])
    world.play()
    vanished = {act.who for act in SCENARIOS[name].acts if act.verb == VANISH}
    for role, end in world.ends.items():
        assert (end.state is State.CLOSED) == (role not in vanished)


# --- Cross-site hijacking (RFC 6455 §10.2) ---


def test_without_the_check_of_origin_a_foreign_page_reads_the_account() -> None:
    trace = record("cross-site", seed=1, level=Level.BASE)
    [request] = [one.step for one in trace if isinstance(one.step, HandshakeRequest) and not one.step.sent]
    fields = dict(request.headers)
    assert fields["Cookie"] == "session=of-the-victim"
    assert fields["Host"] not in fields["Origin"]
    assert [step.data for step in outcome(trace, Role.CLIENT) if isinstance(step, MessageComplete)] == [b"1000"]


def test_with_the_check_it_is_refused_before_anything_is_said() -> None:
    trace = record("cross-site-refused", seed=1, level=Level.BASE)
    [broken] = [one for one in outcome(trace, Role.SERVER) if isinstance(one, Violation)]
    assert (broken.rule, broken.status) == ("REQUEST_ORIGIN", 403)
    assert exchange(trace) == {direction: [] for direction in Direction}
    # Nothing else is different: the same request, byte by byte.
    hijacked = record("cross-site", seed=1, level=Level.BASE)
    up = Direction.TO_SERVER
    assert hijacked.bytes_of(up).startswith(trace.bytes_of(up))
