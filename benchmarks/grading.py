"""How fast answers are graded, beside nbgrader, otter-grader and plain pytest: the same functions, the same cases.

python benchmarks/grading.py --markdown docs/grading.md
python benchmarks/grading.py --quick --peers FOLDER
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).parents[1]))

import _graders
import _measure
from _measure import Verdict, table

from wsedu.grading.exercise import find_exercise
from wsedu.grading.levels_here import levels_here
from wsedu.grading.players import BUDGET_SECONDS
from wsedu.grading.runner.session import CALL_SECONDS

NAMES = ("accept_key", "apply_mask", "encode_frame")
ROUNDS, QUICK_ROUNDS = 30, 4
LIMIT, QUICK_LIMIT = 60.0, 5.0
CACHE = Path.home() / ".cache" / "wsedu" / "grading-peers"

ENDLESS = "def {name}(*arguments, **named):\n    while True:\n        pass\n"
LOUD = "def {name}(*arguments, **named):\n    while True:\n        print('x' * 1000)\n"
HOSTILE = {"never returns": ENDLESS, "never stops printing": LOUD}


class Contestant(Protocol):
    """Whoever grades."""

    name: str

    def grade(self, submission: _graders.Submission, limit: float) -> _graders.Graded:
        """Grade a submission in at most this time."""

    def close(self) -> None:
        """End what it runs."""


def main() -> int:
    """Measure and write down."""
    parser = _measure.options(__doc__ or "")
    parser.add_argument("--peers", type=Path, default=CACHE, help="the environment of the peers, made if it is missing")
    parser.add_argument("--level", default=next(iter(levels_here())), choices=list(levels_here()))
    arguments = parser.parse_args()
    rounds, limit = (QUICK_ROUNDS, QUICK_LIMIT) if arguments.quick else (ROUNDS, LIMIT)
    wanted = [find_exercise(name) for name in NAMES]
    python = _graders.peers_python(arguments.peers.absolute())
    with tempfile.TemporaryDirectory() as place:
        contestants: list[Contestant] = [
            _graders.Wsedu(wanted, arguments.level),
            _graders.Nbgrader(wanted, python, Path(place, "nbgrader")),
            _graders.Otter(wanted, python, Path(place, "otter")),
            _graders.Pytest(wanted, python, Path(place, "pytest")),
        ]
        try:
            honest = measured(contestants, list(_graders.submissions(wanted, rounds)))
            hostile = attacked(contestants, limit)
        finally:
            for contestant in contestants:
                contestant.close()
    figures = {"level": arguments.level, "honest": honest, "hostile": hostile}
    found = verdicts(honest, hostile)
    _measure.write_out(arguments, "speed", page(honest, hostile, found, arguments.level, limit), figures)
    return 0 if all(verdict.reached for verdict in found) or arguments.quick else 1


def measured(contestants: Sequence[Contestant], submissions: Sequence[_graders.Submission]) -> dict[str, list[float]]:
    """Seconds of each submission for each contestant, after one that does not count; all agree on what is right."""
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for contestant in contestants:
        contestant.grade(submissions[0], LIMIT)
    for number, submission in enumerate(submissions):
        start = number % len(contestants)
        right: dict[str, float] = {}
        for contestant in [*contestants[start:], *contestants[:start]]:
            graded = contestant.grade(submission, LIMIT)
            seconds[contestant.name].append(graded.seconds)
            right[contestant.name] = graded.right
        if len(set(right.values())) != 1:
            raise SystemExit(f"{submission.student}: they do not agree on how many answers are right: {right}")
    return seconds


def attacked(contestants: Sequence[Contestant], limit: float) -> dict[str, dict[str, float]]:
    """Seconds that hostile submissions take; `limit` where they were given up."""
    found: dict[str, dict[str, float]] = {}
    for way, source in HOSTILE.items():
        answers = tuple(source.format(name=name) for name in NAMES)
        submission = _graders.Submission(f"hostile-{len(found)}", answers)
        found[way] = {contestant.name: contestant.grade(submission, limit).seconds for contestant in contestants}
    return found


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[min(len(values) - 1, round(0.95 * len(values)))]


def verdicts(honest: dict[str, list[float]], hostile: dict[str, dict[str, float]]) -> list[Verdict]:
    """Our figures beside their targets."""
    ours = honest["wsedu"]
    budget = BUDGET_SECONDS + CALL_SECONDS * len(NAMES)
    return [
        Verdict("an honest submission, median", statistics.median(ours), 0.1, False, "s"),
        Verdict("an honest submission, 95th percentile", p95(ours), 0.3, False, "s"),
        Verdict("submissions per minute and core", 60 / statistics.mean(ours), 600, True, ""),
        Verdict("the slowest hostile submission", max(way["wsedu"] for way in hostile.values()), budget, False, "s"),
    ]


def page(
    honest: dict[str, list[float]],
    hostile: dict[str, dict[str, float]],
    found: Sequence[Verdict],
    level: str,
    limit: float,
) -> str:
    """The section of the page."""
    rows = [
        (name, f"{statistics.median(values):.3f}", f"{p95(values):.3f}", f"{60 / statistics.mean(values):,.0f}")
        for name, values in honest.items()
    ]
    names = list(honest)
    attacks = [
        (way, *(f"{seconds[name]:.1f}" if seconds[name] < limit else f"given up at {limit:g}" for name in names))
        for way, seconds in hostile.items()
    ]
    count = len(honest["wsedu"])
    return "\n\n".join(
        [
            "## How fast",
            _measure.machine_line(machine()),
            f"{count} submissions, each with {', '.join(NAMES)}; every second one has a mistake in one of them. All"
            " four graders run the same cases on the same answers, one submission after the other, interleaved, and"
            " agree on what is right."
            f" wsedu shuts submissions in at the level {level}, and looks for the misconception behind a mistake;"
            " nbgrader and otter-grader stay loaded between submissions, and otter-grader runs without its"
            " Docker container. pytest is a process for each submission.",
            table(("grader", "median, s", "95th percentile, s", "per minute and core"), rows),
            "A submission whose three functions are hostile, in seconds:",
            table(("submission", *names), attacks),
            _measure.verdict_table(found),
        ]
    )


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    facts = _measure.machine()
    kept = {name: facts[name] for name in ("Python", "system", "processor", "cores")}
    return {**kept, "nbgrader": "0.9.6", "otter-grader": "7.0.0", "wsedu": version("wsedu")}


if __name__ == "__main__":
    sys.exit(main())
