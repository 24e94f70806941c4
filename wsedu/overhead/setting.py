"""`Setting`: what the overhead lab can be asked, each value with its unit and its range."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np


class Range(NamedTuple):
    """What a value may be.

    Arguments:
        low: the least.
        high: the greatest.
        unit: as it is written behind the value; empty for a number of things.
        whole: whether it must be a whole number.
    """

    low: float
    high: float
    unit: str
    whole: bool = False


RANGES: dict[str, Range] = {
    "clients": Range(1, 1_000_000, "", whole=True),
    "events_per_second": Range(0.01, 100, "/s"),
    "interval": Range(0.1, 60, "s"),
    "payload": Range(0, 4096, "bytes", whole=True),
    "rtt": Range(0, 10, "s"),
    "timeout": Range(1, 3600, "s"),
    "lifetime": Range(1, 86_400, "s"),
    "tcp_options": Range(0, 40, "bytes", whole=True),
    "mss": Range(536, 65_495, "bytes", whole=True),
}
"""The range of each number of a `Setting`, ends included."""


class OutOfRangeError(ValueError):
    """A value is not in its range.

    Attributes:
        name: of the value.
        value: that was given.
        range: in which it must be.
    """

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value
        self.range = RANGES[name]
        low, high, unit, whole = self.range
        kind = "a whole number from" if whole else "from"
        super().__init__(f"{name}: {value!r} is not {kind} {low:g} to {high:g} {unit}".rstrip())


@dataclass(frozen=True)
class Setting:
    """One situation: so many clients, each of which is sent so many events.

    Every number may also be an array of numpy, so that a whole curve is one call of the model; they are combined by
    numpy's rules of broadcasting.

    Arguments:
        clients: connected at once.
        events_per_second: that happen at the server for each client, at random moments (a Poisson process).
        interval: seconds between two polls of one client.
        payload: bytes of what each event has to say.
        rtt: seconds that a byte takes to the peer and another one back.
        headers: the profile of the HTTP heads; one of `wsedu.overhead.profiles.PROFILES`.
        tls: whether everything runs over TLS 1.3.
        timeout: seconds after which a long poll is answered with nothing.
        lifetime: seconds that a connection lasts, over which its set-up is spread.
        tcp_options: bytes of options in each TCP header; 12 for timestamps, which Linux sends by default.
        mss: bytes of data and options in one TCP segment at most (RFC 6691); 1,460 on Ethernet.

    Raises:
        OutOfRangeError: a number is not in its range.
    """

    clients: Any = 1000
    events_per_second: Any = 1.0
    interval: Any = 1.0
    payload: Any = 20
    rtt: Any = 0.05
    headers: str = "browser"
    tls: bool = False
    timeout: Any = 30.0
    lifetime: Any = 3600.0
    tcp_options: Any = 12
    mss: Any = 1460

    @property
    def segment(self) -> Any:
        """Bytes of data in one TCP segment at most: what the options leave."""
        return np.asarray(self.mss) - self.tcp_options

    def __post_init__(self) -> None:
        from .profiles import profile

        profile(self.headers)
        for field in fields(self):
            if field.name in RANGES:
                _check(field.name, getattr(self, field.name))


def _check(name: str, value: Any) -> None:
    low, high, _, whole = RANGES[name]
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise OutOfRangeError(name, value) from None
    fitting = (numbers >= low) & (numbers <= high)
    if whole:
        fitting &= numbers == np.floor(numbers)
    if not fitting.all():
        raise OutOfRangeError(name, value if numbers.ndim == 0 else float(numbers[~fitting].flat[0]))
