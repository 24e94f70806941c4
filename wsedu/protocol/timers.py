"""Deadlines as data: the core has no clock, it says what it waits for and is told when that took too long."""

from __future__ import annotations

import enum
from typing import NamedTuple

from .closing import Phase
from .types import State, Timeouts


class Timer(enum.StrEnum):
    """What a deadline is for."""

    OPENING = "opening"
    CLOSING = "closing"
    PING = "ping"
    PONG = "pong"
    IDLE = "idle"


class Deadline(NamedTuple):
    """A timer that is wanted.

    Arguments:
        timer: to be told to `Connection.timer_expired` when the time is over.
        seconds: from the moment at which this deadline was first seen.
        number: counts up; a deadline with another number is a new one, and its time starts anew.
    """

    timer: Timer
    seconds: float
    number: int


class Deadlines:
    """Which deadline an endpoint wants; at most one at a time.

    While a connection is open the clock is silence: every byte of the peer's starts it again. After
    `ping_interval` seconds of silence a Ping is due, `ping_timeout` seconds after that the peer is given up;
    after `idle` seconds of silence, whatever was sent meanwhile, the connection is closed.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._number = 0
        self._key: tuple[Phase, int, bool] | None = None
        self._current: Deadline | None = None

    def want(self, phase: Phase, state: State, heard: int, pinged: bool) -> Deadline | None:
        """The deadline for an endpoint that is in this phase.

        Arguments:
            phase: where it stands.
            state: the RFC's state of that phase.
            heard: how often it has received anything.
            pinged: whether a keepalive Ping went out since.
        """
        key = (phase if state is State.OPEN else _PHASE_OF_TIMER.get(state, phase), heard, pinged)
        if state is not State.OPEN:
            key = (key[0], 0, False)
        if key != self._key:
            self._key = key
            self._number += 1
            self._current = self._make(state, pinged)
        return self._current

    def _make(self, state: State, pinged: bool) -> Deadline | None:
        timer, seconds = self._wanted(state, pinged)
        return None if seconds is None else Deadline(timer, seconds, self._number)

    def _wanted(self, state: State, pinged: bool) -> tuple[Timer, float | None]:
        times = self._timeouts
        if state is State.CONNECTING:
            return Timer.OPENING, times.opening
        if state is State.CLOSING:
            return Timer.CLOSING, times.closing
        if state is State.CLOSED:
            return Timer.CLOSING, None
        interval = times.ping_interval
        if not pinged:
            return _sooner(Timer.PING, interval, times.idle)
        left = None if times.idle is None or interval is None else times.idle - interval
        return _sooner(Timer.PONG, times.ping_timeout, left)


_PHASE_OF_TIMER = {State.CLOSING: Phase.CLOSE_SENT}
"""One closing deadline for all phases of CLOSING: it counts from the first Close frame, or the failure."""


def _sooner(timer: Timer, seconds: float | None, idle: float | None) -> tuple[Timer, float | None]:
    if idle is not None and (seconds is None or idle <= seconds):
        return Timer.IDLE, idle
    return timer, seconds
