"""The matrix names what exists, and leaves nothing out without saying so."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest

from tools import rfc_coverage
from wsedu import RULES

from .matrix import ORIGINS, origin_digest, read_matrix, recorded_tests, rows_of_rules

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ABOUT_THE_MATRIX = {"test_matrix.py", "test_switched_off.py"}
ID = re.compile(rf"(?:{'|'.join(ORIGINS)})-[0-9.]+-[0-9]+")

ROWS = read_matrix()


@pytest.mark.parametrize("rfc", ORIGINS)
def test_rows_are_those_of_the_origin(rfc: str) -> None:
    assert origin_digest(rfc) == ORIGINS[rfc]
    rows = read_matrix(rfc)
    assert rows
    assert {row.id.partition("-")[0] for row in rows} == {rfc}
    assert len({row.id for row in rows}) == len(rows)


def test_row_that_can_be_tested_has_a_test_or_a_reason() -> None:
    assert [row.id for row in ROWS if row.wants_test and not row.tests and not row.left_out] == []


def test_row_is_either_tested_or_left_out() -> None:
    assert [row.id for row in ROWS if row.left_out and (row.tests or row.enforced_by)] == []


def test_row_with_a_test_says_what_enforces_it() -> None:
    assert [row.id for row in ROWS if row.tests and not row.enforced_by] == []


def test_every_rule_serves_a_requirement() -> None:
    assert set(rows_of_rules(ROWS)) == set(RULES)


def test_test_recorded_for_a_rule_is_named_for_one_of_its_rows() -> None:
    recorded = recorded_tests()
    assert set(recorded) == set(RULES)
    for rule, rows in rows_of_rules(ROWS).items():
        assert recorded[rule], rule
        assert set(recorded[rule]) <= {test for row in rows for test in row.tests}, rule


@pytest.mark.parametrize("name", sorted({name for row in ROWS for name in row.functions}))
def test_function_that_enforces_exists(name: str) -> None:
    module, _, qualified = name.partition(":")
    assert module.startswith("wsedu.")
    found = reduce(getattr, qualified.split("."), importlib.import_module(module))
    assert callable(found) or isinstance(found, property)


class Collected:
    """What `collecting` has found, in a process of its own."""

    def __init__(self, report: Path) -> None:
        items = json.loads(report.read_text(encoding="utf-8"))
        self.tests = {name.partition("[")[0] for name in items}
        self.kept_from_running = sorted(name for name, markers in items.items() if markers)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    """What pytest finds in this folder."""
    report = tmp_path_factory.mktemp("collected") / "items.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "tests.rfc.collecting", str(report)]
    done = subprocess.run(command, cwd=ROOT, env=environment, timeout=60, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Collected(report)


def test_every_test_that_is_named_exists(collected: Collected) -> None:
    named = {test for row in ROWS for test in row.tests}
    assert sorted(named - collected.tests) == []


def test_every_test_that_is_named_runs(collected: Collected) -> None:
    assert collected.kept_from_running == []
    for path in HERE.glob("*.py"):
        names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert names.isdisjoint({"skip", "skipif", "xfail", "importorskip", "skipTest"}), path.name


def test_ids_of_the_docstrings_are_those_of_the_matrix() -> None:
    claimed = {}
    for path in sorted(HERE.glob("test_*.py")):
        if path.name in ABOUT_THE_MATRIX:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                claimed[f"tests/rfc/{path.name}::{node.name}"] = set(ID.findall(ast.get_docstring(node) or ""))
    named: dict[str, set[str]] = {test: set() for test in claimed}
    for row in ROWS:
        for test in row.tests:
            named.setdefault(test, set()).add(row.id)
    assert named == claimed
    assert all(named.values())


def test_files_made_from_the_matrix_are_up_to_date() -> None:
    assert rfc_coverage.outdated(ROWS) == [], "run python tools/rfc_coverage.py"


LEFT_OUT = {
    "6455-4.1-04": "queue per address",
    "6455-4.1-05": "queue per address",
    "6455-4.1-06": "queue per address",
    "6455-4.1-07": "client proxies",
    "6455-4.1-09": "proxy auto-configuration",
    "6455-4.1-28": "origin",
    "6455-7.2.3-01": "reconnection",
    "6455-7.2.3-02": "reconnection",
    "6455-7.2.3-03": "reconnection",
    "6455-7.2.3-04": "reconnection",
}
"""For each row that is left out, what the README calls it."""


def test_rows_left_out_stand_in_the_limits_of_the_readme() -> None:
    assert {row.id for row in ROWS if row.left_out} == set(LEFT_OUT)
    limits = (ROOT / "README.md").read_text("utf-8").partition("## Limits")[2].partition("\n## ")[0].lower()
    assert {subject for subject in LEFT_OUT.values() if subject not in limits} == set()
