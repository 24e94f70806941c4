"""Being the server without a browser: every turn in both languages, and the ideas behind wrong bytes."""

from __future__ import annotations

import pytest

from wsedu.explain.catalogue import part_catalogue
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.handshake import accept_key
from wsedu.views.handshake_keys import WAYS
from wsedu.views.ideas import IDEAS, idea_sentence
from wsedu.widgets.base import BadInput
from wsedu.widgets.film_server import CHOICES, PING, TEXT, BeServer

LANGUAGES = ["en", "zh"]
TURNS = ("accept", "echo", "pong", "close.1000")


def at(turn: str, language: str = "en") -> BeServer:
    """A server that has come as far as a turn."""
    server = BeServer(language)
    for choice in TURNS:
        if server.at == turn:
            break
        server.answer(choice)
    assert server.at == turn
    return server


def named(server: BeServer) -> list[dict[str, str]]:
    """The ideas that were told."""
    return [line for line in server.lines if line["who"] == "idea"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_server_gets_through_every_turn(language: str) -> None:
    server = BeServer(language)
    words = part_catalogue("film_panels", language)
    for choice, turn in zip(TURNS, CHOICES, strict=False):
        assert server.state()["prompt"] == words.say(f"server.at.{turn}")
        assert [name for name, _ in server.state()["choices"]] == list(CHOICES[turn])
        server.answer(choice)
    assert server.at == "over"
    assert {"violation", "idea"}.isdisjoint(line["who"] for line in server.lines)
    told = [line["text"] for line in server.lines if line["who"] == "verdict"]
    assert told == [words.say("server.echo.right"), words.say("server.pong.right")]
    with pytest.raises(BadInput):
        server.type("88 00")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("turn", "choice", "idea", "next_turn"),
    [
        ("opening", "refuse.403", "", "over"),
        ("opening", "refuse.200", "ok", "over"),
        ("echo", "echo.masked", "masks", "over"),
        ("echo", "echo.binary", "", "echo"),
        ("ping", "pong.empty", "pong", "close"),
        ("ping", "ignore", "", "close"),
        ("close", "close.1000", "", "over"),
        ("close", "close.1005", "reported", "over"),
        ("close", "close.none", "", "over"),
        ("close", "eof", "tcp", "over"),
    ],
)
def test_every_choice(language: str, turn: str, choice: str, idea: str, next_turn: str) -> None:
    server = at(turn, language)
    server.answer(choice)
    assert server.at == next_turn
    assert [line["text"] for line in named(server)] == [idea_sentence(idea, language)] * bool(idea)
    assert [line["misconception"] for line in named(server)] == [IDEAS.get(idea, "")] * bool(idea)
    assert server.state()["lines"]


def response(server: BeServer, accept: str, end: str = "\r\n") -> bytes:
    """A response with an accept value."""
    fields = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    return end.join([*fields, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("way", "id"),
    [
        ("decoded", "M01"),
        ("hex", "M02"),
        ("hex64", "M02"),
        ("no-guid", "M03"),
        ("guid-first", "M03"),
        ("guid-lower", "M03"),
        ("guid-dashes", "M03"),
        ("guid-bytes", "M03"),
        ("sha256", "M05"),
        ("md5", "M05"),
        ("space", ""),
        ("echo", ""),
    ],
)
def test_a_wrong_accept_value_is_known_by_what_made_it(language: str, way: str, id: str) -> None:
    server = BeServer(language)
    server.type(response(server, WAYS[way](server._key)).hex())
    assert [line["misconception"] for line in named(server)] == [id] * bool(id)
    assert "rule" in {line["who"] for line in server.lines}


def test_lines_without_cr_are_known() -> None:
    server = BeServer("en")
    server.type(response(server, accept_key(server._key), end="\n").hex())
    assert [line["misconception"] for line in named(server)] == ["M11"]


def test_a_right_response_that_was_typed_opens() -> None:
    server = BeServer("en")
    server.type(response(server, accept_key(server._key)).hex())
    assert server.at == "echo"
    assert named(server) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("turn", "data", "idea"),
    [
        ("echo", TEXT.encode(), "bare"),
        ("echo", b"\x81\xa0" + TEXT.encode(), "order"),
        ("echo", b"\x81\x07" + TEXT.encode(), "counts"),
        ("echo", encode_frame(Frame.text(TEXT, masking_key=bytes(4))), "masks"),
        ("echo", encode_frame(Frame.text(TEXT)), ""),
        ("echo", encode_frame(Frame.text("hallo")), ""),
        ("ping", encode_frame(Frame.pong(b"wsedx")), "pong"),
        ("ping", encode_frame(Frame.pong(PING, masking_key=bytes(4))), "masks"),
        ("ping", encode_frame(Frame.text("pong")), "textual"),
        ("ping", encode_frame(Frame.text(PING.decode())), "textual"),
        ("ping", encode_frame(Frame.text("later")), ""),
        ("ping", encode_frame(Frame.pong(PING)), ""),
        ("close", bytes.fromhex("88 02 e8 03"), "body"),
        ("close", b"\x88\x041000", "body"),
        ("close", bytes.fromhex("88 01 03"), "body"),
        ("close", bytes.fromhex("88 02 03 ee"), "reported"),
        ("close", encode_frame(Frame.close(1000, masking_key=bytes(4))), "masks"),
        ("close", encode_frame(Frame.close(3000)), ""),
        ("close", encode_frame(Frame.text("bye")), ""),
    ],
)
def test_the_idea_behind_wrong_bytes(language: str, turn: str, data: bytes, idea: str) -> None:
    server = at(turn, language)
    server.type(data.hex(" "))
    assert [line["text"] for line in named(server)] == [idea_sentence(idea, language)] * bool(idea)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("turn", "text"), [("opening", "48 54 54 50"), ("echo", "81"), ("ping", "8a 05 77")])
def test_a_client_that_waits_for_the_rest_says_so(language: str, turn: str, text: str) -> None:
    server = at(turn, language)
    server.type(text)
    assert server.at == turn
    assert server.state()["lines"][-1]["text"] == part_catalogue("film_panels", language).say("server.waits")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["8z", " ", "8"])
def test_what_is_no_hex_changes_nothing(language: str, text: str) -> None:
    server = at("echo", language)
    before = list(server.lines)
    with pytest.raises(BadInput) as caught:
        server.type(text)
    assert "\n" not in str(caught.value)
    assert server.lines == before
    with pytest.raises(BadInput):
        server.answer("pong")
