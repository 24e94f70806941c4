"""Whether the course is open already: a Jupyter that runs in its folder, and that answers."""

from __future__ import annotations

import contextlib
import html
import json
import os
import urllib.request
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SECONDS = 5.0
"""What a server may take to answer."""


@dataclass(frozen=True)
class Running:
    """A server that runs.

    Arguments:
        url: its address, which ends with a slash.
        token: that it asks for.
        record: the file that it has written about itself.
    """

    url: str
    token: str
    record: Path

    def address(self, *, classic: bool) -> str:
        """Where a learner opens it."""
        query = "?" + urlencode({"token": self.token}) if self.token else ""
        return f"{self.url}{'tree' if classic else 'lab'}{query}"

    def open(self, *, classic: bool) -> None:
        """Open it in a browser, by a page of the user's own: nobody sees the token among the programs that run."""
        page = self.record.with_name(f"{self.record.stem}-wsedu.html")
        goal = html.escape(self.address(classic=classic))
        with contextlib.suppress(OSError):
            page.unlink(missing_ok=True)
            with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(f'<meta http-equiv="refresh" content="0;url={goal}"><a href="{goal}">{goal}</a>\n')
            webbrowser.open(page.as_uri())


def find_running(folder: Path) -> Running | None:
    """The server that shows a folder; None if there is none, or if it does not answer any more.

    Arguments:
        folder: of the course.
    """
    goal = folder.resolve()
    return next((found for found in _running(goal) if _answers(found)), None)


def _running(folder: Path) -> Iterator[Running]:
    """The servers that have once been started for a folder, as they have written it down."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return
    for record in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            told: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
            if Path(told["root_dir"]).resolve() == folder:
                yield Running(str(told["url"]), str(told["token"]), record)


def _answers(running: Running) -> bool:
    """Whether it is still there, and not another program in its place: none other knows its token."""
    request = urllib.request.Request(f"{running.url}api/status", headers={"Authorization": f"token {running.token}"})
    # Not by way of a proxy: it listens here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return "kernels" in json.load(answer)
    except (OSError, ValueError, TypeError):
        return False
