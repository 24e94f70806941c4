"""The package as a whole: light to import, one version, and a README whose examples run."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import wsedu

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def run(program: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=cwd, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("statement", ["import wsedu", "import wsedu; wsedu.Connection; wsedu.dissect; wsedu.Trace"])
def test_nothing_heavy_is_imported_before_it_is_needed(statement: str, tmp_path: Path) -> None:
    heavy = {"numpy", "asyncio", "ssl", "rich", "matplotlib", "IPython", "ipywidgets", "anywidget", "trustme"}
    loaded = run(f"{statement}\nimport sys\nprint(*sys.modules)", tmp_path).split()
    assert heavy.isdisjoint(loaded)


def test_small_payloads_need_no_numpy_and_large_ones_load_it(tmp_path: Path) -> None:
    program = (
        "import sys, wsedu\nkey = b'abcd'\n"
        "wsedu.apply_mask(bytes(100), key)\nprint('numpy' in sys.modules)\n"
        "wsedu.apply_mask(bytes(100_000), key)\nprint('numpy' in sys.modules)"
    )
    assert run(program, tmp_path).split() == ["False", "True"]


def test_every_public_name_is_there() -> None:
    for name in wsedu.__all__:
        assert getattr(wsedu, name) is not None
    assert set(wsedu.__all__) <= set(dir(wsedu))
    with pytest.raises(AttributeError):
        wsedu.no_such_name  # noqa: B018


def test_there_is_one_version() -> None:
    assert importlib.metadata.version("wsedu") == wsedu.__version__
    assert f"## {wsedu.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_commands_of_the_readme_exist() -> None:
    from wsedu.cli.main import COMMANDS

    named = set(re.findall(r"python -m wsedu (\w+)", README))
    assert named == set(COMMANDS)


def test_the_scenarios_of_the_readme_are_those_that_there_are() -> None:
    from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS

    for beginning, scenarios in (
        ("The scenarios of `demo`", SCENARIOS),
        ("Some are for virtual time", VIRTUAL_SCENARIOS),
    ):
        paragraph = README[README.index(beginning) :].split("\n\n")[0]
        assert set(re.findall(r"`([a-z0-9-]+)`", paragraph)) - {"demo"} == set(scenarios)


def test_the_extras_of_the_readme_are_those_that_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    section = README[README.index("## Install only what you need") :].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE) == list(extras)
