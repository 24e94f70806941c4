"""Whether only what needs no kernel is wanted, as where notebooks are made: the text and the image, no live view."""

from __future__ import annotations

import os

HEADLESS = "WSEDU_HEADLESS"
"""The environment variable that asks for the static form alone, with anything but `0`."""


def headless() -> bool:
    """Whether the static form alone is wanted."""
    return os.environ.get(HEADLESS, "") not in ("", "0")
