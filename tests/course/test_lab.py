"""`python -m wsedu lab`: what it says of its copy, and a real Jupyter that it starts and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from tests.course.commands import Run, outside, surroundings
from tests.course.commands import bare as bare
from tests.course.commands import command as command
from tests.course.test_copying import LESSON, edited
from wsedu.course.notebooks import notebooks
from wsedu.explain.catalogue import part_catalogue

SECONDS = 60
ROOT = Path(__file__).parents[2]


# --- The copy ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_first_copy_is_told_in_a_line(command: Run, tmp_path: Path, language: str) -> None:
    done = command("lab", "--copy", "--lang", language)
    assert (done.returncode, done.stderr) == (0, "")
    files = len(list((tmp_path / "wsedu-course" / "wsedu-exercises").glob("[!.]*")))
    facts = {"notebooks": len(notebooks(language)), "exercises": files, "folder": "wsedu-course"}
    assert done.stdout == part_catalogue("lab", language).say("copy.first", **facts) + "\n"


def test_afterwards_it_says_what_is_new_and_what_was_kept_and_why(command: Run, tmp_path: Path) -> None:
    command("lab", "mine", "--copy")
    assert command("lab", "mine", "--copy").stdout == "Everything is there already in mine\n"
    edited(tmp_path / "mine" / LESSON)
    (tmp_path / "mine" / "wsedu-exercises" / "README.md").unlink()
    told = command("lab", "mine", "--copy").stdout.splitlines()
    assert told[0] == "1 file is new in mine: wsedu-exercises/README.md"
    assert told[1] == f"Left as it is, because you have worked on it: {LESSON}"
    command("lab", "mine", "--copy", "--lang", "zh")
    assert LESSON in (tmp_path / "mine" / LESSON).name
    *_, last = command("lab", "mine", "--copy", "--lang", "en", "--solutions", "yes").stdout.splitlines()
    assert "teacher's copy" in last


def test_another_version_of_what_was_kept_is_told(command: Run, tmp_path: Path) -> None:
    command("lab", "--copy")
    edited(tmp_path / "wsedu-course" / LESSON)
    told = command("lab", "--copy", "--lang", "en", "--solutions", "yes").stdout
    older = part_catalogue("lab", "en").say("copy.older", names=LESSON)
    assert older in told.splitlines()


@pytest.mark.parametrize(("before", "after"), [("en", "zh"), ("zh", "en")])
def test_that_the_language_has_changed_is_told_and_what_has_stayed(
    command: Run, tmp_path: Path, before: str, after: str
) -> None:
    words = part_catalogue("lab", after)
    languages = {"before": words.say(f"language.{before}"), "language": words.say(f"language.{after}")}
    course = tmp_path / "wsedu-course"
    command("lab", "--copy", "--lang", before)
    told = command("lab", "--copy", "--lang", after).stdout
    first, news = told.splitlines()
    assert first == words.say("copy.switched", **languages)
    # Many names are cut short.
    assert words.texts["copy.more"].partition("{count")[0].removeprefix("{names}") in news
    command("lab", "--copy", "--lang", before)
    edited(course / LESSON)
    exercise = course / "wsedu-exercises" / "01_accept_key.py"
    exercise.write_text(exercise.read_text(encoding="utf-8") + "mine = 1\n", encoding="utf-8")
    first, _ = command("lab", "--copy", "--lang", after).stdout.splitlines()
    names = words.say("copy.comma").join([LESSON, "wsedu-exercises/01_accept_key.py"])
    assert first == words.say("copy.switched_partly", names=names, **languages)
    # Once it has changed there is no more to say of it.
    assert command("lab", "--copy").stdout.count(languages["before"]) == 0


def test_within_the_folder_of_the_course_no_second_one_is_made(command: Run, tmp_path: Path) -> None:
    command("lab", "--copy")
    course = tmp_path / "wsedu-course"
    again = command("lab", "--copy", cwd=course)
    assert again.stdout == f"Everything is there already in {course}\n"
    assert not (course / "wsedu-course").exists()


def test_a_damaged_record_is_told(command: Run, tmp_path: Path) -> None:
    command("lab", "--copy")
    (tmp_path / "wsedu-course" / ".wsedu-course.json").write_text("{", encoding="utf-8")
    assert ".wsedu-course.damaged.json" in command("lab", "--copy").stdout.splitlines()[0]


# --- One line where it cannot be ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_jupyterlab_it_says_how_to_get_it_and_copies_nothing(
    command: Run, bare: Path, tmp_path: Path, language: str
) -> None:
    done = command("lab", "--lang", language, python=bare)
    assert (done.returncode, done.stdout) == (2, "")
    assert "jupyterlab" in done.stderr
    assert done.stderr.endswith(f"{bare} -m pip install '{ROOT}[lab]'\n")
    assert done.stderr.count("\n") == 1
    assert "notebook" in command("lab", "--classic", python=bare).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_busy_port_is_told_before_anything_is_copied(command: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        done = command("lab", "--port", str(busy.getsockname()[1]))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the port is in use" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("/proc/wsedu-course", "--copy"), "/proc/wsedu-course cannot be written to ("),
        (("file", "--copy"), "file is a file; give a folder"),
        (("file/deep", "--copy"), "file/deep is a file; give a folder"),
        (("--port", "65536"), "--port takes a number from 0 to 65535"),
        (("--solutions", "maybe"), "maybe"),
    ],
)
def test_errors_are_one_line(command: Run, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = command("lab", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_jupyter_that_ends_by_itself_is_told_with_its_reason(command: Run) -> None:
    done = command("lab", "--no-browser", JUPYTER_RUNTIME_DIR="/proc/wsedu")
    assert done.returncode == 2
    assert "JupyterLab ended by itself with status 1: " in done.stderr
    assert "/proc/wsedu" in done.stderr
    assert done.stderr.count("\n") == 1


# --- A real server ---


@contextmanager
def lab(
    folder: Path, *arguments: str, python: Path | str = sys.executable, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The command until the line that says how to end it, with what it has said; it is ended if it is not."""
    places = {f"JUPYTER_{name}_DIR": str(folder / f".{name}") for name in ("CONFIG", "DATA", "RUNTIME")}
    process = subprocess.Popen(
        [python, "-m", "wsedu", "lab", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(**places, **variables) if python == sys.executable else outside(**places, **variables),
        cwd=folder,
        encoding="utf-8",
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line.rstrip("\n"))
            if line.startswith(("Ctrl-C", "在这里")):
                break
        yield process, said
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=SECONDS)


def address_of(said: list[str]) -> str:
    (found,) = [line.strip() for line in said if line.startswith("  http")]
    return found


def ask(address: str, path: str, body: object = None, *, base: str = "api", method: str | None = None) -> object:
    """Of the API of the server that has this address, with its token; what it answers."""
    parts = urlsplit(address)
    token = parse_qs(parts.query)["token"][0]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://{parts.netloc}/{base}/{path}", data, {"Authorization": f"token {token}"}, method=method
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        found: object = json.loads(answer.read() or "null")
        return found


def kernel_of(process: subprocess.Popen[str]) -> psutil.Process:
    """The one kernel that the server of this command runs."""
    below = psutil.Process(process.pid).children(recursive=True)
    (kernel,) = [child for child in below if "ipykernel_launcher" in " ".join(child.cmdline())]
    return kernel


@pytest.mark.parametrize(
    ("arguments", "number"),
    [(("--lang", "zh"), signal.SIGINT), (("--lang", "zh", "--classic"), signal.SIGHUP)],
    ids=["Ctrl-C", "classic, its terminal closed"],
)
def test_a_server_runs_and_ends_with_its_kernels(
    tmp_path: Path, arguments: tuple[str, ...], number: signal.Signals
) -> None:
    with lab(tmp_path, "--no-browser", *arguments) as (process, said):
        address = address_of(said)
        first = "/notebooks" if "--classic" in arguments else "/lab/tree"
        assert urlsplit(address).path == f"{first}/00_start.ipynb"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"http://{urlsplit(address).netloc}/api/contents/", timeout=SECONDS)
        listed = ask(address, "contents/")
        assert isinstance(listed, dict)
        names = {entry["name"] for entry in listed["content"]}
        assert names == {*notebooks("zh"), "wsedu-exercises"}
        ask(address, "kernels", {"name": "python3"})
        kernel = kernel_of(process)
        assert kernel.environ()["WSEDU_LANG"] == "zh"
        everybody = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        rest, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert errors == ""
    assert "wsedu-course" in rest.splitlines()[-1]
    assert psutil.wait_procs(everybody, timeout=SECONDS)[1] == []


def test_the_menu_of_jupyterlab_ends_it_too(tmp_path: Path) -> None:
    with lab(tmp_path, "--no-browser") as (process, said):
        parts = urlsplit(address_of(said))
        token = parse_qs(parts.query)["token"][0]
        request = urllib.request.Request(
            f"http://{parts.netloc}/api/shutdown", b"", {"Authorization": f"token {token}"}
        )
        urllib.request.urlopen(request, timeout=SECONDS).close()
        rest, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, "")
    assert rest.endswith("Your work is in wsedu-course; the same command opens it again.\n")


def told_browser(folder: Path) -> tuple[Path, Path]:
    """A browser that hands on what it shall open, and the pipe that it is read from."""
    pipe, browser = folder / "pipe", folder / "browser"
    os.mkfifo(pipe)
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {pipe}\n', encoding="utf-8")
    browser.chmod(0o755)
    return browser, pipe


def test_it_listens_where_it_is_asked_to_and_opens_a_browser_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    browser, pipe = told_browser(tmp_path)
    with lab(tmp_path, "--port", str(port), BROWSER=str(browser)) as (process, said):
        address = address_of(said)
        assert urlsplit(address).netloc == f"127.0.0.1:{port}"
        opened = pipe.read_text(encoding="utf-8")
        # A page of the user's own that leads there, so that nobody sees the token among the programs that run.
        page = Path(urlsplit(opened).path).read_text(encoding="utf-8")
        assert parse_qs(urlsplit(address).query)["token"][0] in page
        assert process.poll() is None
