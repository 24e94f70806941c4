"""Where the lines of `connect` come from: a prompt with history on a terminal, else standard input as it is."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..extras import MissingExtraError, require
from .connect_lines import COMMANDS

if TYPE_CHECKING:
    from ..loopback import Endpoint
    from .context import Context

PROMPT = "> "


@asynccontextmanager
async def lines(context: Context, endpoint: Endpoint, *, plain: bool) -> AsyncIterator[tuple[AsyncIterator[str], bool]]:
    """The lines of the user until they end or the connection is closed, and whether somebody types them.

    Arguments:
        context: for what there is to say.
        endpoint: the connection.
        plain: no prompt, even on a terminal.
    """
    typed = sys.stdin.isatty()
    if plain or not typed or not sys.stdout.isatty():
        yield _until_closed(_PlainLines().next, endpoint), typed
        return
    try:
        prompt = require("prompt_toolkit", "connect")
    except MissingExtraError:
        context.complain("cli.connect.ready")
        context.complain("cli.connect.plain")
        yield _until_closed(_PlainLines().next, endpoint), typed
        return
    context.complain("cli.connect.ready")
    session = prompt.PromptSession(history=_history(), completer=_completer())

    async def ask() -> str | None:
        try:
            return str(await session.prompt_async(PROMPT))
        except (EOFError, KeyboardInterrupt):
            # Ctrl-D and Ctrl-C at the prompt end the conversation like /quit.
            return None

    # Raw: our own colours must get through to the terminal.
    with require("prompt_toolkit.patch_stdout", "connect").patch_stdout(raw=True):
        yield _until_closed(ask, endpoint), typed


async def _until_closed(ask: Any, endpoint: Endpoint) -> AsyncIterator[str]:
    """What is asked for, until there is no more or the connection is closed."""
    closed = asyncio.ensure_future(endpoint.wait_closed())
    asking: asyncio.Task[str | None] | None = None
    try:
        while not closed.done():
            asking = asyncio.ensure_future(ask())
            await asyncio.wait({closed, asking}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                return
            line = asking.result()
            if line is None:
                return
            yield line
    finally:
        closed.cancel()
        if asking is not None and not asking.done():
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking


class _PlainLines:
    """Lines of standard input, read by a thread of their own: a pipe cannot be waited for in every event loop.

    The thread is a daemon, since nothing can end its waiting when the connection is closed first.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, name="wsedu-lines", daemon=True).start()

    async def next(self) -> str | None:
        """The next line without its end; None when there are no more."""
        return await self._queue.get()

    def _read(self) -> None:
        # Not by sys.stdin: at the end of the process its lock would still be held by this thread.
        handle, rest = sys.stdin.fileno(), b""
        # A loop that is over takes no more lines.
        with suppress(RuntimeError, OSError):
            while data := os.read(handle, 1 << 16):
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    self._put(_decoded(line))
            if rest:
                self._put(_decoded(rest))
            self._loop.call_soon_threadsafe(self._queue.put_nowait, None)

    def _put(self, line: str) -> None:
        self._loop.call_soon_threadsafe(self._queue.put_nowait, line)


def _decoded(line: bytes) -> str:
    """A line without its end; what is no UTF-8 is kept, so that it can be refused where that matters."""
    return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _completer() -> Any:
    completion = require("prompt_toolkit.completion", "connect")
    return completion.WordCompleter([f"/{name}" for name in COMMANDS], sentence=True)


def _history() -> Any:
    """The history of earlier runs; only this run's where there is no place to keep it."""
    history = require("prompt_toolkit.history", "connect")
    folder = state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return history.InMemoryHistory()
    return history.FileHistory(str(folder / "connect_history"))


def state_folder() -> Path:
    """The folder for what a user does not edit but would miss: as the system has it."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "wsedu"
