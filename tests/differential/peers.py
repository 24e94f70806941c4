"""`websockets` and `wsproto` without I/O, asked the same questions as wsedu: what was said, and is it in order?"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

import websockets.client
import websockets.frames
import websockets.protocol
import websockets.server
import wsproto
import wsproto.connection
import wsproto.events
import wsproto.utilities
from websockets.uri import parse_uri as parse_websockets_uri

from tests.support import open_endpoint
from wsedu.protocol.events import BinaryReceived, TextReceived
from wsedu.protocol.types import Role

WEBSOCKETS_ROLES = {Role.CLIENT: websockets.protocol.CLIENT, Role.SERVER: websockets.protocol.SERVER}
WSPROTO_ROLES = {
    Role.CLIENT: wsproto.connection.ConnectionType.CLIENT,
    Role.SERVER: wsproto.connection.ConnectionType.SERVER,
}
URI = "ws://server.example.com/chat"


class Heard(NamedTuple):
    """What an endpoint made of a stream of frames.

    Arguments:
        messages: whole messages, texts as str.
        code: the status code with which it fails the connection; None if it finds nothing wrong.
    """

    messages: list[str | bytes]
    code: int | None


Listener = Callable[[Role, Iterable[bytes]], Heard]


def wsedu_hears(role: Role, pieces: Iterable[bytes]) -> Heard:
    endpoint = open_endpoint(role)
    for piece in pieces:
        endpoint.receive_data(piece)
    messages: list[str | bytes] = []
    for event in endpoint.events():
        if isinstance(event, TextReceived):
            messages.append(event.text)
        elif isinstance(event, BinaryReceived):
            messages.append(event.data)
    return Heard(messages, None if endpoint.violation is None else endpoint.violation.rule.code)


def websockets_hears(role: Role, pieces: Iterable[bytes]) -> Heard:
    """The layer without I/O gives frames; messages are put together here as its layers above do it."""
    protocol = websockets.protocol.Protocol(WEBSOCKETS_ROLES[role])
    for piece in pieces:
        protocol.receive_data(piece)
    messages: list[str | bytes] = []
    opcode, parts = None, b""
    for frame in protocol.events_received():
        assert isinstance(frame, websockets.frames.Frame)
        if frame.opcode >= 8:
            continue
        opcode = frame.opcode if frame.opcode else opcode
        parts += bytes(frame.data)
        if frame.fin:
            text = opcode is websockets.frames.Opcode.TEXT
            messages.append(parts.decode(errors="replace") if text else parts)
            parts = b""
    code = None
    if protocol.parser_exc is not None:
        assert protocol.close_sent is not None
        code = int(protocol.close_sent.code)
    return Heard(messages, code)


def wsproto_hears(role: Role, pieces: Iterable[bytes]) -> Heard:
    connection = wsproto.connection.Connection(WSPROTO_ROLES[role])
    messages: list[str | bytes] = []
    parts: list[str | bytes] = []
    code = None
    for piece in pieces:
        with contextlib.suppress(wsproto.utilities.LocalProtocolError):  # it takes nothing after both Close frames
            connection.receive_data(piece)
        for event in connection.events():
            if isinstance(event, wsproto.events.TextMessage | wsproto.events.BytesMessage):
                parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
                if event.message_finished:
                    messages.append(_join(parts))
                    parts = []
            elif isinstance(event, wsproto.events.CloseConnection) and (
                connection.state is wsproto.connection.ConnectionState.OPEN
            ):
                # Its state does not change when it has found something wrong, only when a Close frame has come.
                code = int(event.code)
        if code is not None:
            break
    return Heard(messages, code)


def _join(parts: list[str | bytes]) -> str | bytes:
    if isinstance(parts[0], str):
        return "".join(part for part in parts if isinstance(part, str))
    return b"".join(part for part in parts if isinstance(part, bytes))


LISTENERS: dict[str, Listener] = {
    "wsedu": wsedu_hears,
    "websockets": websockets_hears,
    "wsproto": wsproto_hears,
}


# --- Sending ---


def websockets_says(role: Role, messages: Iterable[str | bytes]) -> bytes:
    """The bytes of messages, a ping, a pong and a Close frame."""
    protocol = websockets.protocol.Protocol(WEBSOCKETS_ROLES[role])
    for message in messages:
        if isinstance(message, str):
            protocol.send_text(message.encode())
        else:
            protocol.send_binary(message)
    protocol.send_ping(b"ping")
    protocol.send_pong(b"pong")
    protocol.send_close(1000, "bye")
    # The empty element is its sign for the end of TCP.
    return b"".join(protocol.data_to_send())


def wsproto_says(role: Role, messages: Iterable[str | bytes]) -> bytes:
    connection = wsproto.connection.Connection(WSPROTO_ROLES[role])
    data = b""
    for message in messages:
        event: wsproto.events.Event = (
            wsproto.events.TextMessage(message) if isinstance(message, str) else wsproto.events.BytesMessage(message)
        )
        data += connection.send(event)
    data += connection.send(wsproto.events.Ping(b"ping")) + connection.send(wsproto.events.Pong(b"pong"))
    return data + connection.send(wsproto.events.CloseConnection(1000, "bye"))


def wsedu_says(role: Role, messages: Iterable[str | bytes]) -> bytes:
    endpoint = open_endpoint(role)
    for message in messages:
        if isinstance(message, str):
            endpoint.send_text(message)
        else:
            endpoint.send_binary(message)
    endpoint.send_ping(b"ping")
    endpoint.send_pong(b"pong")
    endpoint.close(1000, "bye")
    return endpoint.data_to_send()


SPEAKERS: dict[str, Callable[[Role, Iterable[str | bytes]], bytes]] = {
    "wsedu": wsedu_says,
    "websockets": websockets_says,
    "wsproto": wsproto_says,
}


# --- Opening handshakes ---


def websockets_client() -> websockets.client.ClientProtocol:
    return websockets.client.ClientProtocol(
        parse_websockets_uri(URI), subprotocols=[websockets.Subprotocol("chat"), websockets.Subprotocol("superchat")]
    )


def websockets_answers(data: bytes) -> bytes:
    """What a server of `websockets` answers to a request; empty if it gives up without an answer."""
    # A server that speaks subprotocols refuses a client that offers none of them: this one speaks what is offered.
    spoken = [websockets.Subprotocol("superchat")] if b"superchat" in data else None
    server = websockets.server.ServerProtocol(subprotocols=spoken)
    server.receive_data(data)
    for request in server.events_received():
        assert isinstance(request, websockets.Request)
        server.send_response(server.accept(request))
    return b"".join(server.data_to_send())


def wsproto_answers(data: bytes) -> bytes:
    """What a server of `wsproto` answers to a request, its own hints on what to refuse included."""
    connection = wsproto.WSConnection(wsproto.connection.ConnectionType.SERVER)
    try:
        connection.receive_data(data)
    except wsproto.utilities.RemoteProtocolError as error:
        hint = error.event_hint or wsproto.events.RejectConnection()
        return connection.send(hint)
    for event in connection.events():
        if isinstance(event, wsproto.events.Request):
            chosen = "superchat" if "superchat" in event.subprotocols else None
            return connection.send(wsproto.events.AcceptConnection(subprotocol=chosen))
    return b""
