"""`overhead` as a user gives it: measured, modelled, saved, stopped, refused."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.cli.conftest import Run
from wsedu.overhead.claims import article_packets
from wsedu.overhead.model import evaluate
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import Transport

FOLDER = "folder.csv"
SHORT = ("--seconds", "0.5", "--interval", "0.2", "--clients", "3", "--events-per-second", "10")


@pytest.mark.parametrize(("language", "measured", "modelled"), [("en", "measured", "modelled"), ("zh", "实测", "模型")])
def test_what_was_measured_stands_beside_the_model(wsedu: Run, language: str, measured: str, modelled: str) -> None:
    done = wsedu("overhead", *SHORT, "--lang", language)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(line.strip().startswith(measured) for line in lines) == 4
    assert sum(line.strip().startswith(modelled) for line in lines) == 4
    websocket = lines.index("WebSocket")
    # 20 bytes of payload and a header of 2, measured and modelled.
    assert [re.findall(r"\d+", line)[0] for line in lines[websocket + 1 : websocket + 3]] == ["22", "22"]
    assert done.stderr.count("\n") == 4


def test_the_model_alone_measures_nothing_and_says_so(wsedu: Run) -> None:
    done = wsedu("overhead", "--model-only", "--clients", "10000", "--interval", "60", "--transports", "polling")
    assert done.returncode == 0
    assert "measured" not in done.stdout.replace("nothing was measured", "")
    assert "nothing was measured" in done.stdout
    # High Performance Browser Networking: 10,000 clients at a minute ask 167 times a second.
    assert re.search(r"modelled .*\b167\b", done.stdout)


def test_json_has_the_figures_and_every_delay(wsedu: Run) -> None:
    done = wsedu("overhead", *SHORT, "--transports", "websocket", "--json")
    told = json.loads(done.stdout)
    (row,), (run,) = told["rows"], told["runs"]
    assert row["socket_bytes"]["measured"] == row["socket_bytes"]["modelled"] == 22
    assert run["delivered"] == row["delivered"] == len(run["delays"]) > 0
    assert run["down"]["payload"] == 20 * run["delivered"]
    assert run["setting"]["headers"] == "browser"


def test_files_hold_what_the_screen_does(wsedu: Run, tmp_path: Path) -> None:
    files = {suffix: tmp_path / f"lab{suffix}" for suffix in (".csv", ".json", ".png", ".svg")}
    saved = [part for path in files.values() for part in ("--save", str(path))]
    done = wsedu("overhead", "--model-only", "--transports", "polling,websocket", *saved)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("saved") == len(files)
    table = list(csv.DictReader(io.StringIO(files[".csv"].read_text(encoding="utf-8"))))
    wire = {row["transport"]: float(row["modelled"]) for row in table if row["figure"] == "wire_bytes"}
    setting = Setting(clients=20, events_per_second=2.0)
    assert wire["websocket"] == pytest.approx(float(evaluate(Transport.WEBSOCKET, setting).total_per_message()))
    assert all(row["measured"] == "" for row in table)
    assert json.loads(files[".json"].read_text(encoding="utf-8"))["runs"] == []
    with Image.open(files[".png"]) as picture:
        assert picture.width > 1500
    assert ElementTree.fromstring(files[".svg"].read_text(encoding="utf-8")).tag.endswith("svg")


def test_the_month_is_bytes_times_what_a_gigabyte_costs(wsedu: Run) -> None:
    done = wsedu(
        "overhead", "--model-only", "--month", "--transports", "websocket", "--price-per-gb", "10", "--clients", "1000"
    )
    setting = Setting(clients=1000, events_per_second=2.0)
    gigabytes, _, price = evaluate(Transport.WEBSOCKET, setting).month(0.06, 10)
    assert f" {float(gigabytes):,.0f} " in done.stdout
    assert f" {float(price):,.0f}\n" in done.stdout
    assert "10 (in the currency of your price) for each gigabyte" in " ".join(done.stdout.split())
    assert "dollars" not in done.stdout


@pytest.mark.parametrize(("language", "told"), [("en", "0.09 US dollars for each gigabyte"), ("zh", "0.09 美元计价")])
def test_the_month_of_a_million_is_readable_and_says_its_currency(wsedu: Run, language: str, told: str) -> None:
    arguments = ("--model-only", "--month", "--clients", "1000000", "--payload", "4096", "--events-per-second", "100")
    done = wsedu("overhead", *arguments, "--lang", language)
    assert told in done.stdout
    assert re.search(r"\d,\d{3},\d{3}", done.stdout)
    assert "e+" not in done.stdout


def test_the_articles_heads_can_be_had(wsedu: Run) -> None:
    done = wsedu("overhead", "--model-only", "--headers", "article-2009", "--transports", "polling", "--json")
    told = json.loads(done.stdout)
    assert told["setting"]["headers"] == "article-2009"
    assert article_packets().polling > 1000


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--clients", "0"), "from 1 to 1,000,000, not 0"),
        (("--payload", "9999"), "from 0 to 4,096 bytes, not 9999"),
        (("--events-per-second", "nan"), "from 0.01 to 100 per second, not nan"),
        (("--clients", "5000"), "more than the 1,000 that are measured"),
        (("--clients", "5000"), "take --clients 1000"),
        (("--interval", "10"), "longer than the run of 5 s"),
        (("--seconds", "1000"), "at most 120"),
        (("--headers", "netscape"), "one of bare, browser, cookies, article-2009"),
        (("--transports", "carrier-pigeon"), "polling, polling-close"),
        (("--transports", ","), "polling, polling-close"),
        (("--transports", "polling-h2"), "only modelled"),
        (("--save", "lab.gif"), ".png, .svg, .csv, .json"),
        (("--save", "/proc/lab.csv"), "cannot save /proc/lab.csv: the system allows no new file there"),
        (("--save", f"{FOLDER}"), f"{FOLDER} is a folder"),
        (("--seed", "-1"), "--seed takes a whole number from 0 to 4,294,967,295, not -1"),
        (("--port", "99999"), "--port takes a number from 0 to 65535, not 99999"),
        (("--port", "-1"), "from 0 to 65535, not -1"),
        (("--price-per-gb", "-3"), "--price-per-gb takes a number from 0 to 1,000,000,000, not -3"),
        (("--kwh-per-gb", "nan"), "--kwh-per-gb takes a number from 0 to 1,000 kWh, not nan"),
        (("--payload", "9999", "--lang", "zh"), "--payload 要 0 到 4,096 字节之间的整数，不能是 9999"),
        (("--rtt", "11", "--lang", "zh"), "--rtt 要 0 到 10 秒之间的数，不能是 11"),
        (("--events-per-second", "0", "--lang", "zh"), "要 0.01 到 100 个/秒之间的数，不能是 0"),
        (("--kwh-per-gb", "-1", "--lang", "zh"), "要 0 到 1,000 千瓦时之间的数，不能是 -1"),
        (("--clients", "5000", "--lang", "zh"), "这里能测的 1,000 个；可用 --clients 1000"),
    ],
)
def test_what_cannot_be_is_one_line_that_says_what_can(
    wsedu: Run, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    if FOLDER in arguments:
        (tmp_path / FOLDER).mkdir()
    done = wsedu("overhead", *arguments, cwd=str(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_busy_port_is_said(wsedu: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = wsedu("overhead", *SHORT, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "port" in done.stderr
    assert done.stderr.count("\n") == 1


def test_control_c_shows_what_there_is(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "wsedu",
        "overhead",
        "--seconds",
        "60",
        "--transports",
        "websocket,sse",
        "--lang",
        "en",
    ]
    saved = tmp_path / "lab.json"
    process = subprocess.Popen(
        [*command, "--save", str(saved)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "measuring" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    (run,) = json.loads(saved.read_text(encoding="utf-8"))["runs"]
    assert run["stopped"] is True
    # Nobody knows whether the first event was faster than the signal.
    assert ("stopped after" if run["delivered"] else "no event arrived") in out
    assert ("nothing was measured" in out) is not bool(run["delivered"])
    assert "WebSocket" in out
    assert "Not measured in this run, so only modelled: server-sent events" in " ".join(out.split())


def test_without_a_chinese_font_a_chart_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from wsedu.views import overhead_charts, overhead_fonts

    monkeypatch.setattr(overhead_fonts, "CHINESE", ("No Such Font",))
    language, note = overhead_fonts.spoken_language("zh")
    assert language == "en"
    assert overhead_fonts.PACKAGE in note
    assert "汉字" in note, "what is said beside the chart is in the language that was asked for"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a character that no font has is a warning
        figure = overhead_charts.stacked(Setting(), language="zh")
        overhead_charts.saved(figure, ".png")
    assert any(overhead_fonts.PACKAGE in text.get_text() for text in figure.texts)
    assert all(text.get_text().isascii() for text in figure.texts)
