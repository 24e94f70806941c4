"""The table of what libraries do with the same bytes: it is what tests/differential says, and it is told in words."""

from __future__ import annotations

import socket

import pytest

from tests.differential.test_frames import CASES as FRAME_CASES
from tests.differential.test_handshakes import CASES as REQUEST_CASES
from wsedu.course import differing
from wsedu.course.beside import Hosted
from wsedu.course.differing import ENDED, FRAMES, REQUESTS, TAKEN, WAITS, Case, Differences, differences
from wsedu.course.libraries import SERVERS, installed
from wsedu.explain.catalogue import LANGUAGES, part_catalogue

SAME = {
    "rsv": "RSV1 without an extension",
    "opcode": "reserved data opcode",
    "ping_cut": "fragmented Ping",
    "interleaved": "text inside a text",
    "utf8": "text that is not UTF-8",
    "surrogate": "text with a surrogate",
    "close_half": "Close with a body of one byte",
}
"""Cases that the layers without I/O are asked as well."""

SAME_REQUESTS = {
    "post": "POST",
    "old_http": "HTTP/1.0",
    "no_host": "no Host",
    "two_upgrades": "Upgrade to one of two",
    "short_key": "short key",
    "version_8": "version 8",
    "fragment": "a fragment",
}


@pytest.fixture(scope="module")
def frames() -> Differences:
    return differences(FRAMES, language="en")


def test_every_library_is_asked_and_answers(frames: Differences) -> None:
    assert list(frames.versions) == list(SERVERS)
    assert not frames.missing
    assert {name for answers in frames.found.values() for name in answers} == set(SERVERS)
    assert WAITS not in {answer for answers in frames.found.values() for answer in answers.values()}


@pytest.mark.parametrize("name", SAME)
def test_frames_are_judged_on_a_socket_as_without_one(frames: Differences, name: str) -> None:
    """But for texts, which the layer of websockets that has no sockets does not decode."""
    case = FRAME_CASES[SAME[name]]
    for library in ("wsedu", "websockets", "wsproto"):
        wanted = case.wsedu if name in ("utf8", "surrogate") else case.others.get(library, case.wsedu)
        assert frames.found[name][library] == str(wanted), library


def test_requests_are_answered_on_a_socket_as_without_one() -> None:
    found = differences(REQUESTS, language="en").found
    for name, other in SAME_REQUESTS.items():
        case = REQUEST_CASES[other]
        for library in ("wsedu", "websockets", "wsproto"):
            assert found[name][library] == str(case.others.get(library, case.wsedu)), (name, library)


def test_disputed_is_what_some_refuse_and_others_take() -> None:
    found = {
        "rsv": {"a": "1002", "b": ENDED},
        "unmasked": {"a": "1002", "b": TAKEN},
        "close_4000": {"a": "4000", "b": "1000"},
        "post": {"a": "405", "b": "101"},
    }
    told = Differences(found, {"a": "1", "b": "2"}, ["c"], "en")
    assert told.disputed == ["unmasked", "post"]
    assert "| **a frame without a mask** | 1002 | ✔ |" in told._repr_mimebundle_()["text/markdown"]
    assert "| RSV1 without an extension | 1002 | TCP |" in told._repr_mimebundle_()["text/markdown"]


def test_what_is_not_installed_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differing, "installed", lambda: {"wsedu": "1"})
    told = repr(differences({"rsv": FRAMES["rsv"]}, language="en"))
    [line] = [line for line in told.splitlines() if "Not installed" in line]
    assert line == "Not installed here, so not asked: websockets, wsproto, aiohttp, tornado."
    assert "wsedu" in installed()


def test_a_server_of_ones_own_is_asked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that answers HTTP and then ends TCP, and one that says nothing."""
    monkeypatch.setattr(differing, "installed", dict)
    monkeypatch.setattr(differing, "PATIENCE", 0.2)

    def rude(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")

    def silent(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    servers = [Hosted(rude), Hosted(silent)]
    told = differences({"rsv": FRAMES["rsv"]}, also={"__a__": servers[0].uri, "b": servers[1].uri}, language="en")
    assert told.found == {"rsv": {"__a__": ENDED, "b": WAITS}}
    assert "\\_\\_a\\_\\_" in told._repr_mimebundle_()["text/markdown"]
    for server in servers:
        server.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_case_has_its_words(language: str) -> None:
    words = part_catalogue("differing", language)
    for name in (*FRAMES, *REQUESTS):
        assert words.say(f"case.{name}")
        assert words.say(f"why.{name}").startswith(("§", "It", "它")), name


def test_frames_go_out_masked_unless_a_case_says_otherwise() -> None:
    assert all(case.masked for name, case in FRAMES.items() if name != "unmasked")
    assert Case().fields == {}
