"""Take pictures of every widget in a real JupyterLab: three themes, wide and narrow, on a projector, two languages.

python tools/shots.py FOLDER [WIDGET ...]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image

from tests.notebooks.axe import THEMES
from tests.notebooks.browsing import chromium
from tests.notebooks.lab import JupyterServer, LabPage
from tests.notebooks.widgets import NAMES, cell, use

LANGUAGES = ("en", "zh")
WIDE, NARROW = 1280, 668
"""Pixels: the width of the whole page, and that of a notebook's output beside two open side bars."""

HIGH = 4000
"""Pixels, so that no widget has to be scrolled."""

PROJECTORS = ((1280, 800), (1000, 800))
COLOURS = 256


def _pinned(lab: LabPage) -> None:
    lab.page.locator(".wsedu-legend-field").last.click()


def _refused(lab: LabPage) -> None:
    lab.page.locator(".wsedu-stepper select").first.select_option("subprotocol")


def _closing(lab: LabPage) -> None:
    for role in (0, 1):
        lab.page.locator(".wsedu-closing-end").nth(role).locator("[data-event=CLOSE_SENT]").click()
        lab.idle()
        lab.page.locator(".wsedu-closing-steps button").last.click()
        lab.idle()


def _ended(lab: LabPage) -> None:
    lab.page.locator(".wsedu-live-film .wsedu-film-end").click()


POSES: dict[str, Callable[[LabPage], None]] = {
    "FrameBuilder": _pinned,
    "HandshakeStepper": _refused,
    "ClosingMachine": _closing,
    "LiveExchange": _ended,
}
"""What is done to those that have something to see from the beginning."""


def keep(png: bytes, path: Path) -> None:
    """Write a picture: our widgets have few colours, so a palette makes it small."""
    Image.open(BytesIO(png)).quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path)


def shoot(lab: LabPage, name: str, folder: Path) -> None:
    """Every theme and width of one widget."""
    page, section = lab.page, lab.page.locator("section.wsedu").first
    rest = WIDE - page.locator(".jp-OutputArea-output").first.evaluate("node => node.clientWidth")
    for theme in THEMES:
        lab.theme(theme)
        short = theme.removeprefix("JupyterLab ").replace(" ", "-").lower()
        for width, size in (("wide", WIDE), ("narrow", NARROW + rest)):
            page.set_viewport_size({"width": size, "height": HIGH})
            lab.idle()
            keep(section.screenshot(), folder / f"{name}-{width}-{short}.png")
        if lab.page.locator(".wsedu-film-project").count():
            project(lab, folder / f"{name}-projector-{short}.png")


def project(lab: LabPage, path: Path) -> None:
    """The film on the whole screen."""
    page = lab.page
    page.locator(".wsedu-film-project").click()
    page.locator(".wsedu-projector").wait_for()
    for width, height in PROJECTORS:
        page.set_viewport_size({"width": width, "height": height})
        keep(page.screenshot(), path.with_stem(f"{path.stem}-{width}"))
    page.locator(".wsedu-film-project").click()
    page.locator(".wsedu-projector").wait_for(state="detached")


def visit(browser: Any, server: JupyterServer, name: str, language: str, folder: Path) -> None:
    """Open one widget in a notebook of its own and take its pictures."""
    page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
    notebook = f"{name}-{language}.ipynb"
    server.write(notebook, [cell(name, language)])
    lab = LabPage(page, server, notebook)
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    lab.run_all()
    use(lab, name, language)
    POSES.get(name, lambda _lab: None)(lab)
    lab.idle()
    shoot(lab, f"{name}-{language}", folder)
    lab.shut_down()
    page.close()


def main(arguments: list[str]) -> None:
    """Take the pictures of the widgets that are named, or of all."""
    if not arguments:
        raise SystemExit("usage: python tools/shots.py FOLDER [WIDGET ...]")
    folder = Path(arguments[0])
    names = arguments[1:] or list(NAMES)
    strangers = sorted(set(names) - set(NAMES))
    if strangers:
        raise SystemExit(f"no such widget: {', '.join(strangers)}; there are {', '.join(NAMES)}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        server = JupyterServer(Path(place))
        try:
            for name in names:
                for language in LANGUAGES:
                    visit(browser, server, name, language, folder)
        finally:
            server.close()


if __name__ == "__main__":
    main(sys.argv[1:])
