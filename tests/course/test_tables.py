"""The tables of the lessons: aligned in Chinese too, HTML that lets nothing through, and what they say."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

import wsedu
from wsedu.course.code import show_code
from wsedu.course.language import begin
from wsedu.course.table import Table
from wsedu.course.tables import beside, close_codes, endings, feeding, told
from wsedu.explain.catalogue import VARIABLE
from wsedu.protocol.closing import ClosingMachine
from wsedu.simulator import Drop, simulate
from wsedu.trace.trace import Trace

RIBBON = bytes.fromhex("0103 48656c 8900 8002 6c6f")


def test_columns_begin_at_the_same_cell_whatever_is_in_them() -> None:
    lines = repr(Table(["谁", "what"], [["服务器", "a"], [["one", "two lines"], "b"]])).splitlines()
    assert len(lines) == 5
    assert {cell_len(line[: line.index(sign)]) for line, sign in zip(lines[2:4], "ab", strict=True)} == {11}
    assert cell_len(lines[0][: lines[0].index("what")]) == 11
    assert lines[1] == "─" * 15
    assert lines[4] == "two lines"


def test_html_escapes_what_stands_in_a_cell() -> None:
    page = Table(["<b>"], [[["<script>", "&"]]])._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;" in page
    assert "&lt;script&gt;<br>&amp;" in page
    assert "<script>" not in page


def test_two_exchanges_side_by_side_share_their_moments() -> None:
    table = beside(simulate("cache-poisoning", seed=1), simulate("cache-poisoning-masked", seed=1))
    assert table.heads[1:] == ["cache-poisoning", "cache-poisoning-masked"]
    times = [row[0][0] for row in table.rows]
    assert times[:-1] == sorted(set(times[:-1]), key=float)
    marked = [[line for row in table.rows for line in row[column] if line.startswith("✖")] for column in (1, 2)]
    assert any("keeps payload of a frame" in line for line in marked[0])
    assert marked[1] == []


@pytest.mark.parametrize("cuts", [[], [1, 4, 6], list(range(1, len(RIBBON)))])
def test_a_stream_gives_the_same_frames_however_it_is_cut(cuts: list[int]) -> None:
    table = feeding(RIBBON, cuts)
    assert len(table.rows) == len(cuts) + 1
    assert "".join(row[0][0] for row in table.rows).replace(" ", "") == RIBBON.hex()
    gave = " ".join(row[2][0] for row in table.rows if row[2][0])
    assert gave.split(" ", 1)[0] == "text,"
    assert [gave.count(name) for name in ("text", "Ping", "continuation")] == [1, 1, 1]
    assert table.rows[-1][3] == ["the first byte of the next frame"]


def test_steps_are_told_with_their_time_and_whose_they_are() -> None:
    trace = simulate("hello", seed=1)
    [row] = told(trace.filter(kind="message.complete", endpoint=wsedu.Role.SERVER)).rows
    assert row[:2] == [["0.03"], ["server"]]
    assert '"Hello"' in row[2][0]


def test_endings_say_who_was_told_which_code() -> None:
    lost = simulate("hello", seed=1, faults=[Drop(opcode=8, direction=wsedu.Role.CLIENT.receives)])
    silent = simulate("silent-peer", seed=1)
    table = endings({"lost": lost, "silent": silent, "no such run": Trace()})
    assert [row[0][0] for row in table.rows] == [
        "the server's Close is lost, and TCP ends",
        "the server falls silent, and no Pong comes",
        "no such run",
    ]
    assert [row[1][0][:6] for row in table.rows[:2]] == ["✖ 1006", "✖ 1006"]
    assert table.rows[0][2] == ["✔ 1000", "after 0.07 s"]
    assert table.rows[1][2] == table.rows[2][1] == ["the connection never ended: nothing was noticed"]
    assert close_codes(lost) == {"client": 1006, "server": 1000}
    assert close_codes(silent) == {"client": 1006, "server": None}


def test_they_speak_the_language_of_the_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    begin("zh")
    assert endings({"cut": Trace()}).heads == ["发生了什么", "客户端", "服务器"]
    assert feeding(RIBBON, []).heads != feeding_heads_in_english(monkeypatch)


def feeding_heads_in_english(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv(VARIABLE, "en")
    return feeding(RIBBON, []).heads


def test_a_method_is_shown_as_deep_as_it_is() -> None:
    lines = show_code(ClosingMachine.move).source.splitlines()
    assert lines[0].startswith("def move(")
    assert lines[1].startswith('    """')
    assert lines[-1] == "    return row"
