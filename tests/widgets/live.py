"""Waiting for what a live exchange tells its page, without a page."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from wsedu.widgets import LiveExchange

PATIENCE = 20.0
"""Seconds after which what a test waits for will not come."""


class Listener:
    """What a page would be told by a live exchange.

    Arguments:
        live: whose comm ends in this process.
    """

    def __init__(self, live: LiveExchange) -> None:
        self.live = live
        self.told: list[dict[str, Any]] = []
        self._new: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        live.comm.deliver = self._new.put
        live.do_hello("test")

    @property
    def last(self) -> dict[str, Any]:
        """What was told last."""
        return self.told[-1]

    def until(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Listen until a portion fulfils a condition."""
        while True:
            data = self._new.get(timeout=PATIENCE)
            if data["method"] != "custom":
                continue
            self.told.append(data["content"])
            if condition(data["content"]):
                return self.last

    def until_states(self, *states: str | None) -> dict[str, Any]:
        """Listen until client and server are in these states."""
        return self.until(lambda portion: portion["status"]["states"] == list(states))

    def until_failure(self) -> str:
        """Listen until there is no connection, and why."""
        failure: str = self.until(lambda portion: portion["status"]["failure"])["status"]["failure"]
        return failure


@contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """A TCP server on 127.0.0.1 that says the same to everybody and hangs up; with None it says nothing and waits."""
    listener = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            if answer is not None:
                connection.recv(4096)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_RDWR)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(PATIENCE)
        for connection in held:
            connection.close()
