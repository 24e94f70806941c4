"""JupyterHub with the configuration of deploy/jupyterhub, on free ports of this machine, and what it needs to run."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
from _hub_users import SystemUsers

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "deploy" / "jupyterhub" / "jupyterhub_config.py"
SYSTEMS_PYTHON = "/usr/bin/python3"
CACHE = Path.home() / ".cache" / "wsedu" / "hub"
READY = "JupyterHub is now running"
STARTING = STOPPING = 60.0
"""Seconds that the hub may take to start, and to end."""


@dataclass(frozen=True)
class Memory:
    """What processes hold.

    Arguments:
        pss: bytes, with those pages that several processes share counted in part for each.
        peak: bytes that each of them held at most, shared pages counted whole.
    """

    pss: int = 0
    peak: int = 0

    def __add__(self, other: Memory) -> Memory:
        return Memory(self.pss + other.pss, self.peak + other.peak)


def environment(folder: Path) -> Path:
    """A virtual environment with JupyterHub and this tree, made where it is missing."""
    if not (folder / "bin" / "jupyterhub").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        _install(folder, "--editable", f"{ROOT}[lab]")
    return folder


def everybodys_environment(folder: Path) -> Path:
    """The same for users of the system: the system's interpreter, and nothing that only its owner can read.

    Its JupyterLab lets a program in the browser press its buttons, as the configuration does in its own test.
    """
    if not (folder / "bin" / "jupyterhub").exists():
        subprocess.run([SYSTEMS_PYTHON, "-m", "venv", str(folder)], check=True)
    _install(folder, f"{ROOT}[lab]")
    settings = folder / "etc" / "jupyter" / "jupyter_server_config.json"
    settings.write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}), encoding="utf-8")
    return folder


def _install(folder: Path, *wanted: str) -> None:
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "jupyterhub>=6.1,<7", *wanted], check=True)


def proxy(program: Path) -> Path:
    """JupyterHub's proxy, which is a program of Node.js, installed where it is missing."""
    if not program.exists():
        home = program.parents[2]
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--prefix", str(home), "configurable-http-proxy@^5"]
        subprocess.run(command, check=True)
    return program


class Hub:
    """A hub that is running until it is closed.

    Arguments:
        folder: an empty one for everything that it writes, the homes of its users included if they are no users of
            this system.
        venv: with JupyterHub and wsedu.
        program: its proxy.
        users: of this system; None for the configuration's own test, whose servers all run as whoever starts it.
    """

    def __init__(self, folder: Path, venv: Path, program: Path, users: SystemUsers | None = None) -> None:
        self.folder, self._users = folder, users
        self.password = users.password if users else secrets.token_urlsafe()
        public, inner, api = (f"http://127.0.0.1:{port}" for port in free_ports(3))
        self.url = public
        options = {
            "JupyterHub.hub_bind_url": inner,
            "ConfigurableHTTPProxy.api_url": api,
            "ConfigurableHTTPProxy.command": str(program),
        }
        self._process = subprocess.Popen(
            [
                str(venv / "bin" / "jupyterhub"),
                "-f",
                str(CONFIG),
                *(f"--{name}={is_}" for name, is_ in options.items()),
            ],
            cwd=folder,
            env={**surroundings(venv, installed=users is not None), **self._variables()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self._said: list[str] = []
        self._ready: Future[bool] = Future()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        with ExitStack() as stack:
            stack.callback(self.close)
            if not self._ready.result(STARTING):
                raise SystemExit(f"JupyterHub did not start:\n{self.log()}")
            stack.pop_all()

    def _variables(self) -> dict[str, str]:
        if self._users is not None:
            return {"WSEDU_HUB_URL": self.url, **self._users.variables}
        names = {"URL": self.url, "TEST_PASSWORD": self.password, "HOMES": str(self.folder / "homes")}
        return {f"WSEDU_HUB_{name}": value for name, value in names.items()}

    def home(self, name: str) -> Path:
        """Where the server of somebody runs."""
        return self._users.home(name) if self._users else self.folder / "homes" / name

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line)
            if READY in line and not self._ready.done():
                self._ready.set_result(True)
        if not self._ready.done():
            self._ready.set_result(False)

    def log(self) -> str:
        """What it and its servers have said."""
        return "".join(self._said)

    def memory(self, users: Sequence[str]) -> dict[str, dict[str, Memory]]:
        """What is held now: by user, and then by kind; what is nobody's is the hub's and its proxy's."""
        found: dict[str, dict[str, Memory]] = {user: {} for user in (*users, "")}
        this = psutil.Process(self._process.pid)
        for process in (this, *this.children(recursive=True)):
            user = process.environ().get("JUPYTERHUB_USER", "")
            if user and self._users and process.uids().effective != self._users.owner(user):
                raise RuntimeError(f"a process of {user} runs as somebody else: {' '.join(process.cmdline())}")
            kinds = found[user]
            kind = _kind(process.cmdline())
            kinds[kind] = kinds.get(kind, Memory()) + held(process)
        return found

    def close(self) -> None:
        """End it, its servers and their kernels: it is asked to, and what is left after a while is made to."""
        try:
            family = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            family = []
        self._process.terminate()
        try:
            self._process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _, left = psutil.wait_procs(family, STOPPING / 4)
        for process in left:
            process.kill()
        psutil.wait_procs(left, STOPPING / 4)
        self._reader.join(STOPPING)


def surroundings(venv: Path, *, installed: bool) -> dict[str, str]:
    """Those of this process, with nothing of the tester's own Jupyter, and this tree before what is installed.

    With `installed`, what is installed alone: other users may be unable to read this tree.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "WSEDU", "IPYTHON"))}
    path = f"{venv / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"
    tree = {} if installed else {"PYTHONPATH": str(ROOT)}
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1", **tree}


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def held(process: psutil.Process) -> Memory:
    """The memory of a process; Linux counts what it held at most."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return Memory(process.memory_full_info().pss, peak)


def _kind(command: Sequence[str]) -> str:
    words = " ".join(command)
    known = {"ipykernel_launcher": "kernel", "jupyterhub.singleuser": "server", "configurable-http-proxy": "proxy"}
    return next((kind for word, kind in known.items() if word in words), "other")
