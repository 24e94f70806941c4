"""Write docs/pictures/page.png: the page of `serve --app page` in Chromium, after a text and a Ping.

python tools/page_picture.py
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HOUSE = Path(__file__).parents[1]
sys.path.insert(0, str(HOUSE))

from tests.browser.conftest import FLAGS, NAMES, TIMEOUT  # noqa: E402
from tests.cli.talking import serving  # noqa: E402

PICTURE = HOUSE / "docs" / "pictures" / "page.png"
SIZE = {"width": 1000, "height": 1040}
"""Pixels of the window."""
COLOURS = 128


def main() -> int:
    """Write the picture."""
    chromium = next((path for name in NAMES if (path := shutil.which(name))), None)
    if chromium is None:
        sys.stderr.write("no Chromium: apt-get install chromium\n")
        return 2
    PICTURE.parent.mkdir(exist_ok=True)
    with serving("--app", "page") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=list(FLAGS), timeout=TIMEOUT)
        context = browser.new_context(viewport=SIZE, locale="en-GB", color_scheme="light")
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.goto(server.uri.replace("ws", "http", 1))
        page.locator("#state", has_text="OPEN").wait_for()
        page.locator("#text").fill("Hello")
        page.locator("#send").click()
        page.locator("#traced .frame").nth(1).wait_for()
        page.locator("#ping").click()
        page.locator("#traced .frame").nth(3).wait_for()
        page.locator("#only-frames").check()
        # A page has few colours: with a palette the file is a third of the size.
        Image.open(io.BytesIO(page.screenshot())).quantize(COLOURS).save(PICTURE, optimize=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
