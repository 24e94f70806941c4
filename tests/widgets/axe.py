"""axe-core on a widget in the host page: what it finds wrong, and what it could not decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import require_component

_SCRIPT = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """
async (short) => {
  const sizes = {boldValue: 700, boldTextPt: 14, largeTextPt: 18, pseudoSizeThreshold: 0.25, shadowOutlineEmMax: 0.2};
  const ratios = {normal: {expected: 4.5}, large: {expected: 3}};
  const options = {...sizes, ignoreLength: true, ignoreUnicode: true, ignorePseudo: false, contrastRatio: ratios};
  if (short) axe.configure({checks: [{id: "color-contrast", options}]});
  document.documentElement.lang = "en";
  const found = await axe.run(".wsedu");
  const brief = (one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ").slice(0, 300)}`;
  const contrast = found.passes.filter((one) => one.id === "color-contrast").flatMap((one) => one.nodes).length;
  return {wrong: [...found.violations, ...found.incomplete].map(brief), contrast};
}
"""


def complaints(page: Any, *, short: bool = False) -> tuple[list[str], int]:
    """What is wrong or undecided, and on how many nodes the contrast was really checked.

    Arguments:
        page: with the widget.
        short: whether texts of a single character are checked too; left to itself, axe-core leaves them open.
    """
    if not _SCRIPT.is_file():
        require_component("axe-core", "npm ci --prefix tests/node")
    page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate(_RUN, short)
    return found["wrong"], found["contrast"]
