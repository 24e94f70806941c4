"""What can be measured here, and what a user is told who asks for more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from .setting import Setting
from .transports import MEASURED, POLLS, Transport

MAX_CLIENTS = 1000
"""Clients that are measured at once; more are simulated."""

MAX_SECONDS = 120.0
"""Seconds that one transport may be measured."""

SPARE_FILES = 64
"""File descriptors that are left for everything else."""


class CannotMeasureError(ValueError):
    """What was asked for cannot be measured.

    Attributes:
        key: of the sentence that says why, behind `overhead.cannot.`.
        facts: that it needs.
    """

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(f"{key}: {facts}")
        self.key = key
        self.facts = facts


def check(transports: Sequence[Transport], setting: Setting, seconds: float) -> None:
    """See whether it can be measured.

    Raises:
        CannotMeasureError: it cannot.
    """
    check_setting(transports, setting, seconds)
    needed = 2 * setting.clients + SPARE_FILES + open_files()
    there = _files(needed)
    if there is not None and there < needed:
        raise CannotMeasureError("files", clients=setting.clients, needed=needed, limit=there)


def check_setting(transports: Sequence[Transport], setting: Setting, seconds: float) -> None:
    """See whether it can be measured on a machine that has files enough.

    Raises:
        CannotMeasureError: it cannot.
    """
    modelled = [transport for transport in transports if transport not in MEASURED]
    if modelled:
        raise CannotMeasureError("transport", name=modelled[0].value)
    if not 0 < seconds <= MAX_SECONDS:
        raise CannotMeasureError("seconds", seconds=seconds, most=MAX_SECONDS)
    if setting.clients > MAX_CLIENTS:
        raise CannotMeasureError("clients", clients=setting.clients, most=MAX_CLIENTS)
    if any(transport in POLLS for transport in transports) and setting.interval > seconds:
        raise CannotMeasureError("interval", interval=setting.interval, seconds=seconds)


def open_files() -> int:
    """How many files this process has open; 0 where that cannot be seen."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 0


def _files(wanted: int) -> int | None:
    """How many files this process may have open, raised to what is wanted where that is allowed; None if unknown."""
    try:
        import resource
    except ImportError:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted and (hard == resource.RLIM_INFINITY or hard >= wanted):
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return None if soft == resource.RLIM_INFINITY else soft
