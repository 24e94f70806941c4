"""What the benchmarks share: measuring side by side, judging against targets, and writing down the result."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

PAGE_HEAD = """\
# Benchmarks

What speed costs and what it is compared with. This page is written by the benchmarks themselves; each command
replaces its own section and leaves the rest alone:

```
python benchmarks/codec.py --markdown docs/benchmarks.md
python benchmarks/startup.py --markdown docs/benchmarks.md
python benchmarks/loopback.py --markdown docs/benchmarks.md
python benchmarks/simulator.py --markdown docs/benchmarks.md
```
"""

Times = dict[str, list[float]]
"""For each contestant, one figure for each round."""


class Verdict(NamedTuple):
    """A figure beside its target.

    Arguments:
        what: what was measured.
        figure: what came out, in `unit`.
        target: the bound, in `unit`.
        at_least: whether the figure must be at least the target; otherwise at most.
        unit: such as "ms", or "x" for a ratio.
    """

    what: str
    figure: float
    target: float
    at_least: bool
    unit: str

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of its target."""
        return self.figure >= self.target if self.at_least else self.figure <= self.target

    def as_json(self) -> dict[str, Any]:
        """All fields, and `reached`."""
        return {**self._asdict(), "reached": self.reached}


Turn = Callable[[int], object]
"""Does what is measured that many times in a row, in a loop of its own: a call for each would cost as much."""


def interleave(turns: Mapping[str, Turn], *, rounds: int, seconds: float) -> Times:
    """Measure side by side.

    In each round every contestant has one turn: as many repetitions as take about `seconds`. The order moves
    on by one from round to round, so that nobody always follows the same neighbour. Counted is the CPU time of
    this thread, in which neither other processes of the machine show nor the threads that numpy starts when
    it is imported; the garbage collector runs as Python sets it.

    Arguments:
        turns: the loop of each contestant.
        rounds: turns for each.
        seconds: length of one turn, about.

    Returns:
        Nanoseconds per repetition, for each contestant and round.
    """
    counts = {name: _repetitions(turn, seconds) for name, turn in turns.items()}
    names = list(turns)
    times: Times = {name: [] for name in names}
    gc.collect()
    for number in range(rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            times[name].append(_time(turns[name], counts[name]) / counts[name])
    return times


def _repetitions(turn: Turn, seconds: float) -> int:
    """How many repetitions take that long; finding it out is the warm-up."""
    wanted = seconds * 1e9
    count = 1
    while (taken := _time(turn, count)) < wanted / 4:
        count *= 2
    return max(1, round(count * wanted / taken))


def _time(turn: Turn, count: int) -> int:
    start = time.thread_time_ns()
    turn(count)
    return time.thread_time_ns() - start


def times_faster(times: Times, ours: str, peer: str) -> float:
    """How many times as fast `ours` is as `peer`: the median of the ratio in each round.

    The two figures of one round were taken within the same moment, so a change of the processor's clock
    between rounds cancels out.
    """
    return statistics.median(theirs / own for own, theirs in zip(times[ours], times[peer], strict=True))


def machine() -> dict[str, str]:
    """What the figures depend on, without anything that tells machines of one kind apart."""
    facts = {
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
    }
    for package in ("numpy", "websockets", "wsproto"):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "not installed"
    return facts


def _processor() -> str:
    """The processor's name where the system tells it (Linux does), else what Python knows."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or "unknown"


def options(description: str) -> argparse.ArgumentParser:
    """The options that each benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: to see that it works, not to compare")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write or replace this benchmark's section")
    return parser


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, aligned so that it can be read in a terminal as well; the first column is text."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(head))]
    lines = []
    for row in cells:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append(f"| {' | '.join([first, *rest])} |")
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines.insert(1, f"| {' | '.join(rule)} |")
    return "\n".join(lines)


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Each figure beside its target, and a last line that counts."""
    rows = [
        (
            verdict.what,
            f"{verdict.figure:.3g} {verdict.unit}",
            f"{'≥' if verdict.at_least else '≤'} {verdict.target:g} {verdict.unit}",
            "reached" if verdict.reached else "NOT reached",
        )
        for verdict in verdicts
    ]
    reached = sum(verdict.reached for verdict in verdicts)
    return f"{table(('measured', 'figure', 'target', ''), rows)}\n\n{reached} of {len(verdicts)} targets reached."


def machine_line(facts: Mapping[str, str]) -> str:
    """The facts of `machine` as a sentence."""
    return "Measured with " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "."


def write_out(arguments: argparse.Namespace, section: str, text: str, figures: Mapping[str, Any]) -> None:
    """Print a section, and write it to where the options ask for it.

    Arguments:
        arguments: as parsed by `options`.
        section: the name of this benchmark's section of the page.
        text: the section in Markdown.
        figures: for the JSON file.
    """
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if arguments.markdown is not None:
        old = arguments.markdown.read_text(encoding="utf-8") if arguments.markdown.exists() else PAGE_HEAD
        arguments.markdown.write_text(with_section(old, section, text), encoding="utf-8")


def with_section(page: str, section: str, text: str) -> str:
    """The page with its section of that name replaced, or added at the end."""
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    block = f"{begin}\n{text}\n{end}\n"
    if begin in page and end in page:
        before, _, rest = page.partition(begin)
        return before + block + rest.partition(end)[2].lstrip("\n")
    return f"{page.rstrip()}\n\n{block}"
