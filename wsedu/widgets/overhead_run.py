"""A measurement for the overhead lab: in its own thread, and with a word at its end."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..overhead.measure import Measurement, Progress
from ..overhead.results import Measured
from ..overhead.setting import Setting
from ..overhead.transports import Transport


class Listener(Protocol):
    """Who is told of a run, from its thread."""

    def progressed(self, run: LabRun, progress: Progress) -> None:
        """It is so far."""

    def found(self, run: LabRun, measured: Measured) -> None:
        """A transport has been measured."""

    def ended(self, run: LabRun) -> None:
        """It is over; `run.failure` says if something ended it before its time."""


class LabRun(Measurement):
    """A measurement whose listener may be forgotten meanwhile; then it tells nobody, and ends.

    Arguments:
        listener: who is told; this does not keep it alive.
        transports: which, in this order.
        setting: in which.
        seconds: for each.

    Attributes:
        asked: the setting, with the round trip that does not count.
        transports: which are measured.

    Raises:
        CannotMeasureError: it cannot be measured here.
    """

    def __init__(self, listener: Listener, transports: Sequence[Transport], setting: Setting, seconds: float) -> None:
        self._listener = weakref.ref(listener)
        self.asked, self.transports = setting, tuple(transports)
        super().__init__(
            transports,
            setting,
            seconds=seconds,
            tell=lambda progress: self._to(lambda one: one.progressed(self, progress)),
            found=lambda measured: self._to(lambda one: one.found(self, measured)),
        )

    def run(self) -> None:
        """See `threading.Thread.run`."""
        super().run()
        self._to(lambda one: one.ended(self))

    def _to(self, tell: Callable[[Any], None]) -> None:
        listener = self._listener()
        if listener is None:
            self.stop()
        else:
            tell(listener)
