"""The pages' modules are checked by TypeScript's compiler, strictly, as they are: nothing is built from them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.conftest import require_component

ROOT = Path(__file__).parents[2]
TSC = ROOT / "tests" / "node" / "node_modules" / "typescript" / "bin" / "tsc"
OPTIONS = "--allowJs --checkJs --strict --noEmit --target es2022 --module es2022 --lib es2023,dom,dom.iterable"


def test_the_types_of_all_modules_fit() -> None:
    if not TSC.is_file():
        require_component("typescript", "npm ci --prefix tests/node")
    files = sorted((ROOT / "wsedu" / "widgets" / "static").glob("*.js"))
    done = subprocess.run(
        ["node", TSC, *OPTIONS.split(), *files], capture_output=True, text=True, cwd=ROOT, timeout=110, check=False
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr
    assert all(file.read_text(encoding="utf-8").startswith("// @ts-check\n") for file in files)
