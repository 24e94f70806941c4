"""What it costs to open and to end a connection: TCP, TLS, and the heads that are sent once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..protocol.connection import Connection
from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.types import Role
from .profiles import profile, size
from .transports import WEBSOCKETS, Transport

_TLS = Path(__file__).with_name("tls_setup.json")

URI = "ws://127.0.0.1:54321/ws"
"""Where the WebSocket of the model is opened; the port of a run has as many digits."""

NORMAL = 1000


class Once(NamedTuple):
    """Bytes that are sent once for a connection.

    Arguments:
        up: from the client.
        down: from the server.
    """

    up: int
    down: int


class Flights(NamedTuple):
    """Bytes of the flights of a handshake: the first opens it, the last ends it or has tickets (RFC 8446 §2).

    Arguments:
        up: from the client.
        down: from the server.
    """

    up: tuple[int, ...]
    down: tuple[int, ...]


@cache
def tls_flights() -> Flights:
    """A full handshake of TLS 1.3 with one certificate, as it was counted; real chains are longer by some kB."""
    counted = json.loads(_TLS.read_text(encoding="utf-8"))
    return Flights(tuple(counted["client"]), tuple(counted["server"]))


def tls_handshake() -> Once:
    """All bytes of `tls_flights`."""
    return Once(*map(sum, tls_flights()))


@cache
def heads(transport: Transport, headers: str) -> Once:
    """The heads of HTTP that open a transport; none for those that have a head for each request.

    Arguments:
        transport: which.
        headers: the name of the profile.
    """
    if transport is Transport.SSE:
        chosen = profile(headers)
        return Once(size(chosen.request(transport)), size(chosen.response(transport)))
    return handshake(transport, headers) if transport in WEBSOCKETS else Once(0, 0)


@cache
def handshake(transport: Transport, headers: str) -> Once:
    """The opening handshake, counted from two real endpoints (RFC 6455 §4)."""
    offered = (PerMessageDeflateFactory(),) if transport is Transport.WEBSOCKET_DEFLATE else ()
    fields = profile(headers).websocket_fields
    further = [(name, value) for name, value in fields if name.lower() != "origin"]
    origin = next((value for name, value in fields if name.lower() == "origin"), None)
    client = Connection(Role.CLIENT, URI, origin=origin, headers=further, extensions=offered)
    server = Connection(Role.SERVER, extensions=offered)
    request = client.data_to_send()
    server.receive_data(request)
    return Once(len(request), len(server.data_to_send()))


@cache
def closing_handshake() -> Once:
    """A Close frame with a status code from each end (RFC 6455 §5.5.1)."""
    close = Frame.close(NORMAL)
    masked = Frame.close(NORMAL, masking_key=bytes(4))
    return Once(len(encode_frame(masked)), len(encode_frame(close)))
