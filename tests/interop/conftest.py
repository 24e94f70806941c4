"""Every test of this folder checks that nothing leaks; the header says with what it was tested."""

from __future__ import annotations

import ssl
from importlib.metadata import version

from ..loopback.net import nothing_leaks as nothing_leaks


def pytest_report_header() -> str:
    peers = ", ".join(f"{name} {version(name)}" for name in ("websockets", "wsproto"))
    return f"interop with {peers}, {ssl.OPENSSL_VERSION}"
