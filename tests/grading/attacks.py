"""Hostile submissions, and what becomes of each: is it fooled, hung, left ungraded, or is the next one harmed?

Each file in `hostile/` begins with what it tries and how many steps are honestly due to it (`0-3` where it does harm to
itself alone, and may lose what is due). `plain: fooled` and the like say what happens where nothing shuts it in.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

from wsedu.grading.examine import Report, examine
from wsedu.grading.exercise import Exercise, find_exercise
from wsedu.grading.feedback import feedback_lines, verdict_line
from wsedu.grading.players import BUDGET_SECONDS, ChildPlayer
from wsedu.grading.runner import levels, session
from wsedu.grading.runner.levels import LEVELS, Level

FOLDER = Path(__file__).parent / "hostile"
AGAIN = Exercise(Path(__file__).parent / "more" / "02_again")
SECONDS = 1.0
"""How long a call may take here; the waiting itself is not the point."""


@dataclass(frozen=True)
class Attack:
    """A hostile submission: its name, its text, what it tries, the steps that are due, what becomes of it on plain."""

    name: str
    source: str
    tries: str
    least: int
    due: int
    plain: str
    apart: bool


@dataclass(frozen=True)
class Verdict:
    """What became of it: one word, the steps that were right, the seconds that it took, what the grader says."""

    word: str
    right: int = 0
    seconds: float = 0.0
    said: str = ""


@cache
def attacks() -> tuple[Attack, ...]:
    """All of them, by name."""
    return tuple(map(_read, sorted(FOLDER.glob("*.py"))))


def _read(path: Path) -> Attack:
    source = path.read_text(encoding="utf-8")
    lines = [line[2:].split(": ", 1) for line in source.partition("\n\n")[0].splitlines()]
    head = {name: value for name, value in lines}  # noqa: C416 # a wrong line fails here
    least, _, most = head["due"].partition("-")
    apart = head.get("apart") == "yes"
    return Attack(path.stem, source, head["tries"], int(least), int(most or least), head.get("plain", "right"), apart)


def run(attack: Attack, level: Level, seconds: float = SECONDS) -> Verdict:
    """Grade a submission of the attack and an honest file, and then an honest submission."""
    return run_apart(attack, level, seconds) if attack.apart else _run(attack, level, seconds)


def run_apart(attack: Attack, level: Level, seconds: float = SECONDS) -> Verdict:
    """The same in a grader's process of its own, which the attack may end."""
    command = [sys.executable, "-m", "tests.grading.attacks", attack.name, level.name, str(seconds)]
    here = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TMPDIR": folder}
        done = subprocess.run(command, capture_output=True, text=True, cwd=here, env=environment, timeout=100)
    if done.returncode:
        return Verdict("ungraded", said=f"the grader ended with status {done.returncode}")
    return Verdict(**json.loads(done.stdout))


def _run(attack: Attack, level: Level, seconds: float) -> Verdict:
    exercise, since = find_exercise("accept_key"), time.monotonic()
    with _traces() as left_behind:
        player = ChildPlayer(level, seconds=seconds)
        try:
            report = examine(exercise, attack.source, player)
            taken = time.monotonic() - since
            beside = examine(AGAIN, AGAIN.solution, player)
        except Exception as error:
            return Verdict("ungraded", said=f"{type(error).__name__}: {error}")
        finally:
            player.close()
        left = left_behind()
    after = ChildPlayer(level)
    later = examine(exercise, exercise.solution, after)
    after.close()
    word = _word(attack, report, taken, left)
    if word == "right" and not (beside.passed and later.passed):
        word = "harmed"
    return Verdict(word, report.right, taken, said(report, attack.source))


def _word(attack: Attack, report: Report, taken: float, left: bool) -> str:
    if report.right > attack.due:
        return "fooled"
    if taken > BUDGET_SECONDS + 2 * SECONDS:
        return "hung"
    if report.right < attack.least:
        return "short"
    return "left" if left else "right"


def said(report: Report, source: str) -> str:
    """What the learner is told of it: the sentences of the first failure, without the call and the sections."""
    if report.passed:
        return verdict_line(report, "en")
    lines = feedback_lines(report, "en", source=source)
    told = [line.strip() for line in lines if line.startswith("    ") and not line.startswith("      ")]
    told = [line for line in told if not line.startswith(("accept_key(", "RFC "))]
    return " / ".join(told).replace(sys.base_prefix, "")


# --- What was left behind ---


@contextmanager
def _traces() -> Iterator[object]:
    """Children that can be told from those of other tests: by their user, or by the name of their interpreter."""
    users: list[int] = []
    free = levels._free_user

    def noted() -> tuple[int, object]:
        number, lock = free()
        users.append(number)
        return number, lock

    with tempfile.TemporaryDirectory(prefix="wsedu-python-") as folder:
        link = Path(folder, "python")
        link.symlink_to(session._interpreter())

        def start(self: Level, *, python: str, **rest: object) -> object:
            return plain(self, python=str(link), **rest)

        plain = Level.start
        with patch.object(levels, "_free_user", noted), patch.object(Level, "start", start):
            yield lambda: _found(users, str(link))


def _found(users: list[int], link: str) -> bool:
    """Whether a process is still there, a second after everything was ended; it is ended now."""
    until = time.monotonic() + 1.0
    while (found := _processes(users, link)) and time.monotonic() < until:
        time.sleep(0.02)
    for number in found:
        with suppress(ProcessLookupError):
            os.kill(number, 9)
    return bool(found) | _forgotten()


def _forgotten() -> bool:
    """Whether the system keeps something of the size that `keeps_shared_memory` asks for; it is taken away now."""
    system, found = ctypes.CDLL(None), False
    for name, at, size in (("shm", 3, "43210"), ("sem", 3, "43")):
        place = Path("/proc/sysvipc", name)
        rows = [line.split() for line in place.read_text().splitlines()] if place.exists() else []
        for row in rows:
            if row[at] == size:
                found = True
                getattr(system, f"{name}ctl")(int(row[1]), 0, 0)
    return found


def _processes(users: list[int], link: str) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state = (place / "stat").read_bytes().rpartition(b")")[2].split()[0]
            ours = place.stat().st_uid in users or link.encode() in (place / "cmdline").read_bytes()
            if ours and state != b"Z":
                found.append(int(place.name))
    return found


def main() -> None:
    """Run one attack in this process, and print what became of it."""
    name, level, seconds = sys.argv[1:]
    attack = next(attack for attack in attacks() if attack.name == name)
    verdict = _run(attack, next(one for one in LEVELS if one.name == level), float(seconds))
    sys.stdout.write(json.dumps(asdict(verdict)))


if __name__ == "__main__":
    main()
