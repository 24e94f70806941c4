"""Make docs/walkthrough.md and its pictures: the screens of the product, thing by thing, as they are now.

python tools/walkthrough.py [SCREEN[-STOP] …]

With names, such as `film` or `live-ping`, only the pictures of those are made anew, and the page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest
from PIL import Image

from tests.notebooks.browsing import chromium
from tests.notebooks.screens import SCREENS
from tests.notebooks.walk import Screen, Stop, on_screen
from tests.widgets.host import Host, use_page_comms

PAGE = Path(__file__).parents[1] / "docs" / "walkthrough.md"
PICTURES = PAGE.with_name("pictures")
COLOURS = 128
MARGIN = 8
"""Pixels around what a picture is of."""
TALLEST = 1600
"""Pixels of a picture; what is below is left out."""

HEAD = """\
# A walk through the screens

The widgets, as a learner meets them. This page and its pictures are made by `python tools/walkthrough.py`, which does
at each stop what is described; `tests/notebooks/test_walk.py` does the same and looks at what comes of it.
"""


def picture(screen: Screen, stop: Stop) -> str:
    """The name of a stop's picture."""
    return f"{screen.name}-{stop.name}.png"


def around(page: Any, selector: str) -> dict[str, float]:
    """The part of a page that has everything in it which a selector finds."""
    boxes = [box for one in page.locator(selector).all() if (box := one.bounding_box())]
    # Boxes are counted from what is in view.
    across, down = page.evaluate("[scrollX, scrollY]")
    left, top = (min(box[side] for box in boxes) for side in "xy")
    right, bottom = (max(box[side] + box[size] for box in boxes) for side, size in (("x", "width"), ("y", "height")))
    room = {"x": max(0, left - MARGIN + across), "y": max(0, top - MARGIN + down)}
    return room | {"width": right - left + 2 * MARGIN, "height": min(TALLEST, bottom - top + 2 * MARGIN)}


def take(browser: Any, stop: Stop, path: Path) -> None:
    """Go to a stop, and take a picture there."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    with on_screen(Host(page), stop) as (_, widget):
        stop.go(page, widget)
        shot = Image.open(BytesIO(page.screenshot(full_page=True, clip=around(page, stop.shot))))
    # Few colours make a small file, and our pictures have few.
    shot.convert("RGB").quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(path, optimize=True)
    page.close()


def told(screen: Screen) -> str:
    """What the page says of a screen."""
    stops = (
        f"{number}. {stop.told}\n\n   ![{stop.told}](pictures/{picture(screen, stop)})\n"
        for number, stop in enumerate(screen.stops, 1)
    )
    return f"## {screen.title}\n\n" + "\n".join(stops)


def main(names: Sequence[str]) -> None:
    """Write the page and its pictures."""
    PICTURES.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        use_page_comms(patch)
        for screen in SCREENS:
            for stop in screen.stops:
                if not names or screen.name in names or f"{screen.name}-{stop.name}" in names:
                    take(browser, stop, PICTURES / picture(screen, stop))
    PAGE.write_text("\n".join([HEAD, *map(told, SCREENS)]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
