"""How long a user waits for the first word: fresh processes, by the clock on the wall.

    python benchmarks/startup.py [--quick] [--json FILE] [--markdown FILE]

Measured are `import wsedu` over an interpreter that imports nothing, and two commands from the start of the
process to its end. The demo pauses only when it is told to, by --speed or --step.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from _measure import Times, Verdict, machine, machine_line, options, table, verdict_table, write_out

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""The key of RFC 6455 §1.3; what the command must answer is in the same section."""
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

BARE, IMPORT, CORE = "bare interpreter", "import wsedu", "import wsedu, first use of Connection"
ACCEPT_COMMAND, DEMO = "wsedu accept KEY", "wsedu demo"
COMMANDS: dict[str, tuple[list[str], bytes]] = {
    BARE: (["-c", "pass"], b""),
    IMPORT: (["-c", "import wsedu"], b""),
    CORE: (["-c", "import wsedu; wsedu.Connection"], b""),
    ACCEPT_COMMAND: (["-m", "wsedu", "accept", KEY], ACCEPT),
    DEMO: (["-m", "wsedu", "demo"], b"Sec-WebSocket-Accept"),
}
"""For each thing measured, the interpreter's arguments, and a piece of what it must print."""

TARGETS = {f"{IMPORT}, over the {BARE}": 40.0, ACCEPT_COMMAND: 200.0, DEMO: 1500.0}
"""Milliseconds at most."""


def run_once(name: str) -> float:
    """Milliseconds from the start of a fresh process to its end; ends the program if it did not do its work."""
    arguments, expected = COMMANDS[name]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=Path(__file__).parent.parent, stdin=subprocess.DEVNULL, capture_output=True
    )
    milliseconds = (time.perf_counter() - start) * 1e3
    if done.returncode or expected not in done.stdout:
        sys.exit(f"{name}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return milliseconds


def measure(rounds: int) -> Times:
    """Milliseconds of each, interleaved; one run of each before that fills the caches, of files and of bytecode."""
    for name in COMMANDS:
        run_once(name)
    times: Times = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name in COMMANDS:
            times[name].append(run_once(name))
    return times


def verdicts(times: Times) -> list[Verdict]:
    """The figures beside their targets; that of the import is the median of the rounds' differences."""
    figures = {name: statistics.median(values) for name, values in times.items()}
    over = [more - bare for more, bare in zip(times[IMPORT], times[BARE], strict=True)]
    figures[f"{IMPORT}, over the {BARE}"] = statistics.median(over)
    return [Verdict(what, figures[what], target, False, "ms") for what, target in TARGETS.items()]


def main() -> None:
    """Measure, judge, print, write."""
    arguments = options("What starting costs: import, command line, demo.").parse_args()
    rounds = 5 if arguments.quick else 21
    times = measure(rounds)
    facts = machine()
    judged = verdicts(times)
    rows = [
        (name, f"{statistics.median(values):.0f}", f"{min(values):.0f}", f"{max(values):.0f}")
        for name, values in times.items()
    ]
    text = "\n\n".join(
        [
            "## Starting",
            machine_line(facts),
            f"{rounds} fresh processes of each, interleaved, after one that is not counted. Milliseconds by the clock\n"
            "on the wall, from the start of the process to its end, with the output in a pipe.",
            table(("milliseconds", "median", "fastest", "slowest"), rows),
            verdict_table(judged),
        ]
    )
    figures = {
        "machine": facts,
        "rounds": rounds,
        "milliseconds": {name: statistics.median(values) for name, values in times.items()},
        "targets": [verdict.as_json() for verdict in judged],
    }
    write_out(arguments, "startup", text, figures)


if __name__ == "__main__":
    main()
