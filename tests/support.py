"""What the tests share: vectors, masks, cuts, heads, and two endpoints joined by a wire in memory.

Nothing here asks the product what is right: masks, accept values and heads are made from the RFC's text.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from wsedu.protocol.connection import Connection
from wsedu.protocol.types import Role, State

KEY = bytes.fromhex("37fa213d")
"""The masking key of the examples of RFC 6455 §5.7."""

SAMPLE_NONCE = b"the sample nonce"
SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
URI = "ws://server.example.com/chat"

Cut = Callable[[bytes], Iterable[bytes]]


@functools.cache
def vectors() -> dict[str, Any]:
    """The known-answer vectors of RFC 6455 (`["rfc6455"]`) and RFC 7692 (`["rfc7692"]`)."""
    text = (Path(__file__).parent / "data" / "vectors.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


# --- Bytes ---


def as_bytes(data: str | bytes) -> bytes:
    """Bytes, given as bytes or in hex with any white space."""
    return bytes.fromhex(data) if isinstance(data, str) else bytes(data)


def xor(payload: bytes, key: bytes) -> bytes:
    """§5.3 to the letter, one byte after the other: the oracle for every mask."""
    return bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def masked(frame: str | bytes, key: bytes = KEY) -> bytes:
    """An unmasked frame as a client sends it: mask bit set, key inserted, payload masked.

    The payload may be cut short; the header up to the length must be there.
    """
    data = as_bytes(frame)
    extended = {126: 2, 127: 8}.get(data[1] & 0x7F, 0)
    assert data[1] < 0x80, "the frame is masked already"
    assert len(data) >= 2 + extended, "the length is cut short"
    length = int.from_bytes(data[2 : 2 + extended], "big") if extended else data[1]
    payload = data[2 + extended :]
    assert len(payload) <= length, "these are bytes of more than one frame"
    return bytes([data[0], data[1] | 0x80]) + data[2 : 2 + extended] + key + xor(payload, key)


def as_sent_by(role: Role, frame: str | bytes, key: bytes = KEY) -> bytes:
    """An unmasked frame as that role sends it."""
    return masked(frame, key) if role is Role.CLIENT else as_bytes(frame)


# --- Cuts ---


def whole(data: bytes) -> list[bytes]:
    """One piece."""
    return [data] if data else []


def one_byte(data: bytes) -> list[bytes]:
    """Pieces of one byte."""
    return [data[index : index + 1] for index in range(len(data))]


def all_cuts(data: bytes) -> Iterator[list[bytes]]:
    """Every way to cut data into two pieces that are not empty."""
    for place in range(1, len(data)):
        yield [data[:place], data[place:]]


def random_cuts(data: bytes, seed: int) -> list[bytes]:
    """Pieces of random sizes, empty ones among them; the same for the same seed."""
    source = random.Random(seed)
    places = sorted(source.randrange(len(data) + 1) for _ in range(source.randrange(2 + len(data) // 2)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def seeded(seed: int) -> Callable[[int], bytes]:
    """A source of bytes for `random_bytes=` that can be repeated."""
    return random.Random(seed).randbytes


# --- Heads of the opening handshake ---

REQUEST_FIELDS = (
    ("Host", "server.example.com"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", SAMPLE_KEY),
    ("Sec-WebSocket-Version", "13"),
)

Change = str | None | list[str]


def head(line: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """A head from its start line and its fields."""
    return "".join([f"{line}\r\n", *(f"{name}: {value}\r\n" for name, value in fields), "\r\n"]).encode("latin-1")


def _changed(fields: Iterable[tuple[str, str]], changes: dict[str, Change]) -> list[tuple[str, str]]:
    """Fields with some replaced (a string), repeated (a list) or left out (None); new ones go to the end."""
    rest = dict(changes)
    result: list[tuple[str, str]] = []
    for name, value in fields:
        new = rest.pop(name, value)
        result += [(name, one) for one in ([] if new is None else [new] if isinstance(new, str) else new)]
    for name, new in rest.items():
        result += [(name, one) for one in ([] if new is None else [new] if isinstance(new, str) else new)]
    return result


def request_head(changes: dict[str, Change] | None = None, *, line: str = "GET /chat HTTP/1.1") -> bytes:
    """A legal request with some fields changed, such as `{"Host": None, "Origin": "http://example.com"}`."""
    return head(line, _changed(REQUEST_FIELDS, changes or {}))


def accept_of(key: str) -> str:
    """Sec-WebSocket-Accept by the sentence of §4.2.2 step 5.4."""
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def response_head(
    key: str = SAMPLE_KEY,
    changes: dict[str, Change] | None = None,
    *,
    line: str = "HTTP/1.1 101 Switching Protocols",
) -> bytes:
    """A legal response to a request with that key, with some fields changed."""
    fields = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept_of(key)))
    return head(line, _changed(fields, changes or {}))


# --- Endpoints ---


def key_of(client: Connection) -> str:
    """The Sec-WebSocket-Key that a client has sent."""
    assert client.request is not None
    return client.request.headers.values("Sec-WebSocket-Key")[0]


def open_server(changes: dict[str, Change] | None = None, **options: Any) -> Connection:
    """A server that has finished its handshake; its events and its output are taken.

    Arguments:
        changes: of the request that it got: see `request_head`.
        options: of `Connection`.
    """
    server = Connection(Role.SERVER, **options)
    server.receive_data(request_head(changes))
    return _taken(server)


def open_client(changes: dict[str, Change] | None = None, **options: Any) -> Connection:
    """A client that has finished its handshake; its events and its output are taken.

    Arguments:
        changes: of the response that it got: see `response_head`.
        options: of `Connection`.
    """
    client = Connection(Role.CLIENT, **{"uri": URI, **options})
    client.receive_data(response_head(key_of(client), changes))
    return _taken(client)


def open_endpoint(role: Role, **options: Any) -> Connection:
    """`open_client` or `open_server`."""
    return open_client(**options) if role is Role.CLIENT else open_server(**options)


def _taken(endpoint: Connection) -> Connection:
    events = endpoint.events()
    assert endpoint.state is State.OPEN, events
    endpoint.data_to_send()
    return endpoint


def frames_begin(endpoint: Connection) -> int:
    """The stream offset of the first byte after the head that this endpoint has received."""
    read = endpoint.request if endpoint.role is Role.SERVER else endpoint.response
    assert read is not None
    return read.size


class Pumped(NamedTuple):
    """What went over the wire: the bytes of each direction."""

    to_server: bytes
    to_client: bytes


def pump(client: Connection, server: Connection, *, cut: Cut = whole, end: bool = True) -> Pumped:
    """Move bytes both ways until both endpoints are quiet.

    Arguments:
        client: one end.
        server: the other.
        cut: how what one end writes is read at the other: `whole`, `one_byte`, or
            `lambda data: random_cuts(data, seed)`.
        end: also tell each that its peer has ended TCP.
    """
    moved = {Role.CLIENT: b"", Role.SERVER: b""}
    busy = True
    while busy:
        busy = False
        for sender, reader in ((client, server), (server, client)):
            data = sender.data_to_send()
            moved[sender.role] += data
            for piece in cut(data):
                reader.receive_data(piece)
            ended = end and sender.ends_transport and reader.state is not State.CLOSED
            if ended:
                reader.receive_eof()
            busy = busy or bool(data) or ended
    return Pumped(moved[Role.CLIENT], moved[Role.SERVER])


def pair(
    *,
    client: dict[str, Any] | None = None,
    server: dict[str, Any] | None = None,
    cut: Cut = whole,
    **both: Any,
) -> tuple[Connection, Connection]:
    """An open client and an open server, joined in memory by `pump`; their events are taken.

    Arguments:
        client: options of the client's `Connection` alone.
        server: options of the server's alone.
        cut: how the handshake is cut.
        both: options of both.
    """
    near = Connection(Role.CLIENT, **{"uri": URI, **both, **(client or {})})
    far = Connection(Role.SERVER, **{**both, **(server or {})})
    pump(near, far, cut=cut)
    return _taken(near), _taken(far)
