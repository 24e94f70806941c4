"""How wide text is, without asking a font: never less than any common font needs, so that nothing overlaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

MONO_EM = 0.61
"""Width of a character of a monospaced font in parts of the font size, rounded up."""

BOLD = 1.1
"""How much wider bold text is at most."""

_NARROW = frozenset("ijlI.,:;'|!()[]{}ftr/\\- ")
_BROAD = frozenset("mwMW@%&OQDGHNU=+<>~^#_")
_EM = {"narrow": 0.42, "normal": 0.68, "broad": 0.98, "full": 1.02, "picture": 1.4}


def char_em(char: str, *, mono: bool = False) -> float:
    """The width of one character in parts of the font size; East Asian wide ones count fully.

    Arguments:
        char: one character.
        mono: whether the font is a monospaced one.
    """
    if ord(char) < 0x7F:
        if mono:
            return MONO_EM
        return _EM["narrow" if char in _NARROW else "broad" if char in _BROAD else "normal"]
    if unicodedata.combining(char):
        return 0.0
    if ord(char) >= 0x1F000:
        return _EM["picture"]
    # What is ambiguous, such as an ellipsis, is wide in a Chinese font.
    wide = unicodedata.east_asian_width(char) in "WFA"
    return _EM["full"] if wide else _EM["broad"]


def width(text: str, size: float, *, mono: bool = False, bold: bool = False) -> float:
    """The most that a text takes.

    Arguments:
        text: one line.
        size: of the font in pixels.
        mono: whether the font is a monospaced one.
        bold: whether it is bold.

    Returns:
        pixels.
    """
    factor = BOLD if bold and not mono else 1.0
    return size * factor * sum(char_em(char, mono=mono) for char in text)


def shorten(text: str, room: float, size: float, *, mono: bool = False, bold: bool = False) -> str:
    """A text that fits into `room` pixels, with an ellipsis at its end if it had to be cut."""
    if width(text, size, mono=mono, bold=bold) <= room:
        return text
    while text and width(text + "…", size, mono=mono, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text: str, room: float, size: float, *, mono: bool = False) -> list[str]:
    """Lines of at most `room` pixels: broken at spaces, beside a Chinese character, or where nothing else helps."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and width((line + piece).rstrip(), size, mono=mono) > room:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
        while width(line.rstrip(), size, mono=mono) > room and len(line) > 1:
            head = _longest(line, room, size, mono=mono)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


_NO_START = frozenset("，。；：、！？）》”’」』…·,.;:!?)]}%")
"""What a line must not begin with."""


def _pieces(text: str) -> Iterator[str]:
    """Parts between which a line may be broken: words with the space after them, and single Chinese characters."""
    piece = ""
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        if piece and char not in _NO_START and (wide or _ends(piece)):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _ends(piece: str) -> bool:
    last = piece[-1]
    return last == " " or unicodedata.east_asian_width(last) in "WF"


def _longest(text: str, room: float, size: float, *, mono: bool) -> str:
    length = 1
    while length < len(text) and width(text[: length + 1], size, mono=mono) <= room:
        length += 1
    return text[:length]
