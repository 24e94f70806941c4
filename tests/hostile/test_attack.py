"""A server under attack keeps serving others: tools/attack.py on a smaller scale, with shorter deadlines."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from types import ModuleType

import pytest

from wsedu.protocol.types import Timeouts

ROOT = Path(__file__).parents[2]
SMALL = {"slow": 40, "deaf": 10, "mute": 10, "bombs": 16, "vanishing": 15, "noisy": 15, "honest": 8, "pause": 0.3}
SHORT = Timeouts(opening=1.0, closing=1.0, ping_interval=1.0, ping_timeout=1.0, writing=1.0)


@pytest.fixture
def attack(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    return importlib.import_module("attack")


def test_honest_clients_are_served_and_nothing_is_left(attack: ModuleType, seed: int) -> None:
    plan = attack.Plan(**SMALL, timeouts=SHORT)
    report = asyncio.run(attack.attack_all(plan, seed, traced=True))
    assert report.problems() == []
    how = {kind: {end.how for end in ends} for kind, ends in report.ended.items()}
    counts = {kind: len(ends) for kind, ends in report.ended.items()}
    assert counts == {kind: count for kind, (count, _) in attack.kinds(plan).items()}
    # No attacker got more than the rules give it, and each was ended by the server, as the limits say.
    assert how["send bombs"] == {"Close 1009"}
    assert how["never read and never speak"] == {"Close 1011"}
    assert how["ask for much and never read"] == {"RST"}
    assert how["send a byte of the head at a time"] <= {"end of TCP without a word", "RST"}
    # The server was seen to hold them, so that what is left afterwards says something.
    assert report.worst["connections"] >= plan.deaf + plan.mute
    assert report.worst["traced_peak"] > report.before["traced"]


def test_an_attacker_that_is_not_ended_is_a_problem(attack: ModuleType, seed: int) -> None:
    """Without a deadline for writing nobody ends those who never read, and the script says so."""
    nobody = dict.fromkeys(SMALL, 0)
    times = Timeouts(opening=0.2, closing=0.2, ping_interval=None, ping_timeout=0.2, writing=None)
    plan = attack.Plan(**{**nobody, "deaf": 3, "honest": 1}, timeouts=times)
    report = asyncio.run(attack.attack_all(plan, seed))
    assert "3 of the attackers that ask for much and never read were not ended" in report.problems()


def test_the_page_tells_of_the_whole_attack_with_the_deadlines_that_serve_has(attack: ModuleType) -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for kind, (count, _) in attack.kinds(attack.Plan()).items():
        assert f"| {kind} | {count} |" in page
    times = Timeouts()
    assert f"{times.opening:g} s for the opening handshake" in page
    assert f"{times.writing:g} s to take something of what is to be written" in page
    assert page.endswith("Verdict: the server withstood.\n")
