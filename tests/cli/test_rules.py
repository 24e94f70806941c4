"""`rules`: every rule, in both forms and both languages."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from wsedu.protocol.rules import RULES


@pytest.mark.parametrize("language", ["en", "zh"])
def test_json_has_every_rule_with_what_is_known_of_it(wsedu: Run, language: str) -> None:
    done = wsedu("rules", "--json", "--lang", language)
    assert done.returncode == 0, done.stderr
    found = {rule["name"]: rule for rule in json.loads(done.stdout)}
    assert set(found) == set(RULES)
    for name, rule in RULES.items():
        assert found[name]["code"] == rule.code
        assert found[name]["status"] == rule.status
        assert found[name]["requirements"]
        assert found[name]["tests"]
        assert "{" not in found[name]["sentence"]


def test_the_rules_of_a_section(wsedu: Run) -> None:
    found = {rule["name"] for rule in json.loads(wsedu("rules", "5.1", "--json").stdout)}
    assert found == {"CLIENT_MUST_MASK", "SERVER_MUST_NOT_MASK"}
    assert {rule["rfc"] for rule in json.loads(wsedu("rules", "§7", "--json").stdout)} >= {"7.4", "7.4.1"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_rule_as_json(wsedu: Run, language: str) -> None:
    done = wsedu("rules", "REQUEST_VERSION_SUPPORTED", "--json", "--lang", language)
    assert "13" in json.loads(done.stdout)[0]["sentence"]
