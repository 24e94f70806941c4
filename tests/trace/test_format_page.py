"""docs/trace-format.md says what the code does: its tables and examples are those that a run gives."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from wsedu.protocol.steps import fact_names
from wsedu.trace.jsonl import lines, loads
from wsedu.trace.worldsteps import ALL_KINDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "trace-format.md"


def check(root: Path) -> subprocess.CompletedProcess[str]:
    """Have the tool of a tree check the page of that tree."""
    command = [sys.executable, str(root / "tools" / "trace_format.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=root)


def test_the_page_is_up_to_date() -> None:
    done = check(ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_page_that_is_not_up_to_date_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "tools" / "trace_format.py", tmp_path / "tools")
    (tmp_path / "wsedu").symlink_to(ROOT / "wsedu")
    text = PAGE.read_text("utf-8")
    changed = text.replace("| `length`: whole number |", "| `length`: text |")
    assert changed != text
    (tmp_path / "docs" / PAGE.name).write_text(changed, "utf-8")
    done = check(tmp_path)
    assert done.returncode == 1
    assert "not up to date" in done.stderr
    assert (tmp_path / "docs" / PAGE.name).read_text("utf-8") == changed


def test_every_kind_stands_in_the_page_with_its_facts() -> None:
    rows = dict(re.findall(r"^\| `([a-z.]+)` \|(.*)$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert set(ALL_KINDS) <= set(rows)
    for name, kind in ALL_KINDS.items():
        assert re.findall(r"`([a-z0-9_]+)`:", rows[name]) == list(fact_names(kind))


def test_the_examples_of_the_page_can_be_read() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert list(lines(loads(block))) == block.splitlines()
    kinds = [json.loads(line)["kind"] for line in block.splitlines()]
    assert {"trace.header", "bytes.sent", "frame.field", "frame.complete", "mask.byte", "violation"} <= set(kinds)
