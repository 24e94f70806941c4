"""Every test of this folder checks that nothing leaks."""

from __future__ import annotations

from tests.loopback.net import nothing_leaks as nothing_leaks
