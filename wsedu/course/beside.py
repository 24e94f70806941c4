"""What goes on beside the cells of a notebook: a server, a tap, and a listener that calls a function of a cell."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from ..apps.app import application
from ..apps.told import Told
from ..explain.catalogue import choose_language
from ..loopback import serve
from ..loopback.tap import Tap
from ..protocol.step import Step
from ..protocol.steps import FrameComplete, Level
from ..protocol.types import Opcode
from ..protocol.uri import parse_uri
from ..trace.trace import Record, Trace

HOST = "127.0.0.1"

PATIENCE = 10.0
"""Seconds after which nobody waits any longer."""

CHUNK = 1 << 16
"""Bytes that are read at once."""

LOOK = 0.2
"""Seconds after which a listener looks whether it shall end."""

T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own: it goes on while a cell runs, and while none does."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wsedu-course", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs there.

        Raises:
            TimeoutError: it took longer than `PATIENCE`.
        """
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def close(self) -> None:
        """End the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        if not self._thread.is_alive():
            self._loop.close()


class Served:
    """A server in a thread of its own, as `python -m wsedu serve` is one, for this machine alone.

    Arguments:
        name: of the application: `page`, `echo`, `chat` or `clock`.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

    Attributes:
        uri: for a client.
        url: the same for the address bar of a browser.
    """

    def __init__(self, name: str = "page", *, language: str | None = None) -> None:
        self._app = application(name, choose_language(language))
        trace = Trace(level=Level.BASE, keep=False)
        trace.subscribe(Told(self._app.hides, self._app.watch))
        self._serving = serve(
            self._app.serve,
            HOST,
            same_host=True,
            serve_page=self._app.page,
            hosts={"localhost", HOST},
            trace=trace,
        )
        self._loop = Loop()
        self.uri = self._loop.run(self._serving.__aenter__()).uri
        self.url = self.uri.replace("ws", "http", 1)

    def close(self) -> None:
        """Close every connection, and listen no more."""
        self._loop.run(self._end())
        self._loop.close()

    async def _end(self) -> None:
        await self._app.stop()
        await self._serving.__aexit__(None, None, None)


class Tapped:
    """A tap on the way to a server, which records what passes.

    Arguments:
        uri: of the server, such as `ws://127.0.0.1:8000/`.

    Attributes:
        uri: for a client that is to come through the tap.
        url: the same for the address bar of a browser.
        trace: what has passed.
    """

    def __init__(self, uri: str) -> None:
        target = parse_uri(uri)
        self.trace = Trace()
        self._changed = threading.Condition()
        self._ended: set[int] = set()
        self._loop = Loop()
        self._tap = Tap(target, self.trace, self)
        port = self._loop.run(self._tap.listen(HOST, 0))
        self.uri = f"ws://{HOST}:{port}{target.resource_name}"
        self.url = self.uri.replace("ws", "http", 1)

    @property
    def count(self) -> int:
        """How many connections have come so far."""
        return max((record.connection or 0 for record in self.trace.records), default=0)

    def over(self, number: int) -> Trace:
        """The trace of a connection that somebody opens now, when it is over; of what there is after `PATIENCE`.

        Arguments:
            number: of the connection; the next one has one more than `count`.
        """
        with self._changed:
            self._changed.wait_for(lambda: number in self._ended, PATIENCE)
        return self.trace.filter(connection=number)

    def close(self) -> None:
        """End it, and what passes through it."""
        self._loop.run(self._tap.close())
        self._loop.close()

    # --- What the tap tells its watcher ---

    def unreachable(self, number: int, problem: Exception) -> None:
        """The server is not there: the client sees its connection end."""

    def passed(self, number: int) -> None:
        """Something has passed."""

    def ended(self, number: int) -> None:
        """A connection is over."""
        with self._changed:
            self._ended.add(number)
            self._changed.notify_all()

    def broken(self, number: int, problem: Exception) -> None:
        """A connection goes on unexplained."""


class Hosted:
    """A listener that calls a function for each connection, in a thread of its own.

    Arguments:
        answer: called with a connected socket; when it returns, the connection is ended. What it raises is kept.

    Attributes:
        uri: for a client.
        url: the same for the address bar of a browser.
        raised: what the function raised, in order.
    """

    def __init__(self, answer: Callable[[socket.socket], object]) -> None:
        self._answer = answer
        self._stop = threading.Event()
        self.raised: list[Exception] = []
        self._listener = socket.create_server((HOST, 0))
        self._listener.settimeout(LOOK)
        port = self._listener.getsockname()[1]
        self.uri, self.url = f"ws://{HOST}:{port}/", f"http://{HOST}:{port}/"
        self._thread = threading.Thread(target=self._listen, name="wsedu-hosted", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            with connection.dup() as given:
                try:
                    self._answer(given)
                except Exception as error:
                    self.raised.append(error)
            _end(connection)

    def close(self) -> None:
        """Listen no more; connections that are open live on."""
        self._stop.set()
        self._thread.join(PATIENCE)
        self._listener.close()


def _end(connection: socket.socket) -> None:
    """End our direction, and read on until the other one ends: whoever closes with bytes unread sends a reset."""
    with suppress(OSError):
        connection.settimeout(PATIENCE)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(CHUNK):
            pass


class Arrivals:
    """Waits for frames and steps of a trace that another thread writes.

    Arguments:
        trace: as it grows.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._changed = threading.Condition()
        trace.subscribe(self._note)

    def _note(self, _record: Record) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait(self, what: str) -> bool:
        """Wait for a received frame by the name of its opcode, or for a step by its kind; whether it came in time.

        Arguments:
            what: such as `PONG` or `handshake.accept`.
        """
        with self._changed:
            return self._changed.wait_for(lambda: any(_is(record.step, what) for record in self._trace), PATIENCE)


def _is(step: Step, what: str) -> bool:
    if isinstance(step, FrameComplete):
        return not step.sent and Opcode(step.frame.opcode).name == what
    return step.kind == what
