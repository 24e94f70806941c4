"""axe-core in a page of JupyterLab, asked about the nodes of a widget alone."""

from __future__ import annotations

from typing import NamedTuple

from tests.interop.peer_node import FOLDER
from tests.notebooks.lab import LabPage
from tests.notebooks.widgets import FAIL, use

THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")

_SCRIPT = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
# By itself, axe-core does not measure a single character, of which a grid of bits is full, nor signs such as ✔.
_RUN = """
async () => {
  const ratios = {normal: {expected: 4.5}, large: {expected: 3}};
  const sizes = {boldValue: 700, boldTextPt: 14, largeTextPt: 18, pseudoSizeThreshold: 0.25, shadowOutlineEmMax: 0.2};
  const all = {ignoreLength: true, ignoreUnicode: false, ignorePseudo: false};
  axe.configure({checks: [{id: "color-contrast", options: {...all, ...sizes, contrastRatio: ratios}}]});
  const found = await axe.run({include: [["section.wsedu"]]}, {resultTypes: ["violations", "incomplete", "passes"]});
  const told = kind => found[kind].flatMap(rule => rule.nodes.map(
    node => `${kind}: ${rule.id}: ${node.html.slice(0, 160)}: ${node.failureSummary ?? node.any[0]?.message ?? ""}`));
  const contrast = found.passes.find(rule => rule.id === "color-contrast");
  return [found.passes.length, contrast ? contrast.nodes.length : 0, [...told("violations"), ...told("incomplete")]];
}
"""


class Found(NamedTuple):
    """What axe-core says of a widget.

    Arguments:
        rules: that were passed.
        contrasts: nodes whose contrast was measured and is enough.
        complaints: violations, and what it could not decide.
    """

    rules: int
    contrasts: int
    complaints: list[str]


def measure(lab: LabPage, theme: str) -> Found:
    """Choose a theme and ask axe-core about the first widget of the page."""
    lab.theme(theme)
    if not lab.page.evaluate("'axe' in window"):
        lab.page.add_script_tag(content=_SCRIPT.read_text(encoding="utf-8"))
    return Found(*lab.page.evaluate(_RUN))


def survey(lab: LabPage, name: str) -> dict[str, Found]:
    """What axe-core says of a widget in each theme: in use with every table open, and with an error shown."""
    use(lab, name)
    # What has nothing to say yet is hidden, such as what was measured before anything was.
    for fold in lab.page.locator("section.wsedu details:not(.wsedu-details) > summary:visible").all():
        fold.click()
    found = {theme: measure(lab, theme) for theme in THEMES}
    lab.run(FAIL)
    lab.page.locator(".wsedu-problem:not([hidden]) details").click()
    return found | {f"{theme}, with an error": measure(lab, theme) for theme in THEMES}
