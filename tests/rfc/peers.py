"""The notation of the matrix (see README.md) as functions, upon those of `tests.support`.

`S<` and `C<` are `receive` on `open_server()` or `open_client()`, `S>` and `C>` what `sent` gives, `m` masks a
frame as a client does, and `assert_fails` is "fail NNNN". The peer's half is read here in a few lines, or by
h11: nothing of the product judges the product.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import h11

from wsedu import Connection, Role, State
from wsedu.protocol.events import Event, ViolationFound

from ..support import KEY as MASKING_KEY
from ..support import (
    REQUEST_FIELDS,
    SAMPLE_KEY,
    SAMPLE_NONCE,
    URI,
    Change,
    as_sent_by,
    masked,
    request_head,
    response_head,
    xor,
)

m = masked
BOTH = (Role.CLIENT, Role.SERVER)

Answer = h11.Response | h11.InformationalResponse


class WireFrame(NamedTuple):
    """A frame as an endpoint sent it: its first two bytes, its key, its unmasked payload, its header's size."""

    first: int
    second: int
    key: bytes | None
    payload: bytes
    header_size: int

    @property
    def opcode(self) -> int:
        return self.first & 0x0F

    @property
    def fin(self) -> bool:
        return self.first & 0x80 != 0

    @property
    def masked(self) -> bool:
        return self.second & 0x80 != 0

    @property
    def code(self) -> int | None:
        """The status code of a Close frame, None without one."""
        return int.from_bytes(self.payload[:2], "big") if self.payload else None


def wire_frames(data: bytes) -> list[WireFrame]:
    """Whole frames back to back, read as the figure of §5.2 says."""
    frames = []
    while data:
        first, second = data[0], data[1]
        size = {126: 2, 127: 8}.get(second & 0x7F, 0)
        length = int.from_bytes(data[2 : 2 + size], "big") if size else second & 0x7F
        key = data[2 + size : 6 + size] if second & 0x80 else None
        header = 2 + size + (0 if key is None else 4)
        payload = data[header : header + length]
        assert len(payload) == length, "an endpoint sends whole frames"
        frames.append(WireFrame(first, second, key, payload if key is None else xor(payload, key), header))
        data = data[header + length :]
    return frames


# --- The handshake ---


def request(line: str = "GET /chat HTTP/1.1", **changes: Change) -> bytes:
    """A request that is in order but for the changes: header names with `_` for `-`, None for a field left out."""
    return request_head({_field(name): value for name, value in changes.items()}, line=line)


def response(line: str = "HTTP/1.1 101 Switching Protocols", **changes: Change) -> bytes:
    """A response to `new_client` that is in order but for the changes: see `request`."""
    return response_head(SAMPLE_KEY, {_field(name): value for name, value in changes.items()}, line=line)


def _field(name: str) -> str:
    return name.replace("_", "-")


def parse_request(data: bytes) -> h11.Request:
    """A request, as h11 reads it; the request is all that there is."""
    peer = h11.Connection(h11.SERVER)
    peer.receive_data(data)
    event = peer.next_event()
    assert isinstance(event, h11.Request)
    assert peer.trailing_data == (b"", False)
    return event


def parse_response(data: bytes) -> Answer:
    """A response to a request for an upgrade, as h11 reads it."""
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="GET", target="/chat", headers=[*REQUEST_FIELDS]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(data)
    event = peer.next_event()
    assert isinstance(event, h11.Response | h11.InformationalResponse), event
    return event


def values(message: h11.Request | Answer, name: str) -> list[str]:
    """The values of a header field, in order."""
    return [value.decode() for found, value in message.headers if found == name.lower().encode()]


def sample_random(size: int) -> bytes:
    """A source of randomness for which the client's key is the sample key of the RFC."""
    return SAMPLE_NONCE if size == len(SAMPLE_NONCE) else MASKING_KEY


def new_client(**options: Any) -> Connection:
    """A client that has sent its request, with the sample key; its bytes are still to be taken."""
    return Connection(Role.CLIENT, **{"uri": URI, "random_bytes": sample_random, **options})


def first_bytes(**options: Any) -> bytes:
    """What a client sends first."""
    return new_client(**options).data_to_send()


def answer_to(data: bytes, **options: Any) -> tuple[Connection, Answer]:
    """A server that was sent a request, and its response."""
    endpoint = Connection(Role.SERVER, **options)
    receive(endpoint, data)
    return endpoint, parse_response(endpoint.data_to_send())


def assert_refuses(data: bytes, status: int, **options: Any) -> Answer:
    """A server answers this request with an HTTP error, and ends the connection without a Close frame."""
    endpoint, answer = answer_to(data, **options)
    assert answer.status_code == status
    assert endpoint.state is State.CLOSING
    assert endpoint.ends_transport
    assert endpoint.data_to_send() == b""
    return answer


def assert_accepts(data: bytes, **options: Any) -> Answer:
    """A server answers this request with 101, and is open."""
    endpoint, answer = answer_to(data, **options)
    assert answer.status_code == 101
    assert endpoint.state is State.OPEN
    return answer


def assert_client_fails(data: bytes, rule: str, **options: Any) -> Connection:
    """A client does not open for this response: it names the rule, sends nothing, and ends the connection."""
    endpoint = new_client(**options)
    endpoint.data_to_send()
    events = receive(endpoint, data)
    assert endpoint.state is State.CLOSING
    assert [event.violation.rule.name for event in events if isinstance(event, ViolationFound)] == [rule]
    assert endpoint.data_to_send() == b""
    assert endpoint.ends_transport
    return endpoint


def assert_client_opens(data: bytes, **options: Any) -> Connection:
    """A client takes this response, and is open."""
    endpoint = new_client(**options)
    endpoint.data_to_send()
    receive(endpoint, data)
    assert endpoint.state is State.OPEN
    return endpoint


# --- Frames ---


def receive(endpoint: Connection, data: bytes) -> list[Event]:
    """Give an endpoint bytes; what has happened. `receive_data` never raises, whatever the bytes are."""
    try:
        endpoint.receive_data(data)
    except Exception as error:
        raise AssertionError(f"receive_data raised {error!r}") from error
    return endpoint.events()


def from_peer(role: Role, *frames: str) -> bytes:
    """Frames in hexadecimal, as the peer of an endpoint of that role sends them."""
    return b"".join(as_sent_by(role.peer, frame) for frame in frames)


def sent(endpoint: Connection) -> list[WireFrame]:
    """The frames that an endpoint wants to send."""
    return wire_frames(endpoint.data_to_send())


def assert_fails(endpoint: Connection, data: bytes, code: int, delivered: int = 0) -> None:
    """These bytes fail the connection as §7.1.7 says.

    Arguments:
        endpoint: an open one.
        data: what it receives.
        code: of the one Close frame that it sends.
        delivered: events of what was in order before.
    """
    events = receive(endpoint, data)
    assert [isinstance(event, ViolationFound) for event in events] == [False] * delivered + [True], events
    assert [(frame.opcode, frame.code) for frame in sent(endpoint)] == [(8, code)]
    assert endpoint.state is State.CLOSING
    assert endpoint.ends_transport
    assert receive(endpoint, from_peer(endpoint.role, "81 02 68 69", "89 00", "88 00")) == []
    assert endpoint.data_to_send() == b""
