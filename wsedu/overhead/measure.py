"""Measure the transports: real servers and clients on the loopback interface, one transport after the other.

Everything runs in one thread with an event loop of its own, whose processor time is what is told; whoever wants the
figures waits, is told how far it is, and can stop it: what has been measured until then is kept.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from .clients import HOST, Clients
from .counting import counted
from .happening import Happening
from .http_side import HttpClients, HttpServer
from .limits import CannotMeasureError, check
from .metering import Meter, meter_tls
from .profiles import profile
from .results import Measured
from .setting import Setting
from .transports import POLLS, WEBSOCKETS, Transport
from .websocket_side import WebSocketClients, WebSocketServer

OPENING = 60.0
"""Seconds that it may take until all are connected."""

GRACE = 5.0
"""Seconds, behind the last interval, in which the last events must have arrived."""

LOOPBACK_MSS = 65_495
"""Bytes of data and options in a segment on the loopback interface of Linux, whose packets have 65,535 at most."""

CALIBRATION = 1.5
"""Seconds of the short run before a run, in whose second half the round trip is found out."""

CALIBRATION_EVENTS = 20
"""Polls by which it is found out."""

CALIBRATION_RATE = 50.0
"""Events per second of that run, of all clients together, at least."""

PROGRESS = 0.1
"""Seconds between two reports on how far it is."""


class Stage(StrEnum):
    """What a measurement does of a transport."""

    TRIP = "trip"
    """A short run finds out the round trip of this machine."""

    RUN = "run"
    """The run itself."""

    LAST = "last"
    """Its time is over, and the last events are on their way."""


@dataclass(frozen=True)
class Progress:
    """How far a measurement is.

    Arguments:
        transport: that is measured now.
        number: of it, from 1.
        count: of transports.
        elapsed: seconds of its run.
        seconds: that it takes: those of a client, and those in which the clients begin one after the other.
        each: seconds of each client.
        happened: events.
        delivered: events.
        stage: what is being done.
    """

    transport: Transport
    number: int
    count: int
    elapsed: float
    seconds: float
    each: float
    happened: int
    delivered: int
    stage: Stage = Stage.RUN


Tell = Callable[[Progress], None]
Found = Callable[[Measured], None]


class Measurement(threading.Thread):
    """A measurement under way.

    Arguments:
        transports: which, in this order.
        setting: in which; its round trip does not count, as it is found out.
        seconds: for each transport, about; for polls a whole number of intervals.
        seed: of the random moments.
        port: on which the servers listen, one after the other; 0 for free ones.
        tell: called from the thread with how far it is, ten times a second.
        found: called from the thread with each result.

    Attributes:
        results: of the transports that have been measured; one that was stopped has what there is.
        failure: what ended it before its time; None if nothing did.

    Raises:
        CannotMeasureError: it cannot be measured here.
    """

    def __init__(
        self,
        transports: Iterable[Transport],
        setting: Setting,
        *,
        seconds: float = 5.0,
        seed: int = 1,
        port: int = 0,
        tell: Tell = lambda progress: None,
        found: Found = lambda measured: None,
    ) -> None:
        self._transports = tuple(transports)
        check(self._transports, setting, seconds)
        super().__init__(name="wsedu-overhead", daemon=True)
        self._setting, self._seconds, self._seed, self._port = setting, float(seconds), seed, port
        self._tell, self._found = tell, found
        self._ending = threading.Event()
        self.results: list[Measured] = []
        self.failure: Exception | None = None

    @property
    def stopped(self) -> bool:
        """Whether it was told to end before its time."""
        return self._ending.is_set()

    def stop(self) -> None:
        """End it soon; what there is of the present transport is kept."""
        self._ending.set()

    def run(self) -> None:
        """See `threading.Thread.run`."""
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._measure())
        except Exception as error:
            self.failure = error

    async def _measure(self) -> None:
        for number, transport in enumerate(self._transports, 1):
            if self._ending.is_set():
                return
            seconds, count = self._seconds, len(self._transports)
            self._tell(Progress(transport, number, count, 0.0, seconds, seconds, 0, 0, Stage.TRIP))
            one_way = await self._calibrate(transport)
            setting = replace(self._setting, rtt=min(2 * one_way, 1.0), mss=LOOPBACK_MSS)
            run = _Run(transport, setting, self._seconds, self._seed, self._port)
            told = asyncio.create_task(self._report(run, number))
            try:
                measured = await run.measure(self._ending)
            finally:
                told.cancel()
            self.results.append(measured)
            self._found(measured)

    async def _calibrate(self, transport: Transport) -> float:
        """Seconds that an event is on its way on this machine: half of them are faster, in a short run as busy as this.

        A poll tells it by half of what an answer takes.
        """
        if transport in POLLS:
            setting = replace(self._setting, clients=1, interval=0.1, rtt=0.0)
            alone = _Run(transport, setting, 1.0, self._seed, self._port)
            return statistics.median(await alone.round_trips(CALIBRATION_EVENTS)) / 2
        clients = int(self._setting.clients)
        rate = min(max(float(self._setting.events_per_second), CALIBRATION_RATE / clients), 100.0)
        setting = replace(self._setting, events_per_second=rate, rtt=0.0)
        measured = await _Run(transport, setting, CALIBRATION, self._seed + 1, self._port).measure(self._ending)
        # The first ones find everything cold.
        warm = measured.delays[len(measured.delays) // 2 :]
        return statistics.median(warm) if len(warm) else 0.0

    async def _report(self, run: _Run, number: int) -> None:
        while True:
            self._tell(
                Progress(
                    run.transport,
                    number,
                    len(self._transports),
                    run.elapsed,
                    run.whole,
                    run.each,
                    run.happening.happened,
                    run.happening.delivered,
                    Stage.LAST if run.elapsed >= run.whole else Stage.RUN,
                )
            )
            await asyncio.sleep(PROGRESS)


class _Run:
    """One transport, measured once.

    Arguments:
        transport: which.
        setting: in which.
        seconds: for each client; a poll has a whole number of intervals.
        seed: of the random moments.
        port: of the server.

    Attributes:
        each: seconds of each client.
        whole: seconds of the run, in which the clients begin one after the other.
    """

    def __init__(self, transport: Transport, setting: Setting, seconds: float, seed: int, port: int) -> None:
        self.transport = transport
        self._setting = setting
        self._port = port
        interval = float(setting.interval)
        self._polls = max(1, math.floor(seconds / interval + 1e-9)) if transport in POLLS else 0
        self.each = self._polls * interval if transport in POLLS else seconds
        spread = interval if transport in POLLS else min(1.0, seconds)
        rate = float(setting.events_per_second)
        self.happening = Happening(setting.clients, rate, self.each, spread, setting.payload, seed)
        self.whole = self.each + spread
        self._started: float | None = None
        self._up, self._down = Meter(), Meter()
        clients = Clients()
        chosen = profile(setting.headers)
        tls = _contexts(self._down, self._up) if setting.tls else (None, None)
        self._server_tls = tls[1]
        self._server: Any
        self._clients: Any
        if transport in WEBSOCKETS:
            self._server = WebSocketServer(transport, clients, setting.clients)
            self._clients = WebSocketClients(transport, chosen, clients, self._down, self.happening.arrived, tls[0])
        else:
            self._server = HttpServer(transport, chosen, clients, setting.clients, float(setting.timeout))
            self._clients = HttpClients(transport, chosen, clients, self._down, self.happening.arrived, tls[0])

    @property
    def elapsed(self) -> float:
        """Seconds since the first window began."""
        return 0.0 if self._started is None else min(self.whole, time.monotonic() - self._started)

    async def round_trips(self, count: int) -> list[float]:
        """Seconds of so many polls in a row that find nothing."""
        took = []
        try:
            await self._open()
            for _ in range(count):
                began = time.monotonic()
                await self._clients.ask(0)
                took.append(time.monotonic() - began)
        finally:
            await self._close()
        return took[1:]

    async def measure(self, stop: threading.Event) -> Measured:
        """Open everything, let events happen, wait for the last one, close everything, and count."""
        acting: list[asyncio.Task[None]] = []
        cpu = 0.0
        try:
            await self._open()
            self._started = time.monotonic() + 0.01
            acting = [asyncio.create_task(self._act(client)) for client in range(self._setting.clients)]
            before = time.thread_time()
            happening = asyncio.create_task(self.happening.happen(self._server.happened, self._started))
            acting.append(happening)
            await self._wait(stop, acting)
            cpu = time.thread_time() - before
            stopped = stop.is_set()
            elapsed = self.each if not stopped else max(0.0, self.elapsed)
        finally:
            for task in acting:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)
            await self._close()
        return counted(
            self.transport,
            self._setting,
            self.happening,
            self._up,
            self._down,
            seconds=min(elapsed, self.each),
            cpu=cpu,
            stopped=stopped,
        )

    async def _open(self) -> None:
        """Listen and connect, and have everything said that is said once: nobody connects while delays are measured."""
        try:
            async with asyncio.timeout(OPENING):
                port = await self._server.start(self._up, self._port, self._server_tls)
                await self._clients.open(self._setting.clients, port)
        except TimeoutError:
            clients, name = self._setting.clients, self.transport.value
            raise CannotMeasureError("opening", name=name, clients=clients, seconds=OPENING) from None
        self._server.opening = False

    async def _close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                await self._clients.close()
        await self._server.stop()

    async def _wait(self, stop: threading.Event, acting: list[asyncio.Task[None]]) -> None:
        """Until every event has arrived and every poll is made, or the deadline, or the user's word."""
        assert self._started is not None
        interval = float(self._setting.interval) if self.transport in POLLS else 0.0
        deadline = self._started + self.whole + interval + GRACE
        polling = [task for task in acting[:-1] if self.transport in POLLS]
        while not stop.is_set() and time.monotonic() < deadline:
            failed = next((task for task in acting if task.done() and task.exception()), None)
            if failed is not None:
                failed.result()
            if self.happening.done.is_set() and all(task.done() for task in polling):
                return
            await asyncio.sleep(PROGRESS / 4)

    async def _act(self, client: int) -> None:
        """What one client does."""
        assert self._started is not None
        if self.transport in POLLS:
            begins = self._started + float(self.happening.begins[client])
            for number in range(1, self._polls + 1):
                await asyncio.sleep(max(0.0, begins + number * float(self._setting.interval) - time.monotonic()))
                await self._clients.ask(client)
        elif self.transport is Transport.LONG_POLLING:
            while True:
                await self._clients.ask(client)
        else:
            await self._clients.listen(client)


def _contexts(client: Meter, server: Meter) -> tuple[Any, Any]:
    """Throw-away contexts whose connections tell the meters what passes in the clear."""
    from ..loopback.tls import throwaway_contexts

    contexts = throwaway_contexts(HOST)
    meter_tls(contexts.client, client)
    meter_tls(contexts.server, server)
    return contexts.client, contexts.server
