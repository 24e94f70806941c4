"""The heads that HTTP clients and servers write, as data: `profiles.json`, made by tools/header_profiles.py.

A head is a list of lines without their ends. What depends on the transport is put in here: whether the connection is
kept, the tag of a conditional request, the length of a body.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .transports import Transport

_FILE = Path(__file__).with_name("profiles.json")

PROFILES = ("bare", "browser", "cookies", "article-2009")
"""The names of the profiles."""

TAG = '"00000000"'
"""An entity tag as the harness writes it: the number of the newest event, in eight hexadecimal digits."""

EVENT_STREAM = "text/event-stream"

Head = tuple[str, ...]


class UnknownProfileError(ValueError):
    """There is no profile of that name.

    Attributes:
        name: that was given.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no header profile {name!r}: it is one of {', '.join(PROFILES)}")
        self.name = name


@cache
def size(head: Head) -> int:
    """Bytes of a head on the wire, with the ends of its lines and the empty line."""
    return sum(len(line) + 2 for line in head) + 2


def characters(head: Head) -> int:
    """Characters of a head without any line ends, as who reads it on a screen would count them."""
    return sum(map(len, head))


@dataclass(frozen=True)
class Profile:
    """The heads of one kind of client and server.

    Arguments:
        name: one of `PROFILES`.
        made_by: the programs whose heads these are, with their versions; none for heads that were published.
        poll: the request of a poll.
        sse: the request of server-sent events.
        websocket: lines that the request of a WebSocket has beside those of RFC 6455.
        answer: the response to a poll, without the length of its body.
    """

    name: str
    made_by: tuple[tuple[str, str], ...]
    poll: Head
    sse: Head
    websocket: Head
    answer: Head

    @property
    def websocket_fields(self) -> list[tuple[str, str]]:
        """`websocket` as names and values."""
        return [(name, value) for name, _, value in (line.partition(": ") for line in self.websocket)]

    def request(self, transport: Transport) -> Head:
        """The head of the request that a transport makes again and again, or once."""
        if transport is Transport.SSE:
            return self.sse
        lines = self.poll
        if transport is Transport.POLLING_CLOSE:
            lines = (*_without(lines, "connection"), "Connection: close")
        if transport is Transport.POLLING_304:
            lines = (*lines, f"If-None-Match: {TAG}")
        return lines

    def response(self, transport: Transport, length: int = 0, *, news: bool = True) -> Head:
        """The head of the response to it.

        Arguments:
            transport: whose.
            length: bytes of the body.
            news: whether there is any; without, a conditional request is answered with 304.
        """
        lines = self.answer
        if transport is Transport.SSE:
            lines = _without(lines, "content-type")
            return (*lines, f"Content-Type: {EVENT_STREAM}", "Transfer-Encoding: chunked")
        if transport is Transport.POLLING_CLOSE:
            lines = (*_without(lines, "connection"), "Connection: close")
        if transport is Transport.POLLING_304:
            lines = (*lines, f"ETag: {TAG}")
            if not news:
                version, *rest = _without(lines, "content-type")
                return (f"{version.split(' ')[0]} 304 Not Modified", *rest)
        return (*lines, f"Content-Length: {length}")


def _without(head: Head, name: str) -> Head:
    return tuple(line for line in head if not line.lower().startswith(f"{name}:"))


def profile(name: str) -> Profile:
    """A profile by its name.

    Raises:
        UnknownProfileError: there is none of that name.
    """
    if name not in PROFILES:
        raise UnknownProfileError(name)
    return _profiles()[name]


@cache
def _profiles() -> dict[str, Profile]:
    made: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: Profile(
            name,
            tuple(entry["made_by"].items()),
            *(tuple(entry[part]) for part in ("poll", "sse", "websocket", "answer")),
        )
        for name, entry in made.items()
    }
