"""What the doctor tries of the machine: Python, sockets, TLS, fonts, programs, the folder of the course."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from .doctor import Lacking
from .doctor_packages import sound
from .remedies import python_command, system_command

OLDEST = (3, 11)
SECONDS = 5.0
"""What anything on the loopback interface may take."""

ROOM = 100_000_000
"""Bytes that should be free where the course is."""

HOST = "127.0.0.1"
SAMPLE = b"wsedu"

BROWSERS = (
    *("firefox", "firefox-esr", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("microsoft-edge", "microsoft-edge-stable", "brave-browser", "vivaldi", "opera", "epiphany", "konqueror"),
)
_MAC = ("Safari", "Firefox", "Google Chrome", "Microsoft Edge")
_WINDOWS = (
    r"Microsoft\Edge\Application\msedge.exe",
    r"Mozilla Firefox\firefox.exe",
    r"Google\Chrome\Application\chrome.exe",
)
ELSEWHERE = ("JUPYTERHUB_SERVICE_PREFIX", "SSH_CONNECTION", "CODESPACES", "BINDER_SERVICE_HOST", "COLAB_RELEASE_TAG")
"""Variables that tell that whoever sits there sits at another machine, which has the browser."""


def python(folder: Path) -> dict[str, Any]:
    """The version of Python."""
    version = platform.python_version()
    wanted = ".".join(map(str, OLDEST))
    if sys.version_info < OLDEST:
        raise Lacking("python", version=version, wanted=wanted)
    return {"version": version, "place": sys.executable}


# --- The network within the machine ---


def loopback(folder: Path) -> dict[str, Any]:
    """A connection to ourselves, and bytes over it."""
    try:
        with _pair() as (near, far):
            near.sendall(SAMPLE)
            if far.recv(len(SAMPLE)) != SAMPLE:
                raise OSError("other bytes arrived")
    except OSError as error:
        raise Lacking("loopback", problem=str(error)) from None
    return {"host": HOST}


class _pair:  # noqa: N801 - used as a function
    """Two sockets that are connected by TCP on the loopback interface."""

    def __enter__(self) -> tuple[socket.socket, socket.socket]:
        with socket.create_server((HOST, 0)) as listener:
            listener.settimeout(SECONDS)
            self._near = socket.create_connection(listener.getsockname(), timeout=SECONDS)
            self._far, _ = listener.accept()
        self._far.settimeout(SECONDS)
        return self._near, self._far

    def __exit__(self, *_: object) -> None:
        self._near.close()
        self._far.close()


def tls(folder: Path) -> dict[str, Any]:
    """A TLS handshake with ourselves, with a certificate made for it."""
    sound("trustme")
    try:
        from ..loopback.tls import throwaway_contexts

        contexts = throwaway_contexts(HOST)
    except ImportError as error:
        raise Lacking("ssl", problem=str(error)) from None
    try:
        return {"version": _shaken(contexts)}
    except OSError as error:
        raise Lacking("tls", problem=str(error)) from None


def _shaken(contexts: Any) -> str:
    """The version of TLS that both ends agree on."""
    with _pair() as (near, far):
        serving = threading.Thread(target=_serve, args=(contexts.server, far), daemon=True)
        serving.start()
        with contexts.client.wrap_socket(near, server_hostname=HOST) as client:
            if client.recv(len(SAMPLE)) != SAMPLE:
                raise OSError("other bytes arrived")
            version = str(client.version())
        serving.join(SECONDS)
        return version


def _serve(context: Any, far: socket.socket) -> None:
    try:
        with context.wrap_socket(far, server_side=True) as server:
            server.sendall(SAMPLE)
    except OSError:
        far.close()  # the other end says what was wrong


# --- Fonts ---


def latin(folder: Path) -> dict[str, Any]:
    """A picture with Latin text."""
    _draw("Aa 0", "latin")
    return {}


def chinese(folder: Path) -> dict[str, Any]:
    """A picture with Chinese text, and a chart."""
    _draw("帧", "chinese")
    sound("matplotlib")
    from ..views.overhead_fonts import chinese_fonts

    found = chinese_fonts()
    if not found:
        again = "import matplotlib.font_manager as f; f._load_fontmanager(try_read_cache=False)"
        raise Lacking("chart_font", python_command(again))
    return {"font": found[0]}


def _draw(text: str, thing: str) -> None:
    sound("resvg-py")
    from ..views.png import MissingFontError, svg_to_png

    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>{text}</text></svg>'
    try:
        svg_to_png(svg)
    except MissingFontError:
        raise Lacking(f"font_{thing}", system_command(thing)) from None


# --- Programs ---


def browser(folder: Path) -> dict[str, Any]:
    """A browser to open JupyterLab in."""
    found = _program(BROWSERS, _MAC, _WINDOWS)
    if found:
        return {"program": found}
    elsewhere = any(os.environ.get(name) for name in ELSEWHERE)
    raise Lacking("browser_elsewhere" if elsewhere else "browser", system_command("browser"), elsewhere=elsewhere)


def wireshark(folder: Path) -> dict[str, Any]:
    """Wireshark, which has a window; tshark of the same makers, for the terminal, does not open what lesson 9 opens."""
    window = _program(("wireshark",), ("Wireshark",), (r"Wireshark\Wireshark.exe",))
    terminal = shutil.which("tshark") or ""
    if not window:
        key = "wireshark_terminal" if terminal else "wireshark"
        raise Lacking(key, system_command("wireshark"), terminal=terminal)
    return {"program": window, "terminal": terminal}


def _program(names: tuple[str, ...], applications: tuple[str, ...], executables: tuple[str, ...]) -> str:
    """Where the first of some programs is; empty if none is there."""
    found = next((path for name in names if (path := shutil.which(name))), "")
    if found:
        return found
    places: list[Path] = []
    if sys.platform == "darwin":
        homes = (Path("/Applications"), Path.home() / "Applications")
        places = [home / f"{name}.app" for home in homes for name in applications]
    elif sys.platform == "win32":
        roots = [
            os.environ[name] for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData") if name in os.environ
        ]
        places = [Path(root) / name for root in roots for name in executables]
    return next((str(place) for place in places if place.exists()), "")


def bubblewrap(folder: Path) -> dict[str, Any]:
    """What shuts in the code of others when a class is graded: a program of Linux that really runs something."""
    if sys.platform != "linux":
        raise Lacking("bubblewrap_linux")
    program = shutil.which("bwrap")
    if program is None:
        raise Lacking("bubblewrap", system_command("bubblewrap"))
    command = [program, "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", sys.executable, "-S", "-c", ""]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        problem = "" if done.returncode == 0 else (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem:
        raise Lacking("bubblewrap_fails", problem=problem)
    return {"program": program}


# --- The folder ---


def folder(folder: Path) -> dict[str, Any]:
    """Whether the folder of the course, or the one that it would be made in, can be written to and has room."""
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".wsedu-"):
            pass
    except OSError as error:
        raise Lacking("folder", folder=str(there), problem=error.strerror or str(error)) from None
    free = shutil.disk_usage(there).free
    if free < ROOM:
        raise Lacking("room", folder=str(there), free=free // 1_000_000, wanted=ROOM // 1_000_000)
    return {"folder": str(there), "free": free // 1_000_000}
