"""What a child is shut in by: sealed (bubblewrap), a separate user, or plain (a process of the same user)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent
"""The folder that the child's program is read from."""

LIMITS = {
    "RLIMIT_AS": 1 << 30,
    "RLIMIT_FSIZE": 1 << 20,
    "RLIMIT_NOFILE": 64,
    "RLIMIT_CORE": 0,
}
"""What every child is held to where the system has the limit: memory, a file's size, the core file (bytes), open
files."""

START = "import sys; sys.path.insert(0, {home!r}); import child; child.main()"


class Level:
    """A process of the same user in a group of its own: what every system has."""

    name = "plain"

    def start(self, python: str, end: socket.socket | None) -> subprocess.Popen[bytes]:
        """Start the child with its three pipes."""
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        passed = {} if end is None else {"pass_fds": (end.fileno(),)}
        group: dict[str, Any] = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
            if sys.platform == "win32"
            else {"start_new_session": True}
        )
        command = [python, "-I", "-S", "-c", START.format(home=str(HOME))]
        return subprocess.Popen(command, cwd=os.path.sep, env={}, **pipes, **passed, **group)

    def order(self) -> dict[str, Any]:
        """What the child gives up before it loads anything."""
        return {"limits": LIMITS, "own": str(HOME)}

    def end(self, child: subprocess.Popen[bytes]) -> None:
        """End the child and its process group."""
        if sys.platform == "win32":
            child.kill()
        else:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                child.kill()
        child.wait()


PLAIN = Level()
