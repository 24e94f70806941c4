"""Real sockets, side by side with the asyncio server and client of `websockets`: speed, memory, opening and closing.

    python benchmarks/loopback.py [--quick] [--json FILE] [--markdown FILE]

Each library talks to itself over TCP on 127.0.0.1, without TLS, extensions or trace, and otherwise with the
settings of a user who sets none.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from _contestants import CONTESTANTS, OURS, WEBSOCKETS, Contestant
from _idle import BATCH
from _measure import (
    Times,
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

SIZES = {"16 bytes": 16, "64 KiB": 64 << 10}
"""Messages that go there and back."""

TOGETHER = 1000
"""Connections that are opened and closed."""

IDLE = 5000
"""Connections that are open and do nothing, while memory is measured."""

ENDS = ("server", "client")


# --- Round trips, and opening and closing: one process, one loop ---


def round_trips(loop: asyncio.AbstractEventLoop, connection: Any, payload: bytes) -> Turn:
    """The loop that sends a message and waits for it to come back."""

    async def go(count: int) -> object:
        for _ in range(count):
            await connection.send(payload)
            answer = await connection.recv()
        return answer

    return lambda count: loop.run_until_complete(go(count))


def open_and_close(loop: asyncio.AbstractEventLoop, contestant: Contestant, port: int, together: int) -> Turn:
    """The loop that opens connections until so many are open at once, and then closes all."""

    async def go(count: int) -> None:
        for _ in range(count):
            ends: list[Any] = []
            for start in range(0, together, BATCH):
                ends += await _gather(lambda: contestant.open(port), min(BATCH, together - start))
            await asyncio.gather(*(end.close() for end in ends))

    return lambda count: loop.run_until_complete(go(count))


async def _gather(make: Callable[[], Awaitable[Any]], count: int) -> list[Any]:
    return await asyncio.gather(*(make() for _ in range(count)))


def measure_speed(rounds: int, seconds: float, together: int) -> dict[str, Times]:
    """Nanoseconds of CPU time per round trip of each size, and for opening and closing."""
    # What was freed before decides from which size on malloc asks the system for memory at every call; one large
    # block, freed, gives both contestants the same start.
    bytes(16 << 20)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    results: dict[str, Times] = {}
    managers = {name: one.serve() for name, one in CONTESTANTS.items()}
    ports = {name: loop.run_until_complete(manager.__aenter__()) for name, manager in managers.items()}
    for label, size in SIZES.items():
        print(f"round trips of {label} ...", file=sys.stderr)
        payload = os.urandom(size)
        ends = {name: loop.run_until_complete(one.open(ports[name])) for name, one in CONTESTANTS.items()}
        turns = {name: round_trips(loop, end, payload) for name, end in ends.items()}
        for name, turn in turns.items():
            if turn(1) != payload:
                sys.exit(f"{name} does not bring back {label}")
        results[label] = interleave(turns, rounds=rounds, seconds=seconds)
        for end in ends.values():
            loop.run_until_complete(end.close())
    print("opening and closing ...", file=sys.stderr)
    opening = {name: open_and_close(loop, one, ports[name], together) for name, one in CONTESTANTS.items()}
    results["open"] = interleave(opening, rounds=max(3, rounds // 4), seconds=seconds)
    for manager in managers.values():
        loop.run_until_complete(manager.__aexit__(None, None, None))
    loop.close()
    return results


# --- Memory: one process for each end, so that each is seen alone ---


@contextmanager
def process(library: str, role: str, *numbers: int) -> Iterator[tuple[IO[str], IO[str]]]:
    """A process of `_idle.py`; gives its standard input and output."""
    command = [sys.executable, str(Path(__file__).parent / "_idle.py"), library, role, *map(str, numbers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield child.stdin, child.stdout
        child.stdin.close()


def ask(ends: tuple[IO[str], IO[str]]) -> str:
    """Send a line, get a line."""
    ends[0].write("\n")
    ends[0].flush()
    answer = ends[1].readline().strip()
    if not answer:
        sys.exit("a process that holds idle connections has ended")
    return answer


def measure_memory(count: int) -> dict[str, dict[str, float]]:
    """Bytes per idle connection, for each library and end."""
    results = {}
    for name in CONTESTANTS:
        print(f"{count:,} idle connections of {name} ...", file=sys.stderr)
        with process(name, "server") as server, process(name, "client", int(server[1].readline()), count) as client:
            client[1].readline()
            before = int(ask(server))
            client_bytes = float(ask(client))
            results[name] = {"server": (int(ask(server)) - before) / count, "client": client_bytes}
    return results


# --- Judging ---


def verdicts(speed: dict[str, Times], memory: dict[str, dict[str, float]]) -> list[Verdict]:
    """At least as good as websockets in everything."""
    judged = [
        Verdict(f"round trips of {label}, against {WEBSOCKETS}", times_faster(times, OURS, WEBSOCKETS), 1, True, "x")
        for label, times in speed.items()
        if label in SIZES
    ]
    judged.append(
        Verdict(
            f"opening and closing, against {WEBSOCKETS}", times_faster(speed["open"], OURS, WEBSOCKETS), 1, True, "x"
        )
    )
    for end in ENDS:
        share = memory[OURS][end] / memory[WEBSOCKETS][end]
        judged.append(Verdict(f"memory of an idle {end}, of that of {WEBSOCKETS}", share, 1, False, "x"))
    return judged


def figures_table(speed: dict[str, Times], memory: dict[str, dict[str, float]], together: int, idle: int) -> str:
    """The figures themselves."""
    rows = []
    for label in SIZES:
        rates = [1e9 / statistics.median(speed[label][name]) for name in CONTESTANTS]
        rows.append((f"round trips per second, {label}", *(f"{rate:,.0f}" for rate in rates)))
    seconds = [statistics.median(speed["open"][name]) / 1e9 for name in CONTESTANTS]
    rows.append((f"seconds to open and close {together:,} connections", *(f"{value:.3f}" for value in seconds)))
    for end in ENDS:
        sizes = [memory[name][end] for name in CONTESTANTS]
        rows.append((f"bytes per idle connection of {idle:,}, {end}", *(f"{size:,.0f}" for size in sizes)))
    return table(("", *CONTESTANTS), rows)


def explanation(rounds: int) -> str:
    """What was done, in words."""
    return f"""\
Each library's client talks to its own server over TCP on 127.0.0.1: no TLS, no extension, no trace, all else as
it comes. Round trips, and opening and closing, run in one process and one event loop, {rounds} interleaved rounds
of round trips; counted is the CPU time of that one thread, kernel included, so that other work of the machine does
not show. Connections are opened {BATCH} at a time, and closed when all are open. Memory is the growth of the
resident set of a process that has one end of all connections and nothing else."""


def main() -> None:
    """Measure, judge, print, write."""
    arguments = options("Real sockets: wsedu beside the asyncio server and client of websockets.").parse_args()
    rounds, seconds, together, idle = (5, 0.05, 100, 500) if arguments.quick else (21, 0.3, TOGETHER, IDLE)
    memory = measure_memory(idle)
    speed = measure_speed(rounds, seconds, together)
    facts = machine()
    judged = verdicts(speed, memory)
    text = "\n\n".join(
        [
            "## Real sockets",
            machine_line(facts),
            explanation(rounds),
            figures_table(speed, memory, together, idle),
            verdict_table(judged),
        ]
    )
    figures = {
        "machine": facts,
        "rounds": rounds,
        "nanoseconds": {
            what: {name: statistics.median(values) for name, values in times.items()} for what, times in speed.items()
        },
        "bytes": memory,
        "targets": [verdict.as_json() for verdict in judged],
    }
    write_out(arguments, "loopback", text, figures)


if __name__ == "__main__":
    main()
