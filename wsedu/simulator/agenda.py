"""Virtual time: what will happen when, and a clock that jumps from one such moment to the next."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

LIMIT = 86_400.0
"""Seconds of virtual time, one day, after which a run stops by itself: two endpoints that ping never would."""

Entry = tuple[float, int, Callable[[Any], None], Any]


class TimeUp(Exception):
    """The virtual time that a run may take is over; `simulate` catches it."""


class Agenda:
    """What is still to happen, in the order of its times; of the same time, in the order in which it was entered.

    Arguments:
        limit: the last moment that is reached, in seconds.

    Attributes:
        now: seconds since the beginning.
        entries: a heap of (time, number, function, argument).
        moving: how many of them bring something to somebody, which is all but timers.
    """

    __slots__ = ("_number", "entries", "limit", "moving", "now")

    def __init__(self, limit: float = LIMIT) -> None:
        self.now = 0.0
        self.limit = limit
        self.entries: list[Entry] = []
        self.moving = 0
        self._number = 0

    def enter(self, time: float, act: Callable[[Any], None], argument: Any = None) -> None:
        """Have a function called with an argument at that time, which may not lie in the past."""
        self._number += 1
        heappush(self.entries, (time, self._number, act, argument))

    def step(self) -> None:
        """Let the next entry happen.

        Raises:
            TimeUp: it lies beyond the limit.
        """
        time, _, act, argument = heappop(self.entries)
        if time > self.limit:
            self.now = self.limit
            raise TimeUp
        self.now = time
        act(argument)
