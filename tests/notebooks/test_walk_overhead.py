"""The walk through the overhead lab: one test for each thing that its screen has."""

from __future__ import annotations

import pytest

from tests.notebooks.walk import Stop
from tests.notebooks.walk_overhead import OVERHEAD
from tests.widgets.conftest import host as host
from tests.widgets.host import Host
from tests.widgets.live_host import LiveHost


@pytest.mark.parametrize("stop", OVERHEAD, ids=[stop.name for stop in OVERHEAD])
def test_the_overhead_lab(host: Host, stop: Stop) -> None:
    lab = stop.make()
    # A run speaks from a thread of its own.
    stop.go(LiveHost(host).show(lab), lab)
    lab.close()
