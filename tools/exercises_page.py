"""Make docs/exercises.md's tables: the ladder, the misconceptions that each exercise tells apart, the mutants.

python tools/exercises_page.py [--check] [ladder] [misconceptions] [mutants]

Without a name, all of them; `mutants` takes minutes. The text around the tables is written by hand. `--check` writes
nothing and says whether the named tables are up to date.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from _measure import with_section

from wsedu.explain.catalogue import part_catalogue
from wsedu.grading.exercise import Exercise, exercises
from wsedu.grading.surviving import fates_of
from wsedu.trace.files import write_whole

PAGE = Path(__file__).parents[1] / "docs" / "exercises.md"
HEAD = "# Exercises\n"


def ladder() -> str:
    """A row for each exercise."""
    rows = ["| | exercise | what is written | teaches | RFC 6455 | minutes |", "| --: | --- | --- | --- | --- | --: |"]
    kinds = part_catalogue("exercises", "en")
    for each in exercises():
        text = each.text("en")
        cells = (
            str(each.number),
            f"`{each.name}`",
            kinds.say(f"kind.{each.kind}"),
            " ".join(str(text["teaches"]).split()),
            ", ".join(f"§{section}" for section in each.rfc),
            str(each.facts["minutes"]),
        )
        rows.append(f"| {' | '.join(cells)} |")
    total = sum(each.facts["minutes"] for each in exercises())
    return "\n".join([*rows, "", f"Together about {total / 60:.0f} hours."])


def misconceptions() -> str:
    """Exercise × misconception: how many known mistakes are told apart by name."""
    ideas = sorted({variant.idea for each in exercises() for variant in each.wrong if variant.idea})
    names = part_catalogue("misconceptions", "en")
    numbers = [each.number for each in exercises()]
    rows = [f"| | misconception | {' | '.join(map(str, numbers))} |", f"| --- | --- |{' --: |' * len(numbers)}"]
    for idea in ideas:
        counts = [sum(variant.idea == idea for variant in each.wrong) for each in exercises()]
        rows.append(f"| {idea} | {names.say(f'name.{idea}')} | {' | '.join(str(count or '') for count in counts)} |")
    wrong = sum(len(each.wrong) for each in exercises())
    right = sum(len(each.right) for each in exercises())
    return "\n".join(
        [*rows, "", f"{len(ideas)} misconceptions, {wrong} known mistakes, {right} correct ways beside the solutions."]
    )


def mutants() -> str:
    """A row for each exercise: mutants of its solution, and those that no check notices."""
    rows = ["| exercise | mutants | unnoticed | no mistakes |", "| --- | --: | --: | --: |"]
    reasons: list[str] = []
    sums = [0, 0, 0]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for each in exercises():
            numbers = list(_fates(each, pool, reasons))
            sums = [total + number for total, number in zip(sums, numbers, strict=True)]
            rows.append(f"| `{each.name}` | {' | '.join(map(str, numbers))} |")
    rows.append(f"| together | {' | '.join(map(str, sums))} |")
    share = f"{sums[1]} of {sums[0]} go unnoticed ({sums[1] / sums[0]:.1%}; at most 2 % are allowed)."
    return "\n".join([*rows, "", share, "", "Changes that are no mistakes, and why:", "", *reasons])


def _fates(each: Exercise, pool: ThreadPoolExecutor, reasons: list[str]) -> Iterator[int]:
    fates = list(fates_of(each, pool=pool))
    reasons += [f"- `{each.name}`: `{fate.mutant.change}`: {fate.reason}" for fate in fates if fate.reason]
    yield sum(not fate.reason for fate in fates)
    yield sum(fate.alive for fate in fates)
    yield sum(bool(fate.reason) for fate in fates)


SECTIONS: dict[str, Callable[[], str]] = {"ladder": ladder, "misconceptions": misconceptions, "mutants": mutants}


def main() -> int:
    """Write the sections that are named, or all; with `--check`, 1 if one of them is not up to date."""
    names = [argument for argument in sys.argv[1:] if argument != "--check"] or list(SECTIONS)
    page = old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    for name in names:
        page = with_section(page, name, SECTIONS[name]())
    if "--check" in sys.argv[1:]:
        print(f"{PAGE.name}: {', '.join(names)}: {'up to date' if page == old else 'NOT up to date'}")
        return int(page != old)
    write_whole(PAGE, page.encode())
    print(f"{PAGE.name}: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
