"""The command line as a user runs it: a process of its own, with its output and its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def wsedu() -> Run:
    """`wsedu("decode", "8105", stdin=b"...", env={...})` runs the command and gives its completed process."""

    def run(
        *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None, cwd: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        surroundings = {name: value for name, value in os.environ.items() if name not in ("WSEDU_LANG", "NO_COLOR")}
        surroundings |= {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "COLUMNS": "80"} | (env or {})
        done = subprocess.run(
            [sys.executable, "-m", "wsedu", *arguments],
            input=stdin,
            capture_output=True,
            env=surroundings,
            cwd=cwd,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return run
