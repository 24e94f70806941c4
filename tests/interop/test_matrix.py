"""Interop with real parts, in both directions, over ws and wss, with and without compression: see docs/interop.md."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import product
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


PROMISED = ("websockets", "aiohttp", "wsproto", "ws on Node.js", "Chromium")
ALSO_BEYOND_NGINX = ("websockets", "ws on Node.js", "Chromium")
CASES_PROMISED = [
    *("text", "binary", "empty", "125 bytes", "126 bytes", "65,535 bytes", "65,536 bytes", "1 MiB"),
    *("fragments from us", "fragments from the peer", "Ping from us", "Ping from the peer"),
    *("we close first", "the peer closes first", "both close at once", "handshake refused"),
]


def test_nothing_is_missing() -> None:
    """Every peer, role, scheme and case, with and without compression: run, or not, and then the page says why."""
    text = PAGE.read_text(encoding="utf-8")
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    [_, _, _, *columns], _, *lines = table
    assert columns == CASES_PROMISED
    found = {tuple(line[:3]): dict(zip(columns, line[3:], strict=True)) for line in lines}
    assert len(found) == len(lines)
    peers = [*PROMISED, *(f"nginx, {name} beyond" for name in ALSO_BEYOND_NGINX)]
    missing = []
    for peer, role, over in product(peers, ("client", "server"), ("ws", "ws, deflate", "wss", "wss, deflate")):
        cells_of = found.pop((peer, role, over), None)
        if cells_of is None:
            missing += [] if f"\n- {peer}, wsedu as the {role}: " in text else [(peer, role, over)]
            continue
        for case, cell in cells_of.items():
            explained = f"\n- {peer}, {case}: " in text
            assert cell == "✔" or (cell in ("—", "✔*") and explained), (peer, role, over, case, cell)
    assert (missing, found) == ([], {})


def test_the_page_has_every_cell() -> None:
    """What the other tests prove, the page says; only the versions may be those of another machine."""
    expected = page({str(row): cells(row, {}) for row in rows()})
    hint = f"write it anew: {VARIABLE}=docs/interop.md python -m pytest tests/interop/test_matrix.py"
    assert without_versions(PAGE.read_text(encoding="utf-8")) == without_versions(expected), hint
