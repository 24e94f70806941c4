"""Tables for a terminal: who says what."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from wsedu import Role
from wsedu.explain.catalogue import LANGUAGES, catalogue
from wsedu.views.tables import told_by


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_network_has_a_name_as_the_endpoints_have(language: str) -> None:
    rows = [(Role.CLIENT, Text("one")), (None, Text("two")), (None, Text("three")), (Role.CLIENT, Text("four"))]
    console = Console(width=60)
    with console.capture() as captured:
        console.print(told_by(rows, language))
    words = [line.split() for line in captured.get().splitlines()]
    client, network = catalogue(language).say("role.client"), catalogue(language).say("picture.network")
    # A name stands once over a run of what it says.
    assert words == [[client, "one"], [network, "two"], ["three"], [client, "four"]]
