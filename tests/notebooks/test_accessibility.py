"""axe-core on every widget in a real JupyterLab: three themes, in use and with an error shown."""

from __future__ import annotations

import pytest

from tests.notebooks.axe import survey
from tests.notebooks.conftest import Notebook
from tests.notebooks.widgets import NAMES, cell, use


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(notebook: Notebook, name: str) -> None:
    found = survey(notebook([cell(name)], height=3000), name)
    assert {state: one.complaints for state, one in found.items() if one.complaints} == {}
    assert {state: one.contrasts for state, one in found.items() if one.contrasts < 100} == {}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_moves_where_motion_is_not_wanted(notebook: Notebook, name: str) -> None:
    lab = notebook([cell(name)])
    lab.page.emulate_media(reduced_motion="reduce")
    use(lab, name)
    moving = "() => document.getAnimations().filter(one => one.effect.target.closest('.wsedu')).length"
    lasting = """() => [...document.querySelectorAll(".wsedu, .wsedu *")].filter(node => {
      const { animationName, transitionProperty, transitionDuration } = getComputedStyle(node);
      return animationName !== "none" || transitionProperty !== "none" && parseFloat(transitionDuration) > 0;
    }).map(node => node.className)"""
    assert lab.page.evaluate(moving) == 0
    assert lab.page.evaluate(lasting) == []


@pytest.mark.parametrize("name", NAMES)
def test_with_forced_colours_every_pressed_button_is_told_apart(notebook: Notebook, name: str) -> None:
    """The system's own colours are kept, and what is pressed is not told by a colour of ours alone."""
    lab = notebook([cell(name)])
    lab.page.emulate_media(forced_colors="active")
    use(lab, name)
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
