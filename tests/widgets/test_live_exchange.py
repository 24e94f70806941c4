"""`LiveExchange` in a page: what a user presses, what is then on the screen, and what has really been on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from tests.widgets.live_host import LiveHost
from wsedu.explain.catalogue import part_catalogue
from wsedu.loopback import Endpoint
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.steps import FrameComplete
from wsedu.protocol.types import Opcode, Role
from wsedu.widgets import LiveExchange

Show = Callable[..., tuple[Any, LiveExchange]]

LAST = ".wsedu-live-frame"


@pytest.fixture
def show(host: Host) -> Iterator[Show]:
    """`show(…)` makes a live exchange and opens a page with it."""
    made: list[LiveExchange] = []
    live_host = LiveHost(host)

    def open_page(**options: Any) -> tuple[Any, LiveExchange]:
        made.append(LiveExchange(**{"language": "en", **options}))
        return live_host.show(made[-1]), made[-1]

    yield open_page
    for one in made:
        one.close()


def connected(show: Show, **options: Any) -> tuple[Any, LiveExchange]:
    """A page whose client and server are open."""
    page, live = show(**options)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    return page, live


def wire(live: LiveExchange, opcode: Opcode) -> list[str]:
    """The frames of an opcode as they were sent, in hex."""
    steps = (one.step for one in live.trace.frames())
    return [
        encode_frame(step.frame).hex(" ")
        for step in steps
        if isinstance(step, FrameComplete) and step.frame.opcode == opcode
    ]


def newest(page: Any, opcode: str) -> str:
    """The bytes of the newest frame of a name on the screen."""
    row = page.locator(LAST, has=page.locator("strong", has_text=opcode)).first
    text: str = " ".join(row.locator(".wsedu-live-run").all_inner_texts())
    return text


def test_before_anything_there_is_nothing_but_a_way_to_begin(show: Show) -> None:
    page, live = show()
    expect(page.locator(".wsedu-live-said")).to_have_text("Nothing has happened yet: connect.")
    enabled = page.get_by_role("button", disabled=False).all_inner_texts()
    assert enabled == ["Connect"]
    assert len(live.trace) == 0


def test_what_is_sent_is_shown_as_it_was_on_the_wire(show: Show) -> None:
    page, live = connected(show)
    page.get_by_label("Message", exact=True).fill("Grüße")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(LAST)).to_have_count(2)
    sent, echoed = wire(live, Opcode.TEXT)
    assert newest(page, "server: text") == echoed
    assert newest(page, "client: text") == sent
    expect(page.locator(LAST).first).to_contain_text('"Grüße"')


def test_both_can_send_every_kind_of_frame(show: Show) -> None:
    page, live = connected(show)
    page.get_by_label("server", exact=True).check()
    page.get_by_label("as", exact=True).select_option("binary")
    expect(page.get_by_label("Message", exact=True)).to_have_value("01 02 ff")
    page.get_by_label("Message", exact=True).press("Enter")
    expect(page.locator(LAST)).to_have_count(1)
    assert newest(page, "server: binary") == "82 03 01 02 ff"
    page.get_by_label("Payload").fill("abc")
    page.get_by_role("button", name="Ping").click()
    expect(page.locator(LAST).first).to_contain_text("client: Pong")
    assert newest(page, "server: Ping") == "89 03 61 62 63"
    page.get_by_label("Code").fill("4000")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".wsedu-film-state[data-state=CLOSED]")).to_have_count(2)
    assert newest(page, "server: Close") == "88 02 0f a0"
    assert [live._session.state(role).name for role in Role if live._session.state(role)] == ["CLOSED", "CLOSED"]


@pytest.mark.parametrize("who", ["client", "server"])
def test_an_illegal_frame_is_chosen_from_a_menu_that_names_its_rule(show: Show, who: str) -> None:
    page, live = connected(show)
    page.get_by_label(who, exact=True).check()
    rule = {"client": "CLIENT_MUST_MASK", "server": "SERVER_MUST_NOT_MASK"}[who]
    choice = page.get_by_label("Illegal frame", exact=True).locator("option", has_text=rule).get_attribute("value")
    page.get_by_label("Illegal frame", exact=True).select_option(choice)
    page.get_by_role("button", name="Send it").click()
    expect(page.locator(".wsedu-film-state[data-state=CLOSED]")).to_have_count(2)
    expect(page.locator(".wsedu-live-frames")).to_contain_text("1002")
    assert rule in {one.step.rule for one in live.trace}


def test_cut_tcp_is_said_as_1006_and_what_needs_a_connection_is_marked(show: Show) -> None:
    page, _ = connected(show)
    page.get_by_role("button", name="Cut TCP").click()
    expect(page.locator(".wsedu-live-said")).to_contain_text("1006")
    for name in ("Send", "Ping", "Close", "Cut TCP", "Send it"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Connect anew")).to_be_enabled()


def test_the_keyboard_does_everything_and_keeps_its_place(show: Show) -> None:
    page, live = show()
    keyboard = page.keyboard
    page.locator(".wsedu-live-connect").focus()
    keyboard.press("Enter")
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="Cut TCP")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_label("client", exact=True)).to_be_focused()
    keyboard.press("ArrowRight")
    expect(page.get_by_label("server", exact=True)).to_be_checked()
    keyboard.press("Tab")
    keyboard.type("!")
    keyboard.press("Enter")
    expect(page.locator(LAST)).to_have_count(1)
    assert wire(live, Opcode.TEXT) == [newest(page, "server: text")]
    page.locator(".wsedu-live-close").focus()
    keyboard.press("Space")
    expect(page.locator(".wsedu-film-state[data-state=CLOSED]")).to_have_count(2)
    expect(page.locator(".wsedu-live-close")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_bad_input_is_said_in_a_line_and_everything_stays(show: Show, language: str) -> None:
    page, live = show(language=language)
    page.locator(".wsedu-live-connect").click()
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    page.locator(".wsedu-live-controls select").first.select_option("binary")
    page.get_by_label(part_catalogue("live_exchange", language).say("live.message"), exact=True).fill("0x")
    page.locator(".wsedu-live-send").click()
    expect(page.get_by_role("alert")).to_contain_text(part_catalogue("live_exchange", language).say("why.hex"))
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    assert wire(live, Opcode.BINARY) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_two_buttons_have_the_same_name(show: Show, language: str) -> None:
    page, _ = show(language=language)
    names = page.get_by_role("button").evaluate_all("all => all.map((one) => one.ariaLabel || one.innerText)")
    assert len(names) > 4
    assert len(set(names)) == len(names)


def test_a_refused_port_is_said_on_the_screen(show: Show) -> None:
    page, live = connected(show)
    uri = live._session.uri
    live.close()
    page, _ = show(url=uri)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("nothing listens on this port")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_enabled()
    expect(page.get_by_label("server", exact=True)).to_be_hidden()


def test_a_flood_does_not_stop_the_page(show: Show) -> None:
    async def flood(endpoint: Endpoint) -> None:
        async for message in endpoint:
            for number in range(int(message)):
                await endpoint.send(f"tick {number}")

    page, live = connected(show, app=flood)
    page.get_by_label("Message", exact=True).fill("5000")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(LAST).first).to_contain_text("tick 4999", timeout=60_000)
    expect(page.locator(".wsedu-live-lacks")).to_contain_text("not drawn")
    assert len(wire(live, Opcode.TEXT)) == 5001
    page.get_by_role("button", name="Ping").click()
    expect(page.locator(LAST).first).to_contain_text("Pong")


def test_a_page_that_is_opened_later_shows_what_has_been(show: Show, host: Host) -> None:
    page, live = connected(show)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(LAST)).to_have_count(2)
    again = LiveHost(Host(page.context.new_page())).show(live)
    expect(again.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    expect(again.locator(LAST)).to_have_count(2)
    assert newest(again, "client: text") == wire(live, Opcode.TEXT)[0]


def test_the_film_of_it_has_its_steps(show: Show) -> None:
    page, live = connected(show)
    page.get_by_role("button", name="Open as a film").click()
    # This page has nobody who could show another widget, and says what to do.
    expect(page.locator(".wsedu-live-film")).to_contain_text("live.film()")
    assert [one.n for one in live.film().trace] == [one.n for one in live.trace]


def test_the_twins_have_what_has_happened(show: Show) -> None:
    page, live = connected(show)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(LAST)).to_have_count(2)
    for twin in (live.to_text(), live.to_svg(), live.to_html()):
        assert twin.count("Hello") >= 2
        assert "<script" not in twin
    assert live.to_png().startswith(b"\x89PNG")
    assert (live._session.uri or "?") in live.to_text()
