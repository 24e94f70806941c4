"""The test of the tests: with one rule switched off, a test of each row that it enforces fails.

Which tests these are stands in `switched_off.json`: each of them has to fail, and for the expected reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wsedu import RULES

from .matrix import read_matrix, recorded_tests, rows_of_rules
from .rule_off import noticed_by

ROOT = Path(__file__).parents[2]

PARTS = 4
"""The rules are checked in so many parts, so that several processors can share them."""


def outcomes(report: Path, names: list[str]) -> list[dict[str, Any]]:
    """What `rule_off` finds for these rules, in a process of its own: first with all rules on, then rule by rule."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "tests.rfc.rule_off", str(report), *names]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=100)
    return [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_rule_that_is_switched_off_is_missed_by_a_test_of_each_of_its_rows(part: int, tmp_path: Path) -> None:
    names = list(RULES)[part::PARTS]
    assert names
    table = rows_of_rules(read_matrix())
    all_on, *one_off = outcomes(tmp_path / "outcomes.jsonl", names)
    assert [entry["rule"] for entry in one_off] == names
    unnoticed = {}
    for entry in one_off:
        noticed = noticed_by(all_on, entry)
        rows = [row.id for row in table[entry["rule"]] if not noticed & set(row.tests)]
        recorded = set(recorded_tests()[entry["rule"]]) - noticed
        if rows or recorded:
            unnoticed[entry["rule"]] = {"rows": rows, "tests": sorted(recorded), "broken": entry["broken"]}
    assert unnoticed == {}, "none of a row's tests, or not each of the recorded tests, fails"
    assert all_on["noticed"] == [], all_on["printed"]
    assert all_on["broken"] == {}, all_on["printed"]
