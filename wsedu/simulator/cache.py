"""The naive caching proxy of RFC 6455 §10.3, which masking is there for.

It reads both streams as HTTP on a connection that is kept open, does not understand what 101 means, and so goes on to
look for requests and responses in what are frames by now. It skips what looks like neither.
"""

from __future__ import annotations

import re
from collections import deque

from ..protocol.steps import byte_span
from ..protocol.types import Direction
from ..scenarios.network import CachingProxy
from ..trace.worldsteps import ProxyAsked, ProxyRequest, ProxyStored
from .agenda import Agenda
from .boxes import Box
from .wire import Item, Teller

REQUEST = re.compile(rb"(?:GET|HEAD|POST) (\S+) HTTP/1\.[01]\r\n((?:[^\r\n]+\r\n)*)\r\n")
RESPONSE = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
KEPT = 1 << 16
"""Bytes that it looks back for the beginning of a head."""


class CachingBox(Box):
    """Passes every byte on as it is, and remembers what it takes for answers."""

    def __init__(self, agenda: Agenda, tell: Teller, what: CachingProxy) -> None:
        super().__init__(agenda, tell)
        self._victim = what.victim
        self._seen = dict.fromkeys(Direction, b"")  # what has not been understood yet
        self._asked: deque[str] = deque()
        self._requests = 0
        self._cache: dict[str, bytes] = {}

    def take(self, direction: Direction, item: Item) -> None:
        if isinstance(item, bytes):
            self._passed[direction] += len(item)
            self._seen[direction] = (self._seen[direction] + item)[-KEPT:]
            if direction is Direction.TO_SERVER:
                self._look_for_requests()
            else:
                self._look_for_responses()
        self.hand_on(direction, item)

    def _look_for_requests(self) -> None:
        direction = Direction.TO_SERVER
        while found := REQUEST.search(self._seen[direction]):
            url = _url(found[1].decode("latin-1"), found[2].decode("latin-1"))
            start = self._passed[direction] - len(self._seen[direction]) + found.start()
            self._seen[direction] = self._seen[direction][found.end() :]
            self._asked.append(url)
            self._requests += 1
            self._tell(
                ProxyRequest(
                    span=byte_span(direction, start, found.end() - found.start()),
                    decided_by=f"{__name__}:CachingBox._look_for_requests",
                    url=url,
                    inside=self._requests > 1,
                )
            )

    def _look_for_responses(self) -> None:
        direction = Direction.TO_CLIENT
        while found := RESPONSE.search(self._seen[direction]):
            length = re.search(rb"(?i)^content-length: *(\d+)\r$", found[2], re.MULTILINE)
            end = found.end() + (int(length[1]) if length else 0)
            if len(self._seen[direction]) < end:
                return
            start = self._passed[direction] - len(self._seen[direction]) + found.start()
            body = self._seen[direction][found.end() : end]
            self._seen[direction] = self._seen[direction][end:]
            # An answer to nothing is not kept.
            url = self._asked.popleft() if self._asked else None
            if url is not None and found[1] == b"200":
                self._store(url, body, start, end - found.start())

    def _store(self, url: str, body: bytes, start: int, length: int) -> None:
        self._cache[url] = body
        span = byte_span(Direction.TO_CLIENT, start, length)
        self._tell(ProxyStored(span=span, decided_by=f"{__name__}:CachingBox._store", url=url, body=body))

    def over(self) -> None:
        if self._victim:
            body = self._cache.get(self._victim)
            self._tell(
                ProxyAsked(
                    decided_by=f"{__name__}:CachingBox.over",
                    url=self._victim,
                    found=body is not None,
                    body=body or b"",
                )
            )


def _url(target: str, fields: str) -> str:
    """What a request asks for, as a whole URL."""
    host = re.search(r"(?im)^host: *(\S+)\r$", fields)
    return target if target.startswith("http://") else f"http://{host[1] if host else ''}{target}"
