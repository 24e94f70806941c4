"""Every test of this folder checks that nothing leaks; the header says with what it was tested."""

from __future__ import annotations

import os
import ssl
from importlib.metadata import version
from pathlib import Path

import pytest

from ..loopback.net import nothing_leaks as nothing_leaks


def pytest_report_header() -> str:
    peers = ", ".join(f"{name} {version(name)}" for name in ("websockets", "wsproto"))
    return f"interop with {peers}, {ssl.OPENSSL_VERSION}"


# --- docs/interop.md: see `page` ---

_RESULTS: dict[str, list[str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        for name, value in report.user_properties:
            if name == "interop" and isinstance(value, (list, tuple)):
                _RESULTS[str(value[0])] = list(value[1])


def pytest_sessionfinish(session: pytest.Session) -> None:
    from .page import VARIABLE, page

    target = os.environ.get(VARIABLE)
    if target and _RESULTS and not hasattr(session.config, "workerinput"):
        Path(target).write_text(page(_RESULTS), encoding="utf-8")
