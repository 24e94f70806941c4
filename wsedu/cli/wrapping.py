"""Lines as wide as the terminal, in English and in Chinese."""

from __future__ import annotations

import re
import unicodedata


def _cells(text: str) -> int:
    """The cells that a text takes on a terminal: Chinese characters take two each."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most so many cells, broken at spaces and between Chinese characters.

    Arguments:
        text: one paragraph.
        width: cells of a line; a word that is longer has a line of its own.
    """
    lines = [""]
    for piece in re.findall(r"[\u2e80-\uffef][，。、；：）！？]*|[^\s\u2e80-\uffef]+[，。、；：）！？]*|\s+", text):
        if _cells(lines[-1] + piece.rstrip()) > width and lines[-1].strip():
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]
