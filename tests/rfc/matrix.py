"""The matrix as data: one row for each requirement of RFC 6455 and of RFC 7692 (see README.md)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import NamedTuple

SWITCHED_OFF = Path(__file__).with_name("switched_off.json")

ORIGINS = {
    "6455": "bac654db5e76235ea1bc7f9558dc0cd1a6c3735d5742c2aa690230b15723863f",
    "7692": "0affb88a43530ff18623b2e4292346643823c389911107f7ba6f996b5ed7613b",
}
"""For each RFC, the SHA-256 of the columns from the origin: who changes what it asks for changes this, too."""

ORIGIN_COLUMNS = 11
"""How many of the columns came from the origin; the others are ours."""


class Row(NamedTuple):
    """One requirement.

    Arguments:
        id: RFC, section and number in that section.
        section: of the RFC.
        level: the capitalised keyword, or PROC.
        role: whose duty it is.
        area: the topic.
        requirement: one sentence.
        testable: yes, partly or no.
        how_to_test: input -> expected outcome.
        applies: library, application or n.a.
        occurrences: lines and keywords of the RFC.
        note: errata, ambiguity, practice.
        enforced_by: names of rules, and functions as `module:qualified.name`.
        tests: node ids of pytest, without parameters.
        left_out: why the product leaves it out on purpose; empty where it does not.
    """

    id: str
    section: str
    level: str
    role: str
    area: str
    requirement: str
    testable: str
    how_to_test: str
    applies: str
    occurrences: str
    note: str
    enforced_by: tuple[str, ...]
    tests: tuple[str, ...]
    left_out: str

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of rules among `enforced_by`."""
        return tuple(name for name in self.enforced_by if ":" not in name)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions among `enforced_by`."""
        return tuple(name for name in self.enforced_by if ":" in name)

    @property
    def wants_test(self) -> bool:
        """Whether a test or a reason for leaving it out has to be named."""
        return self.applies in ("library", "application") and self.testable in ("yes", "partly")


def path_of(rfc: str) -> Path:
    """The file with the rows of an RFC."""
    return Path(__file__).with_name(f"rfc{rfc}.csv")


def read_matrix(*rfcs: str) -> list[Row]:
    """Every row of these RFCs, or of all, each in the order of its RFC."""
    return [row for rfc in rfcs or ORIGINS for row in _read(path_of(rfc))]


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    ours = ORIGIN_COLUMNS
    return [Row._make([*row[:ours], _elements(row[ours]), _elements(row[ours + 1]), row[ours + 2]]) for row in rows]


def _elements(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


def origin_digest(rfc: str) -> str:
    """SHA-256 of the columns that came from the origin, as hexadecimal."""
    with path_of(rfc).open(encoding="utf-8", newline="") as file:
        rows = [row[:ORIGIN_COLUMNS] for row in csv.reader(file)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return hashlib.sha256(text.getvalue().encode()).hexdigest()


def recorded_tests(path: Path = SWITCHED_OFF) -> dict[str, list[str]]:
    """For each rule, the tests that were seen to fail while it was switched off."""
    table: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return table


def rows_of_rules(rows: list[Row]) -> dict[str, list[Row]]:
    """For each rule that is named, the rows that it enforces."""
    table: dict[str, list[Row]] = {}
    for row in rows:
        for rule in row.rules:
            table.setdefault(rule, []).append(row)
    return table
