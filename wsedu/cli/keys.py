"""Waiting for a key: any key goes on, q and Ctrl-C stop."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    import os
    import select

    terminal = sys.stdin.fileno()
    key = os.read(terminal, 1)
    rest = b""
    while select.select([terminal], [], [], 0.02)[0]:
        rest += os.read(terminal, 32)
    return " " if key == b"\x1b" and rest else key.decode("latin-1")
