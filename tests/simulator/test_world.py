"""`World`: time as it passes, deadlines, and what a script can do with it."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from wsedu import LocalViolation, Role, State, Timeouts
from wsedu.protocol.steps import CloseStatus, Level, TimerExpired
from wsedu.simulator import Link, TimeUp, World, simulate

from .tools import opened, steps


def test_time_passes_only_when_it_is_asked_to() -> None:
    world = World(seed=1)
    assert (world.now, world.client.state) == (0.0, State.CONNECTING)
    world.settle()
    before = world.now
    world.client.send_text("x")
    assert (world.now, world.server.messages) == (before, [])
    world.wait(100)
    assert (world.now, world.server.messages) == (before + 100, ["x"])


@pytest.mark.parametrize(
    ("timeouts", "expected"),
    [
        (Timeouts(ping_interval=20, ping_timeout=5), [("ping", 20)]),
        (Timeouts(ping_interval=None, idle=30), [("idle", 30)]),
        (Timeouts(ping_interval=1, ping_timeout=100), [("ping", 1)]),
    ],
)
def test_a_deadline_passes_when_it_is_due(timeouts: Timeouts, expected: list[tuple[str, float]]) -> None:
    world = opened(client={"timeouts": timeouts}, server={"timeouts": Timeouts(ping_interval=None)})
    silent_since = world.trace.records[-1].t
    world.wait(expected[0][1] + 0.5)
    found = [one for one in world.trace if isinstance(one.step, TimerExpired)]
    assert [(one.step.facts()["timer"], one.t - silent_since) for one in found] == [
        (timer, pytest.approx(seconds)) for timer, seconds in expected
    ]


def test_every_byte_of_the_peer_puts_the_ping_off() -> None:
    """The clock is silence: with something received every 9 s, a Ping after 10 s of silence is never due."""
    world = opened(client={"timeouts": Timeouts(ping_interval=10)}, server={"timeouts": Timeouts(ping_interval=None)})
    for _ in range(10):
        world.wait(9)
        world.server.send_text("x")
        world.settle()
    assert steps(world.trace, TimerExpired) == []
    last = world.trace.records[-1].t
    world.wait(10)
    (found,) = [one for one in world.trace if isinstance(one.step, TimerExpired)]
    assert found.t == pytest.approx(last + 10)


def test_a_ping_that_is_answered_starts_a_new_silence() -> None:
    link = Link(latency=0.1)
    times = Timeouts(ping_interval=1, ping_timeout=100)
    world = opened(link=link, client={"timeouts": times}, server={"timeouts": Timeouts(ping_interval=None)})
    start = world.trace.records[-1].t
    world.wait(12)
    due = [one.t - start for one in world.trace if isinstance(one.step, TimerExpired)]
    # A second of silence, then the round trip of the Ping.
    assert due == pytest.approx([1 + 1.2 * number for number in range(10)])


def test_closing_has_one_deadline_whatever_still_comes() -> None:
    """It counts from the Close frame (`Timeouts.closing`), though the peer goes on to send."""
    quiet = Timeouts(opening=None, ping_interval=None, closing=5)
    world = opened(client={"timeouts": quiet}, server={"timeouts": quiet}, link=(Link(latency=60), Link(latency=0.01)))
    world.client.close()
    start = world.now
    for _ in range(4):
        world.wait(1)
        world.server.send_text("more")
    world.run_until_closed(Role.CLIENT)
    assert world.now - start == pytest.approx(5)


def test_a_run_ends_where_it_is_told_to() -> None:
    trace = simulate("idle-proxy-heartbeat", seed=1, until=50.0, level=Level.CORE)
    assert 40 < trace.records[-1].t <= 50
    assert steps(trace, CloseStatus) == []
    world = opened(until=10.0)
    with pytest.raises(TimeUp):
        world.wait(11)
    assert world.now == 10.0


def test_two_endpoints_that_ping_for_ever_stop_after_a_day() -> None:
    world = opened(client={"timeouts": Timeouts(ping_interval=3600)}, level=Level.CORE)
    with pytest.raises(TimeUp):
        world.run()
    assert world.now == 24 * 3600
    assert world.client.state is State.OPEN


def test_what_may_not_be_sent_is_an_error_of_the_script() -> None:
    world = opened()
    with pytest.raises(LocalViolation, match="CONTROL_TOO_LONG"):
        world.client.send_ping(bytes(126))


def test_a_run_without_a_trace_does_the_same(seed: int) -> None:
    source = random.Random(seed)
    messages = [source.randbytes(source.randrange(300)) for _ in range(200)]
    worlds = [opened(seed=seed, traced=traced, link=Link(jitter=0.01)) for traced in (True, False)]
    for world in worlds:
        for number, message in enumerate(messages):
            (world.client if number % 2 else world.server).send_binary(message)
        world.client.close()
        world.run()
    first, second = worlds
    assert first.server.messages == second.server.messages == messages[1::2]
    assert first.client.messages == second.client.messages
    assert first.now == second.now
    assert len(second.trace) == 0


def test_virtual_time_needs_no_network_and_no_clock() -> None:
    program = """
import sys
import wsedu.simulator
wsedu.simulator.simulate("hello", seed=1)
wanted = {"asyncio", "socket", "ssl", "threading"} & set(sys.modules)
assert not wanted, wanted
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
