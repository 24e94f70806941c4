"""A learner's server on JupyterHub: first the course in the home of that user, then JupyterHub's own server.

The spawner's command, `c.Spawner.cmd = [sys.executable, "-m", "wsedu.course.hub"]`. It runs as the user whose server it
is, so what it writes belongs to that user; it never overwrites what the user has worked on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from ..explain.catalogue import LANGUAGES, choose_language, part_catalogue
from .copying import FOLDER, Copied, copy_course
from .jupyter_places import variables

SERVER = "jupyterhub.singleuser"
"""What this process becomes."""

UNUSABLE = 2
"""The exit status where there is no JupyterHub."""


def main(arguments: Sequence[str]) -> NoReturn:
    """Copy the course, then become the server.

    Arguments:
        arguments: for the server.

    Raises:
        SystemExit: JupyterHub is not installed.
    """
    language = _language()
    if find_spec("jupyterhub") is None:
        _tell(language, "missing", python=sys.executable)
        raise SystemExit(UNUSABLE)
    folder = Path.home() / FOLDER
    copied = put_course(folder, language)
    environment = variables(language, None) if copied is None else variables(copied.language, folder)
    os.execve(sys.executable, [sys.executable, "-m", SERVER, *arguments], environment)


def put_course(folder: Path, language: str) -> Copied | None:
    """Put the course there, or what is new of it, and say so in the log.

    A learner whose folder cannot be written to still gets a server: what is there can be read and saved.

    Arguments:
        folder: where it is to be.
        language: of a course that is not there yet.

    Returns:
        What was copied; None if the folder cannot be written to.
    """
    try:
        copied = copy_course(folder, None, language)
    except OSError as error:
        _tell(language, "failed", folder=error.filename or str(folder), problem=error.strerror or str(error))
        return None
    if copied.damaged:
        _tell(language, "damaged", folder=str(folder))
    new = len(copied.new) + len(copied.renewed) + len(copied.exercises.written)
    _tell(language, "copied", folder=str(folder), new=new)
    if kept := len(copied.kept) + len(copied.exercises.kept):
        _tell(language, "kept", folder=str(folder), kept=kept)
    return copied


def _language() -> str:
    """That of the surroundings; a word that is none of ours is told, and keeps nobody from their server."""
    try:
        return choose_language()
    except ValueError as error:
        _tell(LANGUAGES[0], "language", problem=str(error))
        return LANGUAGES[0]


def _tell(language: str, key: str, **facts: Any) -> None:
    words = part_catalogue("hub", language).say(f"hub.{key}", **facts)
    print(f"wsedu: {words}", file=sys.stderr, flush=True)  # noqa: T201 -- the log of the server


if __name__ == "__main__":
    main(sys.argv[1:])
