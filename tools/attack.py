"""Attack a server of ours from all sides, while honest clients go on talking to it, and write down how that went.

    python tools/attack.py [--seed N] [--markdown docs/reliability.md]

Everything is on 127.0.0.1. The server is a process of its own, so that what it holds can be counted; so are the honest
clients, so that they wait for nobody but the server. The attackers are in this process, speak bytes and have nothing
of wsedu. All of it is done twice: once as it is, once with every allocation of the server traced. Needs Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import attack_page
from attackers import GIVEN_UP, Attack, Patience, attack_once, bomber, bombs, deaf, mute, noise, slow, vanish

from wsedu.protocol.types import Limits, Timeouts

LEFT_OVER = 1 << 20
"""Bytes that the server may have allocated at the end and not at the beginning: caches, and what Python keeps."""

PEAK = 256 << 20
"""Bytes of resident memory that the server's process may take at the worst moment."""

SAMPLE = 0.5
"""Seconds between two looks at what the server holds."""

LOST = 1.0
"""Seconds that the server may take to know that the last client has gone."""


class Plan(NamedTuple):
    """How many of each, and for how long.

    Arguments:
        slow: clients that send their request one byte at a time.
        deaf: clients that ask for much and never read.
        mute: clients that open, never read and never speak.
        bombs: clients that send messages beyond the limit, plain or compressed.
        vanishing: clients that open and are gone, by RST.
        noisy: clients that send random bytes.
        honest: clients that check every message that comes back.
        pause: seconds between two bytes of a slow client.
        timeouts: of the server; by default its own.
    """

    slow: int = 200
    deaf: int = 50
    mute: int = 50
    bombs: int = 50
    vanishing: int = 50
    noisy: int = 50
    honest: int = 20
    pause: float = 1.0
    timeouts: Timeouts = Timeouts()

    @property
    def patience(self) -> Patience:
        """How long the attackers go on: longer than the server may."""
        times = self.timeouts
        waits = (times.opening, times.closing, times.ping_interval, times.ping_timeout, times.writing)
        return Patience(self.pause, 5 + 2 * sum(seconds or 0 for seconds in waits))


class End(NamedTuple):
    """How one attacker ended, and after how many seconds."""

    how: str
    seconds: float


@dataclass
class Report:
    """What happened in one attack.

    Arguments:
        plan: what was done.
        waits: seconds that honest clients waited for each of their messages.
        wrong: what honest clients found wrong.
        ended: how each attacker ended, by kind.
        before: what the server held before, at rest.
        worst: the most of it that was seen at any time.
        after: what it held after, at rest, still listening.
        seconds: that everything took.
    """

    plan: Plan
    waits: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ended: dict[str, list[End]] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    worst: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def median(self) -> float:
        """Seconds of the wait in the middle."""
        return statistics.median(self.waits)

    @property
    def slow_hundredth(self) -> float:
        """Seconds that 99 of 100 messages took at most."""
        return statistics.quantiles(self.waits, n=100)[-1]

    def problems(self) -> list[str]:
        """Why the server did not withstand; empty if it did."""
        found = list(self.wrong)
        if len(self.waits) < self.plan.honest:
            found.append(f"only {len(self.waits)} messages came back")
        for kind, ends in self.ended.items():
            stayed = sum(end.how == GIVEN_UP for end in ends)
            if stayed:
                found.append(f"{stayed} of the attackers that {kind} were not ended")
        left = {what: self.after[what] - self.before[what] for what in ("connections", "descriptors", "tasks")}
        found += [f"{count} {what} are left" for what, count in left.items() if count > 0]
        if self.after["traced"] - self.before["traced"] > LEFT_OVER:
            found.append(f"{self.after['traced'] - self.before['traced']:,} bytes of memory are left")
        if self.worst["rss_peak"] > PEAK:
            found.append(f"the process took {self.worst['rss_peak']:,} bytes")
        return found


def kinds(plan: Plan) -> dict[str, tuple[int, Attack]]:
    """Every kind of attacker: how many, and what each does."""
    return {
        "send a byte of the head at a time": (plan.slow, slow),
        "ask for much and never read": (plan.deaf, deaf),
        "never read and never speak": (plan.mute, mute),
        "send bombs": (plan.bombs, bomber(bombs(Limits().max_message_size))),
        "open and vanish": (plan.vanishing, vanish),
        "send random bytes": (plan.noisy, noise),
    }


# --- The processes ---


class Child:
    """A process that answers each line with a line of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, line: str) -> Any:
        """Send a line and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        return await self.hear()

    async def hear(self) -> Any:
        """The next line that it prints."""
        assert self._process.stdout is not None
        return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def child(*arguments: str) -> AsyncIterator[Child]:
    """`tools/attacked.py` with these arguments; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("attacked.py")),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 28,
    )
    try:
        yield Child(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            raise


# --- All together ---


async def storm(report: Report, server: Child, port: int, seed: int) -> None:
    """All attackers at once, until the last of them has ended; beside them, how much the server holds."""

    async def watch() -> None:
        while True:
            await look(report.worst, server)
            await asyncio.sleep(SAMPLE)

    async def one(kind: str, attack: Attack, seed: int) -> None:
        start = time.monotonic()
        how = await attack_once(port, attack, seed, report.plan.patience)
        report.ended[kind].append(End(how, time.monotonic() - start))

    work = []
    for kind, (count, attack) in kinds(report.plan).items():
        report.ended[kind] = []
        work += [one(kind, attack, seed + number) for number in range(count)]
    watching = asyncio.create_task(watch())
    await asyncio.gather(*work)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def look(worst: dict[str, int], server: Child) -> None:
    """Note where the server holds more than before."""
    for what, count in (await server.ask("now")).items():
        worst[what] = max(worst.get(what, 0), count)


async def attack_all(plan: Plan, seed: int, *, traced: bool = False) -> Report:
    """Start a server and honest clients, attack, and count what is left.

    Arguments:
        plan: how many of each.
        seed: of everything random.
        traced: whether the server's allocations are traced.
    """
    times = json.dumps(asdict(plan.timeouts))
    async with child("server", times, *(["--traced"] if traced else [])) as server:
        place = await server.hear()
        # Before counting, so that what Python loads and keeps once does not look like a leak.
        rehearsal = Report(plan._replace(slow=1, deaf=1, mute=1, bombs=4, vanishing=4, noisy=4, honest=2))
        await attack_with_witnesses(rehearsal, server, place, seed)
        report = Report(plan)
        report.before = await at_rest(server)
        start = time.monotonic()
        await attack_with_witnesses(report, server, place, seed)
        report.seconds = time.monotonic() - start
        report.after = await at_rest(server)
        await look(report.worst, server)
    return report


async def at_rest(server: Child) -> dict[str, int]:
    """What the server holds when the last client has gone, which it may not know at once."""
    until = time.monotonic() + LOST
    while True:
        held: dict[str, int] = await server.ask("at rest")
        if not held["connections"] or time.monotonic() > until:
            return held
        await asyncio.sleep(SAMPLE / 10)


async def attack_with_witnesses(report: Report, server: Child, place: dict[str, Any], seed: int) -> None:
    """Attack while honest clients talk; they begin before it and end after it."""
    async with child("clients", place["uri"], str(report.plan.honest), str(seed)) as clients:
        await clients.hear()
        await storm(report, server, place["port"], seed)
        heard = await clients.ask("enough")
    report.waits, report.wrong = heard["waits"], heard["wrong"]


async def run(plan: Plan, seed: int) -> tuple[Report, Report]:
    """The attack as it is, and with the server's allocations traced."""
    return await attack_all(plan, seed), await attack_all(plan, seed, traced=True)


def main() -> int:
    """Attack, print, write; the exit status is 1 if the server did not withstand."""
    parser = argparse.ArgumentParser(description="Attack a server of wsedu on loopback, beside honest clients.")
    parser.add_argument("--seed", type=int, default=6455)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures there")
    arguments = parser.parse_args()
    plain, traced = asyncio.run(run(Plan(), arguments.seed))
    page = attack_page.text(plain, traced, arguments.seed)
    print(page)
    if arguments.markdown is not None:
        arguments.markdown.write_text(page, encoding="utf-8")
    return 1 if plain.problems() or traced.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
