"""Every screen of the walk, in its order."""

from __future__ import annotations

from tests.notebooks.walk import Screen
from tests.notebooks.walk_acts import ACTS
from tests.notebooks.walk_builder import EDITORS, GRID, LOOKS, SAID
from tests.notebooks.walk_film import BEHIND, PLAYED, SHOWN, SOURCES
from tests.notebooks.walk_live import LIVE
from tests.notebooks.walk_more import CLOSING, HANDSHAKE
from tests.notebooks.walk_overhead import OVERHEAD
from tests.notebooks.walk_panels import PANELS

SCREENS = (
    Screen("builder", "The frame builder", (*GRID, *EDITORS, *SAID, *PANELS, *LOOKS)),
    Screen("film", "The exchange film", (*PLAYED, *BEHIND, *ACTS, *SOURCES, *SHOWN)),
    Screen("live", "The live exchange", LIVE),
    Screen("handshake", "The handshake stepper", HANDSHAKE),
    Screen("closing", "The closing machine", CLOSING),
    Screen("overhead", "The overhead lab", OVERHEAD),
)
