"""axe-core on every widget in a real JupyterLab: three themes, as it opens and with an error shown."""

from __future__ import annotations

import pytest

from tests.notebooks.axe import THEMES, measure
from tests.notebooks.conftest import Notebook
from tests.notebooks.widgets import FAIL, NAMES, cell


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(notebook: Notebook, name: str) -> None:
    lab = notebook([cell(name)], height=3000)
    lab.page.locator("section.wsedu").wait_for()
    found = {theme: measure(lab, theme) for theme in THEMES}
    lab.run(FAIL)
    lab.page.locator(".wsedu-problem details").click()
    found |= {f"{theme}, with an error": measure(lab, theme) for theme in THEMES}
    assert {state: one.complaints for state, one in found.items() if one.complaints} == {}
    assert {state: one.contrasts for state, one in found.items() if one.contrasts < 100} == {}
