"""What pytest finds in this folder, as a program: `python -m tests.rfc.collecting REPORT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

KEEP_FROM_RUNNING = {"skip", "skipif", "xfail"}


class Finder:
    """Writes, when everything is collected, each node id with the markers that would keep it from running.

    Arguments:
        report: the file to write, as JSON.
    """

    def __init__(self, report: str) -> None:
        self._report = Path(report)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        found = {
            item.nodeid: sorted(KEEP_FROM_RUNNING & {mark.name for mark in item.iter_markers()})
            for item in session.items
        }
        self._report.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    arguments = ["--collect-only", "-qq", "-p", "no:cacheprovider", "tests/rfc"]
    raise SystemExit(pytest.main(arguments, plugins=[Finder(sys.argv[1])]))
