"""On Linux: what a worker leaves behind when it is killed comes to us, and is ended; elsewhere there is nothing to do.

Learner code of the same user can kill its parent. Its processes would then live on with nobody who knows them.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
_ROUNDS = 100
"""How often orphans are looked for, while there are still some: they may start others meanwhile."""


def adopt(*, yes: bool) -> None:
    """Have the children of our children become ours when those end, or not any more."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)


def children(process: int | None = None) -> set[int]:
    """The numbers of the processes that a process, by default this one, has started and not buried."""
    found: set[int] = set()
    number = process or os.getpid()
    if sys.platform != "linux":
        return found
    for path in Path(f"/proc/{number}/task").glob("*/children"):
        try:
            found |= {int(child) for child in path.read_text().split()}
        except OSError:
            continue  # the thread has ended
    return found


def end_tree(process: int) -> None:
    """End a process and everything under it."""
    under = children(process)
    _kill(process)
    for child in under:
        end_tree(child)


def end_orphans(ours: set[int]) -> None:
    """End our children that are none of these, and bury them."""
    for _ in range(_ROUNDS):
        strangers = children() - ours
        if not strangers:
            return
        for stranger in strangers:
            end_tree(stranger)
            try:
                os.waitpid(stranger, 0)
            except ChildProcessError:
                continue


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
