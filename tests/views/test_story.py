"""What a narrator remembers: enough to count everything, and no more for every frame that passes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from tests.support import as_sent_by, pump, request_head, response_head
from tests.views.printing import printed
from wsedu.protocol.connection import Connection
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.observer import Observer
from wsedu.protocol.steps import Level
from wsedu.protocol.types import Direction, Role
from wsedu.trace.trace import Trace
from wsedu.views.narrative import Narrator
from wsedu.views.story import MAX_TOLD
from wsedu.views.styles import new_console

FRAMES = 7_000
WARM = 4 * MAX_TOLD
"""Frames until everything that is bounded by a number is full."""

GROWTH = 48 << 10
"""Bytes by which memory may grow over all other frames: 16 a frame."""

Send = Callable[[bytes], None]


def both_recorded(narrator: Narrator) -> Send:
    """A client and a server that both write down what they do."""
    trace = Trace(level=Level.CORE, keep=False)
    trace.subscribe(narrator.feed)
    number = trace.new_connection()
    client, server = (Connection(role, "ws://localhost/", tracer=trace.recorder(number)) for role in Role)
    pump(client, server)

    def send(payload: bytes) -> None:
        client.send_binary(payload)
        server.receive_data(client.data_to_send())
        server.events()

    return send


def observed(narrator: Narrator) -> Send:
    """Frames of a client as somebody between the endpoints sees them."""
    trace = Trace(level=Level.CORE, keep=False)
    trace.subscribe(narrator.feed)
    number = trace.new_connection()
    observer = Observer(tracer_for=lambda role: trace.recorder(number))
    observer.feed(Direction.TO_SERVER, request_head())
    observer.feed(Direction.TO_CLIENT, response_head())

    def send(payload: bytes) -> None:
        frame = as_sent_by(Role.CLIENT, encode_frame(Frame.binary(payload)), key=payload[:4])
        observer.feed(Direction.TO_SERVER, frame)

    return send


@pytest.mark.parametrize("world", [both_recorded, observed])
def test_memory_does_not_grow_with_every_frame(world: Callable[[Narrator], Send]) -> None:
    narrator = Narrator("en", new_console(width=80))
    send = world(narrator)
    payloads = [number.to_bytes(4, "big") + bytes(96) for number in range(FRAMES)]
    for payload in payloads[:WARM]:
        send(payload)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for payload in payloads[WARM:]:
            send(payload)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < GROWTH
    # What is forgotten is counted all the same.
    summary = printed(narrator.finish()[-1])
    assert f"{FRAMES:,}" in summary
    assert f"{sum(map(len, payloads)):,}" in summary
