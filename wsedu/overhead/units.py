"""What each transport writes: requests, answers, events and frames, with their bytes at the socket, by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import wire
from .payloads import deflated
from .profiles import Head, profile, size
from .setting import Setting
from .transports import WEBSOCKETS, Transport

LINE_END = 1
"""Bytes between one event and the next in the body of a poll."""

SSE_FIELD = len("data: \n\n")
"""Bytes around an event in an event stream."""

HPACK_DATE = 2 + 22
"""Bytes of a Date with another value than before: 22 for the date in Huffman's code (RFC 7541, C.6.1)."""

HUFFMAN_DIGIT = 5.7
"""Bits of a decimal digit in Huffman's code of HPACK: three of the ten have 5, the others 6 (RFC 7541, appendix B)."""


@dataclass(frozen=True)
class Unit:
    """Something that is written in one go.

    Arguments:
        up: whether the client writes it.
        parts: bytes by layer.
        acks: segments without data that answer it.
        connection: how many connections are opened and ended for it.
    """

    up: bool
    parts: Mapping[str, Any]
    acks: Any = 0.0
    connection: float = 0.0

    @property
    def data(self) -> Any:
        """Bytes at the socket, without TLS."""
        return sum(self.parts.values())


def units(transport: Transport, setting: Setting, batch: Any = 1.0) -> dict[str, Unit]:
    """What a transport writes, by the names `request`, `full` and `empty` of a `Rhythm`.

    Arguments:
        transport: which.
        setting: in which.
        batch: events in an answer with news.
    """
    if transport in WEBSOCKETS:
        return {"full": _frame(transport, setting)}
    if transport is Transport.SSE:
        return {"full": _server_sent(setting)}
    if transport is Transport.POLLING_H2:
        return _h2_units(setting, batch)
    return _http_units(transport, setting, batch)


def _http_units(transport: Transport, setting: Setting, batch: Any) -> dict[str, Unit]:
    heads_of = profile(setting.headers)
    waits = transport is Transport.LONG_POLLING
    closes = transport is Transport.POLLING_CLOSE
    request = Unit(
        True,
        {"request": size(heads_of.request(transport))},
        # A request that waits longer than TCP does is answered by an ACK of its own.
        acks=1.0 if waits else 0.0,
        connection=1.0 if closes else 0.0,
    )
    body = batch * (np.asarray(setting.payload) + LINE_END)
    digits = np.floor(np.log10(np.maximum(body, 1))) + 1
    bare = size(heads_of.response(transport, 0)) - 1
    full = {
        "response": bare + digits,
        "payload": batch * np.asarray(setting.payload),
        "framing": batch * LINE_END,
    }
    empty = {"response": size(heads_of.response(transport, 0, news=False))}
    return {
        "request": request,
        "full": Unit(False, full, acks=_answer_acks(full, setting, waits)),
        "empty": Unit(False, empty, acks=_answer_acks(empty, setting, waits)),
    }


def _answer_acks(parts: Mapping[str, Any], setting: Setting, asks_again: bool) -> Any:
    """ACKs for an answer; the last one travels with the next request where that is made at once."""
    answered = wire.acks(sum(parts.values()), setting.segment)
    return answered - 1 if asks_again else answered


def _server_sent(setting: Setting) -> Unit:
    data = np.asarray(setting.payload) + SSE_FIELD
    digits = np.floor(np.log(np.maximum(data, 1)) / np.log(16)) + 1  # of the chunk's size
    parts = {"payload": np.asarray(setting.payload), "framing": SSE_FIELD + digits + len("\r\n\r\n")}
    return Unit(False, parts, acks=wire.acks(sum(parts.values()), setting.segment))


def _frame(transport: Transport, setting: Setting) -> Unit:
    text = np.asarray(setting.payload)
    sent = deflated(text) if transport is Transport.WEBSOCKET_DEFLATE else text
    parts: dict[str, Any] = {"payload": sent, "websocket": wire.frame_header(sent, masked=False)}
    if transport is Transport.WEBSOCKET_H2:
        parts["framing"] = wire.H2_FRAME
    return Unit(False, parts, acks=wire.acks(sum(parts.values()), setting.segment))


# --- HTTP/2, modelled only ---


def _h2_units(setting: Setting, batch: Any) -> dict[str, Unit]:
    """Polls on one connection of HTTP/2 that has carried some before, so that HPACK knows their fields."""
    heads_of = profile(setting.headers)
    request = wire.H2_FRAME + _hpack(heads_of.request(Transport.POLLING), pseudo=4)
    answer = wire.H2_FRAME + _hpack(heads_of.response(Transport.POLLING), pseudo=1)
    body = batch * (np.asarray(setting.payload) + LINE_END)
    full = {
        "response": answer + _content_length(body),
        "payload": batch * np.asarray(setting.payload),
        "framing": batch * LINE_END + wire.H2_FRAME,
    }
    empty = {"response": answer + _content_length(np.zeros_like(body))}
    return {
        "request": Unit(True, {"request": request}),
        "full": Unit(False, full, acks=wire.acks(sum(full.values()), setting.segment)),
        "empty": Unit(False, empty, acks=wire.acks(sum(empty.values()), setting.segment)),
    }


def _hpack(head: Head, pseudo: int) -> int:
    """Bytes of a head whose fields have been sent before: one for each (RFC 7541 §6.1), more for those that change.

    Arguments:
        head: of HTTP/1.1; what only HTTP/1.1 has does not count, nor does the length of a body.
        pseudo: how many pseudo-header fields there are.
    """
    names = [line.partition(":")[0].lower() for line in head[1:]]
    kept = [name for name in names if name not in ("host", "connection", "keep-alive", "content-length", "date")]
    return pseudo + len(kept) + HPACK_DATE * ("date" in names)


def _content_length(body: Any) -> Any:
    """Bytes of Content-Length with another value than before: its name by index, a length, the digits in Huffman."""
    digits = np.floor(np.log10(np.maximum(body, 1))) + 1
    return 2 + np.ceil(digits * HUFFMAN_DIGIT / 8)
