"""`--color` and NO_COLOR on a terminal: with them nothing is coloured, bold or dim."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.terminals import Terminal

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_ESCAPE = re.compile(r"\x1b")

COMMANDS = [
    ("decode", "818537fa213d7f9f4d5158"),
    ("encode", "--text", "Hello"),
    ("demo", "hello", "--world", "virtual", "--seed", "1"),
    ("rules",),
    ("overhead", "--model-only"),
    ("check", "1"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with exercises in it."""
    folder = tmp_path_factory.mktemp("colour")
    with Terminal("exercises", "start", folder=folder) as terminal:
        assert terminal.wait_for_end() == 0
    return folder / "wsedu-exercises"


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_terminal_gets_styles_and_no_escape_codes_where_they_are_refused(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    with Terminal(*arguments, folder=folder) as terminal:
        terminal.wait_for_end()
        assert _STYLE.search(terminal.raw)
        said = terminal.said
    for options, env in ((("--color", "never"), {}), ((), {"NO_COLOR": "1"})):
        with Terminal(*arguments, *options, folder=folder, env=env) as terminal:
            terminal.wait_for_end()
            assert not _ESCAPE.search(terminal.raw)
            assert "".join(terminal.said.split())[:40] == "".join(said.split())[:40]


def test_always_is_stronger_than_no_color(folder: Path) -> None:
    with Terminal("rules", "--color", "always", folder=folder, env={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for_end()
        assert _STYLE.search(terminal.raw)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [(("check", "--watch", "1"), "quit"), (("quiz", "--count", "1", "--seed", "1"), "D.")],
    ids=["watch", "quiz"],
)
def test_a_screen_that_is_drawn_moves_the_cursor_and_colours_nothing(
    folder: Path, arguments: tuple[str, ...], wanted: str
) -> None:
    with Terminal(*arguments, "--color", "never", folder=folder) as terminal:
        terminal.wait_for(wanted)
        terminal.end("q")
        terminal.wait_for_end()
        assert not _STYLE.search(terminal.raw)
        assert _ESCAPE.search(terminal.raw)
