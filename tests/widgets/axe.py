"""axe-core on a widget in the host page: what it finds wrong, and what it could not decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import require_component

_SCRIPT = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """
async () => {
  document.documentElement.lang = "en";
  const found = await axe.run(".wsedu");
  const brief = (one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ").slice(0, 300)}`;
  const contrast = found.passes.filter((one) => one.id === "color-contrast").flatMap((one) => one.nodes).length;
  return {wrong: [...found.violations, ...found.incomplete].map(brief), contrast};
}
"""


def complaints(page: Any) -> tuple[list[str], int]:
    """What is wrong or undecided, and on how many nodes the contrast was really checked."""
    if not _SCRIPT.is_file():
        require_component("axe-core", "npm ci --prefix tests/node")
    page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate(_RUN)
    return found["wrong"], found["contrast"]
