"""Bytes from the command line, from standard input, and from files."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ..trace.hexinput import HexError, read_hex
from .context import UserError


def text_argument(text: str) -> str:
    """A text of the command line.

    Raises:
        UserError: its bytes are no text in the encoding of the terminal.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UserError("cli.not_text", argument=text.encode(errors="backslashreplace").decode())
    return text


def hex_argument(text: str) -> bytes:
    """The bytes of a hex argument.

    Raises:
        UserError: it is not hex.
    """
    try:
        return read_hex(text)
    except HexError as error:
        raise UserError(f"cli.hex.{error.problem}", line=error.line, column=error.column, found=error.found) from None


def read_sources(sources: list[str]) -> bytes:
    """What `decode` is to look at: one source, or hex that the shell has cut at its spaces.

    Raises:
        UserError: there are several files, or one that cannot be read.
    """
    if len(sources) > 1 and any(
        source == "-" or _is_readable(Path(source)) or _is_folder(Path(source)) for source in sources
    ):
        raise UserError("cli.one_file")
    return read_source(" ".join(sources))


def read_source(source: str) -> bytes:
    """What `decode` is to look at, as it is: of a file, of standard input for `-`, else the argument itself.

    Raises:
        UserError: a path that is not there, or not a file.
    """
    if source == "-":
        return sys.stdin.buffer.read()
    path = Path(source)
    if _is_folder(path):
        raise UserError("cli.folder", folder=source)
    if _is_readable(path):
        return path.read_bytes()
    if re.match(r"(?:https?|wss?)://", source):
        raise UserError("cli.url", url=source)
    if _looks_like_path(source):
        raise UserError("cli.no_file", file=source)
    return source.encode("utf-8", errors="surrogateescape")


def _is_readable(path: Path) -> bool:
    """Whether there is something to read of that name: a file, a pipe, a device."""
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        # A long hex string is no name of a file.
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _looks_like_path(source: str) -> bool:
    return not any(character in source for character in " \t\r\n\\") and (
        "/" in source or re.search(r"\.[A-Za-z][A-Za-z0-9]{1,5}$", source) is not None
    )
