"""Make the pictures of both READMEs, docs/pictures/readme-*.png: of a run of the demo, and of widgets in JupyterLab.

python tools/readme_pictures.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.notebooks.browsing import chromium
from tests.notebooks.lab import JupyterServer, LabPage
from tests.notebooks.widgets import cell, use
from tools.shots import HIGH, POSES, WIDE, keep
from wsedu.trace.files import write_whole
from wsedu.views.png import svg_to_png

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
COLUMNS, LINES = 100, 44
LANGUAGES = {"en": "", "zh": "-zh"}
"""And what their files end with."""

WIDGETS = {"builder": "FrameBuilder", "film": "ExchangeFilm", "overhead": "OverheadLab"}
HEIGHT = 780
"""Pixels of a widget that are shown: the three stand side by side."""

FONT = "DejaVu Sans Mono, WenQuanYi Micro Hei"


def demo(language: str) -> bytes:
    """The end of the demo's opening, on a terminal, as a PNG."""
    command = [sys.executable, "-m", "wsedu", "demo", "--scenario", "hello", "--seed", "1"]
    done = subprocess.run(
        [*command, "--color", "always", "--lang", language],
        env={**os.environ, "COLUMNS": str(COLUMNS)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    shown = "\n".join(done.stdout.splitlines()[:LINES])
    console.print(Text.from_ansi(shown), soft_wrap=True)
    title = "python -m wsedu demo --scenario hello"
    svg = console.export_svg(title=title, theme=MONOKAI, font_aspect_ratio=0.602)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert size is not None
    whole = svg.replace("<svg ", f'<svg width="{size[1]}" height="{size[2]}" ', 1).replace("Fira Code", FONT)
    return svg_to_png(whole, scale=1, theme="dark")


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
    for language, ending in LANGUAGES.items():
        path = FOLDER / f"readme-demo{ending}.png"
        write_whole(path, demo(language))
        print(path)
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        server = JupyterServer(Path(place))
        try:
            for language, ending in LANGUAGES.items():
                for short, name in WIDGETS.items():
                    widget(browser, server, name, language, FOLDER / f"readme-{short}{ending}.png")
        finally:
            server.close()


if __name__ == "__main__":
    main()
