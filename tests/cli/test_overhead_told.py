"""What `overhead` says in a narrow terminal, of runs that lack something, and of the bars that it draws."""

from __future__ import annotations

import argparse
import asyncio
import errno
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from tests.cli.conftest import Run
from wsedu.cli import overhead
from wsedu.cli.context import Context
from wsedu.cli.main import run as run_command
from wsedu.explain.catalogue import part_catalogue
from wsedu.overhead import measure
from wsedu.overhead.curves import Curves, passing, rates
from wsedu.overhead.measure import Measurement
from wsedu.overhead.model import evaluate
from wsedu.overhead.results import Measured
from wsedu.overhead.rows import rows
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import FOUR, Transport
from wsedu.views.overhead_table import overhead_lesson

SHORT = ("--seconds", "0.3", "--interval", "0.2", "--clients", "3", "--events-per-second", "20")


@pytest.fixture(scope="module")
def measured() -> Measured:
    """A run of WebSocket, which delivered something."""
    setting = Setting(clients=3, events_per_second=20.0)
    measurement = Measurement([Transport.WEBSOCKET], setting, seconds=0.3)
    measurement.start()
    measurement.join(60)
    (run,) = measurement.results
    assert run.delivered
    return run


async def never(*_arguments: Any) -> None:
    """A connection that nobody answers."""
    await asyncio.Event().wait()


def told(capsys: pytest.CaptureFixture[str], runs: list[Measured], *transports: Transport) -> str:
    """What the command prints of runs."""
    setting = Setting(clients=3, events_per_second=2.0)
    overhead._tell(argparse.Namespace(month=False), Context("en"), setting, transports or FOUR, runs)
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 60, 40])
def test_every_name_is_whole_however_narrow_the_terminal(wsedu: Run, language: str, width: int) -> None:
    arguments = ("--model-only", "--month", "--transports", ",".join(Transport), "--lang", language)
    done = wsedu("overhead", *arguments, env={"COLUMNS": str(width)})
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "…" not in done.stdout
    assert max(map(cell_len, lines)) <= width
    say = part_catalogue("overhead", language).say
    for transport in Transport:
        name = say(f"transport.{transport.value}")
        # In the table, in the bars and in the month: alone on its line, or in front of its figures.
        assert sum(line == name or bool(re.match(rf"{re.escape(name)} +[\dA-Z]", line)) for line in lines) == 3
        figure = f"{float(evaluate(transport, Setting(clients=20, events_per_second=2.0)).total_per_message()):,.0f}"
        assert sum(figure in line.split() for line in lines) >= 1


@pytest.mark.parametrize("width", [60, 40])
def test_a_narrow_table_has_a_line_for_each_figure(wsedu: Run, width: int) -> None:
    done = wsedu("overhead", *SHORT, "--transports", "websocket", "--lang", "en", env={"COLUMNS": str(width)})
    assert " bytes at the socket: 22 / 22" in done.stdout.splitlines()


@pytest.mark.parametrize("width", [80, 60, 40])
def test_bars_are_as_long_as_the_terminal_allows(wsedu: Run, width: int) -> None:
    arguments = ("--model-only", "--transports", "polling,websocket", "--lang", "en")
    done = wsedu("overhead", *arguments, env={"COLUMNS": str(width)})
    lengths = [len(bar) for bar in re.findall(r"\b(P[A-Z]{4,}) +\d+$", done.stdout, re.MULTILINE)]
    assert max(lengths) == min(48, width - len("polling   ") - len(" 433"))


def test_in_the_legend_only_the_letters_are_coloured(wsedu: Run) -> None:
    done = wsedu("overhead", "--model-only", "--lang", "en", "--color", "always", env={"TERM": "xterm-256color"})
    assert re.search(r"\x1b\[[\d;]+mI\x1b\[0m TCP/IP headers", done.stdout)


def test_in_chinese_the_system_is_not_blamed(wsedu: Run) -> None:
    done = wsedu("overhead", *SHORT, "--transports", "websocket", "--lang", "zh")
    assert done.stderr == "wsedu: 正在测量 WebSocket（第 1 个，共 1 个）\n"
    refused = wsedu("overhead", "--headers", "netscape", "--lang", "zh")
    assert refused.stderr.startswith("wsedu: --headers 要 ")


def test_the_help_breaks_lines_where_the_terminal_ends(wsedu: Run) -> None:
    for language in ("en", "zh"):
        done = wsedu("overhead", "--help", "--lang", language)
        paragraph = done.stdout.split("\n\n")[1].splitlines()
        assert all(cell_len(line) > 60 for line in paragraph[:-1])


def test_a_run_without_events_is_said_to_be_one(capsys: pytest.CaptureFixture[str], measured: Measured) -> None:
    empty = replace(measured, delivered=0, delays=np.array([]), stopped=True)
    out = told(capsys, [empty], Transport.WEBSOCKET)
    assert "no event arrived in this run" in out
    assert "nothing was measured" in out
    assert "the system counted" not in out
    assert "until then" not in out
    assert "at the sockets" not in out


def test_a_stopped_run_with_events_has_figures(capsys: pytest.CaptureFixture[str], measured: Measured) -> None:
    out = told(capsys, [replace(measured, stopped=True)], Transport.WEBSOCKET)
    assert "these are the figures until then" in out
    assert "nothing was measured" not in out
    assert "what was measured at the sockets ends" in out


def test_a_run_without_events_does_not_choose_the_note(capsys: pytest.CaptureFixture[str], measured: Measured) -> None:
    empty = replace(measured, transport=Transport.SSE, delivered=0, delays=np.array([]), packets=None)
    out = told(capsys, [replace(measured, packets=10), empty], Transport.WEBSOCKET, Transport.SSE)
    assert "the packets that the system counted" in out


def test_the_lesson_names_only_what_is_compared() -> None:
    setting = Setting(clients=20, events_per_second=2.0)
    lines = overhead_lesson(setting, (Transport.WEBSOCKET, Transport.SSE), "en")
    assert len(lines) == 1
    assert "polling" not in lines[0]
    assert overhead_lesson(setting, (Transport.WEBSOCKET,), "en") == []


def test_the_lesson_is_about_the_bars_that_are_drawn(measured: Measured) -> None:
    # A bar of a run that paid much for few events is longer than the one of the setting alone.
    costly = replace(measured, delivered=1, up={**measured.up, "setup": 10**6}, connections=10**4)
    setting = Setting(clients=20, events_per_second=2.0)
    both = (Transport.WEBSOCKET, Transport.SSE)
    assert "WebSocket takes least" in overhead_lesson(setting, both, "en")[0]
    assert "server-sent events takes least" in overhead_lesson(setting, both, "en", [costly])[0]


def test_the_lesson_tells_rates_in_words_that_fit() -> None:
    first, second = overhead_lesson(Setting(clients=20, events_per_second=2.0), FOUR, "en")[1:]
    assert "from 1 event per second and client on" in first
    assert "from 7.86 events per second and client on" in second


def test_polling_is_cheaper_from_where_the_two_cost_the_same() -> None:
    setting = Setting(clients=20)
    curves = rates(setting)
    rate = passing(curves, Transport.WEBSOCKET, Transport.POLLING)
    assert rate is not None
    there = replace(setting, events_per_second=rate)
    polling, websocket = (evaluate(one, there).total() for one in (Transport.POLLING, Transport.WEBSOCKET))
    assert float(polling) == pytest.approx(float(websocket), rel=1e-3)
    alone = Curves(curves.x, {Transport.POLLING: curves.y[Transport.POLLING]})
    assert passing(alone, Transport.WEBSOCKET, Transport.POLLING) is None
    always = Curves(curves.x, {Transport.POLLING: curves.x, Transport.WEBSOCKET: 2 * curves.x})
    assert passing(always, Transport.WEBSOCKET, Transport.POLLING) == curves.x[0]
    assert passing(always, Transport.POLLING, Transport.WEBSOCKET) is None


@pytest.mark.parametrize(
    ("missing", "arguments"),
    [
        ("aiohttp", ("--transports", "websocket,polling")),
        ("matplotlib.figure", ("--transports", "websocket", "--save", "lab.png")),
        ("trustme", ("--transports", "websocket", "--tls")),
    ],
)
def test_what_is_missing_is_said_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    missing: str,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, missing, None)
    assert run_command(["overhead", *SHORT, *arguments, "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert missing.split(".")[0] in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_failure_in_the_middle_keeps_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: tuple[str, ...]
) -> None:
    def refuse(*arguments: Any) -> None:
        raise OSError(errno.EADDRINUSE, "in use")

    monkeypatch.setattr(measure, "HttpServer", refuse)
    saved = tmp_path / "lab.csv"
    command = ["overhead", *SHORT, "--transports", "websocket,polling", "--save", str(saved), "--lang", "en"]
    assert run_command([*command, *form]) == 2
    out, err = capsys.readouterr()
    assert "WebSocket" in out or '"websocket"' in out
    assert "measured" in out
    assert saved.exists()
    assert "port is in use" in err.splitlines()[-1]


@pytest.mark.parametrize(("language", "end"), [("en", "less busy"), ("zh", "再试")])
def test_clients_that_do_not_get_connected_in_time_are_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, end: str
) -> None:
    monkeypatch.setattr(measure, "OPENING", 0.2)
    monkeypatch.setattr(measure.WebSocketClients, "open", never)
    assert run_command(["overhead", *SHORT, "--transports", "websocket", "--lang", language]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("wsedu: WebSocket")
    assert err.endswith(f"{end}\n")
    assert err.count("\n") == 1
    assert "TimeoutError" not in err


def test_what_a_run_did_not_get_to_has_the_round_trip_of_this_machine_too(measured: Measured) -> None:
    setting = Setting(clients=3, events_per_second=20.0, rtt=1.0)
    _, left = rows(setting, (Transport.WEBSOCKET, Transport.SSE), [replace(measured, stopped=True)])
    alone = rows(setting, (Transport.SSE,))[0]
    assert alone.delay.modelled == 0.5
    assert left.delay.modelled == pytest.approx(float(measured.setting.rtt) / 2)


def test_a_dash_for_95_of_100_is_explained(capsys: pytest.CaptureFixture[str], measured: Measured) -> None:
    few = replace(measured, delivered=5, delays=measured.delays[:5])
    assert "so there is a dash" in told(capsys, [few], Transport.WEBSOCKET)
    many = replace(measured, delivered=200, delays=np.full(200, 0.001))
    assert "so there is a dash" not in told(capsys, [many], Transport.WEBSOCKET)


def test_a_failure_before_anything_is_measured_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: Any) -> None:
        raise OSError(errno.EADDRINUSE, "in use")

    monkeypatch.setattr(measure, "HttpServer", refuse)
    assert run_command(["overhead", *SHORT, "--transports", "polling", "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "port is in use" in err
