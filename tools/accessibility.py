"""Write what axe-core says of every widget in a real JupyterLab into docs/widgets.md.

python tools/accessibility.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from _measure import table, with_section

from tests.notebooks.axe import Found, survey
from tests.notebooks.browsing import chromium
from tests.notebooks.lab import JupyterServer, LabPage
from tests.notebooks.widgets import NAMES, cell

PAGE = Path(__file__).parents[1] / "docs" / "widgets.md"


def surveys() -> dict[str, dict[str, Found]]:
    """What axe-core says, for each widget and state."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = JupyterServer(Path(folder))
        for name in NAMES:
            page = browser.new_page(viewport={"width": 1280, "height": 3000})
            server.write(f"{name}.ipynb", [cell(name)])
            lab = LabPage(page, server, f"{name}.ipynb")
            lab.run_all()
            found[name] = survey(lab, name)
            lab.shut_down()
            page.close()
        server.close()
    return found


def section(found: dict[str, dict[str, Found]]) -> str:
    """The section of the page."""
    rows = [
        (f"{name}, {state}", str(one.rules), str(one.contrasts), str(len(one.complaints)))
        for name, states in found.items()
        for state, one in states.items()
    ]
    return f"""\
## Accessibility

What axe-core says in a real JupyterLab that is high enough for all of a widget to be seen. Single characters and signs,
which it leaves out by itself, are measured as well; what it cannot decide counts as a complaint.

{table(("widget, theme", "rules passed", "nodes whose contrast was measured", "complaints"), rows)}
"""


def main() -> None:
    """Write the section."""
    text = section(surveys())
    print(text)
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), "accessibility", text), encoding="utf-8")


if __name__ == "__main__":
    main()
