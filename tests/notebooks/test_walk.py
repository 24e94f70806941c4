"""The walk-through of the frame builder and the exchange film: one test for each thing that their screens have."""

from __future__ import annotations

import pytest

from tests.notebooks.walk import BUILDER, FILM, Stop
from tests.widgets.conftest import host as host
from tests.widgets.host import Host


@pytest.mark.parametrize("stop", BUILDER, ids=[stop.name for stop in BUILDER])
def test_the_frame_builder(host: Host, stop: Stop) -> None:
    builder = stop.make()
    stop.go(host.show(builder), builder)


@pytest.mark.parametrize("stop", FILM, ids=[stop.name for stop in FILM])
def test_the_exchange_film(host: Host, stop: Stop) -> None:
    film = stop.make()
    page = host.show(film)
    page.locator(".wsedu-film").focus()
    stop.go(page, film)
