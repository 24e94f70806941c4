"""The parent's side of a child: start it, ask, wait no longer than allowed, end it with all that it started."""

from __future__ import annotations

import queue
import secrets
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO, Any

from . import wire
from .levels import PLAIN, Level

CALL_SECONDS = 2.0
"""How long one call may take (seconds)."""

START_SECONDS = 20.0
"""How long a child may take to be ready, before any learner's code runs (seconds)."""

OUTPUT_BYTES = 64 * 1024
"""How much of what a submission prints is kept (bytes); the rest is read and dropped."""

_HEAD = 8 + 16


class Ended(Exception):
    """The child cannot go on: `timeout`, `died` (it ended), or `junk` (it said what is no answer)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotStartedError(Exception):
    """A child could not be started: no learner's code is to blame."""


class Session:
    """One child process.

    Arguments:
        level: what it is shut in by.
        closed: packages that its code must not import.
        hidden: folders whose files are not for it, where the level does not hide them.

    Raises:
        NotStartedError: there is no such level here, or the system has no place for another process.
    """

    def __init__(self, level: Level = PLAIN, *, closed: Sequence[str] = ("wsedu",), hidden: Sequence[str] = ()) -> None:
        self.functions: dict[int, Callable[..., Any]] = {}  # of the parent, that its code may call
        self.printed = b""
        self._channel, theirs = socket.socketpair()
        self._channel.settimeout(CALL_SECONDS)
        self._number = theirs.fileno()
        try:
            self._started = level.start(python=_interpreter(), passed=(self._number,), hidden=tuple(hidden))
        except OSError as error:
            self._channel.close()
            raise NotStartedError(str(error)) from None
        finally:
            theirs.close()
        self._child = self._started.process
        self._orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._converse, self._read_output)]
        for thread in self._threads:
            thread.start()
        try:
            self.ask({**self._started.order, "closed": list(closed)}, START_SECONDS)
        except Ended as ended:
            self.close()
            said = self.printed.decode(errors="replace").strip().rpartition("\n")[2]
            raise NotStartedError(said or ended.why) from None

    def share(self, end: socket.socket) -> Any:
        """Give the child a socket.

        Returns:
            What the order to serve says of it.

        Raises:
            OSError: the child takes none.
        """
        if sys.platform == "win32":
            return end.share(self._child.pid)
        socket.send_fds(self._channel, [b"s"], [end.fileno()])
        return self._number

    def ask(self, order: dict[str, Any], seconds: float = CALL_SECONDS) -> tuple[Any, ...]:
        """Let the child do something.

        Returns:
            Its answer: ("value", …), ("raised", types, text, line), ("not plain", type), ("closed", name, line)
            or ("ready",).

        Raises:
            Ended: there is no answer, and there will be none.
        """
        token, until = secrets.token_hex(8).encode(), time.monotonic() + seconds
        answer = self._exchange(token, order, until)
        while answer[0] == "ask":
            answer = self._exchange(token, self._asked(answer), until)
        return answer

    def _asked(self, question: tuple[Any, ...]) -> tuple[Any, ...]:
        """What a function of the parent answers to the child."""
        try:
            _, number, arguments, named = question
            return ("value", self.functions[number](*arguments, **named))
        except Exception as error:
            return ("raised", type(error).__name__, str(error)[:200])

    def _exchange(self, token: bytes, value: Any, until: float) -> tuple[Any, ...]:
        """Send one message, and take the one that answers it."""
        data = wire.pack(value)
        self._orders.put(b"%08x" % len(data) + token + data)
        try:
            message = self._answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise Ended("timeout") from None
        if message is None:
            raise Ended("died")
        try:
            answer = wire.unpack(message[16:]) if message[:16] == token else None
        except wire.JunkError:
            answer = None
        if type(answer) is not tuple or not answer:
            raise Ended("junk")
        return answer

    # --- Two threads, so that nothing that the child does or leaves undone can hold up the parent ---

    def _converse(self) -> None:
        """Send an order, read one message, and nothing that was not asked for."""
        try:
            while (order := self._orders.get()) is not None:
                view = memoryview(order)
                while view:
                    view = view[_there(self._child.stdin).write(view) :]
                head = self._read(_HEAD)
                size = int(head[:8], 16)
                self._answers.put(head[8:] + self._read(size) if 0 <= size <= wire.MAX_BYTES else b"")
        except ValueError:
            self._answers.put(b"")
        except (OSError, EOFError):
            pass
        self._answers.put(None)

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = _there(self._child.stdout).read(min(size, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _read_output(self) -> None:
        try:
            while part := _there(self._child.stderr).read(65536):
                self.printed += part[: OUTPUT_BYTES - len(self.printed)]
        except (OSError, ValueError):
            pass

    def heard(self) -> bytes:
        """What the child has printed, the beginning of it; what is on its way is waited for, for half a second."""
        until = time.monotonic() + (0.0 if sys.platform == "win32" else 0.5)
        while time.monotonic() < until and select.select([_there(self._child.stderr)], [], [], 0)[0]:
            time.sleep(0.001)  # the thread that reads it is about to
        return self.printed

    def close(self) -> None:
        """End the child and everything that it started."""
        self._orders.put(None)
        self._channel.close()
        self._started.end()
        for thread in self._threads:
            thread.join(1.0)
        if not any(thread.is_alive() for thread in self._threads):
            for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
                _there(stream).close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _there(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _interpreter() -> str:
    """The interpreter itself, not the link to it that a virtual environment has."""
    from pathlib import Path

    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
