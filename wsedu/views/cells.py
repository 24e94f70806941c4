"""Text measured in the cells of a terminal: a Chinese character takes two."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def width_of(text: str) -> int:
    """The cells that a line of text takes."""
    return cell_len(text)


def fitted(text: str, cells: int) -> str:
    """The text cut or filled up with spaces to exactly that many cells."""
    return set_cell_size(text, cells)


def centred(text: str, cells: int) -> str:
    """The text in the middle of that many cells, cut if it is wider."""
    left = max(0, cells - width_of(text)) // 2
    return fitted(" " * left + text, cells)
