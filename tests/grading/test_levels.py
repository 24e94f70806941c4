"""What each level keeps out, and that nothing stays when a child or the grader itself ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.grading.levels_here import best_level
from wsedu.grading.levels_here import tried as levels_tried
from wsedu.grading.runner import disk, levels
from wsedu.grading.runner.levels import LEVELS, PLAIN, SEALED, SEPARATE_USER, Level
from wsedu.grading.runner.session import NotStartedError, Session

from .here import LEVELS_HERE

APART = [level for level in LEVELS_HERE if level is not PLAIN]

every_level = pytest.mark.parametrize("level", LEVELS_HERE, ids=lambda level: level.name)
each_apart = pytest.mark.parametrize("level", APART, ids=lambda level: level.name)


def ask(level: Level, body: str, *, seconds: float = 20.0) -> Any:
    """What a function with this body returns in a child of that level."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    with Session(level) as session:
        order = {"name": "tried", "file": "tried.py"}
        loaded = session.ask({**order, "do": "load", "source": f"import os\n\n\ndef tried():\n{lines}"}, seconds)
        assert loaded == ("value", None)
        answer = session.ask({**order, "do": "call", "of": "tried", "arguments": [], "named": {}}, seconds)
        assert answer[0] == "value", answer
        return answer[1]


def test_the_levels_of_this_machine_are_those_that_work() -> None:
    assert levels_tried() == LEVELS_HERE
    assert best_level() is LEVELS_HERE[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_has_a_name_and_says_what_it_keeps_out(language: str) -> None:
    words = part_catalogue("levels", language)
    assert words.keys() == {f"level.{level.name}{end}" for level in LEVELS for end in ("", ".means")}


@each_apart
def test_no_file_of_the_grader_can_be_seen(level: Level) -> None:
    seen = ask(
        level,
        """seen = []
for folder, folders, files in os.walk("/"):
    if folder == "/proc":
        folders.clear()
    seen += [os.path.join(folder, name) for name in (*folders, *files)]
names = {"solution.py", "checks.py", "exercise.toml", "site-packages", "dist-packages"}
ours = [path for path in seen if "wsedu" in path or names & {*path.split("/")}]
return [len(seen), *(path for path in ours if not os.path.isdir(path))]""",
    )
    assert seen[0] > 500  # the standard library is there
    assert seen[1:] == []


@each_apart
def test_no_package_that_is_installed_here_can_be_imported(level: Level) -> None:
    assert ask(level, "import importlib.util\nreturn [importlib.util.find_spec(n) for n in ('numpy', 'pip')]") == [
        None,
        None,
    ]


@every_level
def test_the_standard_library_can_be_imported(level: Level) -> None:
    names = "array asyncio base64 binascii collections ctypes dataclasses enum hashlib http.client itertools json math"
    names += " random re secrets select socket string struct threading typing unittest urllib.parse zlib decimal"
    assert ask(level, f"import importlib\nreturn [importlib.import_module(n).__name__ for n in {names.split()!r}]") == (
        names.split()
    )


@each_apart
def test_nothing_can_be_written_but_in_tmp(level: Level) -> None:
    written = ask(
        level,
        """import sys
written = []
for folder in ("/", "/tmp", "/dev", "/usr", "/etc", "/child", "/root", os.path.dirname(os.__file__)):
    try:
        open(os.path.join(folder, "mine"), "w").close()
        written.append(folder)
    except OSError:
        pass
return written""",
    )
    assert written == (["/tmp"] if level is SEALED else [])


@each_apart
def test_a_file_of_one_submission_is_not_there_for_the_next(level: Level) -> None:
    ask(level, "os.path.isdir('/tmp') and open('/tmp/mine', 'w').close()")
    assert ask(level, "return os.path.exists('/tmp/mine')") is False


def test_a_separate_user_has_a_number_of_its_own_and_no_other_groups() -> None:
    if SEPARATE_USER not in LEVELS_HERE:
        with pytest.raises(NotStartedError, match="only root on Linux"):
            Session(SEPARATE_USER)
        return
    with Session(SEPARATE_USER) as one, Session(SEPARATE_USER) as other:
        order = {"name": "tried", "file": "tried.py"}
        source = "import os\ndef tried():\n    return [*os.getresuid(), *os.getresgid(), *os.getgroups()]"
        users = []
        for session in (one, other):
            session.ask({**order, "do": "load", "source": source}, 20)
            answer = session.ask({**order, "do": "call", "of": "tried", "arguments": [], "named": {}}, 20)
            users.append(set(answer[1]))
    assert all(len(user) == 1 and user <= set(levels.USERS) for user in users)
    assert users[0] != users[1]


@pytest.mark.parametrize("level", [level for level in LEVELS_HERE if level is SEALED], ids=lambda level: level.name)
def test_sealed_has_no_network_and_sees_no_other_process(level: Level) -> None:
    names = ask(level, "import socket\nreturn [name for _, name in socket.if_nameindex() if name != 'lo']")
    assert names == []
    assert ask(level, "return os.path.exists('/proc/1')") is False
    assert ask(level, "return os.getpid() < 10") is True


@every_level
def test_memory_files_and_sizes_are_limited(level: Level) -> None:
    memory = "try:\n    return len(bytearray(2**30))\nexcept MemoryError:\n    return 'too much'"
    assert ask(level, memory) == "too much"
    files = "taken = []\ntry:\n    while True:\n        taken.append(os.dup(2))\nexcept OSError:\n    return len(taken)"
    assert ask(level, files) < levels.LIMITS["RLIMIT_NOFILE"]


@each_apart
def test_processes_are_limited(level: Level) -> None:
    body = """started = []
try:
    while len(started) < 100:
        started.append(os.fork())
        if started[-1] == 0:
            import time
            time.sleep(30)
            os._exit(0)
except OSError:
    pass
return len(started)"""
    assert 0 < ask(level, body) < levels.PROCESSES


# --- Nothing stays ---

GRADER = """
import sys
from wsedu.grading.players import ChildPlayer
from wsedu.grading.runner.levels import LEVELS
from wsedu.grading.steps import call, gives
level = next(level for level in LEVELS if level.name == sys.argv[1])
player = ChildPlayer(level, seconds=60, budget=60)
player.load(sys.argv[2], "f.py")
print("begin", flush=True)
player.play(gives(call("f"), 1))
"""


LOOPS = """
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(60)
def f():
    while True:
        pass
"""


@every_level
def test_when_the_grader_is_killed_its_children_end(level: Level) -> None:
    grader = subprocess.Popen([sys.executable, "-c", GRADER, level.name, LOOPS], stdout=subprocess.PIPE, text=True)
    assert grader.stdout is not None
    with grader:
        assert grader.stdout.readline().startswith("begin")
        below = _below(grader.pid)
        assert below
        grader.kill()
    until = time.monotonic() + 20
    while any(_runs(number) for number in below):
        assert time.monotonic() < until, "a child of the grader still runs"
        time.sleep(0.02)


def _below(number: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{number}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *_below(child)]
    return found


def _runs(number: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    return False


def test_a_keeper_that_does_not_answer_is_ended_with_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "GRACE", 0.2)
    session = Session(PLAIN)
    below = [session._child.pid, *_below(session._child.pid)]
    os.kill(session._child.pid, signal.SIGSTOP)
    session.close()
    until = time.monotonic() + 10
    while any(_runs(number) for number in below):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_level_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    disk.sealing.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NotStartedError, match="bubblewrap is not installed"):
        Session(SEALED)
    disk.sealing.cache_clear()


def test_a_child_that_cannot_shut_itself_in_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Level.start

    def broken(self: Level, **how: Any) -> Any:
        started = start(self, **how)
        started.order["jail"] = "/there/is/no/such/folder"
        return started

    monkeypatch.setattr(Level, "start", broken)
    with pytest.raises(NotStartedError, match="Error"):
        Session(PLAIN)
