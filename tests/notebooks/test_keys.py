"""The keys of a widget are its own: no letter and no arrow that is pressed in it reaches the notebook around it."""

from __future__ import annotations

import pytest

from tests.notebooks.conftest import Notebook
from tests.notebooks.lab import LabPage
from tests.notebooks.widgets import NAMES, SMALL, cell, use

QUICK = ("FrameBuilder",)
"""Asked of Notebook 7 in every run, since its keys are letters, digits and arrows; the others in the long run."""

_CELLS = """
() => [...document.querySelectorAll(".jp-Notebook .jp-Cell")]
  .map(cell => cell.className.match(/jp-(Code|Markdown|Raw)Cell/)[1]).join()
"""

# Everything in the widget that can have the focus, and is to be seen.
_FOCUSABLE = """
() => {
  for (const details of document.querySelectorAll("section.wsedu details")) details.open = true;
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex]";
  const found = [...document.querySelectorAll("section.wsedu, section.wsedu *")];
  const all = found.filter(node => node.matches(kinds) && node.checkVisibility() && !node.disabled);
  const bare = all.filter(node => !node.hasAttribute("data-lm-suppress-shortcuts"));
  if (bare.length) throw new Error(bare[0].outerHTML);
  // Every stop of the Tab key; of the cells between which the arrow keys move, the first of each kind.
  const kind = node => `${node.tagName} ${node.className} ${node.getAttribute("role")}`;
  const first = node => all.find(one => kind(one) === kind(node)) === node;
  window.wseduStops = all.filter(node => node.tabIndex >= 0 || first(node));
  return window.wseduStops.length;
}
"""
_FOCUS = """
number => {
  const node = window.wseduStops[number];
  if (!node.isConnected || node.disabled || !node.checkVisibility()) return "";
  node.focus();
  return document.activeElement === node ? node.outerHTML.slice(0, 160) : "";
}
"""
_LEFT = "() => !document.activeElement?.closest('section.wsedu')"


def leaks(lab: LabPage, least: int = 30) -> list[str]:
    """Each control, and the key pressed there that did something to the notebook; more than `least` keys are tried."""
    page, found, tried = lab.page, [], 0
    count = page.evaluate(_FOCUSABLE)
    for number in range(count):
        for key in ("b", "x", "ArrowDown"):
            control = page.evaluate(_FOCUS, number)
            if not control:
                continue
            tried += 1
            before = page.evaluate(_CELLS)
            page.keyboard.press(key)
            page.evaluate("() => new Promise(requestAnimationFrame)")
            if page.evaluate(_CELLS) != before or page.evaluate(_LEFT):
                found.append(f"{key} in {control}")
                if page.locator("section.wsedu").count() == 0:
                    return found
    lab.idle()
    assert tried > least
    return found


def at_work(notebook: Notebook, name: str, *, notebook7: bool = False) -> LabPage:
    """A widget in use, with a cell above and one below."""
    lab = notebook(["1 + 1", cell(name), "2 + 2"], notebook7=notebook7, height=3000)
    use(lab, name)
    return lab


@pytest.mark.parametrize("name", NAMES)
def test_no_key_that_is_pressed_in_a_widget_reaches_the_notebook(notebook: Notebook, name: str) -> None:
    assert leaks(at_work(notebook, name), least=5 if name in SMALL else 30) == []


@pytest.mark.parametrize("name", QUICK)
def test_no_key_reaches_notebook_7(notebook: Notebook, name: str) -> None:
    assert leaks(at_work(notebook, name, notebook7=True)) == []


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in NAMES if name not in QUICK])
def test_no_key_reaches_notebook_7_from_any_widget(notebook: Notebook, name: str) -> None:
    assert leaks(at_work(notebook, name, notebook7=True), least=5 if name in SMALL else 30) == []
