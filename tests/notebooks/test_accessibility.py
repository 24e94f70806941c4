"""axe-core on every widget in a real JupyterLab: three themes, in use and with an error shown."""

from __future__ import annotations

import pytest

from tests.notebooks.axe import survey
from tests.notebooks.conftest import Notebook
from tests.notebooks.lab import LabPage
from tests.notebooks.widgets import NAMES, SMALL, cell, use


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(notebook: Notebook, name: str) -> None:
    found = survey(notebook([cell(name)], height=3000), name)
    least = 10 if name in SMALL else 100
    assert {state: one.complaints for state, one in found.items() if one.complaints} == {}
    assert {state: one.contrasts for state, one in found.items() if one.contrasts < least} == {}


@pytest.mark.parametrize("name", NAMES)
def test_what_the_system_asks_for_is_done(notebook: Notebook, name: str) -> None:
    """Where motion is not wanted, nothing moves; where colours are forced, every pressed button is told apart."""
    lab = notebook([cell(name)])
    lab.page.emulate_media(reduced_motion="reduce")
    use(lab, name)
    assert moving(lab) == []
    lab.page.emulate_media(reduced_motion="no-preference", forced_colors="active")
    assert_forced_colours(lab)


def moving(lab: LabPage) -> list[str]:
    """What moves in the widget now, or would later."""
    moves = """() => document.getAnimations().map(one => one.effect.target).filter(one => one.closest('.wsedu'))
      .map(node => node.className)"""
    lasting = """() => [...document.querySelectorAll(".wsedu, .wsedu *")].filter(node => {
      const { animationName, transitionProperty, transitionDuration } = getComputedStyle(node);
      return animationName !== "none" || transitionProperty !== "none" && parseFloat(transitionDuration) > 0;
    }).map(node => node.className)"""
    found: list[str] = [*lab.page.evaluate(moves), *lab.page.evaluate(lasting)]
    return found


def assert_forced_colours(lab: LabPage) -> None:
    """The system's own colours are kept, and what is pressed is not told by a colour of ours alone."""
    looks = """() => {
      const kinds = ["aria-pressed", "aria-selected", "aria-checked"];
      const buttons = [...document.querySelectorAll(kinds.map(kind => `.wsedu [${kind}]`).join())];
      const look = node => { const s = getComputedStyle(node);
        return [s.backgroundColor, s.color, s.borderColor, s.borderStyle, s.fontWeight, node.textContent].join(); };
      const state = node => kinds.map(name => node.getAttribute(name)).join();
      const told = new Map();
      for (const node of buttons) {
        const group = node.parentElement;
        if (!told.has(group)) told.set(group, []);
        told.get(group).push([state(node), look(node)]);
      }
      return [...told.values()].flatMap(group => group.flatMap(([state, look]) =>
        group.filter(other => other[0] !== state && other[1] === look).map(() => look)));
    }"""
    assert lab.page.evaluate(looks) == []
    words = "() => getComputedStyle(document.querySelector('.wsedu')).color"
    system = """() => { const node = document.body.appendChild(document.createElement("i"));
      node.style.color = "CanvasText"; return getComputedStyle(node).color; }"""
    assert lab.page.evaluate(words) == lab.page.evaluate(system)
