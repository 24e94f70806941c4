"""`demo` in virtual time: told like a real run, and every scenario of virtual time can be told in both languages."""

from __future__ import annotations

import json

import pytest

from wsedu.cli.main import run
from wsedu.scenarios import VIRTUAL_SCENARIOS


@pytest.mark.parametrize("name", VIRTUAL_SCENARIOS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_scenario_of_virtual_time_is_told(name: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--scenario", name, "--seed", "1", "--lang", language]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert len(told.out) > 1000


def test_virtual_time_gives_the_same_lines_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for _ in range(2):
        assert run(["demo", "--world", "virtual", "--seed", "7", "--json"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0].splitlines()[0])["seed"] == 7


@pytest.mark.parametrize("option", [["--world", "real"], ["--tls"], ["--compress"]])
def test_what_such_a_scenario_cannot_do_is_refused(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--scenario", "idle-proxy", *option]) == 2
    assert "idle-proxy" in capsys.readouterr().err
