"""A command in a terminal of its own: keys go in, what is on the screen can be waited for."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from types import TracebackType

SECONDS = 30.0
"""How long anything may take to appear (seconds)."""

_END = "<the end of what was written>"

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """`python -m wsedu …` in a terminal.

    Arguments:
        arguments: of the command.
        folder: that it runs in.
        size: rows and columns.
        env: further variables of the environment.
    """

    def __init__(
        self, *arguments: str, folder: Path, size: tuple[int, int] = (40, 100), env: dict[str, str] | None = None
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self._theirs = theirs
        self.before = termios.tcgetattr(theirs)
        surroundings = {name: value for name, value in os.environ.items() if name not in ("WSEDU_LANG", "NO_COLOR")}
        surroundings |= {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "TERM": "xterm-256color"}
        surroundings.pop("COLUMNS", None)
        surroundings.pop("LINES", None)
        surroundings |= env or {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wsedu", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=surroundings,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._said = b""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._ours, 65536)
            except OSError:
                return
            with self._news:
                self._said += part
                self._news.notify_all()

    @property
    def said(self) -> str:
        """Everything that was written, without what moves the cursor or colours it."""
        return _CONTROL.sub("", self._said.decode("utf-8", "replace")).replace("\r\n", "\n")

    @property
    def raw(self) -> str:
        """Everything that was written, as the terminal gets it."""
        return self._said.decode("utf-8", "replace")

    def wait_for_end(self) -> int:
        """Wait for the end and for all that was written until then; the exit status."""
        status = self.process.wait(SECONDS)
        # A line of our own comes behind everything that the process has written.
        os.write(self._theirs, _END.encode())
        self.wait_for(_END)
        with self._news:
            self._said = self._said.replace(_END.encode(), b"")
        return status

    def wait_for(self, text: str) -> str:
        """Wait until this is written after what was waited for last; gives everything from there on."""
        until = time.monotonic() + SECONDS
        with self._news:
            while text not in self.said:
                left = until - time.monotonic()
                assert left > 0, f"{text!r} did not appear in:\n{self.said}"
                self._news.wait(left)
            return self.said

    def clear(self) -> None:
        """Forget what was written so far."""
        with self._news:
            self._said = b""

    def press(self, keys: str, wanted: str) -> str:
        """Press keys and wait for this."""
        self.clear()
        os.write(self._ours, keys.encode())
        return self.wait_for(wanted)

    def end(self, keys: str) -> int:
        """Press keys and wait for the end; the exit status."""
        os.write(self._ours, keys.encode())
        return self.process.wait(SECONDS)

    @property
    def now(self) -> list[object]:
        """The modes of the terminal."""
        return termios.tcgetattr(self._theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        # What reads must have ended before its descriptor is free: it would read what the next terminal says.
        os.close(self._theirs)
        self._reader.join(SECONDS)
        os.close(self._ours)
