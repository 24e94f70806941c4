"""Keys: waiting for one, where any goes on and q and Ctrl-C stop; and taking them while something else goes on."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context


def wait_for_key(context: Context) -> None:
    """Wait for a key on standard input; for a line where that is no terminal.

    Raises:
        KeyboardInterrupt: the key was q, Escape or Ctrl-C.
    """
    prompt = context.say("cli.demo.key")
    sys.stderr.write(prompt)
    sys.stderr.flush()
    try:
        key = _read_key()
    finally:
        # Take the prompt away again, so that it does not stand in the story.
        sys.stderr.write("\r" + " " * (2 * len(prompt)) + "\r" if sys.stderr.isatty() else "\n")
        sys.stderr.flush()
    if key in ("q", "Q", "\x1b", "\x03"):
        raise KeyboardInterrupt


def _read_key() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()[:1]
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.getwch()
    with _one_key_mode():
        return _first_of_sequence()


@contextmanager
def _one_key_mode() -> Iterator[None]:
    """The terminal gives keys, not lines, and does not show them; afterwards it is as it was."""
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _first_of_sequence() -> str:
    """One key. An arrow or Page Down sends several characters, Escape only one: the rest is read and dropped."""
    import select

    terminal = sys.stdin.fileno()
    key = os.read(terminal, 1)
    rest = b""
    while select.select([terminal], [], [], 0.02)[0]:
        rest += os.read(terminal, 32)
    return " " if key == b"\x1b" and rest else key.decode("latin-1")


_NAMES = {
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\r": "enter",
    b"\n": "enter",
    b"\x1b": "escape",
    b"\x03": "interrupt",
    # What Windows gives.
    b"\xe0H": "up",
    b"\x00H": "up",
    b"\xe0P": "down",
    b"\x00P": "down",
}


class NamedKeys:
    """Keys by name, one after the other: a character, or `up`, `down`, `enter`, `escape`; any other is `other`.

    While this lasts the terminal gives keys and shows none of them; what is typed ahead waits.
    """

    def __init__(self) -> None:
        self._mode = _one_key_mode() if sys.platform != "win32" else None
        self._waiting = b""

    def __enter__(self) -> NamedKeys:
        if self._mode is not None:
            self._mode.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mode is not None:
            self._mode.__exit__(kind, error, trace)

    def read(self) -> str:
        """Wait for the next key.

        Returns:
            its name; empty when the terminal is gone.

        Raises:
            KeyboardInterrupt: it was Ctrl-C.
        """
        key = self._sequence()
        name = _NAMES.get(key) or (key.decode("latin-1") if len(key) < 2 else "other")
        if name == "interrupt":
            raise KeyboardInterrupt
        return name

    def _sequence(self) -> bytes:
        """What one key sends."""
        if sys.platform == "win32":
            import msvcrt

            first = msvcrt.getwch()
            return (first + msvcrt.getwch() if first in "\x00\xe0" else first).encode("latin-1", "replace")
        import select

        terminal = sys.stdin.fileno()
        if not self._waiting:
            self._waiting = os.read(terminal, 64)
        # Of an arrow the rest may come later; after Escape alone nothing does.
        while self._waiting in (b"\x1b", b"\x1b[", b"\x1bO") and select.select([terminal], [], [], 0.02)[0]:
            self._waiting += os.read(terminal, 64)
        found = _SEQUENCE.match(self._waiting)
        size = len(found[0]) if found is not None else 1
        key, self._waiting = self._waiting[:size], self._waiting[size:]
        return key


_WINDOWS_POLL = 0.02
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|)")
"""What an arrow, a function key or Escape alone sends."""


class Keys:
    """The keys that are pressed while something else goes on; the terminal is as it was when this ends.

    Where standard input is no terminal its characters are the keys, and there are none after its end.
    """

    def __init__(self) -> None:
        self._terminal = sys.stdin.isatty()
        self._mode = _one_key_mode() if self._terminal and sys.platform != "win32" else None
        self._ended = False
        self._waiting = b""

    def __enter__(self) -> Keys:
        if self._mode is not None:
            self._mode.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mode is not None:
            self._mode.__exit__(kind, error, trace)

    def next(self, seconds: float) -> str:
        """The next key; empty if none is pressed for so long.

        Arguments:
            seconds: to wait.
        """
        if self._ended:
            time.sleep(seconds)
            return ""
        if sys.platform == "win32":
            return self._next_on_windows(seconds)
        import select

        if not self._waiting:
            if not select.select([sys.stdin.fileno()], [], [], seconds)[0]:
                return ""
            self._waiting = os.read(sys.stdin.fileno(), 64)
            self._ended = not self._waiting
        return self._first_waiting()

    def _first_waiting(self) -> str:
        """The first of the keys that came together; what an arrow sends is one key, and none that means anything."""
        found = _SEQUENCE.match(self._waiting)
        sequence = found[0] if found is not None else b""
        self._waiting = self._waiting[len(sequence) :]
        key, self._waiting = (b" ", self._waiting) if sequence else (self._waiting[:1], self._waiting[1:])
        return key.decode("latin-1").strip("\r\n")

    def _next_on_windows(self, seconds: float) -> str:
        """As `next`, from a console; from anything else nothing is read, since that would wait."""
        until = time.monotonic() + seconds
        if sys.platform == "win32" and self._terminal:
            import msvcrt

            while time.monotonic() < until:
                if msvcrt.kbhit():
                    key = msvcrt.getwch()
                    if key in "\x00\xe0":  # an arrow or a function key: its second half is dropped
                        msvcrt.getwch()
                        return " "
                    if key == "\x03":
                        raise KeyboardInterrupt
                    return key
                time.sleep(_WINDOWS_POLL)
            return ""
        time.sleep(max(0.0, until - time.monotonic()))
        return ""
