"""The events of a measured run: when each one happens, and when its client has it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from .payloads import payload

Sink = Callable[[int, str], None]
"""Takes a client's number and what the event says, at the moment when it happens."""

Array = np.ndarray[Any, np.dtype[np.float64]]


class WrongEventError(RuntimeError):
    """A client was told something that has not happened to it, or not in this order: the run is worth nothing."""

    def __init__(self, client: int, text: str) -> None:
        super().__init__(f"client {client} was told {text[:40]!r}, which is not its next event")


class Happening:
    """Random events for each client, from its first moment on.

    The windows of the clients are as long as each other and begin one after the other within one interval, as their
    polls do: so each client polls just as often in its window as the interval says.

    Arguments:
        clients: how many.
        rate: events per second for each.
        window: seconds in which a client's events happen.
        spread: seconds within which the windows begin.
        size: bytes of what each event says.
        seed: of the random moments.

    Attributes:
        begins: seconds at which each client's window begins.
        said: what has happened, for each client.
        happened: events until now.
        delivered: of them, those that have arrived.
        said_bytes: of the texts that have arrived.
        delays: seconds of each event that has arrived.
        over: whether everything has happened.
        done: set when everything has happened and arrived.
    """

    def __init__(self, clients: int, rate: float, window: float, spread: float, size: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.begins = np.arange(clients) * (spread / clients)
        counts = random.poisson(rate * window, clients)
        owners = np.repeat(np.arange(clients), counts)
        moments = self.begins[owners] + random.uniform(0, window, len(owners))
        order = np.argsort(moments, kind="stable")
        self._moments, self._owners = moments[order], owners[order]
        self._size = size
        self._waiting: list[deque[tuple[float, str]]] = [deque() for _ in range(clients)]
        self.happened = self.delivered = 0
        self.delays: list[float] = []
        self.said_bytes = 0
        self.said: list[list[str]] = [[] for _ in range(clients)]
        self._started = 0.0
        self.over = False
        self.done = asyncio.Event()

    @property
    def count(self) -> int:
        """Events that are to happen."""
        return len(self._moments)

    async def happen(self, sink: Sink, started: float) -> None:
        """Let everything happen in its time.

        Arguments:
            sink: takes each event.
            started: on `time.monotonic`, when the first window begins.
        """
        self._started = started
        moments, owners = self._moments.tolist(), self._owners.tolist()
        for number, (moment, owner) in enumerate(zip(moments, owners, strict=True)):
            wait = started + moment - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            text = payload(number, self._size)
            self.happened += 1
            self.said[owner].append(text)
            self._waiting[owner].append((time.monotonic(), text))
            sink(owner, text)
        self.over = True
        self._check()

    def arrived(self, client: int, texts: list[str]) -> None:
        """A client has these events, in order.

        Raises:
            WrongEventError: another event should have come.
        """
        now = time.monotonic()
        waiting = self._waiting[client]
        for text in texts:
            if not waiting or waiting[0][1] != text:
                raise WrongEventError(client, text)
            self.delays.append(now - waiting.popleft()[0])
            self.delivered += 1
            self.said_bytes += len(text)
        self._check()

    def _check(self) -> None:
        if self.over and self.delivered == self.happened:
            self.done.set()
