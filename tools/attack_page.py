"""The figures of `tools/attack.py` as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attack import Report

MIB = 1 << 20


def text(plain: Report, traced: Report, seed: int) -> str:
    """The page.

    Arguments:
        plain: the attack on the server as it is.
        traced: the attack on the server with its allocations traced.
        seed: of both.
    """
    parts = (_beginning(plain, seed), _ends(plain), _honest(plain), _held(plain, traced), _verdict(plain, traced))
    return "\n".join(line for part in parts for line in part)


def _beginning(report: Report, seed: int) -> Iterator[str]:
    plan, times = report.plan, report.plan.timeouts
    yield from (
        "# Reliability",
        "",
        "A server of ours under attack, beside honest clients. This page is written by the attack (on Linux):",
        "",
        "```",
        "python tools/attack.py --markdown docs/reliability.md",
        "```",
        "",
        "The server, the honest clients and the attackers are three processes on one machine; all attackers begin at",
        "once. The server has an echo handler, permessage-deflate and the limits that wsedu has by itself",
        f"([limits.md](limits.md)); its deadlines are: {_said(times.opening)} for the opening handshake,",
        f"{_said(times.ping_interval)} of silence until a Ping, {_said(times.ping_timeout)} until its Pong,",
        f"{_said(times.writing)} to take something of what is to be written. A slow client sends a byte of its head",
        f"every {plan.pause:g} s. Seed {seed}; {report.seconds:.0f} s in all.",
        "",
    )


def _said(seconds: float | None) -> str:
    return "no limit" if seconds is None else f"{seconds:g} s"


def _ends(report: Report) -> Iterator[str]:
    yield from (
        "## How the attackers ended",
        "",
        "Nobody but those who vanish goes by itself: each stays until the server has ended it.",
        "",
        "| attackers that | how many | how they ended | the last after |",
        "| --- | ---: | --- | ---: |",
    )
    for kind, ends in report.ended.items():
        ways = Counter(end.how for end in ends)
        said = ", ".join(f"{how}: {count}" for how, count in sorted(ways.items()))
        yield f"| {kind} | {len(ends)} | {said} | {max(end.seconds for end in ends):.1f} s |"
    yield from (
        "",
        "Bombs are announced lengths of 2^62 bytes, fragments beyond the limit, and compressed messages of 64 MiB in",
        "one frame and in fragments, for which permessage-deflate was agreed on. RST is how TCP tells the end to",
        "somebody whose bytes were not read any more.",
        "",
    )


def _honest(report: Report) -> Iterator[str]:
    attackers = sum(map(len, report.ended.values()))
    yield from (
        "## The honest clients",
        "",
        f"{report.plan.honest} clients, half of them with compression: {len(report.waits):,} messages of 0 to 70,000",
        f"bytes came back, {len(report.wrong)} failures. From sending to receiving the median took",
        f"{report.median * 1000:.1f} ms, one in a hundred more than {report.slow_hundredth * 1000:.0f} ms, and the",
        f"slowest {max(report.waits) * 1000:.0f} ms, beside {attackers} attackers that come at once.",
        "",
    )


def _held(plain: Report, traced: Report) -> Iterator[str]:
    yield from (
        "## What the server's process held",
        "",
        "Before: at rest, after one of each attacker for practice. After: at rest again, still listening.",
        "",
        "| | before | at the worst moment | after |",
        "| --- | ---: | ---: | ---: |",
    )
    for name, what in (
        ("connections", "connections"),
        ("file descriptors (`/proc`)", "descriptors"),
        ("tasks of asyncio", "tasks"),
    ):
        yield f"| {name} | {plain.before[what]} | {plain.worst[what]} | {plain.after[what]} |"
    for name, report, at, worst in (
        ("resident memory (RSS)", plain, "rss", "rss_peak"),
        ("allocated by Python (tracemalloc, in a second run)", traced, "traced", "traced_peak"),
    ):
        sizes = report.before[at], report.worst[worst], report.after[at]
        yield f"| {name} | {' | '.join(f'{size / MIB:.1f} MiB' for size in sizes)} |"
    yield from (
        "",
        "RSS after is what the C library keeps for the next time; what Python itself still holds is in the last row.",
        "",
    )


def _verdict(plain: Report, traced: Report) -> Iterator[str]:
    problems = plain.problems() + [f"traced: {problem}" for problem in traced.problems()]
    yield f"Verdict: {'; '.join(problems) if problems else 'the server withstood'}."
    yield ""
