"""A tap for tests: before a server on some port, with all that it tells."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from wsedu.loopback.tap import Tap
from wsedu.loopback.tap_rules import parse_rule
from wsedu.protocol.steps import Violation
from wsedu.protocol.uri import WebSocketURI
from wsedu.trace.trace import Trace

from .net import HOST


class Watching:
    """Remembers what the tap tells, and wakes whoever waits for the end of a connection."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.over = asyncio.Event()

    def unreachable(self, number: int, problem: Exception) -> None:
        self.told.append(("unreachable", problem))

    def passed(self, number: int) -> None:
        pass

    def ended(self, number: int) -> None:
        self.over.set()

    def broken(self, number: int, problem: Exception) -> None:
        self.told.append(("broken", problem))


@asynccontextmanager
async def tapping(
    port: int, *rules: str, tls_in: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[tuple[int, Trace, Watching]]:
    """A tap before a server on that port: its own port, its trace, its watcher."""
    trace, watcher = Trace(), Watching()
    target = WebSocketURI("ssl" in options, "localhost" if "ssl" in options else HOST, port, "/")
    tap = Tap(target, trace, watcher, rules=[parse_rule(rule) for rule in rules], **options)
    near = await tap.listen(HOST, 0, ssl=tls_in)
    try:
        yield near, trace, watcher
    finally:
        await tap.close()
        assert [told for told in watcher.told if told[0] == "broken"] == []


def violations(trace: Trace) -> list[Violation]:
    return [record.step for record in trace if isinstance(record.step, Violation)]
