"""Every hostile submission on every level that this machine has: none fools, hangs, goes ungraded or harms another."""

from __future__ import annotations

import pytest

from wsedu.grading.runner.levels import PLAIN, Level

from .attacks import SECONDS, Attack, attacks, run
from .here import LEVELS_HERE

PATIENT = 5.0
"""How long a call may take where an attack is to succeed, also on a busy machine."""


@pytest.mark.parametrize("level", LEVELS_HERE, ids=lambda level: level.name)
@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_gets_what_is_due_and_harms_no_other(attack: Attack, level: Level) -> None:
    expected = attack.plain if level is PLAIN else "right"
    verdict = run(attack, level, PATIENT if expected == "fooled" else SECONDS)
    assert verdict.word == expected, verdict
    if expected == "right":
        assert verdict.said


def test_there_are_as_many_as_promised() -> None:
    assert len(attacks()) >= 40
    assert {attack.plain for attack in attacks()} == {"right", "fooled", "left", "ungraded"}
