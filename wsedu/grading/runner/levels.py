"""What a child is shut in by: sealed (bubblewrap), a separate user, or plain (a process of the same user).

A level starts a process, says what that process gives up before it loads anything, and ends it with all that it
started. Which of them this machine has is found out by starting a child on each: see `levels_here` beside this folder.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .disk import HOME, SEALED_HOME, jail, sealing

LIMITS = {
    "RLIMIT_AS": 512 << 20,
    "RLIMIT_FSIZE": 1 << 20,
    "RLIMIT_NOFILE": 64,
    "RLIMIT_CORE": 0,
    "RLIMIT_CPU": 120,
    "RLIMIT_MSGQUEUE": 0,
}
"""What every child is held to where the system has the limit: memory, a file's size, the core file (bytes), open
files, seconds of the processor, messages that wait (bytes). How many processes there may be depends on who else has
some: see `_limits`."""

PROCESSES = 24
"""How many processes and threads a child of an own user may have."""

USERS = range(61000, 65000)
"""The numbers that an own user can have; the system needs to know nothing of them."""

GRACE = 3.0
"""How long a keeper may take to end everything (seconds); what has not ended then is ended by its group."""

READY = ("hashlib", "zlib", "ctypes", "select", "socket")
"""Modules that need libraries of the system; loaded before those are out of reach. All others are in the jail."""

_START = "import sys; sys.path.insert(0, {home!r}); import child; child.main()"
_POSIX = os.name == "posix"
_ROOT = _POSIX and os.geteuid() == 0


@dataclass
class Started:
    """A child that was started.

    Arguments:
        process: the process to wait for: the child, or what keeps it.
        order: what the child gives up.
        grace: how long the process may take to end everything when asked to; 0 where it is not asked (seconds).
        user: the lock on the number of its user.
    """

    process: subprocess.Popen[bytes]
    order: dict[str, Any]
    grace: float = 0.0
    user: socket.socket | None = None

    def end(self) -> None:
        """End it and everything that it started."""
        if sys.platform == "win32":
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(self.process.pid)], capture_output=True)
        else:
            try:
                if self.grace:
                    self.process.terminate()
                    self.process.wait(self.grace)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self.process.kill()
        self.process.wait()
        if self.user is not None:
            self.user.close()


class Level:
    """A process of the same user, in a group of its own, with a keeper that ends what it started."""

    name = "plain"

    def start(self, *, python: str, passed: tuple[int, ...] = (), hidden: tuple[str, ...] = ()) -> Started:
        """Start a child.

        Arguments:
            python: the interpreter.
            passed: open files that it gets.
            hidden: folders whose files are not for it; it is ended when it is seen to open one.
        """
        order = {"limits": _limits(), "own": str(HOME), "hidden": list(hidden), "keep": _POSIX}
        return Started(_run(_command(python, HOME), passed), order, grace=GRACE)


class SeparateUser(Level):
    """Another user than the grader, in a folder that has the standard library and nothing else; only for root."""

    name = "separate-user"

    def start(self, *, python: str, passed: tuple[int, ...] = (), hidden: tuple[str, ...] = ()) -> Started:
        """Start a child; see `Level`."""
        order = {"own": str(HOME), "keep": True, "jail": jail(), "ready": list(READY)}
        return _run_as_another(_command(python, HOME), passed, order, GRACE)


class Sealed(Level):
    """Namespaces of its own, made by bubblewrap: no network, no other processes, no files but the standard library."""

    name = "sealed"

    def start(self, *, python: str, passed: tuple[int, ...] = (), hidden: tuple[str, ...] = ()) -> Started:
        """Start a child; see `Level`."""
        command = [*sealing(python, root=_ROOT), *_command(python, SEALED_HOME)]
        if _ROOT:  # a limit on processes does not bind root
            return _run_as_another(command, passed, {"own": str(SEALED_HOME)}, 0.0)
        return Started(_run(command, passed), {"own": str(SEALED_HOME), "limits": _limits()})


PLAIN, SEPARATE_USER, SEALED = Level(), SeparateUser(), Sealed()

LEVELS = (SEALED, SEPARATE_USER, PLAIN)
"""All levels, the one that keeps out most first."""


def _command(python: str, home: Path) -> list[str]:
    return [python, "-I", "-S", "-c", _START.format(home=str(home))]


def _run(command: list[str], passed: tuple[int, ...]) -> subprocess.Popen[bytes]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if sys.platform == "win32":
        environment, apart = {"SYSTEMROOT": os.environ["SYSTEMROOT"]}, subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, env=environment, bufsize=0, creationflags=apart, **pipes)
    return subprocess.Popen(command, cwd="/", env={}, bufsize=0, start_new_session=True, pass_fds=passed, **pipes)


@cache
def _limits() -> dict[str, int]:
    """The limits of a child that is the same user as this process: that user may have some processes more than now."""
    if not Path("/proc/self/task").is_dir():
        return LIMITS
    now = 0
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            now += place.joinpath("task").stat().st_nlink if place.stat().st_uid == os.geteuid() else 0
    return {**LIMITS, "RLIMIT_NPROC": now + 256}


def _run_as_another(command: list[str], passed: tuple[int, ...], order: dict[str, Any], grace: float) -> Started:
    number, lock = _free_user()
    order |= {"user": number, "limits": {**LIMITS, "RLIMIT_NPROC": PROCESSES}}
    try:
        return Started(_run(command, passed), order, grace, lock)
    except OSError:
        lock.close()
        raise


def _free_user() -> tuple[int, socket.socket]:
    """The number of a user that no other child has, and what keeps others from taking it.

    Raises:
        OSError: the system has no such locks, or all numbers are taken.
    """
    if not (sys.platform == "linux" and _ROOT):
        raise OSError("only root on Linux can give a child a user of its own")
    for number in random.SystemRandom().sample(USERS, 100):
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(f"\0wsedu-grading-{number}")
            return number, lock
        except OSError:
            lock.close()
    raise OSError("every user's number that could be given to a child is taken")
