"""What the doctor tries of Jupyter: packages, the parts of widgets that live in the browser, a kernel."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .doctor import Lacking
from .doctor_packages import WANTED, all_import, all_there, requirement, sound, version_of
from .jupyter_places import in_its_places
from .remedies import pip_command, quoted

TRANSLATION = "jupyterlab-language-pack-zh-CN"

JUPYTER = ("jupyterlab", "notebook", TRANSLATION, "ipywidgets", "anywidget")
"""Packages that have a check of their own."""

EXTENSIONS = {"@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets", "anywidget": "anywidget"}
"""The parts of widgets that run in the browser, and the package that brings each."""

KERNEL_SECONDS = 60.0
"""What a kernel may take to start and to answer."""


def packages(folder: Path) -> dict[str, Any]:
    """Whatever a lesson imports."""
    others = [package for package in WANTED if package not in JUPYTER]
    all_there(others)
    all_import(others)
    return {"count": len(others), "packages": {package: version_of(package) for package in others}}


def jupyterlab(folder: Path) -> dict[str, Any]:
    """JupyterLab."""
    return {"version": sound("jupyterlab")}


def notebook(folder: Path) -> dict[str, Any]:
    """Notebook, for `lab --classic`."""
    return {"version": sound("notebook")}


def translation(folder: Path) -> dict[str, Any]:
    """JupyterLab's menus in Chinese."""
    return {"version": sound(TRANSLATION)}


@in_its_places()
def widgets(folder: Path) -> dict[str, Any]:
    """The two packages, and their parts for the browser where this Jupyter looks for them."""
    names = ("ipywidgets", "anywidget")
    all_there(names)
    all_import(names)
    places = _extension_folders()
    for name, package in EXTENSIONS.items():
        found = next((place / name for place in places if (place / name / "package.json").is_file()), None)
        if found is None:
            raise Lacking("extension", pip_command(["--force-reinstall", package]), extension=name, package=package)
        if name in _disabled():
            command = quoted([sys.executable, "-m", "jupyter", "labextension", "enable", name])
            raise Lacking("disabled", command, extension=name)
    return {name: version_of(name) for name in names}


def _extension_folders() -> list[Path]:
    """Where this Jupyter looks for what runs in the browser.

    Raises:
        Lacking: there is no Jupyter.
    """
    if find_spec("jupyter_core") is None:
        raise Lacking("package", install=[requirement("jupyterlab")], package="jupyterlab")
    from jupyter_core.paths import jupyter_path

    return [Path(place) for place in jupyter_path("labextensions")]


def _disabled() -> set[str]:
    """Extensions that somebody has switched off."""
    from jupyter_core.paths import jupyter_config_path

    disabled: dict[str, bool] = {}
    for place in reversed(jupyter_config_path()):
        try:
            page = json.loads((Path(place) / "labconfig" / "page_config.json").read_text(encoding="utf-8"))
            off = page["disabledExtensions"]
            disabled |= dict(off) if isinstance(off, dict) else dict.fromkeys(off, True)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return {name for name, off in disabled.items() if off}


@in_its_places()
def kernel(folder: Path) -> dict[str, Any]:
    """A kernel that starts, as Jupyter starts it, and can import wsedu."""
    if find_spec("jupyter_client") is None or find_spec("ipykernel") is None:
        raise Lacking("package", install=["ipykernel"], package="ipykernel")
    from jupyter_client.manager import start_new_kernel

    try:
        manager, client = start_new_kernel(
            startup_timeout=KERNEL_SECONDS, kernel_name="python3", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except Exception as error:  # whatever a start can fail of: no such kernel, no such program, no answer
        raise Lacking("kernel", _spec_command(), problem=_line(error)) from None
    try:
        python = _answer(client, "import sys, wsedu; print(sys.executable)")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return {"python": python, "version": version_of("ipykernel")}


def _answer(client: Any, code: str) -> str:
    """What code prints in a kernel."""
    said: list[str] = []
    problems: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])
        elif message["msg_type"] == "error":
            problems.append(f"{message['content']['ename']}: {message['content']['evalue']}")

    try:
        client.execute_interactive(code, timeout=KERNEL_SECONDS, store_history=False, output_hook=hear)
    except (TimeoutError, RuntimeError) as error:
        problems.append(_line(error))
    if problems:
        raise Lacking("kernel_other", _spec_command(), problem=problems[0])
    return "".join(said).strip()


def _spec_command() -> str:
    return quoted([sys.executable, "-m", "ipykernel", "install", "--sys-prefix", "--name", "python3"])


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
