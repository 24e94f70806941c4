"""Which wrong idea is behind the bytes that a learner answers as a server; none where it is not certain."""

from __future__ import annotations

import re

from ..protocol.frame import Frame
from ..protocol.frames import FrameDecoder, encode_frame
from ..protocol.types import Opcode
from .handshake_keys import WAYS

_WAYS = {
    "decoded": ("decoded",),
    "hexdigest": ("hex", "hex64"),
    "guid": ("no-guid", "guid-first", "guid-lower", "guid-dashes", "guid-bytes"),
    "hash": ("sha256", "md5"),
}
"""The wrong ways to the accept key, by the idea behind them."""

_ACCEPT = re.compile(rb"^sec-websocket-accept:[ \t]*(\S*)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"HTTP/1\.[01] 2\d\d\b")
_BARE_LF = re.compile(rb"(?<!\r)\n")

REPORTED = (1005, 1006, 1015)
"""Status codes that stand for what was not on the wire, and never are."""


def opening_idea(data: bytes, key: str) -> str:
    """The idea behind a response of the opening handshake.

    Arguments:
        data: the bytes that were sent.
        key: the client's Sec-WebSocket-Key.
    """
    if not data.startswith(b"HTTP/"):
        return ""
    if _STATUS.match(data):
        return "ok"
    found = _ACCEPT.search(data)
    value = found[1].decode("latin-1") if found else ""
    for idea, ways in _WAYS.items():
        if value and value in [WAYS[way](key) for way in ways]:
            return idea
    return "lines" if _BARE_LF.search(data) else ""


def echo_idea(data: bytes, text: str) -> str:
    """The idea behind an answer to a text that should be sent back."""
    payload = text.encode()
    right = encode_frame(Frame.text(text))
    head, size = right[0], len(payload)
    known = {
        payload: "bare",
        bytes((_reversed(head), _reversed(size))) + payload: "order",
        bytes((head, size + 2)) + payload: "counts",
    }
    return _masked(data) or known.get(data, "")


def pong_idea(data: bytes, ping: bytes) -> str:
    """The idea behind an answer to a Ping with this payload."""
    frame = _first(data)
    if frame is None:
        return ""
    if frame.opcode is Opcode.TEXT and frame.payload.lower() in (b"pong", b"ping", ping.lower()):
        return "textual"
    return _masked(data) or ("pong" if frame.opcode is Opcode.PONG and frame.payload != ping else "")


def close_idea(data: bytes) -> str:
    """The idea behind the bytes with which a connection is ended."""
    frame = _first(data)
    if frame is None or frame.opcode is not Opcode.CLOSE:
        return _masked(data)
    body = frame.payload
    little = int.from_bytes(body[:2], "little")
    if len(body) >= 2 and int.from_bytes(body[:2], "big") in REPORTED:
        return "reported"
    if len(body) == 1 or re.fullmatch(rb"[1-4]\d{3}", body) or (len(body) >= 2 and 1000 <= little <= 1015):
        return "body"
    return _masked(data)


def _first(data: bytes) -> Frame | None:
    """The first frame, legal or not; None where it is not whole."""
    return next(iter(FrameDecoder().feed(data)), None)


def _masked(data: bytes) -> str:
    frame = _first(data)
    return "masks" if frame is not None and frame.masking_key is not None else ""


def _reversed(value: int) -> int:
    """A byte with its bits in the other order."""
    return int(f"{value:08b}"[::-1], 2)
