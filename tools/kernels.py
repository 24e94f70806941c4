"""No click is lost on older kernels either: run tests/notebooks/test_clicks.py on releases of ipykernel.

python tools/kernels.py [RELEASE …]     such as 6.31 or 7.3; without one, those that the project answers for

Each release is installed in an environment of its own, which is thrown away. The newest release is part of the tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RELEASES = ("6.31", "7.3")


def run(release: str, folder: Path) -> bool:
    """Whether the tests pass with a release, which is installed into an empty folder."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = [f"ipykernel=={release}.*", "anywidget", "ipywidgets", "resvg-py", "--editable", str(ROOT)]
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
    found = subprocess.check_output([python, "-c", "import ipykernel; print(ipykernel.__version__)"], text=True)
    print(f"== ipykernel {found}", end="", flush=True)
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/notebooks/test_clicks.py"]
    environment = {**os.environ, "WSEDU_TEST_KERNEL": str(python)}
    return subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode == 0


def main() -> int:
    """Exit status 1 if a test fails with any of them."""
    failed = []
    for release in sys.argv[1:] or RELEASES:
        with tempfile.TemporaryDirectory() as folder:
            if not run(release, Path(folder) / "kernel"):
                failed.append(release)
    print(f"failed with ipykernel {', '.join(failed)}" if failed else "no click was lost")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
