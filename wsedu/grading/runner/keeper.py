"""Who sees to it that nothing of a submission stays: a second process, which waits until the first ends.

It never runs learner code. It ends when the parent says so (SIGTERM), when the parent is gone (its end of the pipe is
closed) and when the child has ended, and takes everything with it that the child has started. `sealed` needs none:
there the kernel ends a whole namespace.
"""

from __future__ import annotations

import os

ADOPT = 36
"""PR_SET_CHILD_SUBREAPER: who has lost its parent becomes a child of this process."""

PATIENCE = 3
"""How long it may take to end everything (seconds)."""


def part(orders: int, nothing: int, user: int | None) -> None:
    """Become two processes; only the one that runs learner code comes back from here.

    Arguments:
        orders: the pipe from the parent.
        nothing: an open null device.
        user: the number of the user that the child will be; None if it stays who it is.
    """
    import select
    import signal

    try:
        import ctypes

        ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    except (ImportError, AttributeError, OSError):
        pass  # no Linux: what leaves the process group is not found
    child = os.fork()
    if child == 0:
        return
    for number, kept in enumerate((orders, nothing, nothing)):
        os.dup2(kept, number)
    os.closerange(3, 1024)
    closed = select.poll()
    closed.register(0, 0)  # nothing but the end of the pipe

    def end(*_: object) -> None:
        os.kill(child, signal.SIGKILL)

    def watch() -> None:
        closed.poll()
        end()

    import _thread

    signal.signal(signal.SIGTERM, end)
    _thread.start_new_thread(watch, ())
    os.waitpid(child, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.alarm(PATIENCE)
    _sweep(user, signal.SIGKILL)
    if user is not None:
        _forget(user)
    os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _sweep(user: int | None, kill: int) -> None:
    """End all that is left: everything of that user, and every child, its own and those that it adopted."""
    if user is not None and os.fork() == 0:
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        try:
            os.kill(-1, kill)
        finally:
            os._exit(0)
    try:
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                for child in _children():
                    os.kill(child, kill)
                os.waitpid(-1, 0)
    except ChildProcessError:
        return


def _forget(user: int) -> None:
    """Take away what the system would keep for that user until it is started again: shared memory and the like."""
    import ctypes

    system = ctypes.CDLL(None)
    for name in ("shm", "msg", "sem"):
        try:
            with open(f"/proc/sysvipc/{name}") as file:
                heads, *rows = (line.split() for line in file)
        except OSError:
            continue
        remove = getattr(system, f"{name}ctl")
        for row in rows:
            if row[heads.index("cuid")] == str(user):
                remove(int(row[1]), 0, 0)  # IPC_RMID is 0, whatever stands between


def _children() -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                        found.append(int(name))
            except OSError:
                continue
    return found
