"""Make docs/walkthrough.md and its pictures: both screens of the product, thing by thing, as they are now.

python tools/walkthrough.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest
from PIL import Image

from tests.notebooks.browsing import chromium
from tests.notebooks.walk import BUILDER, FILM, Stop
from tests.widgets.host import Host, use_page_comms

PAGE = Path(__file__).parents[1] / "docs" / "walkthrough.md"
PICTURES = PAGE.with_name("pictures")
COLOURS = 256
HEAD = """\
# A walk through two screens

The frame builder and the exchange film, as a learner meets them. This page and its pictures are made by
`python tools/walkthrough.py`, which does at each stop what is described; `tests/notebooks/test_walk.py` does the same
and looks at what comes of it.
"""


def taken(browser: Any, screen: str, stops: Sequence[Stop]) -> Iterator[str]:
    """Go to each stop, take a picture there, and give what the page says of it."""
    for number, stop in enumerate(stops, 1):
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        widget = stop.make()
        Host(page).show(widget)
        section = page.locator("section.wsedu").first
        section.focus()
        stop.go(page, widget)
        name = f"{screen}-{stop.name}.png"
        # Few colours make a small file, and our pictures have few.
        Image.open(BytesIO(section.screenshot())).quantize(COLOURS, dither=Image.Dither.NONE).save(
            PICTURES / name, optimize=True
        )
        page.close()
        yield f"{number}. {stop.told}\n\n   ![{stop.told}](pictures/{name})\n"


def main() -> None:
    """Write the page and its pictures."""
    PICTURES.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        use_page_comms(patch)
        builder = "\n".join(taken(browser, "builder", BUILDER))
        film = "\n".join(taken(browser, "film", FILM))
    text = f"{HEAD}\n## The frame builder\n\n{builder}\n## The exchange film\n\n{film}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
