"""Two exchanges side by side: what happens when, and in which of them."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from wsedu.cli.main import run
from wsedu.explain.catalogue import LANGUAGES, catalogue
from wsedu.protocol.steps import Level, TimerExpired
from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS, scenario
from wsedu.scenarios.virtual import IDLE
from wsedu.simulator import simulate
from wsedu.trace.worldsteps import MiddleboxActed
from wsedu.views.side_by_side import side_by_side
from wsedu.views.styles import CHECK, CROSS

ALL = [*SCENARIOS, *VIRTUAL_SCENARIOS]
PAIRS = [name for name in ALL if scenario(name).beside]


def lines(one: str, other: str, language: str = "en", width: int = 80) -> list[str]:
    traces = [simulate(name, seed=1, level=Level.BASE) for name in (one, other)]
    console = Console(width=width)
    with console.capture() as captured:
        console.print(side_by_side(*traces, language))
    return captured.get().splitlines()


def cells(line: str) -> tuple[str, str, str]:
    """The three cells of a line."""
    time, one, other = line.split("│")
    return time.strip(), one.strip(), other.strip()


def test_every_counterpart_is_there_and_names_the_other_one() -> None:
    assert {"idle-proxy", "cache-poisoning", "cross-site"} <= set(PAIRS)
    assert all(scenario(scenario(name).beside).beside == name for name in PAIRS)


def test_the_idle_proxy_with_and_without_a_heartbeat() -> None:
    """What a teacher shows: the same two minutes, the proxy on the left, the pings on the right."""
    one, other = "idle-proxy", "idle-proxy-heartbeat"
    _, title, _, _, *rows = lines(one, other, width=120)
    assert one in title
    assert other in title
    table = [cells(row) for row in rows]
    left = " ".join(cell for _, cell, _ in table)
    right = " ".join(cell for _, _, cell in table)
    forgot = next(r for r in simulate(one, seed=1) if isinstance(r.step, MiddleboxActed))
    [row] = [row for row in table if row[0] == f"{forgot.t:.3f}"]
    assert f"{IDLE:g} s" in row[1]
    assert row[2] == ""
    pings = [r for r in simulate(other, seed=1) if isinstance(r.step, TimerExpired)]
    assert right.count("─▶ Ping") == right.count("─▶ Pong") == len(pings) > 0
    assert "Ping" not in left
    news = 'text "it has happened"'
    assert f"✖ never read: server ─▶ {news}" in left
    assert news in right
    assert "never read" not in right
    assert [re.sub(" +", " ", " ".join(row)) for row in table[-2:]] == [
        "at the end client: CLOSED client: CLOSED",
        " server: OPEN server: CLOSED",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_the_window(name: str, language: str, width: int) -> None:
    shown = lines(name, scenario(name).beside, language, width)
    assert len(shown) > 8
    assert all(cell_len(line.rstrip()) <= width for line in shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAIRS)
def test_at_80_columns_a_mark_is_the_first_of_its_cell_with_its_words_behind_it(name: str, language: str) -> None:
    """However the words wrap: no mark stands at the end of a cell, where it would belong to the next column."""
    _, _, head, rule, *rows = lines(name, scenario(name).beside, language)
    rules = [at for at, character in enumerate(rule) if character == "┼"]
    assert len(rules) == 2
    for line in [head, *rows]:
        places = [cell_len(line[:at]) for at, character in enumerate(line) if character == "│"]
        assert places == rules, line
    told = [cell for row in rows for cell in row.split("│")[1:]]
    marked = [cell for cell in told if any(mark in cell for mark in (CROSS, CHECK))]
    assert marked
    for cell in marked:
        mark, words = cell[1], cell[3:].strip()
        assert mark in (CROSS, CHECK)
        assert words
        assert not any(other in words for other in (CROSS, CHECK))
    # All other lines leave the place of a mark empty, so that words never stand below one.
    assert all(cell.strip() == "" or cell[:3] == "   " for cell in told if cell not in marked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_demo_ends_with_it(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    title = catalogue(language).say("view.beside.title", one="idle-proxy", other="idle-proxy-heartbeat")
    assert run(["demo", "idle-proxy", "--seed", "1", "--lang", language]) == 0
    assert title in capsys.readouterr().out
    assert run(["demo", "buffering-proxy", "--seed", "1", "--lang", language]) == 0
    assert title.split(":")[0] not in capsys.readouterr().out
