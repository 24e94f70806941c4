"""Interop with real parts, in both directions, over ws and wss, with and without compression: see docs/interop.md."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ..loopback.net import run
from .matrix import Row, play, rows
from .page import VARIABLE, cells, page, without_versions

PAGE = Path(__file__).parents[2] / "docs" / "interop.md"


def join_watchers() -> None:
    """Wait for the threads in which asyncio waited for processes: they say that one has ended, then end themselves."""
    for thread in threading.enumerate():
        if "waitpid" in thread.name:
            thread.join(5)


@pytest.mark.parametrize("row", rows(), ids=str)
def test_every_case(row: Row, seed: int, record_property: Callable[[str, object], None]) -> None:
    wrong = run(play(row, seed))
    join_watchers()
    record_property("interop", (str(row), cells(row, wrong)))
    for name, error in wrong.items():
        error.add_note(f"case: {name}")
    if wrong:
        raise BaseExceptionGroup(f"{row}: {', '.join(wrong)}", list(wrong.values()))


def test_the_page_has_every_cell() -> None:
    """What the other tests prove, the page says; only the versions may be those of another machine."""
    expected = page({str(row): cells(row, {}) for row in rows()})
    hint = f"write it anew: {VARIABLE}=docs/interop.md python -m pytest tests/interop/test_matrix.py"
    assert without_versions(PAGE.read_text(encoding="utf-8")) == without_versions(expected), hint
