"""Commands of the course as a user runs them, also with a Python that lacks all but wsedu itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.course.bare import bare_python

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment in which everything optional is missing."""
    return bare_python(tmp_path_factory.mktemp("bare") / "venv")


def surroundings(**more: str) -> dict[str, str]:
    """The variables of a terminal, in English, with no settings of the machine that the tests run on."""
    dropped = ("WSEDU_LANG", "NO_COLOR", "LANG", "PYTHONWARNINGS")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "COLUMNS": "80"} | more


def outside(**more: str) -> dict[str, str]:
    """The same without anything of this checkout on the path."""
    return {name: value for name, value in surroundings(**more).items() if name != "PYTHONPATH"}


@pytest.fixture
def command(tmp_path: Path) -> Run:
    """`command("doctor", python=…, cwd=…, NAME=value)` runs it and gives its completed process."""

    def run(
        *arguments: str, python: Path | str = sys.executable, cwd: Path = tmp_path, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-m", "wsedu", *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=surroundings(**variables),
            cwd=cwd,
            encoding="utf-8",
            timeout=100,
            check=False,
        )

    return run
