"""Which connections of a server are told: those that the application does not keep to itself."""

from __future__ import annotations

from collections.abc import Callable

from ..protocol.steps import CloseStatus, HandshakeRequest
from ..trace.trace import Record

Hides = Callable[[HandshakeRequest], bool]
Sink = Callable[[Record], None]


class Told:
    """A subscriber of a server's trace that passes on the records of those connections that are told.

    What a connection is for stands in its request, so its first records wait for that one. A connection whose
    request never comes is told when it has ended. Connections are numbered from 1 in the order in which they are
    told, so that loads of a page are not counted; the numbers and times of the steps stay as they were recorded.

    Arguments:
        hides: whether a connection that begins with such a request is not told.
        sinks: called with each record that is told, in order.
    """

    def __init__(self, hides: Hides, *sinks: Sink) -> None:
        self._hides = hides
        self._sinks = sinks
        self._waiting: dict[int | None, list[Record]] = {}
        self._told: dict[int | None, int] = {}  # numbers in the trace, and those that are told

    def __call__(self, record: Record) -> None:
        """Take the next record of the trace."""
        number, step = record.connection, record.step
        if number in self._told:
            self._tell(record)
            return
        waiting = self._waiting.get(number)
        if waiting is None:
            # The records of a hidden connection come here too, after its request; nothing of them is kept.
            if record.step.kind != "transport.opened":
                return
            waiting = self._waiting[number] = []
        waiting.append(record)
        if isinstance(step, HandshakeRequest) and self._hides(step):
            del self._waiting[number]
        elif isinstance(step, (HandshakeRequest, CloseStatus)):
            del self._waiting[number]
            self._told[number] = len(self._told) + 1
            for held in waiting:
                self._tell(held)

    def _tell(self, record: Record) -> None:
        record = record._replace(connection=self._told[record.connection])
        for sink in self._sinks:
            sink(record)
