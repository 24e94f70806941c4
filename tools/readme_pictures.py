"""Make the picture of the demo in the README from a run of it: docs/pictures/readme-demo.png and readme-demo-zh.png.

python tools/readme_pictures.py

Those of the widgets are taken by tools/walkthrough.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from wsedu.trace.files import write_whole
from wsedu.views.png import svg_to_png

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
COLUMNS, LINES = 100, 44
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


def main() -> None:
    """Write it in both languages."""
    for language, ending in (("en", ""), ("zh", "-zh")):
        path = FOLDER / f"readme-demo{ending}.png"
        write_whole(path, demo(language))
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
