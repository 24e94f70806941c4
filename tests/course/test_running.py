"""`lab` where the course is open already, where it was, and where it only seems to be."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.course.commands import Run, surroundings
from tests.course.commands import command as command
from tests.course.test_lab import SECONDS, address_of, lab, told_browser
from wsedu.course.running import find_running
from wsedu.explain.catalogue import part_catalogue


def same_places(folder: Path) -> dict[str, str]:
    return {f"JUPYTER_{name}_DIR": str(folder / f".{name}") for name in ("CONFIG", "DATA", "RUNTIME")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_second_time_it_says_where_it_is_open_and_starts_nothing(command: Run, tmp_path: Path, language: str) -> None:
    with lab(tmp_path, "--no-browser", "--lang", language) as (process, said):
        first = urlsplit(address_of(said))
        before = psutil.Process(process.pid).children(recursive=True)
        again = {}
        for more in ((), ("--port", str(first.port)), ("--classic",)):
            again[more] = command("lab", "--no-browser", "--lang", language, *more, **same_places(tmp_path))
        assert set(psutil.Process(process.pid).children(recursive=True)) <= set(before)
    for more, done in again.items():
        assert (done.returncode, done.stderr) == (0, ""), more
        path = "tree" if more == ("--classic",) else "lab"
        address = f"http://{first.netloc}/{path}?{first.query}"
        words = part_catalogue("lab", language)
        told = [words.say("server.already", address=address), words.say("server.stop_there")]
        assert done.stdout.endswith("\n".join(["", *told, ""]))


@pytest.mark.parametrize("arguments", [(), ("--classic",)], ids=["JupyterLab", "Notebook"])
def test_a_second_time_it_opens_a_browser_there(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    browser, pipe = told_browser(tmp_path)
    with lab(tmp_path, "--no-browser") as (_, said):
        own = surroundings(BROWSER=str(browser), **same_places(tmp_path))
        again = subprocess.Popen(
            [sys.executable, "-m", "wsedu", "lab", *arguments],
            env=own,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        page = Path(urlsplit(pipe.read_text(encoding="utf-8")).path)
        told, _ = again.communicate(timeout=SECONDS)
        (address,) = [line.strip() for line in told.splitlines() if line.startswith("  http")]
        assert urlsplit(address).netloc == urlsplit(address_of(said)).netloc
        assert f"url={address}" in page.read_text(encoding="utf-8")
        assert page.stat().st_mode & 0o77 == 0
        assert urlsplit(address).path == ("/tree" if arguments else "/lab")
    assert again.returncode == 0


def test_another_folder_is_not_open(command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("lab", "other", "--copy")
    for name, place in same_places(tmp_path).items():
        monkeypatch.setenv(name, place)
    with lab(tmp_path, "--no-browser"):
        found = find_running(tmp_path / "wsedu-course")
        assert found is not None
        assert find_running(tmp_path / "other") is None
        # Another name for the same folder is the same folder.
        (tmp_path / "link").symlink_to(tmp_path / "wsedu-course")
        assert find_running(tmp_path / "link") == found
    assert find_running(tmp_path / "wsedu-course") is None


# --- What is left of a server that has died ---


@contextmanager
def stranger(status: int, body: bytes) -> Iterator[int]:
    """Another program on the port that a server had; gives the port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"), [(403, b"{}"), (200, b"{}"), (200, b"hello"), (200, b"[]"), (200, b"3")], ids=str
)
def test_another_program_on_its_port_is_not_the_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with stranger(status, body) as port:
        record = {"url": f"http://127.0.0.1:{port}/", "token": "old", "root_dir": str(tmp_path), "pid": 1}
        (tmp_path / "jpserver-1.json").write_text(json.dumps(record), encoding="utf-8")
        assert find_running(tmp_path) is None


def test_what_servers_that_were_killed_leave_behind_keeps_nothing_from_starting(tmp_path: Path) -> None:
    """A record of one that listens no more; others cannot be read."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    record = {"url": f"http://127.0.0.1:{port}/", "token": "old", "root_dir": str(tmp_path / "wsedu-course"), "pid": 1}
    (tmp_path / ".RUNTIME").mkdir()
    for number, text in enumerate(("", "[]", "{}", '{"root_dir": 1}', json.dumps(record))):
        (tmp_path / ".RUNTIME" / f"jpserver-{number}.json").write_text(text, encoding="utf-8")
    with lab(tmp_path, "--no-browser") as (process, said):
        assert address_of(said)
        assert process.poll() is None
