"""What the tap passes on in one direction, in order; it can be made to wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from ..protocol.types import Direction
from .tap_rules import Rule

Write = Callable[[Direction, bytes], None]
"""Sends bytes on in a direction; empty ones stand for its end."""


class Lane:
    """A queue of bytes, delays and holds.

    Arguments:
        direction: which way the bytes go.
        write: sends them.

    Attributes:
        size: bytes that wait.
    """

    def __init__(self, direction: Direction, write: Write) -> None:
        self.size = 0
        self._direction = direction
        self._write = write
        self._waiting: deque[bytes | float | Rule | None] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, data: bytes | None) -> None:
        """Bytes, or None for the end."""
        if data != b"":
            self.size += len(data or b"")
            self._waiting.append(data)
            self._go()

    def delay(self, seconds: float) -> None:
        """Wait that long before what comes next."""
        self._waiting.append(seconds)
        self._go()

    def hold(self, rule: Rule) -> None:
        """Wait for `release` before what comes next."""
        self._waiting.append(rule)

    def holds(self, rule: Rule) -> bool:
        """Whether that rule holds anything here."""
        return any(entry is rule for entry in self._waiting)

    def release(self, rule: Rule) -> None:
        """End the waiting for a rule."""
        self._waiting = deque(entry for entry in self._waiting if entry is not rule)
        self._go()

    def stop(self) -> None:
        """Let nothing go on."""
        self._waiting.clear()
        self.size = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go(self) -> None:
        while self._waiting and self._timer is None:
            entry = self._waiting[0]
            if isinstance(entry, Rule):
                return
            self._waiting.popleft()
            if isinstance(entry, float):
                self._timer = asyncio.get_running_loop().call_later(entry, self._go_on)
                return
            self.size -= len(entry or b"")
            self._write(self._direction, entry or b"")

    def _go_on(self) -> None:
        self._timer = None
        self._go()
