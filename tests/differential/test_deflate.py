"""permessage-deflate beside `websockets` and `wsproto`: what comes of offers and responses, and messages both ways."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

import pytest
import websockets.client
import websockets.extensions.permessage_deflate as theirs
import websockets.server
import wsproto
import wsproto.connection
import wsproto.events
import wsproto.extensions
import wsproto.utilities
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.deflating import HEADER, NAME
from tests.differential.peers import URI
from tests.support import SAMPLE_NONCE, random_cuts, request_head, response_head
from wsedu import Connection, Role, State
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.events import BinaryReceived, TextReceived

NO = "declined"

# --- What a server answers ---


def element_of(response: bytes) -> str:
    """The extension in a response, its parameters in alphabetical order; NO if there is none."""
    assert response.startswith(b"HTTP/1.1 101 "), response
    for line in response.decode().split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == HEADER.lower():
            first, *parameters = value.split("; ")
            assert first == NAME
            return "; ".join(sorted(parameter.strip() for parameter in parameters if parameter))
    return NO


def wsedu_answers(offer: str, **options: Any) -> str:
    server = Connection(Role.SERVER, extensions=[PerMessageDeflateFactory(**options)])
    server.receive_data(request_head({HEADER: offer}))
    return element_of(server.data_to_send())


def websockets_server(**options: Any) -> Any:
    return websockets.server.ServerProtocol(extensions=[theirs.ServerPerMessageDeflateFactory(**options)])


def websockets_answers(offer: str, **options: Any) -> str:
    server = websockets_server(**options)
    server.receive_data(request_head({HEADER: offer}))
    (request,) = server.events_received()
    server.send_response(server.accept(request))
    return element_of(b"".join(server.data_to_send()))


def wsproto_answers(offer: str, **options: Any) -> str:
    connection = wsproto.WSConnection(wsproto.connection.ConnectionType.SERVER)
    connection.receive_data(request_head({HEADER: offer}))
    (request,) = connection.events()
    assert isinstance(request, wsproto.events.Request)
    extension = wsproto.extensions.PerMessageDeflate(**options)
    try:
        return element_of(connection.send(wsproto.events.AcceptConnection(extensions=[extension])))
    except ValueError as error:
        return type(error).__name__


class Offer(NamedTuple):
    """An offer, a server's wishes, its answer, and the others' answers where they differ, with the reason."""

    offer: str
    options: dict[str, Any]
    wsedu: str
    others: dict[str, str] = {}  # noqa: RUF012
    reason: str = ""


NOTHING: dict[str, Any] = {}
NARROW_SERVER = {"server_max_window_bits": 10}
NARROW_CLIENT = {"client_max_window_bits": 10}
UNREAD = "§7 has such an offer declined; wsproto reads the four names and no more"
OWN_WINDOW = "a server that can limit its window does so; wsproto takes what it is asked for, or nothing"
HINT = "§7.1.2.2 lets a server ignore the hint, which we do if our window for it is 15 anyway"
OFFERS = [
    Offer("", NOTHING, ""),
    Offer("client_max_window_bits", NOTHING, "", {"wsproto": "client_max_window_bits=15"}, "15 is what holds without"),
    Offer(
        "client_max_window_bits=10",
        NOTHING,
        "",
        {"websockets": "client_max_window_bits=10", "wsproto": "client_max_window_bits=10"},
        HINT,
    ),
    Offer("client_max_window_bits=8", NOTHING, "", {"websockets": "client_max_window_bits=8", "wsproto": NO}, HINT),
    Offer("server_max_window_bits=10", NOTHING, "server_max_window_bits=10"),
    Offer("server_max_window_bits=8", NOTHING, NO),
    Offer("server_no_context_takeover", NOTHING, "server_no_context_takeover"),
    Offer("client_no_context_takeover", NOTHING, "client_no_context_takeover"),
    Offer("", NARROW_SERVER, "server_max_window_bits=10", {"wsproto": ""}, OWN_WINDOW),
    Offer(
        "server_max_window_bits=12",
        NARROW_SERVER,
        "server_max_window_bits=10",
        {"wsproto": "server_max_window_bits=12"},
        OWN_WINDOW,
    ),
    Offer("server_max_window_bits=9", NARROW_SERVER, "server_max_window_bits=9"),
    Offer("", NARROW_CLIENT, ""),
    Offer("client_max_window_bits", NARROW_CLIENT, "client_max_window_bits=10"),
    Offer("client_max_window_bits=9", NARROW_CLIENT, "client_max_window_bits=9"),
    Offer(
        "client_max_window_bits=12",
        NARROW_CLIENT,
        "client_max_window_bits=10",
        {"wsproto": "client_max_window_bits=12"},
        "as for the server's window",
    ),
    Offer(
        "",
        {"server_no_context_takeover": True, "client_no_context_takeover": True},
        "client_no_context_takeover; server_no_context_takeover",
    ),
    Offer("server_max_window_bits=16", NOTHING, NO),
    Offer("foo", NOTHING, NO, {"wsproto": ""}, UNREAD),
    Offer("server_max_window_bits", NOTHING, NO, {"wsproto": "server_max_window_bits=15"}, UNREAD),
    Offer("server_max_window_bits=09", NOTHING, NO, {"wsproto": "server_max_window_bits=9"}, UNREAD),
    Offer("server_no_context_takeover=1", NOTHING, NO, {"wsproto": "server_no_context_takeover"}, UNREAD),
    Offer(
        "server_no_context_takeover; server_no_context_takeover",
        NOTHING,
        NO,
        {"wsproto": "server_no_context_takeover"},
        UNREAD,
    ),
    Offer(
        'server_max_window_bits="10"',
        NOTHING,
        "server_max_window_bits=10",
        {"wsproto": "ValueError"},
        "§7.1.2.1 and RFC 6455 §9.1: a quoted value equals its token; wsproto takes the quotes for digits",
    ),
    Offer(f"server_max_window_bits=8, {NAME}", NOTHING, ""),
    Offer(
        f"server_max_window_bits=10, {NAME}",
        NOTHING,
        "server_max_window_bits=10",
        {"wsproto": ""},
        "§5: the first offer is the preferred one; wsproto answers the last",
    ),
]
SERVERS = {"wsedu": wsedu_answers, "websockets": websockets_answers, "wsproto": wsproto_answers}


@pytest.mark.parametrize("case", OFFERS, ids=lambda case: f"{case.offer} {case.options or ''}")
def test_what_servers_answer(case: Offer) -> None:
    assert bool(case.reason) is bool(case.others), "a difference has a reason"
    offer = f"{NAME}; {case.offer}" if case.offer else NAME
    found = {name: answers(offer, **case.options) for name, answers in SERVERS.items()}
    assert found == {**dict.fromkeys(SERVERS, case.wsedu), **case.others}


# --- What a client makes of a response ---


def response_to(request: bytes, element: str) -> bytes:
    """A response with that element to a request."""
    (key,) = [line[19:] for line in request.decode().split("\r\n") if line.lower().startswith("sec-websocket-key")]
    return response_head(key, {HEADER: element})


def wsedu_opens(element: str, **options: Any) -> bool:
    client = Connection(Role.CLIENT, URI, extensions=[PerMessageDeflateFactory(**options)])
    client.receive_data(response_to(client.data_to_send(), element))
    return client.state is State.OPEN


def websockets_client(**options: Any) -> Any:
    # As ours, it lets a server limit its window; by default it would not.
    options = {"client_max_window_bits": True, **options}
    return websockets.client.ClientProtocol(
        parse_uri(URI), extensions=[theirs.ClientPerMessageDeflateFactory(**options)]
    )


def websockets_opens(element: str, **options: Any) -> bool:
    client = websockets_client(**options)
    client.send_request(client.connect())
    client.receive_data(response_to(b"".join(client.data_to_send()), element))
    return client.handshake_exc is None


def wsproto_client(**options: Any) -> tuple[Any, bytes]:
    connection = wsproto.WSConnection(wsproto.connection.ConnectionType.CLIENT)
    extension = wsproto.extensions.PerMessageDeflate(**options)
    request = wsproto.events.Request(host="server.example.com", target="/chat", extensions=[extension])
    return connection, connection.send(request)


def wsproto_opens(element: str, **options: Any) -> bool:
    connection, request = wsproto_client(**options)
    try:
        connection.receive_data(response_to(request, element))
    except (wsproto.utilities.RemoteProtocolError, ValueError, IndexError):
        return False
    return True


class Answer(NamedTuple):
    """Parameters of a response, a client's wishes, whether it opens, and the others where they differ, with reason."""

    parameters: str
    options: dict[str, Any]
    wsedu: bool
    others: dict[str, bool] = {}  # noqa: RUF012
    reason: str = ""


DEMAND = "§5: a demand in an accepted offer is met, so this is no valid response; wsproto does not compare"
UNREAD_HERE = "§7 has the connection failed; wsproto reads the four names and no more"
ANSWERS = [
    Answer("", NOTHING, True),
    Answer("server_max_window_bits=10", NOTHING, True),
    Answer("server_max_window_bits=8", NOTHING, True, {"wsproto": False}, "zlib inflates it; wsproto knows 9 to 15"),
    Answer("client_max_window_bits=10", NOTHING, True),
    Answer("client_max_window_bits=8", NOTHING, False),
    Answer("server_no_context_takeover; client_no_context_takeover", NOTHING, True),
    Answer("", {"server_no_context_takeover": True}, False, {"wsproto": True}, DEMAND),
    Answer("", {"client_no_context_takeover": True}, True),
    Answer("", NARROW_SERVER, False, {"wsproto": True}, DEMAND),
    Answer("server_max_window_bits=9", NARROW_SERVER, True),
    Answer("server_max_window_bits=11", NARROW_SERVER, False, {"wsproto": True}, DEMAND),
    Answer("", NARROW_CLIENT, True),
    Answer("client_max_window_bits=9", NARROW_CLIENT, True),
    Answer(
        "client_max_window_bits=12",
        NARROW_CLIENT,
        True,
        {"websockets": False},
        "§7.1.2.2 lets a server ignore the hint, and we keep to our own 10; websockets wants the same or less",
    ),
    Answer("foo", NOTHING, False, {"wsproto": True}, UNREAD_HERE),
    Answer("server_max_window_bits", NOTHING, False),
    Answer("client_max_window_bits", NOTHING, False),
    Answer("server_max_window_bits=16", NOTHING, False),
    Answer("server_max_window_bits=09", NOTHING, False, {"wsproto": True}, UNREAD_HERE),
    Answer("server_no_context_takeover=1", NOTHING, False, {"wsproto": True}, UNREAD_HERE),
    Answer("server_no_context_takeover; server_no_context_takeover", NOTHING, False, {"wsproto": True}, UNREAD_HERE),
    Answer(f"server_max_window_bits=9, {NAME}", NOTHING, False, {"wsproto": True}, "§5: one element accepts one offer"),
]
CLIENTS = {"wsedu": wsedu_opens, "websockets": websockets_opens, "wsproto": wsproto_opens}


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: f"{case.parameters} {case.options or ''}")
def test_what_clients_take(case: Answer) -> None:
    assert bool(case.reason) is bool(case.others), "a difference has a reason"
    element = f"{NAME}; {case.parameters}" if case.parameters else NAME
    found = {name: opens(element, **case.options) for name, opens in CLIENTS.items()}
    assert found == {**dict.fromkeys(CLIENTS, case.wsedu), **case.others}


# --- Messages both ways ---

WISHES: dict[str, dict[str, Any]] = {
    "plain": {},
    "no takeover": {"server_no_context_takeover": True, "client_no_context_takeover": True},
    "narrow": {"server_max_window_bits": 9, "client_max_window_bits": 9},
    "one side": {"server_no_context_takeover": True, "client_max_window_bits": 10},
}


def messages(seed: int) -> list[str | bytes]:
    """Messages that repeat each other, do not compress, are empty, or long."""
    noise = random.Random(seed).randbytes(3000)
    return ["Hello", "Hello", "", b"", noise, noise, "né" * 5000, b"\x00" * 200_000, noise[:700], "Hello"]


def their_messages(frames: list[Any]) -> list[str | bytes]:
    """What frames of `websockets` say; it joins them above its layer without I/O."""
    found: list[str | bytes] = []
    for frame in frames:
        assert isinstance(frame, Frame)
        assert frame.fin
        data = bytes(frame.data)
        found.append(data.decode() if frame.opcode is Opcode.TEXT else data)
    return found


def ours_after(endpoint: Connection, data: bytes, seed: int) -> list[str | bytes]:
    """The messages that our endpoint hears."""
    for piece in random_cuts(data, seed):
        endpoint.receive_data(piece)
    heard: list[str | bytes] = []
    for event in endpoint.events():
        assert isinstance(event, TextReceived | BinaryReceived), event
        heard.append(event.text if isinstance(event, TextReceived) else event.data)
    return heard


def send_all(endpoint: Connection, texts: list[str | bytes]) -> bytes:
    """What our endpoint writes for these messages."""
    for text in texts:
        if isinstance(text, str):
            endpoint.send_text(text)
        else:
            endpoint.send_binary(text)
    return endpoint.data_to_send()


def random_bytes(size: int) -> bytes:
    """A nonce, and keys."""
    return SAMPLE_NONCE if size == 16 else b"\x12\x34\x56\x78"


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("role", list(Role))
def test_messages_with_websockets(role: Role, wish: str, seed: int) -> None:
    options = WISHES[wish]
    texts = messages(seed)
    ours = Connection(role, URI, extensions=[PerMessageDeflateFactory(**options)], random_bytes=random_bytes)
    if role is Role.CLIENT:
        other = websockets_server(**options)
        other.receive_data(ours.data_to_send())
        other.send_response(other.accept(other.events_received()[0]))
        ours.receive_data(b"".join(other.data_to_send()))
    else:
        other = websockets_client(**options)
        other.send_request(other.connect())
        ours.receive_data(b"".join(other.data_to_send()))
        other.receive_data(ours.data_to_send())
        other.events_received()
    assert [one.name for one in ours.extensions] == [one.name for one in other.extensions] == [NAME]
    ours.events()
    for piece in random_cuts(send_all(ours, texts), seed):
        other.receive_data(piece)
    assert their_messages(other.events_received()) == texts
    for text in texts:
        if isinstance(text, str):
            other.send_text(text.encode())
        else:
            other.send_binary(text)
    assert ours_after(ours, b"".join(other.data_to_send()), seed) == texts


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("role", list(Role))
def test_messages_with_wsproto(role: Role, wish: str, seed: int) -> None:
    options = WISHES[wish]
    texts = messages(seed)
    ours = Connection(role, URI, extensions=[PerMessageDeflateFactory(**options)], random_bytes=random_bytes)
    if role is Role.CLIENT:
        other = wsproto.WSConnection(wsproto.connection.ConnectionType.SERVER)
        other.receive_data(ours.data_to_send())
        assert len(list(other.events())) == 1
        extension = wsproto.extensions.PerMessageDeflate(**options)
        ours.receive_data(other.send(wsproto.events.AcceptConnection(extensions=[extension])))
    else:
        other, request = wsproto_client(**options)
        ours.receive_data(request)
        other.receive_data(ours.data_to_send())
        assert len(list(other.events())) == 1
    assert [one.name for one in ours.extensions] == [NAME]
    ours.events()
    heard: list[str | bytes] = []
    parts: list[Any] = []
    for piece in random_cuts(send_all(ours, texts), seed):
        other.receive_data(piece)
        for event in other.events():
            assert isinstance(event, wsproto.events.TextMessage | wsproto.events.BytesMessage), event
            parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
            if event.message_finished:
                heard.append(parts[0][:0].join(parts))
                parts = []
    assert heard == texts
    data = b""
    for text in texts:
        kind: Any = wsproto.events.TextMessage if isinstance(text, str) else wsproto.events.BytesMessage
        data += other.send(kind(text))
    assert ours_after(ours, data, seed) == texts
