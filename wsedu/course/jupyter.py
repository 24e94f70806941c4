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
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ..extras import require
from .jupyter_places import terminal_shell, variables

HOST = "127.0.0.1"

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
        folder: that it shows, and that its terminals begin in.
        language: which wsedu speaks in it.
        port: where it listens; 0 for one that is free.
        classic: Notebook instead of JupyterLab.
        browser: whether it opens one.
        page: the path of what it opens there.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, folder: Path, language: str, *, page: str, port: int = 0, classic: bool = False, browser: bool = True
    ):
        module, application = ("notebook", "JupyterNotebookApp") if classic else ("jupyterlab", "LabApp")
        options = [*_options(folder, port, browser), f"--{application}.default_url={page}"]
        self._process = subprocess.Popen(
            # -P: what a learner calls `random.py` in that folder is none of Jupyter's modules.
            [sys.executable, "-P", "-m", module, *options],
            env=variables(language, folder),
            cwd=folder,
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
        base = re.sub(r"/(?:lab|tree|notebooks)\b.*", "/", address.path)
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


def _options(folder: Path, port: int, browser: bool) -> list[str]:
    options = [
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder.resolve()}",
        "--ServerApp.open_browser=" + str(browser),
    ]
    if os.name != "nt":
        options.append("--ServerApp.terminado_settings=" + repr({"shell_command": terminal_shell()}))
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container there is often no other user; it listens on this machine alone, and asks for its token.
        options.append("--allow-root")
    return options
