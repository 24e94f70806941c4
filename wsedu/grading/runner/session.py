"""The parent's side of a child: start it, ask, wait no longer than allowed, end it with all that it started."""

from __future__ import annotations

import queue
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import wire
from .levels import PLAIN, Level

CALL_SECONDS = 2.0
"""How long one call may take (seconds)."""

START_SECONDS = 10.0
"""How long a child may take to be ready, before any learner's code runs (seconds)."""

OUTPUT_BYTES = 64 * 1024
"""How much of what a submission prints is kept (bytes); the rest is read and dropped."""

_HEAD = 8 + 16


class Ended(Exception):
    """The child cannot go on: `timeout`, `died` (it ended), or `junk` (it said what is no answer)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Session:
    """One child process.

    Arguments:
        level: what it is shut in by.
        closed: packages that its code must not import.
        functions: of the parent, by number, that its code may call.
        end: a socket that the child gets; the caller keeps the other end.
    """

    def __init__(
        self,
        level: Level = PLAIN,
        *,
        closed: Sequence[str] = ("wsedu",),
        functions: Mapping[int, Callable[..., Any]] | None = None,
        end: socket.socket | None = None,
    ) -> None:
        self.functions = dict(functions or {})
        self.printed = b""
        self._level = level
        self._messages: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._child = level.start(sys.executable, end)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read_answers, self._read_output)]
        for thread in self._threads:
            thread.start()
        self.ask({**level.order(), "closed": list(closed)}, START_SECONDS)

    def ask(self, order: dict[str, Any], seconds: float = CALL_SECONDS) -> tuple[Any, ...]:
        """Let the child do something.

        Returns:
            Its answer: ("value", …), ("raised", types, text, line), ("not plain", type) or ("ready",).

        Raises:
            Ended: there is no answer, and there will be none.
        """
        token, until = secrets.token_hex(8).encode(), time.monotonic() + seconds
        self._send(token, order)
        while True:
            answer = self._answer(token, until)
            if answer[0] != "ask":
                return answer
            self._send(token, self._asked(answer))

    def _asked(self, question: tuple[Any, ...]) -> tuple[Any, ...]:
        """What a function of the parent answers to the child."""
        try:
            _, number, arguments, named = question
            return ("value", self.functions[number](*arguments, **named))
        except Exception as error:
            return ("raised", type(error).__name__, str(error)[:200])

    def _send(self, token: bytes, value: Any) -> None:
        data = wire.pack(value)
        stream = self._child.stdin
        assert stream is not None
        try:
            stream.write(b"%08x" % len(data) + token + data)
            stream.flush()
        except (OSError, ValueError):
            raise Ended("died") from None

    def _answer(self, token: bytes, until: float) -> tuple[Any, ...]:
        try:
            message = self._messages.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise Ended("timeout") from None
        if message is None:
            raise Ended("died")
        try:
            if message[:16] != token:
                raise wire.JunkError("the answer to something else")
            answer = wire.unpack(message[16:])
        except wire.JunkError:
            raise Ended("junk") from None
        if type(answer) is not tuple or not answer or answer[0] not in ("value", "raised", "not plain", "ready", "ask"):
            raise Ended("junk")
        return answer

    # --- Two threads that only read ---

    def _read_answers(self) -> None:
        stream = self._child.stdout
        assert stream is not None
        try:
            while True:
                head = stream.read(_HEAD)
                if len(head) < _HEAD:
                    break
                size = int(head[:8], 16)
                if size > wire.MAX_BYTES:
                    self._messages.put(b"")
                    break
                body = stream.read(size)
                if len(body) < size:
                    break
                self._messages.put(head[8:] + body)
        except ValueError:
            self._messages.put(b"")
        except OSError:
            pass
        self._messages.put(None)

    def _read_output(self) -> None:
        stream = self._child.stderr
        assert stream is not None
        try:
            while part := stream.read1(65536):  # type: ignore[attr-defined] # a BufferedReader
                self.printed += part[: OUTPUT_BYTES - len(self.printed)]
        except (OSError, ValueError):
            pass

    def close(self) -> None:
        """End the child and everything that it started."""
        self._level.end(self._child)
        for thread in self._threads:
            thread.join(1.0)
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream is not None and not any(thread.is_alive() for thread in self._threads):
                try:
                    stream.close()
                except OSError:
                    continue

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
