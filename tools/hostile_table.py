"""Write the table of docs/grading.md: what becomes of each hostile submission on each level that this machine has.

python tools/hostile_table.py       grades every file of tests/grading/hostile on every level, with the real deadlines
"""

from __future__ import annotations

import os
import platform
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from _measure import with_section  # noqa: E402

from tests.grading.attacks import Attack, Verdict, attacks, run_apart  # noqa: E402
from wsedu.explain.catalogue import part_catalogue  # noqa: E402
from wsedu.grading.levels_here import tried as levels_here  # noqa: E402
from wsedu.grading.runner.levels import Level  # noqa: E402
from wsedu.grading.runner.session import CALL_SECONDS  # noqa: E402
from wsedu.trace.files import write_whole  # noqa: E402

PAGE = ROOT / "docs" / "grading.md"
WORDS = ("right", "fooled", "hung", "ungraded", "harmed", "short", "left")
BAD = WORDS[1:]


def table(found: dict[tuple[str, str], Verdict], levels: tuple[Level, ...]) -> str:
    """A row for each submission, a column for each level, and what was said on the first."""
    names = [level.name for level in levels]
    rows = [f"| submission | tries | due | {' | '.join(names)} | what is said of it ({names[0]}) |"]
    rows.append(f"| --- | --- | --: |{' --- |' * len(names)} --- |")
    for attack in attacks():
        verdicts = [found[attack.name, name] for name in names]
        words = " | ".join(_shown(verdict.word) for verdict in verdicts)
        said = verdicts[0].said.replace("|", "\\|")
        rows.append(f"| `{attack.name}` | {attack.tries} | {_due(attack)} | {words} | {said} |")
    return "\n".join(rows)


def _due(attack: Attack) -> str:
    return str(attack.due) if attack.least == attack.due else f"{attack.least} to {attack.due}"


def _shown(word: str) -> str:
    return f"**{word}**" if word in BAD else word


def totals(found: dict[tuple[str, str], Verdict], levels: tuple[Level, ...]) -> str:
    """How many of each, by level."""
    rows = [f"| level | {' | '.join(WORDS)} | longest |", f"| --- |{' --: |' * (len(WORDS) + 1)}"]
    for level in levels:
        verdicts = [verdict for (_, name), verdict in found.items() if name == level.name]
        counts = Counter(verdict.word for verdict in verdicts)
        longest = max(verdict.seconds for verdict in verdicts)
        rows.append(f"| {level.name} | {' | '.join(str(counts[word]) for word in WORDS)} | {longest:.1f} s |")
    return "\n".join(rows)


def means(levels: tuple[Level, ...]) -> str:
    """What each level keeps out, as `grade` says it."""
    words = part_catalogue("levels", "en")
    return "\n".join(
        f"- **{words.say(f'level.{level.name}')}.** {words.say(f'level.{level.name}.means')}" for level in levels
    )


def main() -> None:
    """Grade all, and write the page."""
    levels = levels_here()
    pairs = [(attack, level) for level in levels for attack in attacks()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = pool.map(lambda pair: run_apart(*pair, CALL_SECONDS), pairs)
        found = {(attack.name, level.name): verdict for (attack, level), verdict in zip(pairs, verdicts, strict=True)}
    machine = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    where = f"{len(attacks())} submissions, graded with {machine}."
    text = "\n\n".join([means(levels), where, totals(found, levels), table(found, levels)])
    write_whole(PAGE, with_section(PAGE.read_text(encoding="utf-8"), "hostile submissions", f"\n{text}\n").encode())
    print(totals(found, levels))


if __name__ == "__main__":
    main()
