"""Where a live exchange connects: its own server, or any address that is typed; what is wrong is one line."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from tests.widgets.live import Listener, answering
from tests.widgets.test_live_exchange import LAST, Show, connected, newest, wire
from tests.widgets.test_live_exchange import show as show
from tests.widgets.test_live_session import BOTH, Open, messages, opened, their_server
from tests.widgets.test_live_session import live as live
from wsedu.explain.catalogue import part_catalogue
from wsedu.loopback.tls import throwaway_contexts
from wsedu.protocol.steps import Level
from wsedu.protocol.types import Opcode, Role, State
from wsedu.widgets import live_session
from wsedu.widgets.base import BadInput

LANGUAGES = ["en", "zh"]
THERE = (State.OPEN.name, None)

WRONG = [
    "http://127.0.0.1/",
    "127.0.0.1:8000",
    "ws://",
    "ws://127.0.0.1:99999/",
    "ws://me@127.0.0.1/",
    "ws://127.0.0.1/#top",
    "nonsense",
]


def refused_uri() -> str:
    """An address on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"ws://127.0.0.1:{taken.getsockname()[1]}/"


def arrives(listener: Listener, uri: str, *states: str | None) -> None:
    """Listen until client and server are in these states, at this address."""
    listener.until(lambda portion: (portion["status"]["uri"], portion["status"]["states"]) == (uri, list(states)))


def talks(listener: Listener, text: str) -> None:
    """Whether client and server still exchange messages."""
    listener.live.do_send("client", "text", text)
    listener.until(lambda _: messages(listener, Role.CLIENT)[-1:] == [text.encode()])


# --- Without a page ---


def test_from_the_own_server_to_another_one_and_back(live: Open) -> None:
    listener = opened(live())
    own = listener.last["status"]["uri"]
    with their_server() as (uri, codes):
        listener.live.do_connect(f"  {uri} ")
        arrives(listener, uri, *THERE)
        assert listener.last["status"]["own"] is False
        talks(listener, "there")
        with pytest.raises(BadInput, match="not ours"):
            listener.live.do_send("server", "text", "Hello")
        listener.live.do_connect("")
        arrives(listener, own, *BOTH)
        talks(listener, "here")
        assert len({one.connection for one in listener.live.trace}) == 3
        assert len(listener.live.film().trace.frames()) == 2
        listener.live.close()
    # It was left without a word, which is no clean end.
    assert codes == [1006]


def test_the_same_again_without_an_address(live: Open) -> None:
    with their_server() as (uri, _):
        listener = opened(live(uri))
        listener.live.do_connect()
        listener.until(
            lambda portion: listener.live._session.number == 2 and portion["status"]["states"] == list(THERE)
        )
        talks(listener, "again")
        listener.live.close()


def test_the_whole_film_of_another_server_is_shown(live: Open) -> None:
    listener = opened(live())
    with their_server() as (uri, _):
        listener.live.do_connect(uri)
        arrives(listener, uri, *THERE)
        listener.live.do_hello("later")
        portion = listener.until(lambda portion: portion["reel"]["first"] == 0)
        shown = portion["reel"]["steps"]["n"]
        number = listener.live._session.number
        steps = listener.live.trace.filter(connection=number)
        assert shown == [one.n for one in steps if one.step.level is Level.CORE]
        assert len(shown) > 5
        listener.live.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", WRONG)
def test_what_is_no_address_is_one_line_and_the_connection_stays(live: Open, language: str, address: str) -> None:
    listener = opened(live(language=language))
    uri = listener.last["status"]["uri"]
    with pytest.raises(BadInput) as caught:
        listener.live.do_connect(address)
    assert "\n" not in str(caught.value)
    assert str(caught.value)
    talks(listener, "still")
    assert listener.live._session.uri == uri


def test_an_address_without_a_scheme_is_told_the_whole_one(live: Open) -> None:
    with pytest.raises(BadInput, match=r"ws://127\.0\.0\.1:8000/"):
        live().live.do_connect("127.0.0.1:8000")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_pasted_by_mistake_is_not_repeated(live: Open, language: str) -> None:
    listener = live(language=language)
    with pytest.raises(BadInput) as caught:
        listener.live.do_connect("ws://" + "x" * 1_000_000)
    assert len(str(caught.value)) < 100


def fails_and_stays(live: Open, address: str, language: str, words: str) -> None:
    """An attempt fails, says why, and the connection that there was lives on."""
    listener = opened(live(language=language))
    uri = listener.last["status"]["uri"]
    listener.live.do_connect(address)
    told = listener.until_failure()
    assert words in told
    assert part_catalogue("live_exchange", language).say("why.kept", why="") in told
    assert "\n" not in told
    assert listener.last["status"] == listener.last["status"] | {"uri": uri, "own": True, "states": list(BOTH)}
    talks(listener, "still")
    listener.live.do_connect("")
    listener.until(lambda portion: not portion["status"]["failure"] and portion["status"]["states"] == list(BOTH))


@pytest.mark.parametrize(("language", "words"), [("en", "connection refused"), ("zh", "连接被拒绝")])
def test_a_refused_port_leaves_the_connection(live: Open, language: str, words: str) -> None:
    fails_and_stays(live, refused_uri(), language, words)


@pytest.mark.parametrize(("language", "words"), [("en", "did not answer"), ("zh", "没有回答")])
def test_a_silent_server_leaves_the_connection(
    live: Open, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    with answering(None) as port:
        monkeypatch.setattr(live_session, "TIMEOUTS", replace(live_session.TIMEOUTS, opening=0.3))
        fails_and_stays(live, f"ws://127.0.0.1:{port}/", language, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_answers_otherwise_is_quoted_and_leaves_the_connection(live: Open, language: str) -> None:
    with answering(b"220 mail.example ESMTP\r\n") as port:
        fails_and_stays(live, f"ws://127.0.0.1:{port}/", language, "220 mail.example ESMTP")


def test_a_server_with_tls_and_the_own_one_with_another_certificate(live: Open) -> None:
    contexts = throwaway_contexts("127.0.0.1")
    with their_server(ssl=contexts.server) as (uri, _):
        listener = opened(live(tls=True, ssl=contexts.client))
        talks(listener, "own")
        listener.live.do_connect(uri)
        arrives(listener, uri, *THERE)
        talks(listener, "theirs")
        listener.live.close()


def test_a_widget_that_is_closed_while_it_moves_leaves_nothing_behind(live: Open) -> None:
    listener = opened(live())
    with answering(None) as port:
        listener.live.do_connect(f"ws://127.0.0.1:{port}/")
        listener.until(lambda portion: portion["status"]["opening"])
        listener.live.close()
    assert not listener.live._session.running


# --- In the page ---


def field(page: Any) -> Any:
    return page.get_by_label("Address", exact=True)


def test_an_address_is_typed_and_enter_connects(show: Show) -> None:
    page, live = show()
    expect(field(page)).to_have_value("")
    expect(field(page)).to_have_attribute("placeholder", "own server")
    with their_server() as (uri, _):
        field(page).focus()
        page.keyboard.type(uri)
        page.keyboard.press("Enter")
        expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(1)
        expect(page.locator(".wsedu-live-about")).to_contain_text(f"{uri}a server somewhere")
        expect(page.get_by_label("server", exact=True)).to_be_hidden()
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator(LAST)).to_have_count(2)
        assert newest(page, "client: text") == wire(live, Opcode.TEXT)[0]
        field(page).fill("")
        page.get_by_role("button", name="Connect anew").click()
        expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
        expect(page.locator(".wsedu-live-about")).to_contain_text("a real server of this widget")
        page.get_by_label("server", exact=True).check()
        live.close()


def test_who_acts_is_the_client_again_at_a_server_elsewhere(show: Show) -> None:
    page, live = connected(show)
    page.get_by_label("server", exact=True).check()
    with their_server() as (uri, _):
        field(page).fill(uri)
        field(page).press("Enter")
        expect(page.locator(".wsedu-live-about")).to_contain_text(uri)
        expect(page.get_by_label("server", exact=True)).to_be_hidden()
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator(LAST)).to_have_count(2)
        live.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_one_line_in_the_page_and_the_picture_stays(show: Show, language: str) -> None:
    words = part_catalogue("live_exchange", language)
    page, _ = show(language=language)
    page.locator(".wsedu-live-connect").click()
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    page.locator(".wsedu-live-send").click()
    expect(page.locator(LAST)).to_have_count(2)
    address = page.get_by_label(words.say("live.address"), exact=True)
    address.fill("http://127.0.0.1/")
    address.press("Enter")
    expect(page.locator(".wsedu-problem > span")).to_contain_text("http")
    expect(address).to_have_value("http://127.0.0.1/")
    address.fill(refused_uri())
    address.press("Enter")
    kept = words.say("why.kept", why=words.say("why.unreachable", why=words.say("why.nobody")))
    expect(page.locator("p.wsedu-problem")).to_have_text(kept)
    expect(page.locator(".wsedu-problem > span")).to_be_hidden()
    expect(page.locator(".wsedu-film-state[data-state=OPEN]")).to_have_count(2)
    expect(page.locator(LAST)).to_have_count(2)
    page.locator(".wsedu-live-send").click()
    expect(page.locator(LAST)).to_have_count(4)


def test_the_address_of_the_constructor_is_in_the_field(show: Show, host: Host) -> None:
    page, _ = show(url="ws://127.0.0.1:9/chat")
    expect(field(page)).to_have_value("ws://127.0.0.1:9/chat")
    expect(page.get_by_label("server", exact=True)).to_be_hidden()
    expect(page.locator(".wsedu-live-about")).to_contain_text("ws://127.0.0.1:9/chat")
