"""Virtual time: frames per second through links, beside a bare pair of the same endpoints; and an hour of pings.

    python benchmarks/simulator.py [--quick] [--json FILE] [--markdown FILE]

Both pairs are two `Connection`s with the same options, opened by a real handshake. The bare pair is joined by
nothing but calls: the client sends a message, its bytes are handed to the server, and the server's events are
fetched. In the world the same message goes over a link with latency, and the agenda delivers it.
"""

from __future__ import annotations

import statistics
import sys
import time
from itertools import repeat

from _measure import (
    Turn,
    Verdict,
    interleave,
    machine,
    machine_line,
    options,
    table,
    times_faster,
    verdict_table,
    write_out,
)

from wsedu import Connection, Role, State, Timeouts
from wsedu.protocol.steps import Level, TimerExpired
from wsedu.simulator import Link, World

SIZES = (16, 125, 1024, 65536)
"""Bytes of payload in a frame."""

BARE, WORLD = "bare pair", "world"
TARGET = 0.3
HOUR = 3600.0
INTERVAL = 20.0
HOUR_TARGET = 50.0
LATENCY = 0.001
BURST = 64
WINDOW = 1 << 18
"""Messages, and bytes, that are under way on the link at the same time."""


def bare(payload: bytes) -> Turn:
    """The loop over a pair of endpoints joined by calls."""
    client, server = Connection(Role.CLIENT, "ws://localhost/"), Connection(Role.SERVER)
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    for end in (client, server):
        end.events()

    def turn(count: int) -> object:
        for _ in repeat(None, count):
            client.send_binary(payload)
            server.receive_data(client.data_to_send())
            events = server.events()
        [event] = events
        return getattr(event, "data", None)

    return turn


def through_links(payload: bytes) -> Turn:
    """The loop over a world: bursts of messages, and the time in which they arrive."""
    world = World(seed=1, link=Link(latency=LATENCY), traced=False, until=float("inf"))
    world.settle()
    received = world.server.messages
    burst = max(1, min(BURST, WINDOW // len(payload)))

    def turn(count: int) -> object:
        send, settle = world.client.send_binary, world.settle
        arrived = 0
        for start in range(0, count, burst):
            for _ in repeat(None, min(burst, count - start)):
                send(payload)
            settle()
            arrived += len(received)
            last = received[-1]
            # As in the bare pair, nothing is kept.
            received.clear()
        if arrived != count:
            sys.exit(f"{arrived} of {count} messages arrived")
        return last

    return turn


def hour(*, traced: bool) -> float:
    """Milliseconds of CPU time for one hour of an open connection with a keepalive Ping every 20 s of silence."""
    times = Timeouts(ping_interval=INTERVAL, ping_timeout=INTERVAL)
    start = time.thread_time_ns()
    world = World(seed=1, client={"timeouts": times}, level=Level.CORE, traced=traced)
    world.settle()
    world.wait(HOUR)
    taken = (time.thread_time_ns() - start) / 1e6
    if world.client.state is not State.OPEN:
        sys.exit("the connection did not last for an hour")
    if traced and sum(isinstance(one.step, TimerExpired) for one in world.trace) < HOUR / (INTERVAL + 1):
        sys.exit("the pings are missing")
    return taken


def main() -> int:
    """Measure, judge and write; 0 if every target is reached."""
    parser = options(__doc__.splitlines()[0])
    arguments = parser.parse_args()
    rounds, seconds = (5, 0.01) if arguments.quick else (41, 0.05)
    times = {}
    for size in SIZES:
        print(f"{size:,} bytes ...", file=sys.stderr)
        payload = bytes(number % 251 for number in range(size))
        turns = {BARE: bare(payload), WORLD: through_links(payload)}
        if any(turn(1) != payload for turn in turns.values()):
            sys.exit("a pair does not deliver what was sent")
        times[size] = interleave(turns, rounds=rounds, seconds=seconds)
    hours = {traced: statistics.median(hour(traced=traced) for _ in range(rounds)) for traced in (False, True)}
    ratios = {size: times_faster(each, WORLD, BARE) for size, each in times.items()}
    verdicts = [
        *(Verdict(f"{size:,} bytes: world / bare pair", ratio, TARGET, True, "x") for size, ratio in ratios.items()),
        Verdict("one hour, untraced", hours[False], HOUR_TARGET, False, "ms"),
        Verdict("one hour, traced", hours[True], HOUR_TARGET, False, "ms"),
    ]
    rows = [
        (f"{size:,}", *(f"{1e9 / statistics.median(each[name]):,.0f}" for name in (BARE, WORLD)))
        for size, each in times.items()
    ]
    facts = machine()
    text = f"""## Frames through virtual time

{machine_line(facts)}

One process, {rounds} interleaved rounds, CPU time of the one thread that works. Both are pairs of the same
`Connection`s with their default settings, untraced; each message is one masked binary frame, sent by the client and
delivered as an event at the server. The bare pair is joined by calls. The world has a link of {1000 * LATENCY:g} ms
with up to {BURST} messages or {WINDOW:,} bytes under way. The hour is a connection with a Ping after every
{INTERVAL:g} s of silence, from the making of the world on; traced at `Level.CORE`.

Frames per second, medians:

{table(("bytes", BARE, WORLD), rows)}

{verdict_table(verdicts)}"""
    figures = {
        "machine": facts,
        "nanoseconds": times,
        "hour_ms": {"untraced": hours[False], "traced": hours[True]},
        "verdicts": [verdict.as_json() for verdict in verdicts],
    }
    write_out(arguments, "simulator", text, figures)
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
