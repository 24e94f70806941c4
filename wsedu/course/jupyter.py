"""JupyterLab or Notebook as a process of its own: on this machine alone, and ended together with its kernels."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ..explain.catalogue import VARIABLE
from ..extras import require

HOST = "127.0.0.1"

_SETTINGS = Path(__file__).with_name("settings")
"""Settings beside the user's own: nobody is asked for news, and nothing is asked of any other machine."""

STOPPING = 20.0
"""Seconds that a server may take to end itself and its kernels."""

_ADDRESS = re.compile(rf"http://{re.escape(HOST)}:\d+/\S*")
_TICK = 0.5 if sys.platform == "win32" else None
"""Seconds after which to look for Ctrl-C, where it does not end the waiting by itself."""

_MOMENT = 0.05
"""Seconds between two looks at whether it listens."""

_LAST = 15
"""Lines that are kept of what it says."""


class Jupyter:
    """A server that is running, or about to.

    Arguments:
        folder: that it shows.
        language: which wsedu speaks in it.
        port: where it listens; 0 for one that is free.
        classic: Notebook instead of JupyterLab.
        browser: whether it opens one.

    Raises:
        MissingExtraError: it is not installed.
        OSError: the port cannot be had.
    """

    def __init__(self, folder: Path, language: str, *, port: int = 0, classic: bool = False, browser: bool = True):
        module = "notebook" if classic else "jupyterlab"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *_options(folder, port, browser)],
            env=variables(language),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C is for us: Jupyter itself would ask whether it is meant.
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._said: deque[str] = deque(maxlen=_LAST)
        self._address: Future[str | None] = Future()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Keep what it says last; the first line with its address says that it listens."""
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                self._said.append(line.rstrip())
                found = _ADDRESS.search(line)
                if found and not self._address.done():
                    self._address.set_result(found[0])
        if not self._address.done():
            self._address.set_result(None)

    def address(self) -> str | None:
        """Where it can be opened, once it listens; None if it has ended before."""
        found = self._found()
        # It says its address a moment before it listens there.
        while found is not None and not _listens(found):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_MOMENT)
                return None
        return found

    def _found(self) -> str | None:
        while True:
            with contextlib.suppress(TimeoutError):
                return self._address.result(_TICK)

    def last_words(self) -> str:
        """What it has said last that tells of a problem; else its last line."""
        lines = [line for line in self._said if line.strip()]
        told = [line for line in lines if re.search(r"error|critical|cannot|could not", line, re.IGNORECASE)]
        return (told or lines or [""])[-1].strip()

    def wait(self) -> int:
        """Wait until it ends, and give its exit status."""
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(_TICK)

    def stop(self) -> None:
        """End it and its kernels: it is asked first, and made to where it does not."""
        if self._process.poll() is None and not (self._address.done() and self._asked()):
            self._process.terminate()
        try:
            self._process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(STOPPING)

    def _asked(self) -> bool:
        """Ask it to shut down, as the menu of JupyterLab does; whether it was heard."""
        address = urlsplit(self._found() or "")
        base = re.sub(r"/(?:lab|tree)\b.*", "/", address.path)
        token = parse_qs(address.query).get("token", [""])[0]
        request = urllib.request.Request(
            f"{address.scheme}://{address.netloc}{base}api/shutdown",
            method="POST",
            headers={"Authorization": f"token {token}"},
        )
        # Not by way of a proxy: it listens here.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with contextlib.suppress(OSError, ValueError), opener.open(request, timeout=STOPPING):
            return True
        return False


def _listens(address: str) -> bool:
    parts = urlsplit(address)
    with contextlib.suppress(OSError), socket.create_connection((HOST, parts.port or 0), timeout=STOPPING):
        return True
    return False


def check_jupyter(*, classic: bool, port: int) -> None:
    """See whether a server can be started, before anything is done.

    Raises:
        MissingExtraError: it is not installed.
        OSError: the port cannot be had.
    """
    if classic:
        require("notebook", "lab")
    else:
        require("jupyterlab", "lab")
    with socket.socket() as trial:
        if sys.platform != "win32":
            # A port whose last connections are still fading away is free.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((HOST, port))


def places() -> dict[str, str]:
    """Variables by which it finds kernels, extensions and settings: what is installed with this Python comes before
    what the user has elsewhere, and the settings of the user stay as they are.
    """
    paths = [str(_SETTINGS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def variables(language: str) -> dict[str, str]:
    """What it and its kernels find in their surroundings."""
    return {**os.environ, **places(), "PYTHONUNBUFFERED": "1", VARIABLE: language}


@contextlib.contextmanager
def in_its_places() -> Iterator[None]:
    """Within, whatever this process asks Jupyter for is found where the server would find it."""
    own = places()
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _options(folder: Path, port: int, browser: bool) -> list[str]:
    options = [
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder.resolve()}",
        "--ServerApp.open_browser=" + str(browser),
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container there is often no other user; it listens on this machine alone, and asks for its token.
        options.append("--allow-root")
    return options
