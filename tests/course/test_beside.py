"""What goes on beside the cells: a server, a tap, a listener, and who comes to them."""

from __future__ import annotations

import socket
import sys
from urllib.request import urlopen

import pytest
from websockets.exceptions import WebSocketException

from tests.loopback.net import DEADLINE
from wsedu.course import beside
from wsedu.course.beside import Arrivals, Hosted, Served, Tapped
from wsedu.course.libraries import talk
from wsedu.loopback import record
from wsedu.protocol.types import Opcode
from wsedu.trace.trace import Trace


def opcodes(trace: Trace) -> list[int]:
    return [int(record.step.frame.opcode) for record in trace.frames(sent=False)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("library", ["websockets", "wsedu"])
def test_somebody_talks_through_a_tap(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if library == "wsedu":
        monkeypatch.setitem(sys.modules, "websockets.sync.client", None)
    served = Served("echo", language="en")
    tap = Tapped(served.uri)
    number = tap.count + 1
    assert talk(tap.uri, "Hello", "你好") == (library, ["Hello", "你好"])
    assert opcodes(tap.over(number)) == [Opcode.TEXT] * 4 + [Opcode.CLOSE] * 2
    assert tap.count == number
    tap.close()
    served.close()


def test_a_browser_gets_the_page_through_the_tap() -> None:
    served = Served(language="zh")
    tap = Tapped(served.uri)
    with urlopen(tap.url, timeout=DEADLINE) as answer:
        assert b'<html lang="zh' in answer.read()
    tap.close()
    served.close()


def test_a_tap_waits_no_longer_than_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PATIENCE", 0.01)
    tap = Tapped("ws://127.0.0.1:9/")
    assert not tap.over(1).records
    monkeypatch.undo()
    tap.close()


def test_a_server_that_is_not_there_ends_the_connection_of_the_client() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else can
        tap = Tapped(f"ws://127.0.0.1:{silent.getsockname()[1]}/")
        with pytest.raises((OSError, EOFError, WebSocketException)):
            talk(tap.uri, "Hello")
        tap.close()


def test_a_function_of_a_cell_is_called_for_each_connection_and_what_it_raises_is_kept() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"hi")
        raise NotImplementedError("later")

    hosted = Hosted(answer)
    host, _, port = hosted.url.removeprefix("http://").rstrip("/").rpartition(":")
    for _ in range(2):
        with socket.create_connection((host, int(port)), DEADLINE) as client:
            assert client.recv(10) == b"hi"
            assert client.recv(10) == b""
    hosted.close()
    assert [str(error) for error in hosted.raised] == ["later", "later"]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), DEADLINE)


def test_waiting_for_what_another_thread_records(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = Arrivals(record("hello", seed=1))
    assert arrived.wait("TEXT")
    assert arrived.wait("close.status")
    monkeypatch.setattr(beside, "PATIENCE", 0.01)
    assert not arrived.wait("PONG")
