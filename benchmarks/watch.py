"""How long a learner waits for a verdict in watch mode: in a terminal of its own, from a save to what is written.

python benchmarks/watch.py --markdown docs/exercises.md
python benchmarks/watch.py --quick
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import _measure
from _measure import Verdict, table

from tests.cli.terminals import Terminal
from wsedu.grading.exercise import find_exercise
from wsedu.grading.started import start

SAVES, QUICK = 20, 5
PAUSE = 0.25
"""Seconds between two saves on the average, so that they fall anywhere between two looks at the file."""

TARGETS = {"acknowledged": 200.0, "verdict": 500.0}
"""Milliseconds at most, in 95 of 100 saves."""

Times = dict[str, list[float]]


def measure(name: str, saves: int) -> Times:
    """Milliseconds from each save to its acknowledgement, and to its verdict."""
    exercise = find_exercise(name)
    sources = [exercise.solution, *(variant.source for variant in exercise.wrong)]
    times: Times = {"acknowledged": [], "verdict": []}
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "exercises"
        start(folder, "en")
        with Terminal("check", "--watch", name, "--lang", "en", folder=folder) as terminal:
            terminal.wait_for("checked in")
            for number in range(saves):
                time.sleep(2 * PAUSE * chance.random())
                terminal.clear()
                began = time.perf_counter()
                (folder / exercise.file).write_text(sources[number % len(sources)], encoding="utf-8")
                for what, sign in (("acknowledged", "saved: checking"), ("verdict", "checked in")):
                    terminal.wait_for(sign)
                    times[what].append(1000 * (time.perf_counter() - began))
            terminal.end("q")
    return times


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def section(times: dict[str, Times], load: float) -> str:
    """The section in Markdown."""
    rows = [
        [name, what, f"{statistics.median(found):.0f} ms", f"{p95(found):.0f} ms", f"{max(found):.0f} ms"]
        for name, measured in times.items()
        for what, found in measured.items()
    ]
    head = ("exercise", "from a save to", "median", "95th percentile", "longest")
    count = len(next(iter(times.values()))["verdict"])
    told = f"{count} saves of each, right and wrong ones, in a terminal of 100 × 40; load {load:.1f} when it began."
    return f"{told} {_measure.machine_line(_measure.machine())}\n\n{table(head, rows)}"


def main() -> None:
    """Measure, print and write down."""
    arguments = _measure.options("From a save to the verdict in watch mode.").parse_args()
    load = os.getloadavg()[0]
    times = {name: measure(name, QUICK if arguments.quick else SAVES) for name in ("accept_key", "encode_frame")}
    judged = [
        Verdict(f"{name}: {what}, 95th percentile", p95(times[name][what]), target, False, "ms")
        for name in times
        for what, target in TARGETS.items()
    ]
    figures = {"times": times, "verdicts": [one.as_json() for one in judged]}
    _measure.write_out(arguments, "watch", section(times, load), figures)


if __name__ == "__main__":
    main()
