"""How long an event is on its way, as a distribution: from the moment it happens until the client has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .model import rhythm
from .setting import Setting
from .transports import POLLS, Transport


@dataclass(frozen=True)
class Delay:
    """Some events take the least time that there is; the others wait as well, as likely any time up to the longest.

    Arguments:
        least: seconds.
        waiting: the part of the events that wait, 0 to 1.
        longest: seconds that an event waits at most, beside the least.
    """

    least: Any
    waiting: Any
    longest: Any

    @property
    def mean(self) -> Any:
        """Seconds."""
        return self.least + self.waiting * self.longest / 2

    def quantile(self, part: Any) -> Any:
        """Seconds within which that part of the events arrives.

        Arguments:
            part: 0 to 1.
        """
        at_once = 1 - np.asarray(self.waiting)
        waited = np.clip((np.asarray(part) - at_once) / np.maximum(self.waiting, 1e-300), 0, 1)
        return self.least + waited * self.longest

    def within(self, seconds: Any) -> Any:
        """The part of the events that arrives within so many seconds."""
        over = np.asarray(seconds) - self.least
        waited = np.clip(over / np.maximum(self.longest, 1e-300), 0, 1)
        return np.where(over < 0, 0.0, (1 - self.waiting) + self.waiting * waited)


def delay(transport: Transport, setting: Setting) -> Delay:
    """The delay of a transport's events.

    Interval polling: events happen at random, so each waits for the next poll, any time up to one interval; then half a
    round trip. Long polling: who comes while a request waits is sent at once; who comes in the gap of one round trip in
    which there is none waits for the rest of it, and events at random fall into the gap in proportion to its part of
    the time (Poisson arrivals see time averages). Push: half a round trip.

    Arguments:
        transport: which.
        setting: in which; its round trip is halved for one way.
    """
    one_way = np.asarray(setting.rtt, dtype=float) / 2
    if transport in POLLS:
        return Delay(one_way, 1.0, np.maximum(setting.interval, setting.rtt))
    if transport is Transport.LONG_POLLING:
        gap = np.asarray(setting.rtt, dtype=float)
        return Delay(one_way, np.minimum(1.0, gap * rhythm(transport, setting).requests), gap)
    return Delay(one_way, 0.0, 0.0)
