"""Make the pictures of both READMEs, docs/pictures/readme-*.png: of a run of the demo, and of widgets in JupyterLab.

python tools/readme_pictures.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.notebooks.browsing import chromium
from tests.notebooks.lab import JupyterServer, LabPage
from tests.notebooks.widgets import cell, use
from tools.shots import HIGH, POSES, WIDE, keep

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
DEMO = "demo --scenario hello"
COLUMNS, LINES = 100, 44
LANGUAGES = {"en": "", "zh": "-zh"}
"""And what their files end with."""

WIDGETS = {"builder": "FrameBuilder", "film": "ExchangeFilm", "overhead": "OverheadLab"}
HEIGHT = 780
"""Pixels of a widget that are shown: the three stand side by side."""

PAGE = f"""<!doctype html>
<meta charset="utf-8">
<style>
  main {{ display: inline-block; padding: 10px 16px 14px; background: #0c0c0c; color: #d9d9d9; }}
  header {{ margin-bottom: 10px; color: #8f8f8f; font: 14px "DejaVu Sans Mono", monospace; }}
  pre {{ margin: 0; font: 16px/1.3 "DejaVu Sans Mono", "WenQuanYi Micro Hei", monospace; }}
  i {{ display: inline-block; width: 2ch; overflow: hidden; vertical-align: bottom; font-style: normal; }}
</style>
<main><header>$ python -m wsedu {DEMO}</header><pre>TEXT</pre></main>
"""


def demo(language: str) -> str:
    """The beginning of the demo on a terminal, as a page; a wide character takes two columns, as on a terminal."""
    command = [sys.executable, "-m", "wsedu", *DEMO.split(), "--seed", "1"]
    done = subprocess.run(
        [*command, "--color", "always", "--lang", language],
        env={**os.environ, "COLUMNS": str(COLUMNS)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi("\n".join(done.stdout.splitlines()[:LINES])), soft_wrap=True)
    text = console.export_html(theme=MONOKAI, inline_styles=True, code_format="{code}")
    return PAGE.replace("TEXT", "".join(f"<i>{sign}</i>" if cell_len(sign) == 2 else sign for sign in text))


def terminal(browser: Any, language: str, path: Path) -> None:
    """What `demo` gives, as a PNG."""
    page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
    page.set_content(demo(language))
    keep(page.locator("main").screenshot(), path)
    page.close()


def widget(browser: Any, server: JupyterServer, name: str, language: str, path: Path) -> None:
    """The upper part of a widget in JupyterLab, as a PNG."""
    page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
    notebook = f"{name}-{language}.ipynb"
    server.write(notebook, [cell(name, language)])
    lab = LabPage(page, server, notebook)
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    lab.run_all()
    use(lab, name, language)
    POSES.get(name, lambda _lab: None)(lab)
    lab.idle()
    box = page.locator("section.wsedu").first.bounding_box()
    keep(page.screenshot(clip={**box, "height": min(box["height"], HEIGHT)}), path)
    lab.shut_down()
    page.close()


def main() -> None:
    """Write them in both languages."""
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        server = JupyterServer(Path(place))
        try:
            for language, ending in LANGUAGES.items():
                terminal(browser, language, FOLDER / f"readme-demo{ending}.png")
                for short, name in WIDGETS.items():
                    widget(browser, server, name, language, FOLDER / f"readme-{short}{ending}.png")
        finally:
            server.close()


if __name__ == "__main__":
    main()
