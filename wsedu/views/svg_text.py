"""How wide text is, without asking a font: never less than any common font needs, so that nothing overlaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

MONO_EM = 0.61
"""Width of a character of a monospaced font in parts of the font size, rounded up."""

BOLD = 1.2
"""How much wider bold text is at most."""

_CLASSES = (
    ("ijlI.,:;'|!()[]ftr/\\- ", 0.42),
    ('abcdeghknopqsuvxyz0123456789_?*$"{}`', 0.65),
    ("ABCEFJKLPRSTVXYZ", 0.71),
    ("DGHNOQU&", 0.8),
    ("w=+<>~^#M", 0.88),
)
"""ASCII characters and their width in parts of the font size in the broadest usual font; all others take `_BROAD`."""

_BROAD = 1.02
_PICTURE = 1.4
_EM = {char: em for chars, em in _CLASSES for char in chars}


def char_em(char: str, *, mono: bool = False) -> float:
    """The width of one character in parts of the font size; East Asian wide ones count fully.

    Arguments:
        char: one character.
        mono: whether the font is a monospaced one.
    """
    if mono and ord(char) < 0x7F:
        return MONO_EM
    if unicodedata.combining(char):
        return 0.0
    # What lies beyond ASCII is taken as broad: an ellipsis, for one, is so in a Chinese font.
    return _PICTURE if ord(char) >= 0x1F000 else _EM.get(char, _BROAD)


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
