"""Strategies of hypothesis for whole streams, and things that an endpoint's owner may do."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from tests.support import SAMPLE_KEY, Change, as_sent_by, request_head, response_head
from wsedu.protocol.connection import Connection
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.timers import Timer
from wsedu.protocol.types import Role

Action = Callable[[Connection], object]


def _quietly(action: Action) -> Action:
    """An action whose refusal is its result."""

    def act(endpoint: Connection) -> object:
        try:
            return action(endpoint)
        except LocalViolation as violation:
            return str(violation)

    return act


def _expire(timer: Timer) -> Action:
    return _quietly(lambda endpoint: endpoint.timer_expired(timer))


ACTIONS: list[Action] = [
    _quietly(lambda endpoint: endpoint.send_text("h\u00e9")),
    _quietly(lambda endpoint: endpoint.send_text(b"\xe2", fin=False)),
    _quietly(lambda endpoint: endpoint.send_binary(b"\x00\xff")),
    _quietly(lambda endpoint: endpoint.send_binary(b"a", fin=False)),
    _quietly(lambda endpoint: endpoint.send_continuation(b"\x82\xac")),
    _quietly(lambda endpoint: endpoint.send_ping(b"p")),
    _quietly(lambda endpoint: endpoint.send_pong(b"q")),
    _quietly(lambda endpoint: endpoint.close()),
    _quietly(lambda endpoint: endpoint.close(None)),
    _quietly(lambda endpoint: endpoint.fail()),
    *[_expire(timer) for timer in Timer],
]

FIELD_CHANGES = st.dictionaries(
    st.sampled_from(
        [
            "Host",
            "Upgrade",
            "Connection",
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Accept",
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Extensions",
            "Sec-WebSocket-Protocol",
            "Origin",
            "Content-Length",
        ]
    ),
    st.none() | st.sampled_from(["websocket", "Upgrade", "13", "8", SAMPLE_KEY, "a; b=c", "0", ""]),
    max_size=1,
)


def _head(role: Role, changes: dict[str, Change]) -> bytes:
    """A head for an endpoint of that role; a client made with `seeded(0)` has the key `key_of_seed`."""
    if role is Role.SERVER:
        return request_head(changes)
    return response_head(key_of_seed(0), changes)


def key_of_seed(number: int) -> str:
    """The Sec-WebSocket-Key of a client with `random_bytes=seeded(number)`."""
    import base64
    import random

    return base64.b64encode(random.Random(number).randbytes(16)).decode()


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    return bytes([first, size] if size < 126 else [first, 126, *size.to_bytes(2, "big")]) + payload


LEGAL = st.one_of(
    st.text(max_size=8).map(lambda text: [_frame(0x81, text.encode())]),
    st.binary(max_size=140).map(lambda data: [_frame(0x82, data)]),
    st.binary(max_size=125).map(lambda data: [_frame(0x89, data)]),
    st.binary(max_size=125).map(lambda data: [_frame(0x8A, data)]),
    st.tuples(st.text(max_size=6), st.integers(0, 8)).map(
        lambda cut: [_frame(0x01, cut[0].encode()[: cut[1]]), b"\x89\x01p", _frame(0x80, cut[0].encode()[cut[1] :])]
    ),
    st.lists(st.binary(max_size=5), min_size=1, max_size=3).map(
        lambda parts: [_frame(0x02, parts[0]), *(_frame(0x00, part) for part in parts[1:]), _frame(0x80, b"")]
    ),
    st.sampled_from([[b"\x88\x00"], [b"\x88\x02\x03\xe8"], [b"\x88\x05\x03\xe8bye"]]),
)


def frames_to(role: Role) -> st.SearchStrategy[bytes]:
    """Legal frames as the peer of that role sends them."""
    return st.lists(LEGAL, max_size=4).map(
        lambda groups: b"".join(as_sent_by(role.peer, frame) for group in groups for frame in group)
    )


@st.composite
def mutations(draw: st.DrawFn, source: st.SearchStrategy[bytes]) -> bytes:
    """Streams in which up to three places are changed, left out or added to."""
    data = bytearray(draw(source))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(data)


ILLEGAL = st.sampled_from(
    [
        *[_frame(0x81, text) for text in (b"\xff", b"ab\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3")],
        *[_frame(first, b"a") for first in (0x80, 0x01, 0x83, 0xC1, 0x09, 0x8F)],
        *[_frame(0x88, body) for body in (b"\x03", b"\x03\xed", b"\x03\xe8\xff", b"\x03\xe8\xed\xa0\x80")],
        b"\x82\x7e\x00\x01a",
        b"\x82\x7f\x80" + bytes(7),
    ]
)


def frames_with_mistakes(role: Role) -> st.SearchStrategy[bytes]:
    """Frames for an endpoint of that role, legal or nearly so, or any bytes."""
    wrong = st.tuples(frames_to(role), ILLEGAL.map(lambda frame: as_sent_by(role.peer, frame)), frames_to(role))
    return mutations(frames_to(role)) | wrong.map(b"".join) | st.binary(max_size=60)


def peer_stream(role: Role) -> st.SearchStrategy[bytes]:
    """All that a peer may send: a head, mostly in order, and frames, mostly in order."""
    legal_head = st.just(_head(role, {}))
    heads = legal_head | legal_head | FIELD_CHANGES.map(lambda changes: _head(role, dict(changes)))
    return st.tuples(heads | mutations(legal_head), frames_with_mistakes(role)).map(b"".join)
