"""What a measured run has counted, and what the model says that the same run should have cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .delays import Delay, delay
from .model import totals
from .setting import Setting
from .transports import AT_THE_SOCKET, WEBSOCKETS, Transport
from .wire import CLOSING_SEGMENTS, RECORD

WARMED = (Transport.POLLING, Transport.POLLING_304, Transport.LONG_POLLING)
"""Those whose connections are opened by a poll before the run, which belongs to the set-up."""


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
        packets: of both ends, as the system counts them until a client's socket is closed, so without the last one to
            three; None where it does not tell.
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
        around: bytes of the headers of packets and of ACKs, without those that open connections, and of `setup`, with
            them.
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
        """Bytes of a layer, both ways; of `setup` all that travels, until the socket is closed."""
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
        unseen=_unseen(run.transport),
    )
    up, down, around, packets = total.up, total.down, dict(total.around), total.packets
    if run.transport in WARMED:
        first = totals(
            run.transport,
            run.setting,
            requests=run.connections,
            full=0,
            empty=run.connections,
            messages=0,
        )
        up = {**up, "setup": up["setup"] + sum(first.up.values())}
        down = {**down, "setup": down["setup"] + sum(first.down.values())}
        packets += first.packets
        around["setup"] += sum((*first.up.values(), *first.down.values(), first.around["tcp_ip"], first.around["ack"]))
    if run.compressed is not None:
        # Compression depends on what was said before: the same texts, not texts of the same length.
        down = {**down, **_compressed(run, run.compressed)}
    return Expected(up, down, around, packets, delay(run.transport, run.setting))


def _unseen(transport: Transport) -> int:
    """Packets at the end of a connection that a client's socket no longer counts: all three where the client ends it.

    Where the server does, the client has seen its FIN and answered before it closes its own end.
    """
    return 1 if transport in (*WEBSOCKETS, Transport.POLLING_CLOSE) else sum(CLOSING_SEGMENTS)


def _compressed(run: Measured, size: int) -> dict[str, float]:
    records = RECORD * run.full if run.setting.tls else 0
    return {"payload": float(size), "tls": float(records)}


def layers_at_the_socket() -> tuple[str, ...]:
    """The layers of `Measured.up` and `Measured.down`."""
    return (*AT_THE_SOCKET, "setup")
