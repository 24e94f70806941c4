"""Tests that a learner wrote are run twice, the second time in an order that nobody knows.

A test that looks at what it is given says the same again; one that counts how often it was called does not.
"""

from __future__ import annotations

from random import SystemRandom

from .outcome import Outcome
from .players import Player
from .steps import Case

Played = list[list[tuple[Case, Outcome]]]


def played_again(played: Played, player: Player) -> Played:
    """What came of the cases of each step, with what comes the second time where only that is wrong.

    Arguments:
        played: what came the first time.
        player: it came from.
    """
    found = [list(pairs) for pairs in played]
    places = [(step, at) for step, pairs in enumerate(played) for at in range(len(pairs))]
    SystemRandom().shuffle(places)
    for step, at in places:
        case, outcome = found[step][at]
        if case.judge(outcome) is None and case.judge(second := player.play(case)) is not None:
            found[step][at] = (case, second)
    return found
