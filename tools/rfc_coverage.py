"""Write what the matrix says into three files: docs/rfc6455.md, docs/rfc7692.md and wsedu/explain/coverage.json.

    python tools/rfc_coverage.py            write them
    python tools/rfc_coverage.py --check    exit with 1 if one of them is not up to date
    python tools/rfc_coverage.py --measure  first find out which tests fail when a rule is switched off

A page has a table for each section of its RFC; the other file tells the product which requirements and
tests stand behind each rule, since the product does not read its tests.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.rfc.matrix import ORIGINS, SWITCHED_OFF, Row, read_matrix, recorded_tests, rows_of_rules  # noqa: E402
from wsedu.protocol.rules import RULES  # noqa: E402

PAGES = {rfc: ROOT / "docs" / f"rfc{rfc}.md" for rfc in ORIGINS}
COVERAGE = ROOT / "wsedu" / "explain" / "coverage.json"
TESTS = "tests/rfc/"

INTRODUCTION = """\
# RFC {rfc}, requirement by requirement

<!-- Written by tools/rfc_coverage.py from tests/rfc/rfc{rfc}.csv: change that, and run the tool. -->

Each row is one requirement of RFC {rfc} in our own words. *Enforced by* names rules (in capitals; `python -m wsedu
rules NAME` tells more of one) and functions of `wsedu`; *tests* are in `tests/rfc`. With a rule switched off, a test
of each of its rows fails: that is tested, too.
"""


def coverage(rows: Sequence[Row]) -> dict[str, dict[str, list[str]]]:
    """For each rule, by name: the ids of the requirements that it serves, and the tests that fail without it.

    Arguments:
        rows: of the matrix.
    """
    table = rows_of_rules(list(rows))
    tests = recorded_tests()
    return {
        name: {"requirements": [row.id for row in table.get(name, ())], "tests": tests.get(name, [])}
        for name in sorted(RULES)
    }


def coverage_text(rows: Sequence[Row]) -> str:
    """`coverage` as the product reads it: JSON."""
    return json.dumps(coverage(rows), indent=1) + "\n"


def page(rfc: str, rows: Sequence[Row]) -> str:
    """The page for people on one RFC, in Markdown.

    Arguments:
        rfc: its number.
        rows: of the matrix.
    """
    own = [row for row in rows if row.id.startswith(f"{rfc}-")]
    return "\n".join([INTRODUCTION.format(rfc=rfc), *_counts(own), *_left_out(own), *_sections(own)])


def _counts(rows: Sequence[Row]) -> Iterator[str]:
    testable = [row for row in rows if row.wants_test]
    tested = [row for row in testable if row.tests]
    left_out = [row for row in rows if row.left_out]
    tests = {test for row in rows for test in row.tests}
    yield "## Counts\n"
    yield _table_row("", "rows")
    yield _table_row("---", "---:")
    yield _table_row("all", str(len(rows)))
    for applies, count in Counter(row.applies for row in rows).most_common():
        yield _table_row(f"that apply to: {applies}", str(count))
    yield _table_row("that apply and can be tested", str(len(testable)))
    yield _table_row("of these, with a test", str(len(tested)))
    yield _table_row("left out on purpose", str(len(left_out)))
    yield ""
    yield f"{len(rows_of_rules(list(rows)))} rules and {len(tests)} tests stand behind them.\n"


def _left_out(rows: Sequence[Row]) -> Iterator[str]:
    if not any(row.left_out for row in rows):
        return
    yield "## Left out on purpose\n"
    yield _table_row("id", "level", "requirement", "reason")
    yield _table_row("---", "---", "---", "---")
    for row in rows:
        if row.left_out:
            yield _table_row(row.id, row.level, row.requirement, row.left_out)
    yield ""


def _sections(rows: Sequence[Row]) -> Iterator[str]:
    for section, group in groupby(rows, key=lambda row: row.section):
        yield f"## Section {section}\n"
        yield _table_row("id", "level", "requirement", "enforced by", "tests")
        yield _table_row("---", "---", "---", "---", "---")
        for row in group:
            yield _table_row(row.id, row.level, row.requirement, _enforced_by(row), _tests(row))
        yield ""


def _enforced_by(row: Row) -> str:
    if row.enforced_by:
        functions = (name.removeprefix("wsedu.").replace(":", ": ") for name in row.functions)
        return ", ".join([*row.rules, *(f"`{name}`" for name in functions)])
    if row.left_out:
        return "left out"
    return {"library": "nothing to enforce", "application": "the application"}.get(row.applies, "not ours")


def _tests(row: Row) -> str:
    if row.tests:
        return "<br>".join(f"`{test.removeprefix(TESTS)}`" for test in row.tests)
    return "cannot be tested" if row.testable == "no" else ""


def _table_row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def measure() -> None:
    """Switch every rule off, one at a time, and write down which of its tests fail then: some 20 seconds."""
    from tests.rfc.rule_off import noticed_by

    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "outcomes.jsonl"
        subprocess.run([sys.executable, "-m", "tests.rfc.rule_off", str(report), *RULES], cwd=ROOT, check=True)
        all_on, *one_off = map(json.loads, report.read_text(encoding="utf-8").splitlines())
    table = {entry["rule"]: sorted(noticed_by(all_on, entry)) for entry in one_off}
    SWITCHED_OFF.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def files(rows: Sequence[Row]) -> dict[Path, str]:
    """What each of the files has to say."""
    return {path: page(rfc, rows) for rfc, path in PAGES.items()} | {COVERAGE: coverage_text(rows)}


def outdated(rows: Sequence[Row]) -> list[Path]:
    """Those of the files that are not what the matrix says."""
    return [path for path, text in files(rows).items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the files; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is not up to date")
    parser.add_argument("--measure", action="store_true", help="first switch every rule off to see which tests fail")
    options = parser.parse_args(arguments)
    rows = read_matrix()
    if options.measure:
        measure()
    if options.check:
        stale = outdated(rows)
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: run python tools/rfc_coverage.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in files(rows).items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
