"""A timer that may be moved as often as one likes: it costs nothing to make it later, or to want it no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls back when a time is over, unless it was set anew or cleared meanwhile.

    The loop has at most one timer of it. One that rings too early looks again, so that a deadline that moves with
    every byte received costs no timer for each.

    Arguments:
        loop: whose clock and timers.
        ring: called when the time is over.
    """

    __slots__ = ("_at", "_handle", "_loop", "_ring")

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._at: float | None = None
        self._handle: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Ring after so many seconds from now, and at no time asked for before."""
        self._at = self._loop.time() + seconds
        if self._handle is not None and self._handle.when() > self._at:
            self._handle.cancel()
            self._handle = None
        if self._handle is None:
            self._handle = self._loop.call_at(self._at, self._look)

    def clear(self) -> None:
        """Do not ring, unless it is set again."""
        self._at = None

    def cancel(self) -> None:
        """Do not ring, and leave nothing with the loop."""
        self._at = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look(self) -> None:
        self._handle = None
        if self._at is None:
            return
        if self._loop.time() < self._at:
            self._handle = self._loop.call_at(self._at, self._look)
            return
        self._at = None
        self._ring()
