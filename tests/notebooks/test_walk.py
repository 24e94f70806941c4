"""The walk through the screens of the product: one test for each thing that they have."""

from __future__ import annotations

import pytest

from tests.notebooks.screens import SCREENS
from tests.notebooks.walk import Stop, on_screen
from tests.widgets.conftest import host as host
from tests.widgets.conftest import stage as stage
from tests.widgets.host import Host

WALK = {f"{screen.name}-{stop.name}": stop for screen in SCREENS for stop in screen.stops}


@pytest.mark.long
@pytest.mark.parametrize("stop", WALK.values(), ids=WALK)
def test_the_screens_have_what_is_told_of_them(host: Host, stop: Stop) -> None:
    with on_screen(host, stop) as (page, widget):
        stop.go(page, widget)


def test_no_picture_is_another_ones() -> None:
    assert len(WALK) == sum(len(screen.stops) for screen in SCREENS)
