"""What a measured run has counted, and what the model says that the same run should have cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .delays import Delay, delay
from .model import totals
from .setting import Setting
from .transports import AT_THE_SOCKET, Transport
from .wire import RECORD


@dataclass(frozen=True)
class Measured:
    """One transport, as it was measured.

    Arguments:
        transport: which.
        setting: in which; its round trip is the one that was found on this machine before the run.
        seconds: for which events happened.
        happened: events.
        delivered: events that reached their client before the deadline.
        requests: of HTTP that were made, without the opening ones of transports that have one.
        full: answers with news that arrived; of a transport that pushes, its writes.
        empty: answers without news.
        connections: that were opened.
        up: bytes from the clients by layer, as they passed through the sockets; `setup` is what is sent once.
        down: bytes from the server.
        packets: of both ends, as the system counts them; None where it does not tell.
        delays: seconds for each event that arrived, in the order of arrival.
        cpu: seconds of processor time, of both ends together.
        stopped: whether the user stopped it before its time was over.
        compressed: bytes to which an endpoint in memory compresses the same texts; None where nothing is compressed.
    """

    transport: Transport
    setting: Setting
    seconds: float
    happened: int
    delivered: int
    requests: int
    full: int
    empty: int
    connections: int
    up: Mapping[str, int]
    down: Mapping[str, int]
    packets: int | None
    delays: np.ndarray[Any, np.dtype[np.float64]]
    cpu: float
    stopped: bool = False
    compressed: int | None = None

    @property
    def socket(self) -> int:
        """Bytes that passed through the clients' sockets, both ways."""
        return sum(self.up.values()) + sum(self.down.values())

    @property
    def repeated(self) -> int:
        """The same without what is sent once for a connection."""
        return self.socket - self.up["setup"] - self.down["setup"]


@dataclass(frozen=True)
class Expected:
    """What the model says of a run.

    Arguments:
        up: bytes from the clients by layer, as they should have passed through the sockets.
        down: bytes from the server.
        around: bytes of the headers of packets and of ACKs, without those that open connections.
        packets: of both ends.
        delay: of its events.
    """

    up: Mapping[str, float]
    down: Mapping[str, float]
    around: Mapping[str, float]
    packets: float
    delay: Delay

    @property
    def socket(self) -> float:
        """Bytes through the clients' sockets, both ways."""
        return sum(self.up.values()) + sum(self.down.values())

    @property
    def repeated(self) -> float:
        """The same without what is sent once for a connection."""
        return self.socket - self.up["setup"] - self.down["setup"]

    def layer(self, name: str) -> float:
        """Bytes of a layer, both ways; of what is sent once, only what passes through the socket."""
        return self.around[name] if name in self.around else self.up[name] + self.down[name]


def expected(run: Measured) -> Expected:
    """What a run should have cost by the model, given how often it asked and was answered.

    How often that is, the model says too (`wsedu.overhead.model.rhythm`); it is not counted twice here.
    """
    total = totals(
        run.transport,
        run.setting,
        requests=run.requests,
        full=run.full,
        empty=run.empty,
        messages=run.delivered,
        connections=run.connections,
    )
    down = total.down
    if run.compressed is not None:
        # Compression depends on what was said before: the same texts, not texts of the same length.
        down = {**down, **_compressed(run, run.compressed)}
    return Expected(total.up, down, total.around, total.packets, delay(run.transport, run.setting))


def _compressed(run: Measured, size: int) -> dict[str, float]:
    records = RECORD * run.full if run.setting.tls else 0
    return {"payload": float(size), "tls": float(records)}


def layers_at_the_socket() -> tuple[str, ...]:
    """The layers of `Measured.up` and `Measured.down`."""
    return (*AT_THE_SOCKET, "setup")
