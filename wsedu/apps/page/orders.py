"""What a page may ask its server to do, since JavaScript cannot: Pings, fragments, and a Close frame of the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ...explain.catalogue import catalogue
from ...explain.words import violation_sentence
from ...loopback import Endpoint
from ...protocol.rules import LocalViolation
from ...protocol.types import State
from ...protocol.writer import as_utf8

MAX_PARTS = 16
"""Fragments that a page can ask for."""


class OrderError(ValueError):
    """An order that cannot be carried out.

    Arguments:
        key: of the sentence that says why.
        violation: the rule that stands against it, if one does.
    """

    def __init__(self, key: str, violation: LocalViolation | None = None) -> None:
        super().__init__(key)
        self._key = key
        self._violation = violation

    def sentence(self, language: str) -> str:
        """Why not, in `en` or `zh`."""
        if self._violation is not None:
            return violation_sentence(self._violation, language)
        return catalogue(language).say(self._key, most=MAX_PARTS)


def perform(message: str | bytes, endpoint: Endpoint | None) -> None:
    """Carry out an order: an object with `do` and what that needs, as JSON.

    Arguments:
        message: as the page sent it.
        endpoint: the connection that it is for; None if there is none.

    Raises:
        OrderError: it is no order, or cannot be carried out.
    """
    order = _read(message)
    if endpoint is None or endpoint.state is not State.OPEN:
        raise OrderError("page.problem.closed")
    try:
        ORDERS[order["do"]](endpoint, order)
    except LocalViolation as violation:
        raise OrderError("", violation) from None
    endpoint.flush()


def _read(message: str | bytes) -> dict[str, Any]:
    try:
        order = json.loads(message)
    except (ValueError, RecursionError):
        raise OrderError("page.problem.order") from None
    if not isinstance(order, dict) or not isinstance(order.get("do"), str) or order["do"] not in ORDERS:
        raise OrderError("page.problem.order")
    return order


def _text(order: dict[str, Any], name: str) -> str:
    value = order.get(name, "")
    if not isinstance(value, str):
        raise OrderError("page.problem.order")
    return value


def _ping(endpoint: Endpoint, order: dict[str, Any]) -> None:
    endpoint.connection.send_ping(_text(order, "text").encode(errors="replace"))


def _fragment(endpoint: Endpoint, order: dict[str, Any]) -> None:
    parts = order.get("parts")
    if type(parts) is not int or not 1 <= parts <= MAX_PARTS:
        raise OrderError("page.problem.parts")
    send_fragments(endpoint, _text(order, "text"), parts)


def _close(endpoint: Endpoint, order: dict[str, Any]) -> None:
    code = order.get("code")
    if code is not None and type(code) is not int:
        raise OrderError("page.problem.code")
    endpoint.connection.close(code, _text(order, "reason"))


ORDERS: dict[str, Callable[[Endpoint, dict[str, Any]], None]] = {"ping": _ping, "fragment": _fragment, "close": _close}
"""What can be asked for, by the name that the page sends."""


def send_fragments(endpoint: Endpoint, text: str, parts: int) -> None:
    """Send a text as one message in a number of fragments whose sizes differ by one byte at most (RFC 6455 §5.4).

    Arguments:
        endpoint: whose connection; it is not flushed.
        text: cut between any two bytes, which the RFC allows.
        parts: how many fragments, from 1.

    Raises:
        LocalViolation: the message may not be sent.
    """
    # Judged as a whole, before half a message has gone out.
    data = as_utf8(text)
    cuts = [len(data) * number // parts for number in range(parts + 1)]
    for number in range(parts):
        piece, fin = data[cuts[number] : cuts[number + 1]], number == parts - 1
        if number:
            endpoint.connection.send_continuation(piece, fin=fin)
        else:
            endpoint.connection.send_text(piece, fin=fin)
