"""Who watches which connection: steps on their way to a page, orders on their way from it."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ...loopback import Endpoint
from ...loopback.broadcast import broadcast
from ...protocol.closing import CloseCode
from ...protocol.steps import CloseStatus, HandshakeRequest, TransportOpened
from ...trace.trace import Record
from .orders import OrderError, perform
from .words import explained, explained_checks, is_passed


class Watcher:
    """A page that watches: its connection to `/trace`.

    Arguments:
        endpoint: that connection.
        language: of the explanations, `en` or `zh`.

    Attributes:
        token: with which the page opens the connections that it watches.
        watched: the newest of them that is open, to which orders apply; None without one.
    """

    def __init__(self, endpoint: Endpoint, language: str) -> None:
        self.token = secrets.token_urlsafe(16)
        self.watched: Endpoint | None = None
        self._endpoint = endpoint
        self._language = language
        self._steps: list[dict[str, Any]] = []
        self._passed: list[Record] = []  # checks of the request that is judged now

    async def greet(self) -> None:
        """Tell the page its token, and whether there is anything to watch."""
        traced = self._endpoint.trace is not None
        await self._endpoint.send(json.dumps({"type": "hello", "watch": self.token, "traced": traced}))

    def show(self, record: Record) -> None:
        """Send a step to the page, together with those that happen in the same turn of the event loop."""
        if is_passed(record):
            self._passed.append(record)
            return
        told = explained(record, self._language)
        if told is None:
            return
        if self._passed:
            passed, self._passed = self._passed, []
            self._add(explained_checks(passed, self._language))
        self._add(told)

    def _add(self, told: dict[str, Any]) -> None:
        if not self._steps:
            asyncio.get_running_loop().call_soon(self._send)
        self._steps.append(told)

    def _send(self) -> None:
        steps, self._steps = self._steps, []
        broadcast([self._endpoint], json.dumps({"type": "steps", "steps": steps}))

    def obey(self, message: str | bytes) -> None:
        """Do what the page asks for; an order that makes no sense is answered with what is wrong."""
        try:
            perform(message, self.watched)
        except OrderError as error:
            problem = error.sentence(self._language)
            broadcast([self._endpoint], json.dumps({"type": "problem", "text": problem}))


class Watchers:
    """All pages that watch, and the connections that they watch."""

    def __init__(self) -> None:
        self._by_token: dict[str, Watcher] = {}
        self._by_number: dict[int | None, Watcher] = {}
        self._first: dict[int | None, Record] = {}  # the transport of a connection whose request has not come

    def add(self, watcher: Watcher) -> None:
        """A page begins to watch."""
        self._by_token[watcher.token] = watcher

    def discard(self, watcher: Watcher) -> None:
        """A page has gone."""
        self._by_token.pop(watcher.token, None)
        self._by_number = {number: other for number, other in self._by_number.items() if other is not watcher}

    def opened(self, endpoint: Endpoint) -> None:
        """A connection is open: orders of the page that watches it are for it from now on."""
        assert endpoint.request is not None
        watcher = self._by_token.get(_token(endpoint.request.target))
        if watcher is not None:
            watcher.watched = endpoint

    async def stop(self) -> None:
        """Close every connection that is watched with 1001, while its page can still be shown how it ends."""
        watched = [watcher.watched for watcher in self._by_token.values() if watcher.watched is not None]
        await asyncio.gather(*(endpoint.close(CloseCode.GOING_AWAY) for endpoint in watched))

    def take(self, record: Record) -> None:
        """Give a step to whoever watches its connection."""
        number, step = record.connection, record.step
        if isinstance(step, TransportOpened):
            self._first[number] = record
        elif isinstance(step, HandshakeRequest):
            self._match(number, step)
        watcher = self._by_number.get(number)
        if watcher is not None:
            watcher.show(record)
        if isinstance(step, CloseStatus):
            self._first.pop(number, None)
            self._by_number.pop(number, None)

    def _match(self, number: int | None, step: HandshakeRequest) -> None:
        first = self._first.pop(number, None)
        watcher = self._by_token.get(_token(step.line.split(" ")[1]))
        if watcher is not None:
            self._by_number[number] = watcher
            if first is not None:
                watcher.show(first)


def _token(target: str) -> str:
    """The token in a request target, or the empty string."""
    return parse_qs(urlsplit(target).query).get("watch", [""])[0]
