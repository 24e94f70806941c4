"""What all commands have in common: help, languages, errors of one line."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Run
from wsedu import __version__
from wsedu.cli.main import COMMANDS
from wsedu.protocol.rules import RULES

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_in_both_languages(wsedu: Run, command: str, language: str) -> None:
    done = wsedu(*([command] if command else []), "--help", "--lang", language)
    assert done.returncode == 0
    assert done.stderr == ""
    if language == "zh":
        # No option and no heading is left in English.
        for line in done.stdout.splitlines():
            if re.match(r"  -\S.*  \S", line) or line.endswith((":", "：")):
                assert CHINESE.search(line), line
    if command:
        # It is the help of this command, not of all.
        assert f"python -m wsedu {command} " in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= 80


def test_without_a_command_there_is_help(wsedu: Run) -> None:
    done = wsedu()
    assert done.returncode == 0
    for command in COMMANDS:
        assert command in done.stdout


@pytest.mark.parametrize("columns", [40, 60, 80, 110])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_only_the_commands_stand_in_the_column_of_the_commands(wsedu: Run, language: str, columns: int) -> None:
    told = wsedu("--lang", language, env={"COLUMNS": str(columns)}).stdout
    listed = told.rstrip().split("\n\n")[-2].splitlines()[1:]
    assert max(map(cell_len, listed)) <= columns
    column = 2 + max(map(len, COMMANDS)) + 2
    assert [line.split()[0] for line in listed if line[2] != " "] == list(COMMANDS)
    assert all(line[:column].isspace() and line[column] not in " ，、。" for line in listed if line[2] == " ")


def test_version(wsedu: Run) -> None:
    assert wsedu("--version").stdout == f"wsedu {__version__}\n"


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({"WSEDU_LANG": "zh"}, True),
        ({"LC_ALL": "zh_CN.UTF-8"}, True),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, True),
        ({"LC_ALL": "zh_CN.UTF-8", "WSEDU_LANG": "en"}, False),
        ({"LC_ALL": "de_DE.UTF-8"}, False),
    ],
)
def test_the_language_follows_the_environment(wsedu: Run, environment: dict[str, str], chinese: bool) -> None:
    assert bool(CHINESE.search(wsedu("--help", env=environment).stdout)) is chinese


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("accept",),
        ("accept", "--nonsense", "x"),
        ("demo", "--scenario", "none"),
        ("demo", "--seed", "x"),
        ("demo", "--speed", "0"),
        ("demo", "--speed", "nan"),
        ("demo", "--json", "--step"),
        ("encode", "--reason", "bye"),
        ("encode", "--text", "\udcff"),
        ("accept", "\udcff"),
        ("decode", "."),
        ("deocde", "81"),
        ("encode", "--opcode", "16"),
        ("encode", "--mask", "0102"),
        ("encode", "--close", "70000"),
        ("encode", "--text", "x" * 200, "--length-form", "7"),
        ("encode", "--text", "a", "--binary", "00"),
        ("rules", "MINIMAL_LENGHT"),
        ("demo", "--lang", "fr"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_errors_are_one_line_and_status_2(wsedu: Run, arguments: tuple[str, ...], language: str) -> None:
    done = wsedu(*arguments, env={"WSEDU_LANG": language})
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    if language == "zh" and "fr" not in arguments:
        assert CHINESE.search(done.stderr)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("deocde", "81"), "do you mean decode?"),
        (("Demo",), "do you mean demo?"),
        (("--scenario", "hello", "demo"), "options stand behind the command: python -m wsedu demo"),
        (("demo", "--scenario", "idle"), "do you mean idle-proxy?"),
        (("demo", "tuor"), "do you mean tour?"),
        (("connect", "127.0.0.1:8000"), "write ws://127.0.0.1:8000/,"),
        (("connect", "localhost:8000/chat"), "write ws://localhost:8000/chat,"),
        (("tap", "--to", "localhost:8000"), "write ws://localhost:8000/,"),
        (("decode", "ws://127.0.0.1:1/"), "is an address"),
        (("decode", "nothing.md"), "there is no file nothing.md"),
        (("decode", ".", "."), "one file"),
        (("demo", "hello", "--scenario", "tour"), "two scenarios"),
    ],
)
def test_errors_say_what_to_do(wsedu: Run, arguments: tuple[str, ...], words: str) -> None:
    done = wsedu(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_help_is_a_command_too(wsedu: Run) -> None:
    assert wsedu("help", "decode").stdout == wsedu("decode", "--help").stdout
    assert wsedu("help").stdout == wsedu("--help").stdout


def test_run_where_nothing_is_installed_says_how_to_install(tmp_path: Path) -> None:
    """`python3 -m wsedu` in a copy of the repository, with a Python that has none of its dependencies."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "wsedu", "decode", "8105"],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
        env=os.environ | {"WSEDU_LANG": "en"},
    )
    assert done.returncode == 2
    assert b"rich is missing" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_debug_shows_the_traceback(wsedu: Run) -> None:
    assert "Traceback" in wsedu("encode", "--opcode", "16", "--debug").stderr


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    program = f"{sys.executable} -m wsedu demo --seed 1 | head -n 1"
    done = subprocess.run(["sh", "-c", program], capture_output=True, timeout=60, check=True)
    assert done.stderr == b""


def test_ctrl_c_stops_in_one_line() -> None:
    # It waits for a key on a pipe that stays silent, and is then interrupted.
    process = subprocess.Popen(
        [sys.executable, "-m", "wsedu", "demo", "--step", "--scenario", "hello"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"WSEDU_LANG": "en"},
    )
    assert process.stderr is not None
    prompt = process.stderr.read(2)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=30)
    assert prompt == b"--"
    assert process.returncode == 130
    assert b"Traceback" not in rest
    assert rest.endswith(b"stopped\n")


@pytest.mark.parametrize(
    "body",
    [
        'try:\n        exec("raise KeyboardInterrupt")\n    except KeyboardInterrupt:\n        return 130',
        "raise KeyboardInterrupt",
    ],
    ids=["caught in code from a string", "before anything can catch it"],
)
def test_ctrl_c_at_any_time_is_status_130_and_no_traceback(wsedu: Run, tmp_path: Path, body: str) -> None:
    # What a signal does at a certain time, without the signal: Python loads this module before anything else.
    (tmp_path / "sitecustomize.py").write_text(
        f"import wsedu.cli.main\n\ndef run(arguments):\n    {body}\n\nwsedu.cli.main.run = run\n", encoding="utf-8"
    )
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    done = wsedu("demo", env={"PYTHONPATH": path})
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_rules_lists_every_rule_with_its_section(wsedu: Run) -> None:
    told = wsedu("rules").stdout
    for rule in RULES.values():
        assert re.search(rf"^{rule.name}  §{re.escape(rule.section)}", told, re.MULTILINE), rule


def test_one_rule_tells_its_requirements_and_tests(wsedu: Run) -> None:
    told = wsedu("rules", "minimal-length").stdout
    for shown in ("MINIMAL_LENGTH", "6455-5.2-11", "1002", "tests/"):
        assert shown in told


def test_an_unknown_rule_is_answered_with_one_that_is_near(wsedu: Run) -> None:
    assert "MINIMAL_LENGTH" in wsedu("rules", "MINIMAL_LENGHT").stderr


def on_a_terminal(*arguments: str, columns: int) -> list[str]:
    """What a command writes to standard error where that is a terminal of so many columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "wsedu", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    told = b""
    with suppress(OSError):  # how Linux says that nobody has the terminal open any more
        while more := os.read(ours, 4096):
            told += more
    os.close(ours)
    assert process.wait(60) == 2
    return told.decode().splitlines()


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_error_is_broken_at_words_on_a_terminal_and_whole_in_a_pipe(wsedu: Run, language: str, columns: int) -> None:
    arguments = ("decode", "zz", "--lang", language)
    whole = wsedu(*arguments).stderr
    lines = on_a_terminal(*arguments, columns=columns)
    assert whole.count("\n") == 1
    assert len(lines) > 1
    assert max(map(cell_len, lines)) <= columns
    assert all(line.startswith("       ") for line in lines[1:])
    # No word is cut, and none is lost.
    assert set(re.findall(r"[!-~]+", " ".join(lines))) == set(re.findall(r"[!-~]+", whole))
    assert "".join("".join(lines).split()) == "".join(whole.split())
