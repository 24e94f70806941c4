"""Every hostile submission on every level that this machine has: none fools, hangs, goes ungraded or harms another."""

from __future__ import annotations

from pathlib import Path

import pytest

from wsedu.grading.runner.levels import PLAIN, Level

from .attacks import SECONDS, Attack, attacks, run
from .here import LEVELS_HERE

PAGE = Path(__file__).parents[2] / "docs" / "grading.md"

PATIENT = 5.0
"""How long a call may take where an attack is to succeed, also on a busy machine."""


LEVELS = [
    pytest.param(level, id=level.name, marks=[pytest.mark.long] if level is PLAIN and len(LEVELS_HERE) > 1 else [])
    for level in LEVELS_HERE
]
"""The plain level promises less; where there is a better one, it is tried before a merge."""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_gets_what_is_due_and_harms_no_other(attack: Attack, level: Level) -> None:
    expected = attack.plain if level is PLAIN else "right"
    verdict = run(attack, level, PATIENT if expected == "fooled" else SECONDS)
    assert verdict.word == expected, verdict
    if expected == "right":
        assert verdict.said


def test_the_page_is_about_these_and_says_that_none_gets_through() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `") and "| tries |" not in line]
    named = {row[0].strip("|` "): row[3:6] for row in rows if len(row) == 7}
    assert named.keys() == {attack.name for attack in attacks()}
    for attack in attacks():
        assert named[attack.name][:2] == ["right", "right"]
        assert named[attack.name][2].strip("*") == attack.plain


def test_there_are_as_many_as_promised() -> None:
    assert len(attacks()) >= 40
    assert {attack.plain for attack in attacks()} == {"right", "fooled", "left", "ungraded"}
