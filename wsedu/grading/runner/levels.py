"""What a child is shut in by: sealed (bubblewrap), a separate user, or plain (a process of the same user).

A level starts a process, says what that process gives up before it loads anything, and ends it with all that it
started. Which of them this machine has is found out by starting a child on each: see `session.levels_here`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent
"""The folder that the child's program is read from."""

LIMITS = {
    "RLIMIT_AS": 512 << 20,
    "RLIMIT_FSIZE": 1 << 20,
    "RLIMIT_NOFILE": 64,
    "RLIMIT_CORE": 0,
    "RLIMIT_CPU": 120,
}
"""What every child is held to where the system has the limit: memory, a file's size, the core file (bytes), open
files, seconds of the processor. How many processes there may be depends on who else has some: see `_limits`."""

PROCESSES = 24
"""How many processes and threads a child of an own user may have."""

USERS = range(61000, 65000)
"""The numbers that an own user can have; the system needs to know nothing of them."""

GRACE = 3.0
"""How long a keeper may take to end everything (seconds); what has not ended then is ended by its group."""

READY = ("hashlib", "zlib", "ctypes", "select", "socket")
"""Modules that need libraries of the system; loaded before those are out of reach. All others are in the jail."""

CACHE = Path("/var/cache")
"""Where the folder for separate users is kept: nobody but root can write there."""

_START = "import sys; sys.path.insert(0, {home!r}); import child; child.main()"
_PROGRAM = ("child.py", "wire.py", "keeper.py")
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
        order = {"own": str(HOME), "keep": True, "jail": _jail(), "ready": list(READY)}
        return _run_as_another(_command(python, HOME), passed, order, GRACE)


class Sealed(Level):
    """Namespaces of its own, made by bubblewrap: no network, no other processes, no files but the standard library."""

    name = "sealed"

    def start(self, *, python: str, passed: tuple[int, ...] = (), hidden: tuple[str, ...] = ()) -> Started:
        """Start a child; see `Level`."""
        command = [*_bubblewrap(python), *_command(python, Path("/child"))]
        if _ROOT:  # a limit on processes does not bind root
            return _run_as_another(command, passed, {"own": "/child"}, 0.0)
        return Started(_run(command, passed), {"own": "/child", "limits": _limits()})


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


# --- What is to be seen of the disk ---


@cache
def _jail() -> str:
    """A folder with the standard library and nothing else, which only root can have made; it stays for the next time."""
    version = f"{sys.implementation.cache_tag}-{Path(os.__file__).stat().st_mtime_ns:x}"
    place = CACHE / f"wsedu-jail-{version}"
    if not place.is_dir():
        made = Path(tempfile.mkdtemp(prefix=f"{place.name}-", dir=CACHE))
        for folder in _library():
            shutil.copytree(folder, made / folder.relative_to("/"), ignore=_not_needed, copy_function=_link)
        for path in (made, *made.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        try:
            made.rename(place)
        except OSError:  # another grader was faster
            shutil.rmtree(made)
    return str(place)


def _library() -> list[Path]:
    """The folders of the standard library; none lies in another."""
    python, compiled = Path(os.__file__).resolve().parent, sysconfig.get_config_var("DESTSHARED")
    found = {python, Path(compiled or python).resolve()}
    return sorted(place for place in found if place.is_dir() and not found.intersection(place.parents))


def _not_needed(folder: str, names: list[str]) -> set[str]:
    large = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "ensurepip", "tkinter"}
    return {name for name in names if name in large or name.startswith("config-")}


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


@cache
def _bubblewrap(python: str) -> tuple[str, ...]:
    """The command that seals: what is named here can be read, and nothing else."""
    program = shutil.which("bwrap")
    if program is None:
        raise OSError("bubblewrap is not installed")
    options = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"]
    options += ["--new-session", "--clearenv", "--cap-drop", "ALL"]
    options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if _ROOT else ["--unshare-user"]
    debian = Path("/usr/lib", sysconfig.get_config_var("MULTIARCH") or "no such folder")
    system = debian if debian.is_dir() else Path("/usr/lib")
    shown = [Path(python), *_library(), system, Path("/usr/lib64"), Path("/etc/ld.so.cache")]
    if Path(sys.base_prefix) != Path("/usr"):
        shown.append(Path(sys.base_prefix, "lib"))
    places = {place: place for place in sorted(shown) if place.exists()}
    places |= {Path("/child", name): HOME / name for name in _PROGRAM}
    made = sorted({Path("/dev"), *(parent for place in places for parent in place.parents)} - {Path("/")})
    options += [word for place in made if not _within(place, places) for word in ("--dir", str(place))]
    for place, source in places.items():
        options += ["--ro-bind", str(source), str(place)]
    for link in (Path("/lib"), Path("/lib64")):
        linked = link.is_symlink()
        options += ["--symlink", os.readlink(link), str(link)] if linked else ["--ro-bind-try", str(link), str(link)]
    for place in _not_shown(places):
        options += ["--tmpfs", str(place), "--remount-ro", str(place)]
    options += ["--dev-bind", "/dev/null", "/dev/null"]
    if b"--size" in subprocess.run([program, "--help"], capture_output=True).stdout:
        options += ["--perms", "1777", "--size", str(16 << 20), "--tmpfs", "/tmp"]
    return (*options, "--remount-ro", "/", "--")


def _within(place: Path, places: dict[Path, Path]) -> bool:
    return any(other in (place, *place.parents) for other in places)


def _not_shown(places: dict[Path, Path]) -> list[Path]:
    """What lies in the places that can be read, and is covered: installed packages, wsedu itself."""
    packages = [*site.getsitepackages([sys.base_prefix, sys.prefix]), site.getusersitepackages(), str(HOME.parents[2])]
    found = {Path(name).resolve() for name in packages}
    found |= {place for root in ("/usr/lib", "/usr/local/lib") for place in Path(root).glob("python3*/*-packages")}
    return sorted(place for place in found if place.is_dir() and _within(place, places))
