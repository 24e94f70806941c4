"""How to get what a machine lacks, in the words of its own system: pip, apt, dnf, pacman, brew, winget."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress

_INSTALL = {
    "apt-get": "apt-get install {package}",
    "dnf": "dnf install {package}",
    "pacman": "pacman -S {package}",
    "zypper": "zypper install {package}",
    "apk": "apk add {package}",
    "brew": "brew install {package}",
    "winget": "winget install {package}",
}
"""How each manager of packages installs one."""

_OWN = ("brew", "winget")
"""Managers that a user runs without being somebody else."""

PACKAGES = {
    "browser": {
        "apt-get": "firefox-esr",
        "ubuntu": "firefox",
        "brew": "--cask firefox",
        "winget": "Mozilla.Firefox",
        "zypper": "MozillaFirefox",
        "": "firefox",
    },
    "wireshark": {
        "pacman": "wireshark-qt",
        "brew": "--cask wireshark-app",
        "winget": "WiresharkFoundation.Wireshark",
        "": "wireshark",
    },
    "bubblewrap": {"": "bubblewrap"},
    "latin": {
        "apt-get": "fonts-dejavu-core",
        "dnf": "dejavu-sans-fonts dejavu-sans-mono-fonts",
        "pacman": "ttf-dejavu",
        "zypper": "dejavu-fonts",
        "apk": "font-dejavu",
        "brew": "--cask font-dejavu",
        "winget": "",
        "": "dejavu-fonts",
    },
    "chinese": {
        "apt-get": "fonts-wqy-microhei",
        "dnf": "google-noto-sans-cjk-fonts",
        "pacman": "noto-fonts-cjk",
        "zypper": "google-noto-sans-sc-fonts",
        "apk": "font-noto-cjk",
        "brew": "--cask font-noto-sans-cjk-sc",
        "winget": "",
        "": "noto-sans-cjk-fonts",
    },
}
"""What a thing is called, by the manager or the distribution; `""` for all others; nothing where none has it."""


def manager() -> str:
    """The program that installs packages on this system; empty if it is not known."""
    if sys.platform == "darwin":
        return "brew"
    if sys.platform == "win32":
        return "winget"
    return next((name for name in _INSTALL if name not in _OWN and shutil.which(name)), "")


def system_command(thing: str) -> str:
    """The line that installs a thing on this system; empty if there is none that is known.

    Arguments:
        thing: a key of `PACKAGES`.
    """
    program, names = manager(), PACKAGES[thing]
    package = names.get(_distribution(), names.get(program, names[""]))
    if not program or not package:
        return ""
    line = _INSTALL[program].format(package=package)
    return line if program in _OWN or _is_root() else f"sudo {line}"


def _distribution() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release().get("ID", "-")
    return "-"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def pip_command(requirements: Sequence[str]) -> str:
    """The line that installs packages for the Python that runs this.

    Arguments:
        requirements: as pip takes them, such as `anywidget>=0.11`.
    """
    return quoted([sys.executable, "-m", "pip", "install", *requirements])


def python_command(program: str) -> str:
    """The line that has the Python that runs this run a program of one line."""
    return quoted([sys.executable, "-c", program])


def quoted(words: Sequence[str]) -> str:
    """A line as the shell of this system takes it."""
    if sys.platform == "win32":
        return " ".join(f'"{word}"' if set(word) & set(" <>=|&;") else word for word in words)
    return shlex.join(words)
