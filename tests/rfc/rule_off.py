"""A plugin for pytest that switches one rule off, and a program that does so for many rules one after the other.

Every refusal of the product goes through `rules.enforce` or `rules.refuse`; with a rule off, they return for it.

    python -m pytest -p tests.rfc.rule_off --rule-off CLIENT_MUST_MASK tests/rfc
    python -m tests.rfc.rule_off REPORT RULE ...
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from wsedu.protocol import rules

from .matrix import read_matrix, rows_of_rules

PLUGIN = "tests.rfc.rule_off"

ON_SOCKETS = "tests/rfc/test_transport"
"""Tests on real sockets are not run: without the rule, they would wait for a refusal that never comes."""

NOTICED = (AssertionError, pytest.fail.Exception)
"""What a test raises that expects another outcome, a missing exception included."""

Refusal = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rule-off", metavar="RULE", help="a rule of wsedu.protocol.rules that is not to be enforced")


def pytest_configure(config: pytest.Config) -> None:
    name = config.getoption("--rule-off")
    if name is not None:
        switch = Switch(rules.RULES[name])
        config.add_cleanup(switch.restore)


class Switch:
    """Keeps one rule off until `restore`.

    Arguments:
        rule: that is not to be enforced.
    """

    def __init__(self, rule: rules.Rule) -> None:
        self._originals = (rules.enforce, rules.refuse)
        rules.enforce = _unless(rule, rules.enforce)
        rules.refuse = _unless(rule, rules.refuse)

    def restore(self) -> None:
        """Enforce it again."""
        rules.enforce, rules.refuse = self._originals


def _unless(off: rules.Rule, original: Refusal) -> Refusal:
    def refuse(rule: rules.Rule, *place: int | None, **detail: Any) -> None:
        if rule is not off:
            original(rule, *place, **detail)

    return refuse


class Recorder:
    """Notes for each test, by its node id, how it ended.

    Attributes:
        ran: tests whose body was run to an end.
        noticed: tests that failed because an outcome was not the expected one.
        broken: tests that failed in another way, with the reason.
    """

    def __init__(self) -> None:
        self.ran: set[str] = set()
        self.noticed: set[str] = set()
        self.broken: dict[str, str] = {}

    @property
    def passed(self) -> set[str]:
        """Tests that ran and did not fail."""
        return self.ran - self.noticed - set(self.broken)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        name = item.nodeid
        if report.when == "call" and not report.skipped:
            self.ran.add(name)
        if report.failed and call.excinfo is not None:
            if report.when == "call" and call.excinfo.errisinstance(NOTICED):
                self.noticed.add(name)
            else:
                self.broken[name] = f"{report.when}: {call.excinfo.exconly()}"
        return report


def outcome(rule: str | None, tests: list[str]) -> dict[str, Any]:
    """Run tests with a rule off, or with all rules on."""
    recorder = Recorder()
    arguments = [*tests, "-p", PLUGIN, "-p", "no:cacheprovider", "-q", "--tb=no"]
    if rule is not None:
        arguments += ["--rule-off", rule]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = pytest.main(arguments, plugins=[recorder])
    return {
        "rule": rule,
        "status": int(status),
        "passed": sorted(recorder.passed),
        "noticed": sorted(recorder.noticed),
        "broken": recorder.broken,
        "printed": printed.getvalue(),
    }


def main(report: str, *names: str) -> None:
    """Run, for each rule, the tests of its rows: first with all rules on, then with that rule off.

    Arguments:
        report: the path of a file to which each outcome is written as a line of JSON.
        names: of the rules.
    """
    table = rows_of_rules(read_matrix())
    tests = {name: _tests_of(table, name) for name in names}
    union = list(dict.fromkeys(test for own in tests.values() for test in own))
    outcomes = [outcome(None, union), *(outcome(name, own) for name, own in tests.items())]
    Path(report).write_text("".join(json.dumps(entry) + "\n" for entry in outcomes), encoding="utf-8")


def noticed_by(all_on: dict[str, Any], one_off: dict[str, Any]) -> set[str]:
    """The tests, without parameters, that pass with all rules on and fail with one off."""
    return {test.partition("[")[0] for test in set(one_off["noticed"]) & set(all_on["passed"])}


def _tests_of(table: dict[str, Any], name: str) -> list[str]:
    named = dict.fromkeys(test for row in table.get(name, []) for test in row.tests)
    return [test for test in named if not test.startswith(ON_SOCKETS)]


if __name__ == "__main__":
    main(*sys.argv[1:])
