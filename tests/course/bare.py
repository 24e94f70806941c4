"""A Python that has wsedu and what `pip install wsedu` brings, and really nothing else."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import wsedu

BROUGHT = ("numpy", "numpy.libs", "rich", "markdown_it", "mdurl", "pygments")
"""What comes with wsedu itself: its two dependencies, and theirs."""


def bare_python(folder: Path) -> Path:
    """Make a virtual environment, by links and without the network.

    Arguments:
        folder: that it is made in.

    Returns:
        its interpreter.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    python = folder / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    there = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True, timeout=60)
    goal, source = Path(there.stdout.strip()), Path(sysconfig.get_path("purelib"))
    for name in BROUGHT:
        if (source / name).exists():
            (goal / name).symlink_to(source / name)
    (goal / "wsedu").symlink_to(Path(wsedu.__file__).parent)
    return python
