"""Opening handshakes between wsedu and the others, and what all three make of requests that are not in order."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import websockets
import wsproto
import wsproto.connection
import wsproto.events
from websockets.frames import Frame, Opcode

from tests.differential.peers import URI, websockets_answers, websockets_client, wsproto_answers
from tests.support import SAMPLE_KEY, Change, one_byte, request_head
from wsedu.protocol.connection import Connection
from wsedu.protocol.events import Opened, TextReceived
from wsedu.protocol.handshake import ServerPolicy
from wsedu.protocol.types import Role, State

SUBPROTOCOLS = ["chat", "superchat"]


def our_client() -> Connection:
    return Connection(Role.CLIENT, URI, subprotocols=SUBPROTOCOLS, origin="http://example.com")


def our_server() -> Connection:
    return Connection(Role.SERVER, subprotocols=["superchat"])


def wsedu_answers(data: bytes) -> bytes:
    server = our_server()
    server.receive_data(data)
    return server.data_to_send()


# --- Each with the other ---


@pytest.mark.parametrize("answers", [wsedu_answers, websockets_answers, wsproto_answers])
def test_our_request_is_accepted_and_their_response_by_us(answers: object) -> None:
    assert callable(answers)
    client = our_client()
    response = answers(client.data_to_send())
    assert response.startswith(b"HTTP/1.1 101 ")
    for piece in one_byte(response):
        client.receive_data(piece)
    [opened] = client.events()
    assert isinstance(opened, Opened), opened
    assert client.subprotocol == "superchat"


def test_a_request_of_websockets_is_accepted_and_our_response_by_it() -> None:
    client, server = websockets_client(), our_server()
    client.send_request(client.connect())
    server.receive_data(b"".join(client.data_to_send()))
    server.send_text("early")
    client.receive_data(server.data_to_send())
    assert client.handshake_exc is None
    assert client.state is websockets.State.OPEN
    assert client.subprotocol == server.subprotocol == "superchat"
    response, frame = client.events_received()
    assert isinstance(response, websockets.Response)
    assert frame == Frame(Opcode.TEXT, b"early"), "the first frame came in the same chunk"
    client.send_text(b"Hello")
    server.events()
    server.receive_data(b"".join(client.data_to_send()))
    assert server.events() == [TextReceived("Hello")]


def test_a_request_of_wsproto_is_accepted_and_our_response_by_it() -> None:
    client, server = wsproto.WSConnection(wsproto.connection.ConnectionType.CLIENT), our_server()
    request = wsproto.events.Request(host="server.example.com", target="/chat", subprotocols=SUBPROTOCOLS)
    server.receive_data(client.send(request))
    server.send_text("early")
    client.receive_data(server.data_to_send())
    accepted, message = client.events()
    assert isinstance(accepted, wsproto.events.AcceptConnection)
    assert accepted.subprotocol == server.subprotocol == "superchat"
    assert isinstance(message, wsproto.events.TextMessage)
    assert message.data == "early"
    server.events()
    server.receive_data(client.send(wsproto.events.TextMessage("Hello")))
    assert server.events() == [TextReceived("Hello")]


def test_our_refusal_is_understood() -> None:
    server = Connection(Role.SERVER, policy=ServerPolicy(origins=[]))
    theirs = websockets_client()
    theirs.send_request(theirs.connect())
    server.receive_data(b"".join(theirs.data_to_send()))
    refusal = server.data_to_send()
    theirs.receive_data(refusal)
    theirs.receive_eof()
    assert isinstance(theirs.handshake_exc, websockets.InvalidStatus)
    assert theirs.handshake_exc.response.status_code == 403
    other = wsproto.WSConnection(wsproto.connection.ConnectionType.CLIENT)
    other.send(wsproto.events.Request(host="server.example.com", target="/chat"))
    other.receive_data(refusal)
    rejected, *body = other.events()
    assert isinstance(rejected, wsproto.events.RejectConnection)
    assert rejected.status_code == 403
    text = b"".join(bytes(part.data) for part in body if isinstance(part, wsproto.events.RejectData))
    assert server.response is not None
    assert text == server.response.body


def test_their_refusal_is_understood() -> None:
    client = our_client()
    refusal = websockets_answers(client.data_to_send().replace(b"Version: 13", b"Version: 12"))
    client.receive_data(refusal)
    assert client.violation is not None
    assert client.violation.rule.name == "RESPONSE_STATUS"
    assert client.response is not None
    assert client.response.status == 400
    assert client.state is State.CLOSING


# --- Requests that are not in order ---


class Case(NamedTuple):
    """A request, the status that we answer, and the others' where it is not ours (0: no answer), with the reason."""

    line: str
    changes: dict[str, Change]
    wsedu: int
    others: dict[str, int] = {}  # noqa: RUF012
    reason: str = ""


GET = "GET /chat HTTP/1.1"
WSPROTO_400 = "wsproto hints at 400 for most of what it refuses"
CASES = {
    "in order": Case(GET, {}, 101),
    "keep-alive, Upgrade": Case(GET, {"Connection": "keep-alive, Upgrade"}, 101),
    "WebSocket in another case": Case(GET, {"Upgrade": "WebSocket"}, 101),
    "POST": Case("POST /chat HTTP/1.1", {}, 405, {"wsproto": 400}, WSPROTO_400),
    "HTTP/1.0": Case("GET /chat HTTP/1.0", {}, 505, {"wsproto": 101}, "wsproto does not look at the version of HTTP"),
    "no Host": Case(
        GET, {"Host": None}, 400, {"websockets": 101}, "§4.2.1 asks for Host; websockets does not look at it"
    ),
    "two Hosts": Case(
        GET, {"Host": ["a", "b"]}, 400, {"websockets": 101}, "as above: websockets does not look at Host"
    ),
    "no Upgrade": Case(GET, {"Upgrade": None}, 426, {"wsproto": 400}, WSPROTO_400),
    "another Upgrade": Case(GET, {"Upgrade": "h2c"}, 426, {"wsproto": 400}, WSPROTO_400),
    "Upgrade to one of two": Case(
        GET,
        {"Upgrade": "h2c, websocket"},
        101,
        {"websockets": 426, "wsproto": 400},
        "§4.2.1 asks for a field that contains websocket; the others want it alone",
    ),
    "no Connection": Case(
        GET,
        {"Connection": None},
        400,
        {"websockets": 426},
        "§4.2.1 leaves the status open: 426 tells to upgrade, which this client asks for already",
    ),
    "Connection without upgrade": Case(
        GET, {"Connection": "keep-alive"}, 400, {"websockets": 426}, "as above: §4.2.1 leaves the status open"
    ),
    "no key": Case(GET, {"Sec-WebSocket-Key": None}, 400),
    "short key": Case(GET, {"Sec-WebSocket-Key": "c2hvcnQ="}, 400, {"wsproto": 101}, "wsproto does not decode the key"),
    "two keys": Case(
        GET, {"Sec-WebSocket-Key": [SAMPLE_KEY, SAMPLE_KEY]}, 400, {"wsproto": 101}, "wsproto takes the last one"
    ),
    "no version": Case(GET, {"Sec-WebSocket-Version": None}, 400),
    "version 8": Case(
        GET,
        {"Sec-WebSocket-Version": "8"},
        426,
        {"websockets": 400},
        "§4.2.2 gives 426 as its example of an appropriate code; websockets answers 400",
    ),
    "version that is no number": Case(
        GET,
        {"Sec-WebSocket-Version": "x"},
        400,
        {"wsproto": 426},
        "not a version that we do not speak, but no version at all; wsproto does not tell these apart",
    ),
    "extensions that break the grammar": Case(
        GET,
        {"Sec-WebSocket-Extensions": "a;;"},
        400,
        {"websockets": 101, "wsproto": 101},
        "§9.1 wants a list that breaks the grammar refused; the others parse it only if they have extensions",
    ),
    "subprotocols that are no tokens": Case(
        GET,
        {"Sec-WebSocket-Protocol": "a b"},
        400,
        {"wsproto": 101},
        "§4.1 asks for tokens; wsproto splits at commas",
    ),
    "the same subprotocol twice": Case(
        GET,
        {"Sec-WebSocket-Protocol": "a, a"},
        400,
        {"websockets": 101, "wsproto": 101},
        "§4.1: all of them MUST be different; the others do not look",
    ),
    "a body": Case(
        GET,
        {"Content-Length": "1"},
        400,
        {"websockets": 0, "wsproto": 101},
        "a handshake has no body: websockets does not read such a request, wsproto takes what follows for it",
    ),
    "a fragment": Case(
        "GET /chat#top HTTP/1.1",
        {},
        400,
        {"websockets": 101, "wsproto": 101},
        "§3: a resource name has no fragment; the others do not look",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_statuses(name: str) -> None:
    case = CASES[name]
    assert bool(case.reason) is bool(case.others), "a difference has a reason"
    data = request_head(case.changes, line=case.line)
    found = {}
    for who, answers in (("wsedu", wsedu_answers), ("websockets", websockets_answers), ("wsproto", wsproto_answers)):
        response = answers(data)
        found[who] = int(response.split(b" ", 2)[1]) if response else 0
    assert found == {"wsedu": case.wsedu, "websockets": case.wsedu, "wsproto": case.wsedu, **case.others}
