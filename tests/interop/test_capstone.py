"""The learner's own endpoint, exercise 25, in conversation with the `websockets` library: see docs/exercises.md."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.sync.client import ClientConnection, connect

from tests.grading.capstone import TRIED, WAYS, running, table
from tests.loopback.net import DEADLINE

DOCS = Path(__file__).parents[2] / "docs" / "exercises.md"


@pytest.fixture(scope="module", params=WAYS, ids=str)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the endpoint listens; the solution, then the other correct ways."""
    with running(tmp_path_factory.mktemp("learner"), WAYS[request.param]) as printed:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", printed)
        yield printed


def client(address: str) -> ClientConnection:
    return connect(address.replace("http", "ws"), proxy=None, max_size=None, open_timeout=DEADLINE)


def comes_back(link: ClientConnection, message: str | bytes) -> None:
    link.send(message)
    assert link.recv(DEADLINE) == message


def text(link: ClientConnection) -> None:
    comes_back(link, "Hello, 你好 👋")


def every_byte(link: ClientConnection) -> None:
    comes_back(link, bytes(range(256)))


def empty(link: ClientConnection) -> None:
    comes_back(link, "")
    comes_back(link, b"")


def boundaries(link: ClientConnection) -> None:
    for size in (125, 126, 65535, 65536):
        comes_back(link, random.Random(size).randbytes(size))
        comes_back(link, "a" * size)


def large(link: ClientConnection) -> None:
    comes_back(link, random.Random(0).randbytes(1 << 20))


def fragments(link: ClientConnection) -> None:
    link.send(iter(["Hel", "", "lo, ", "你好"]))
    assert link.recv(DEADLINE) == "Hello, 你好"


def pinged(link: ClientConnection) -> None:
    assert link.ping("now").wait(DEADLINE)


def pinged_between(link: ClientConnection) -> None:
    def pieces() -> Iterator[str]:
        yield "Hel"
        assert link.ping("now").wait(DEADLINE)
        yield "lo"

    link.send(pieces())
    assert link.recv(DEADLINE) == "Hello"


def not_compressed(link: ClientConnection) -> None:
    assert link.request is not None
    assert link.response is not None
    assert "permessage-deflate" in link.request.headers["Sec-WebSocket-Extensions"]
    assert "Sec-WebSocket-Extensions" not in link.response.headers


def closed(link: ClientConnection) -> None:
    link.close()
    with pytest.raises(ConnectionClosedOK) as told:
        link.recv(DEADLINE)
    assert told.value.rcvd is not None
    assert told.value.rcvd.code == 1000


def closed_with_a_reason(link: ClientConnection) -> None:
    link.close(4000, "bye")
    with pytest.raises(ConnectionClosedError) as told:
        link.recv(DEADLINE)
    assert told.value.rcvd is not None
    assert told.value.rcvd.code == 4000


CASES: dict[str, Callable[[ClientConnection], None]] = {
    "text": text,
    "binary, every byte": every_byte,
    "empty messages": empty,
    "125, 126, 65,535 and 65,536 bytes": boundaries,
    "1 MiB": large,
    "text in fragments": fragments,
    "Ping and its Pong": pinged,
    "Ping between fragments": pinged_between,
    "compression offered, and not used": not_compressed,
    "closed by the client: 1000": closed,
    "closed by the client: 4000 and a reason": closed_with_a_reason,
}


@pytest.mark.parametrize("name", CASES)
def test_conversation(address: str, name: str) -> None:
    with client(address) as link:
        CASES[name](link)


def test_a_client_that_ends_tcp_costs_nobody_else(address: str) -> None:
    with client(address) as link:
        link.socket.shutdown(2)
    with client(address) as link:
        text(link)


def test_two_clients_at_once(address: str) -> None:
    with client(address) as one, client(address) as other:
        one.send("one")
        comes_back(other, "other")
        assert one.recv(DEADLINE) == "one"


def test_a_browser_gets_the_page_and_another_request_an_error(address: str) -> None:
    with urlopen(address, timeout=DEADLINE) as answer:
        assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")
        assert b"new WebSocket(" in answer.read()
    with pytest.raises(HTTPError) as told:
        urlopen(Request(address, data=b"", method="POST"), timeout=DEADLINE)
    told.value.close()
    assert 400 <= told.value.code < 500


def test_the_docs_say_what_was_tried() -> None:
    """Every line of the table that names this peer is a test of this file."""
    elsewhere = {"TCP ended without a Close; the next client is served", "two clients at once"}
    assert {name for name, peers in TRIED.items() if "websockets" in peers} == CASES.keys() | elsewhere
    assert f"<!-- capstone -->\n{table()}\n<!-- end of capstone -->" in DOCS.read_text(encoding="utf-8")
