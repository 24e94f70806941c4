"""Users of this system for the length of a measurement: what the configuration of JupyterHub is for."""

from __future__ import annotations

import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

GROUPS = {"WSEDU_HUB_GROUP": "wsedu-students", "WSEDU_HUB_ADMINS": "wsedu-teachers"}
"""Variables of the configuration, and the groups that are made for them."""


@dataclass(frozen=True)
class SystemUsers:
    """Users with homes and passwords.

    Arguments:
        names: to log in with.
        password: the same for all of them.
    """

    names: Sequence[str]
    password: str

    @property
    def variables(self) -> dict[str, str]:
        """What the configuration has to be told."""
        return GROUPS

    def home(self, name: str) -> Path:
        """Where the server of somebody runs."""
        return Path(pwd.getpwnam(name).pw_dir)

    def owner(self, name: str) -> int:
        """The number of the user as whom the server of somebody runs."""
        return pwd.getpwnam(name).pw_uid


@contextmanager
def system_users(names: Sequence[str]) -> Iterator[SystemUsers]:
    """Make users and their groups, and take them away again with their homes; only root can.

    Raises:
        SystemExit: if this is not root, or if one of the names or groups is somebody's already.
    """
    if os.geteuid() != 0:
        raise SystemExit(
            "--system-users makes and removes users of this system: run it as root, on a machine for tests"
        )
    password = secrets.token_urlsafe()
    made: list[Sequence[str]] = []
    try:
        for group in GROUPS.values():
            _run("groupadd", group)
            made.append(("groupdel", group))
        for name in names:
            _run("useradd", "--create-home", "--shell", "/bin/bash", "--groups", GROUPS["WSEDU_HUB_GROUP"], name)
            made.append(("userdel", "--remove", name))
        _run("chpasswd", text="".join(f"{name}:{password}\n" for name in names))
        yield SystemUsers(names, password)
    finally:
        for command in reversed(made):
            subprocess.run(command, capture_output=True, check=False)


def _run(*command: str, text: str | None = None) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
