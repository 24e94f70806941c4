"""What the head of a film opens, and what a long film or a wrong file becomes: one line, and the film stays."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from tests.widgets.test_exchange_film import chat
from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.protocol.steps import BytesReceived, FrameComplete, HandshakeResponse
from wsedu.protocol.types import Direction
from wsedu.simulator import simulate
from wsedu.trace.trace import Trace
from wsedu.views.film_chunks import Units, parts_label
from wsedu.views.film_twins import KEY_FRAMES
from wsedu.views.ladder_streams import Stretch, stretch_of
from wsedu.widgets import ExchangeFilm, FrameBuilder, HandshakeStepper, LiveExchange
from wsedu.widgets.base import BadInput
from wsedu.widgets.film_load import UnreadableError
from wsedu.widgets.film_open import LARGEST

HEADER = '{"kind":"trace.header","format":1,"wsedu":"1","seed":null,"scenario":null}\n'
BAD = {
    "newer": HEADER.replace('"format":1', '"format":99'),
    "nothing": HEADER,
    "empty": "",
    "text": "hello\nthere\n",
}
SAID = {
    "newer": "trace format 99, which is newer than this version of wsedu can read: update wsedu",
    "nothing": "a trace without a single step",
    "empty": "The file is empty",
    "text": "Line 1 is not a JSON object",
}


def saved(trace: Trace, path: Path) -> Path:
    trace.save(str(path))
    return path


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "lesson.jsonl"
    path.write_text(BAD[name])
    with pytest.raises(UnreadableError) as caught:
        ExchangeFilm.load(path, language="en")
    assert SAID[name] in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(UnreadableError, match=r"[\u4e00-\u9fff]"):
        ExchangeFilm.load(path, language="zh")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_from_the_page_leaves_the_film(host: Host, name: str, tmp_path: Path) -> None:
    path = tmp_path / "lesson.jsonl"
    path.write_text(BAD[name])
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = host.show(film)
    before = film.film
    choose(page, path)
    expect(page.get_by_role("alert")).to_contain_text("lesson.jsonl cannot be played, and the film is as before")
    expect(page.get_by_role("alert")).to_contain_text(SAID[name])
    expect(page.get_by_role("alert").locator("details")).to_be_hidden()
    assert film.film == before
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[0].n} of {film.steps[-1].n}")


def choose(page: Any, path: Path) -> None:
    """Open a file by keyboard."""

    # The browser has to know that choosers are asked for before a key is faster than that.
    def asked(_chooser: Any) -> None:
        """Nothing: what is chosen is what `expect_file_chooser` gives."""

    page.on("filechooser", asked)
    page.evaluate("0")
    page.get_by_role("button", name="Open a file…").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(path)
    page.remove_listener("filechooser", asked)


def test_a_file_from_the_page_is_played(host: Host, tmp_path: Path) -> None:
    path = saved(simulate("fragments", seed=3), tmp_path / "lesson.jsonl")
    film = ExchangeFilm.record("hello", seed=1, language="en")
    page = host.show(film)
    choose(page, path)
    expect(page.locator(".wsedu-film-about")).to_have_text("from lesson.jsonl · seed 3")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert film.trace.header.scenario == "fragments"
    expect(page.locator(".wsedu-film-again")).to_be_enabled()
    choose(page, path)
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[0].n} of {film.steps[-1].n}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_too_large_is_not_sent_and_not_read(language: str) -> None:
    film = ExchangeFilm.record("hello", seed=1, language=language)
    say = part_catalogue("film_panels", language).say
    with pytest.raises(BadInput) as caught:
        film.do_load("big.pcap", "", LARGEST + 1)
    assert str(caught.value) == say("open.large", file="big.pcap", size=LARGEST + 1, most=6)
    with pytest.raises(BadInput):
        film.do_load("big.pcap", "A" * (LARGEST * 4 // 3 + 8), 1)
    assert film.state["largest"] == LARGEST


def test_what_is_no_base64_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be played"):
        ExchangeFilm.record("hello", seed=1, language="en").do_load("x.jsonl", "%%%", 3)


def test_a_film_that_cannot_be_made_leaves_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    trace, about, steps = film.trace, film.film["about"], film.steps

    def broken(*_arguments: Any) -> Any:
        raise KeyError("no such look")

    monkeypatch.setattr("wsedu.widgets.exchange_film.film", broken)
    data = base64.b64encode((HEADER + '{"n":1,"t":0,"kind":"connection.state","endpoint":"client"}\n').encode())
    with pytest.raises(KeyError, match="no such look"):
        film.do_load("odd.jsonl", data.decode(), 9)
    assert film.trace is trace
    assert film.steps is steps
    assert film._about() == about


# --- Live ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_live_exchange_is_opened_and_put_away_by_keyboard(host: Host, language: str) -> None:
    film = ExchangeFilm.record("hello", seed=1, language=language)
    page = host.show(film)
    say = part_catalogue("film_panels", language).say
    button = page.get_by_role("button", name=say("open.live"), exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    live = film._live
    assert isinstance(live, LiveExchange)
    assert live.language == language
    assert film.state["live"] == live.model_id
    expect(page.locator(".wsedu-film-opened")).to_have_text(say("open.live.line"))
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".wsedu-film-opened")).to_be_empty()
    assert film._live is None
    assert live.comm is None, "the old one is closed"


def test_a_closed_film_closes_its_live_exchange() -> None:
    film = ExchangeFilm.record("hello", seed=1)
    film.do_live()
    live = film._live
    assert live is not None
    film.close()
    assert live.comm is None


# --- Long films ---


def test_the_page_of_a_long_film_is_its_beginning_and_says_so() -> None:
    trace = chat(400)
    film = ExchangeFilm(trace, language="en")
    page = film.to_html()
    assert len(page) < 1_500_000
    left = int(re.search(r"on this page: ([\d,]+) more steps are left out", page)[1].replace(",", ""))  # type: ignore[index]
    kept = trace.records[: len(trace) - left]
    frames = {one.step.span for one in kept if isinstance(one.step, FrameComplete)}
    assert len(frames) == KEY_FRAMES
    assert "left out" not in ExchangeFilm.record("hello", seed=1, language="en").to_html()
    alt = film._repr_mimebundle_()[1]["image/png"]["alt"]
    assert len(alt) < 300
    assert film._about() in alt


def test_the_page_of_a_long_archive_is_its_beginning(tmp_path: Path) -> None:
    messages = [{"type": "send", "time": 1 + n, "opcode": 1, "data": f"message {n}"} for n in range(300)]
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"method": "GET", "url": "ws://a/", "httpVersion": "HTTP/1.1", "headers": []},
        "response": {"status": 101, "statusText": "", "httpVersion": "HTTP/1.1", "headers": []},
        "_resourceType": "websocket",
        "_webSocketMessages": messages,
    }
    path = tmp_path / "a.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    page = ExchangeFilm.load(path, language="en").to_html()
    assert "message 3" in page
    assert "message 299" not in page
    assert "left out" in page


# --- What shares a chunk ---


def test_a_chunk_with_the_101_and_a_frame_says_its_parts(host: Host) -> None:
    film = ExchangeFilm.record("early-frame", seed=1, language="en")
    head = next(one.step for one in film.trace if isinstance(one.step, HandshakeResponse) and one.step.sent)
    label = f"{stretch_of(head).size} B + 2 B"
    labels = [row[6] for row in film.film["reel"]["lanes"]["chunks"]]
    assert labels.count(label) == 1
    read = next(
        place
        for place, one in enumerate(film.steps)
        if isinstance(one.step, BytesReceived) and one.step.span and one.step.span.direction is Direction.TO_CLIENT
    )
    page = host.show(film)
    film.go(film.steps[read].n)
    expect(page.locator(".wsedu-film-told")).to_contain_text(f"· 2 heads and frames share it: {label}.")


def test_a_chunk_of_one_frame_has_its_size_alone() -> None:
    film = ExchangeFilm.record("hello", seed=1, language="en")
    labels = {row[6] for row in film.film["reel"]["lanes"]["chunks"]}
    assert labels <= {"", "FIN"}


def test_parts_are_cut_where_the_chunk_is() -> None:
    units = Units()
    direction = Direction.TO_CLIENT
    for first, end in ((0, 10), (10, 12), (12, 30), (30, 31), (31, 32), (32, 33)):
        units.add(direction, Stretch(first, end))
    units.add(direction, Stretch(12, 30))
    assert units.parts(direction, Stretch(4, 20)) == (6, 2, 8)
    assert units.parts(direction, Stretch(12, 30)) == ()
    assert units.parts(direction, Stretch(40, 50)) == ()
    assert parts_label(units.parts(direction, Stretch(0, 33))) == "10 B + 2 B + 18 B + 1 B + …"


# --- Other wrong inputs ---


@pytest.mark.parametrize("what", [42, None, b"hello"])
def test_what_is_no_scenario_is_said(what: Any) -> None:
    with pytest.raises(TypeError, match=f"a scenario is a name, a text or a Scenario, not {type(what).__name__}"):
        ExchangeFilm.record(what)


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_a_surrogate_in_a_head_is_refused(language: str) -> None:
    stepper = HandshakeStepper(language=language)
    before = stepper.request
    say = part_catalogue("handshake_stepper", language).say
    for do in (
        lambda: stepper.do_change("request", 1, "Host: a\ud800"),
        lambda: stepper.do_raw("request", "Host: a\ud800"),
        lambda: HandshakeStepper("Host: a\ud800", language=language),
    ):
        with pytest.raises(BadInput) as caught:
            do()
        assert str(caught.value) == say("problem.surrogate", place=8)
    assert stepper.request == before


def test_the_live_exchange_reads_hex_as_the_builder_does(monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveExchange(language="en")
    sent: list[bytes] = []

    class Sending:
        def send_binary(self, data: bytes) -> None:
            sent.append(data)

    monkeypatch.setattr(live, "_act", lambda _who, what: what(Sending()))
    for text in ("0x01 0x02", "01 02", "01:02", "0102"):
        live.do_send("client", "binary", text)
    assert sent == [FrameBuilder.from_hex("0x01 0x02").value] * 4
    with pytest.raises(BadInput, match="no hex"):
        live.do_send("client", "binary", "0x0g")
    live.close()


def test_an_image_is_told_of_in_one_line() -> None:
    for widget in (FrameBuilder(bytes(50), language="en"), HandshakeStepper(language="en"), LiveExchange()):
        told = widget._repr_mimebundle_()[1]["image/png"]["alt"]
        assert 0 < len(told) < 600
        assert "\n" not in told
    assert "A complete text message of 0 bytes" in FrameBuilder(b"\x81\x00", language="en")._alt("")


def test_a_command_that_is_too_long_has_a_reason(host: Host) -> None:
    page = host.show(FrameBuilder(bytes(200), language="en"))
    expect(page.locator(".wsedu-command")).to_contain_text("Too long for a command")
