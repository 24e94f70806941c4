"""`LiveExchange` as something to read: what stays on the screen, and where a cut is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host, use_page_comms
from tests.widgets.live import Listener
from tests.widgets.live_host import LiveHost
from wsedu.protocol.types import Role
from wsedu.views.film import film
from wsedu.views.film_items import KINDS
from wsedu.views.ladder_units import find_units
from wsedu.widgets import LiveExchange


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveExchange]:
    use_page_comms(monkeypatch)
    with closing(LiveExchange(language="en")) as made:
        yield made


@pytest.mark.parametrize("who", list(Role))
def test_a_cut_is_drawn_where_it_was_made_and_nothing_arrives_before_it_leaves(live: LiveExchange, who: Role) -> None:
    listener = Listener(live)
    live.do_connect()
    listener.until_states("OPEN", "OPEN")
    live.do_cut(who.value)
    listener.until_states("CLOSED", "CLOSED")
    for lane in film(live.trace, "en")["lanes"].values():
        for row in lane:
            assert row[5] < 0 or row[3] <= row[5], row
    chunks = film(live.trace, "en")["lanes"]["chunks"]
    cuts = [row for row in chunks if KINDS[row[2]] == "cut"]
    assert [(row[1], row[5]) for row in cuts] == [(list(Role).index(who), -1)], "0 goes towards the server"
    assert not [row for row in chunks if KINDS[row[2]] == "end"], "no FIN is drawn after a cut"
    for unit in find_units(live.trace.records):
        assert unit.sent is None or unit.arrived is None or unit.sent.n <= unit.arrived.n


def begun(host: Host, live: LiveExchange, width: int = 1100) -> Any:
    page = LiveHost(host).show(live)
    page.set_viewport_size({"width": width, "height": 900})
    page.locator(".wsedu-live-connect").click()
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    return page


def test_the_broken_rule_and_its_frame_stay_on_the_screen(host: Host) -> None:
    with closing(LiveExchange(language="en")) as live:
        page = begun(host, live)
        broke = page.locator(".wsedu-live-broke")
        expect(broke).to_be_hidden()
        page.locator(".wsedu-live-send").click()
        expect(page.locator(".wsedu-live-frame")).to_have_count(2)
        page.locator(".wsedu-live-illegal-send").click()
        expect(page.locator(".wsedu-live-said")).to_contain_text("1006")
        for part in ("the server", "CLIENT_MUST_MASK", "§5.1", "1002"):
            expect(broke).to_contain_text(part)
        marked = page.locator(".wsedu-live-frame", has=page.locator(".wsedu-live-broken"))
        expect(marked).to_have_count(1)
        expect(marked).to_contain_text("48 65 6c 6c 6f")
        expect(marked).to_contain_text("✕ illegal: CLIENT_MUST_MASK")
        page.locator(".wsedu-live-connect").click()
        expect(broke).to_be_hidden()


def test_no_label_is_cut_at_the_edge_of_a_narrow_picture(host: Host) -> None:
    with closing(LiveExchange(language="en")) as live:
        page = begun(host, live, 697)
        for count in range(1, 6):
            page.locator(".wsedu-live-send").click()
            expect(page.locator(".wsedu-live-frames [data-n]")).to_have_count(min(6, 2 * count))
            cut = page.evaluate("""() => {
              const lanes = document.querySelector(".wsedu-live").wsedu.lanes;
              return lanes.pen.drawn.filter((card) => card.x < lanes.gutter).map((card) => card.label);
            }""")
            assert cut == []


def test_what_belongs_to_a_button_has_a_border_around_it(host: Host) -> None:
    with closing(LiveExchange(language="en")) as live:
        page = LiveHost(host).show(live)
        for name, inside in (("Ping", ["Payload"]), ("Close", ["Code", "Reason"])):
            group = page.locator(".wsedu-live-join", has=page.get_by_role("button", name=name, exact=True))
            assert group.evaluate("(node) => getComputedStyle(node).borderTopStyle") == "solid"
            assert group.locator("label").all_inner_texts() == inside


def test_an_address_without_a_scheme_is_told_how_to_be_given() -> None:
    with pytest.raises(ValueError, match=r"'localhost:8000' is no address .* 'ws://localhost:8000'"):
        LiveExchange("localhost:8000")
    with pytest.raises(ValueError, match=r"'ws://example\.com/chat'"):
        LiveExchange("https://example.com/chat")


def test_its_help_begins_with_how_it_is_used() -> None:
    told = LiveExchange.__doc__ or ""
    assert 'LiveExchange("ws://' in told[: told.index("Arguments:")]
