"""`Head`: the bytes of a request or response as lines that can be changed one by one, whatever is in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple

CRLF, LF = "\r\n", "\n"

_NO_UTF8 = {0xDC00 + byte: byte for byte in range(0x80, 0x100)}
"""The characters that Python reads for bytes that are no UTF-8, and those of ISO 8859-1, which are shown for them."""


def shown(data: bytes) -> str:
    """Some bytes as text: UTF-8, and where they are none, a character of ISO 8859-1 for each byte.

    Arguments:
        data: any bytes.
    """
    return _read(data).translate(_NO_UTF8)


def as_shown(text: str) -> str:
    """Text of a head as its lines show it: the protocol reads a head as ISO 8859-1, as HTTP does.

    Arguments:
        text: a part of a head, or any other text, which stays as it is.
    """
    try:
        return shown(text.encode("latin-1"))
    except UnicodeEncodeError:
        return text


class Line(NamedTuple):
    """One line of a head.

    Arguments:
        number: by which it is found again, though lines before it come and go.
        raw: its bytes without the end.
        end: CR LF, LF, or nothing for a line that is cut short.
    """

    number: int
    raw: bytes
    end: str

    @property
    def text(self) -> str:
        """What it says, as `shown` reads it."""
        return shown(self.raw)


@dataclass(frozen=True)
class Head:
    """Lines up to the empty one, and what follows it.

    Arguments:
        lines: each with its number; the last one is empty if the head is complete.
        rest: the bytes behind it.
        following: the number of the next line that is added.
    """

    lines: tuple[Line, ...]
    rest: bytes = b""
    following: int = 0

    @classmethod
    def read(cls, data: bytes, first: int = 0) -> Head:
        """The lines of some bytes.

        Arguments:
            data: a head, whole or not, legal or not.
            first: the number of the first line.
        """
        lines: list[Line] = []
        while data and not (lines and not lines[-1].raw):
            raw, newline, data = data.partition(b"\n")
            cut = raw.removesuffix(b"\r") if newline else raw
            end = (raw[len(cut) :] + newline).decode()
            lines.append(Line(first + len(lines), cut, end))
        return cls(tuple(lines), data, first + len(lines))

    @property
    def data(self) -> bytes:
        """The bytes."""
        return b"".join(line.raw + line.end.encode() for line in self.lines) + self.rest

    @property
    def text(self) -> str:
        """Everything as text, as `shown` reads it."""
        return shown(self.data)

    @property
    def end(self) -> str:
        """How lines end: as the first one does."""
        return self.lines[0].end or CRLF if self.lines else CRLF

    def change(self, number: int, text: str) -> Head:
        """The same with another text in one line; a number that is not there any more changes nothing."""
        line = _one_line(text)
        return self._with(
            [one._replace(raw=_retyped(one.raw, line)) if one.number == number else one for one in self.lines]
        )

    def delete(self, number: int) -> Head:
        """The same without one line."""
        return self._with([one for one in self.lines if one.number != number])

    def insert(self, text: str, number: int | None = None) -> Head:
        """The same with one line more, after another one, or as the last header field."""
        return self._insert(_one_line(text).encode("utf-8", "replace"), number)

    def duplicate(self, number: int) -> Head:
        """The same with one line twice."""
        raw = next((one.raw for one in self.lines if one.number == number), None)
        return self if raw is None else self._insert(raw, number)

    def with_ends(self, end: str) -> Head:
        """The same with every line ended in one way."""
        return self._with([one._replace(end=end if one.end else "") for one in self.lines])

    def _insert(self, raw: bytes, number: int | None) -> Head:
        numbers = [one.number for one in self.lines]
        fields = sum(1 for one in self.lines if one.raw)
        place = numbers.index(number) + 1 if number in numbers else fields
        added = Line(self.following, raw, self.end)
        return replace(self._with([*self.lines[:place], added, *self.lines[place:]]), following=self.following + 1)

    def _with(self, lines: list[Line]) -> Head:
        return replace(self, lines=tuple(lines))


def typed(text: str, end: str, before: Head | None = None) -> bytes:
    """The bytes of a head that was typed or pasted as a whole: UTF-8, but what stands untouched keeps its bytes.

    Arguments:
        text: with lines that end in any way.
        end: how those shall end that were typed.
        before: the head that it was, behind which line ends are to stay.
    """
    plain = _plain(text)
    rest_end = LF if before is not None and before.rest and CRLF.encode() not in before.rest else end
    was = b"" if before is None else before.data
    # A line end is one piece, as it is one character of what is shown.
    pieces = re.findall(r"\r\n|[\s\S]", _read(was))
    first, last = _same(_plain(shown(was)), plain)
    middle = _with_ends(plain, first, len(plain) - last, end, rest_end)
    made = _written("".join(pieces[:first]), middle, "".join(pieces[len(pieces) - last :]))
    if _plain(shown(made)) == plain:
        return made
    return _written("", _with_ends(plain, 0, len(plain), end, rest_end), "")


def _with_ends(text: str, start: int, stop: int, end: str, rest_end: str) -> str:
    """A part of a head, with the line ends of the head and of what is behind it."""
    empty = text.find(LF + LF)
    behind = min(max(start, empty + 2), stop) if empty >= 0 else stop
    return text[start:behind].replace(LF, end) + text[behind:stop].replace(LF, rest_end)


# --- Bytes and what is shown for them ---


def _read(data: bytes) -> str:
    """Some bytes so that they can be told again: a byte that is no UTF-8 is half a surrogate pair."""
    return data.decode("utf-8", "surrogateescape")


def _written(before: str, typed: str, behind: str) -> bytes:
    """The bytes of a typed text between two that `_read` gave."""
    kept = [part.encode("utf-8", "surrogateescape") for part in (before, behind)]
    return kept[0] + typed.encode("utf-8", "replace") + kept[1]


def _same(before: str, text: str) -> tuple[int, int]:
    """How many characters at the beginning and at the end are as they were."""
    first = _common(before, text)
    return first, _common(before[first:][::-1], text[first:][::-1])


def _common(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _retyped(raw: bytes, text: str) -> bytes:
    """The bytes of a line whose text was changed: what stands untouched keeps its bytes."""
    read = _read(raw)
    first, last = _same(read.translate(_NO_UTF8), text)
    made = _written(read[:first], text[first : len(text) - last], read[len(read) - last :])
    # Two bytes that were no UTF-8 can be some where what stood between them is taken out.
    return made if shown(made) == text else text.encode("utf-8", "replace")


def _plain(text: str) -> str:
    return text.replace(CRLF, LF).replace("\r", LF)


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
