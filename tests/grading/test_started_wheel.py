"""The exercises ship in the wheel: built, installed into an empty environment, started, solved and checked there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.grading.samples import ACCEPT, RIGHT
from wsedu.grading.exercise import exercises

ROOT = Path(__file__).parents[2]


def run(*command: object, folder: Path, status: int = 0) -> str:
    """Run a command without anything of this checkout on its path."""
    surroundings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "WSEDU_LANG")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**surroundings, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_from_the_wheel_in_an_empty_environment_and_an_empty_folder(tmp_path: Path) -> None:
    wheels, place, folder = tmp_path / "wheels", tmp_path / "venv", tmp_path / "empty"
    folder.mkdir()
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", wheels, ROOT, folder=tmp_path)
    (wheel,) = wheels.glob("wsedu-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for exercise in exercises():
        for file in ("exercise.toml", "solution.py", "checks.py"):
            assert f"wsedu/_exercises/{exercise.folder.name}/{file}" in names
    run(sys.executable, "-m", "venv", place, folder=tmp_path)
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel, folder=folder)
    assert "wsedu-exercises" in run(python, "-m", "wsedu", "exercises", "start", folder=folder)
    started = folder / "wsedu-exercises"
    assert sorted(path.name for path in started.glob("[0-9]*.py")) == [exercise.file for exercise in exercises()]
    assert "not written yet" in run(python, "-m", "wsedu", "check", "accept_key", folder=started, status=1)
    (started / ACCEPT.file).write_text(RIGHT, encoding="utf-8")
    assert "All checks passed (3 of 3)" in run(python, "-m", "wsedu", "check", "accept_key", folder=started)
    assert "✔  01  accept_key" in run(python, "-m", "wsedu", "exercises", "list", folder=started)
