"""A server under attack keeps serving others: tools/attack.py on a smaller scale."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PLAN = {"slow": 40, "deaf": 10, "bombs": 18, "vanishing": 15, "noisy": 15, "honest": 8, "seconds": 3.0, "pause": 0.3}


@pytest.fixture(scope="module")
def attack() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("attack", ROOT / "tools" / "attack.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["attack"] = module
    spec.loader.exec_module(module)
    return module


def test_honest_clients_are_served_and_nothing_is_left(
    attack: ModuleType, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    # pytest keeps what is logged, and with it the violations and the bytes that they came from.
    caplog.set_level(logging.CRITICAL, "wsedu")
    report = asyncio.run(attack.run(attack.Plan(**PLAN), seed))
    assert report.problems() == []
    # No attacker got more than the rules give it.
    assert set(report.ended["bomb"]) == {"Close 1009"}
    assert sum(report.ended["one byte at a time"].values()) == PLAN["slow"]
    assert set(report.ended["one byte at a time"]) <= {"end of TCP", "reset"}
    # The slowest honest message had to wait, but not for the attackers to give up.
    assert report.slowest < PLAN["seconds"]
    assert "the server withstood" in attack.text(report, seed)


def test_the_page_tells_of_the_whole_attack(attack: ModuleType) -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    plan = attack.Plan()
    for name, count in (("one byte at a time", plan.slow), ("never reads", plan.deaf), ("bomb", plan.bombs)):
        assert f"| {name} | {count} |" in page
    assert "the server withstood" in page
