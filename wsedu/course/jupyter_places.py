"""What Jupyter finds in its surroundings: kernels, settings, its language, and where it keeps what was open."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from ..explain.catalogue import VARIABLE

_SETTINGS = Path(__file__).with_name("settings")
"""Settings beside the user's own: nobody is asked for news, and nothing is asked of any other machine."""

LOCALES = {"zh": "zh_CN"}
"""What JupyterLab calls a language, other than its own; it is chosen in the settings of that language beside these."""

WORKSPACES = ".wsedu-workspaces"
"""Where JupyterLab keeps which notebooks were open: in the folder of the course. Where it keeps them by itself is one
place for all folders, and another folder's notebooks would be opened."""

PYTHON = "WSEDU_PYTHON"
"""The variable that tells a terminal where the Python of the course is."""

START = "00_start.ipynb"
"""The notebook that a learner begins with."""


def places(language: str = "en") -> dict[str, str]:
    """Variables by which it finds kernels, extensions and settings: what is installed with this Python comes before
    what the user has elsewhere, and the settings of the user stay as they are.

    Arguments:
        language: which its menus speak, where the user has not chosen another one and it can.
    """
    spoken = [str(_SETTINGS / language)] if speaks(language) else []
    paths = [str(_SETTINGS), *spoken, *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def variables(language: str, folder: Path | None = None) -> dict[str, str]:
    """What it, its kernels and its terminals find in their surroundings.

    Arguments:
        language: which wsedu speaks.
        folder: of the course; None where none can be written to.
    """
    kept = {} if folder is None else {"JUPYTERLAB_WORKSPACES_DIR": str(folder.resolve() / WORKSPACES)}
    python = str(Path(sys.executable).parent)
    path = os.pathsep.join([python, *filter(None, [os.environ.get("PATH")])])
    own = {"PYTHONUNBUFFERED": "1", "PATH": path, PYTHON: python, VARIABLE: language}
    return {**os.environ, **places(language), **kept, **own}


def terminal_shell() -> list[str]:
    """The command of its terminals: the user's shell, in which `python` is the one that runs this and has wsedu.

    Jupyter would take a login shell, which on many systems puts a path of its own in place of ours.
    """
    shell = os.environ.get("SHELL") or shutil.which("sh") or "/bin/sh"
    return [shell, "--rcfile", str(_SETTINGS / "terminal.bash")] if Path(shell).name == "bash" else [shell]


def speaks(language: str) -> bool:
    """Whether JupyterLab has a translation into a language, for which it needs a package."""
    return bool(entry_points(group="jupyterlab.languagepack", name=LOCALES.get(language, "")))


@contextlib.contextmanager
def in_its_places() -> Iterator[None]:
    """Within, whatever this process asks Jupyter for is found where the server would find it."""
    own = places()
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def first_page(folder: Path, *, classic: bool, new: bool) -> str:
    """The path of what is opened: the first notebook, or what was open the last time.

    Arguments:
        folder: of the course.
        classic: Notebook instead of JupyterLab; it does not keep what was open, and shows the files.
        new: whether the folder has just been made.
    """
    if classic:
        return f"/notebooks/{START}" if new else "/tree"
    return "/lab" if _restores(folder) else f"/lab/tree/{START}"


def _restores(folder: Path) -> bool:
    """Whether JupyterLab has kept something that was open."""
    return any(_has_widgets(path) for path in (folder / WORKSPACES).glob("default*.jupyterlab-workspace"))


def _has_widgets(path: Path) -> bool:
    try:
        layout = json.loads(path.read_text(encoding="utf-8"))["data"]["layout-restorer:data"]
        return bool(_widgets(layout["main"]["dock"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _widgets(area: dict[str, Any]) -> list[str]:
    """What an area of the window shows: one of tabs, or one that is split into areas."""
    return [*area.get("widgets", ()), *(name for child in area.get("children", ()) for name in _widgets(child))]
