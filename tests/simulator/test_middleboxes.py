"""Middleboxes: what each of them does to a connection, and what the endpoints learn of it."""

from __future__ import annotations

from wsedu import Frame, Role, State, Timeouts
from wsedu.protocol.steps import (
    BytesReceived,
    CloseStatus,
    EndReceived,
    Level,
    MessageComplete,
    TimerExpired,
    Violation,
)
from wsedu.scenarios.virtual import IDLE, VICTIM
from wsedu.simulator import BufferingProxy, CachingProxy, IdleTimeout, Link, PlainProxy, simulate
from wsedu.trace.worldsteps import MiddleboxActed, ProxyAsked, ProxyRequest, ProxyStored

from .tools import DOWN, frames, opened, steps, times


def actions(trace: object) -> list[str]:
    return [step.action for step in steps(trace, MiddleboxActed)]  # type: ignore[arg-type]


def test_an_idle_proxy_forgets_silently_and_only_waiting_finds_out() -> None:
    trace = simulate("idle-proxy", seed=1, level=Level.BASE)
    last = max(one.t for one in trace if isinstance(one.step, BytesReceived))
    (forgot,) = [one.t for one in trace if isinstance(one.step, MiddleboxActed) and one.step.action == "forgot"]
    # It counts from what it saw itself, one link away from the server's reading.
    assert abs(forgot - last - IDLE) <= Link().latency + 1e-9
    assert actions(trace) == ["forgot", "swallowed", "swallowed"]
    # The server's news never came, and the server does not know to this day.
    assert [step.data for step in steps(trace, MessageComplete, Role.CLIENT)] == []
    assert [(end.endpoint, end.code, end.clean) for end in steps(trace, CloseStatus)] == [(Role.CLIENT, 1006, False)]


def test_a_heartbeat_keeps_the_connection_known() -> None:
    trace = simulate("idle-proxy-heartbeat", seed=1, level=Level.BASE)
    assert actions(trace) == []
    assert [step.data for step in steps(trace, MessageComplete, Role.CLIENT)] == [b"it has happened"]
    assert [step.timer for step in steps(trace, TimerExpired)] == ["ping"] * 5
    assert [(end.code, end.clean) for end in steps(trace, CloseStatus)] == [(1000, True)] * 2


def test_a_proxy_that_resets_tells_both_at_once() -> None:
    world = opened(middleboxes=[IdleTimeout(30, reset=True)])
    world.run()
    assert actions(world.trace) == ["reset"]
    assert [end.clean for end in steps(world.trace, EndReceived)] == [False, False]
    assert [(end.code, end.clean) for end in steps(world.trace, CloseStatus)] == [(1006, False)] * 2
    response = max(one.t for one in world.trace if isinstance(one.step, BytesReceived))
    assert times(world.trace, MiddleboxActed) == [response + 30]


def test_traffic_in_either_direction_keeps_a_connection_known() -> None:
    world = opened(middleboxes=[IdleTimeout(10)])
    for number in range(6):
        world.wait(9)
        (world.client if number % 2 else world.server).send_text("x")
        world.settle()
    assert actions(world.trace) == []
    world.wait(11)
    assert actions(world.trace) == ["forgot"]


def test_masking_keeps_the_payload_from_being_taken_for_a_request() -> None:
    plain, masked = (simulate(f"cache-poisoning{end}", seed=1, level=Level.CORE) for end in ("", "-masked"))
    assert [(step.url, step.inside) for step in steps(plain, ProxyRequest)][1:] == [(VICTIM, True)]
    (stored,) = steps(plain, ProxyStored)
    (asked,) = steps(plain, ProxyAsked)
    assert (asked.url, asked.found, asked.body) == (VICTIM, True, stored.body)
    # What another client runs is what the server sent inside a frame.
    assert any(frame.payload.endswith(asked.body) for frame in frames(plain, DOWN) if frame.opcode == 1)
    # The server refuses the frame, but the proxy has read it by then.
    assert [step.rule for step in steps(plain, Violation)] == ["CLIENT_MUST_MASK"]
    assert [step.inside for step in steps(masked, ProxyRequest)] == [False]
    assert steps(masked, ProxyStored) == []
    assert [(step.found, step.body) for step in steps(masked, ProxyAsked)] == [(False, b"")]
    assert [(end.code, end.clean) for end in steps(masked, CloseStatus)] == [(1000, True)] * 2


def test_masking_keeps_the_proxy_blind_for_every_key(seed: int) -> None:
    for number in range(20):
        trace = simulate("cache-poisoning-masked", seed=seed + number, level=Level.CORE)
        assert [step.found for step in steps(trace, ProxyAsked)] == [False]


def test_a_key_of_zeros_is_as_bad_as_none() -> None:
    """§10.3: the key has to be unpredictable. The frame is legal, and the proxy reads its payload."""
    world = opened(middleboxes=[CachingProxy(VICTIM)])
    request = Frame.text("GET /script.js HTTP/1.1\r\nHost: shop.example\r\n\r\n", masking_key=bytes(4))
    world.client.send_frame(request)
    world.settle()
    world.server.send_text("HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nbad")
    world.settle()
    assert steps(world.trace, Violation) == []
    assert [step.body for step in steps(world.trace, ProxyStored)] == [b"bad"]


def test_a_buffering_proxy_holds_what_is_small() -> None:
    world = opened(middleboxes=[BufferingProxy(size=100)])
    world.server.send_text("small")
    world.wait(3600)
    assert world.client.messages == []
    world.server.send_text("x" * 100)
    world.settle()
    assert world.client.messages == ["small", "x" * 100]
    assert actions(world.trace) == ["held", "held", "released"]


def test_a_buffering_proxy_waits_only_so_long() -> None:
    world = opened(middleboxes=[BufferingProxy(size=100, seconds=2.0)], link=Link(latency=0.5))
    start = world.now
    world.server.send_text("small")
    world.settle()
    assert world.client.messages == ["small"]
    assert world.now - start == 0.5 + 2.0


def test_the_buffer_is_emptied_when_tcp_ends() -> None:
    world = opened(
        middleboxes=[BufferingProxy(size=10_000)], client={"timeouts": Timeouts(closing=1, ping_interval=None)}
    )
    world.client.close(1000, "bye")
    world.run()
    assert world.server.connection.close_reason == "bye"


def test_a_proxy_that_does_not_know_upgrade_makes_the_server_refuse() -> None:
    trace = simulate("no-upgrade-proxy", seed=1, level=Level.BASE)
    (stripped,) = steps(trace, MiddleboxActed)
    assert (stripped.action, set(stripped.fields)) == ("stripped", {"Upgrade", "Connection"})
    assert [step.rule for step in steps(trace, Violation, Role.SERVER)] == ["REQUEST_UPGRADE"]
    world = opened()
    assert world.client.state is State.OPEN


def test_with_tls_a_proxy_sees_nothing_that_it_could_misunderstand() -> None:
    boxes = [PlainProxy(), CachingProxy(VICTIM), BufferingProxy()]
    trace = simulate("tls", seed=1, middleboxes=boxes, level=Level.CORE)
    assert [(end.code, end.clean) for end in steps(trace, CloseStatus)] == [(1000, True)] * 2
    assert actions(trace) == []


def test_middleboxes_stand_in_a_row() -> None:
    trace = simulate("hello", seed=1, middleboxes=[BufferingProxy(50, 1.0), IdleTimeout(0.5)], level=Level.CORE)
    # The first one holds the client's message for so long that the second one has forgotten the connection.
    assert actions(trace)[:3] == ["held", "forgot", "released"]
    assert times(trace, MiddleboxActed) == sorted(times(trace, MiddleboxActed))
