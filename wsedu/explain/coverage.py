"""Which requirements of the RFCs each rule serves, and which tests show it: `coverage.json`, made by a tool."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..protocol.rules import Rule


class Coverage(NamedTuple):
    """What stands behind one rule.

    Arguments:
        requirements: ids such as `6455-5.2-05`.
        tests: as pytest names them.
    """

    requirements: tuple[str, ...]
    tests: tuple[str, ...]


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_name("coverage.json").read_text(encoding="utf-8")
    )
    return table


def coverage(rule: Rule) -> Coverage:
    """The requirements and tests of a rule."""
    entry = _table()[rule.name]
    return Coverage(tuple(entry["requirements"]), tuple(entry["tests"]))
