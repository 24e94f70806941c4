"""`Head`: the bytes of a request or response as lines that can be changed one by one, whatever is in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

CRLF, LF = "\r\n", "\n"


class Line(NamedTuple):
    """One line of a head.

    Arguments:
        number: by which it is found again, though lines before it come and go.
        text: without its end; a character for each byte, as in ISO 8859-1.
        end: CR LF, LF, or nothing for a line that is cut short.
    """

    number: int
    text: str
    end: str


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
        while data and not (lines and not lines[-1].text):
            raw, newline, data = data.partition(b"\n")
            cut = raw.removesuffix(b"\r") if newline else raw
            end = (raw[len(cut) :] + newline).decode()
            lines.append(Line(first + len(lines), cut.decode("latin-1"), end))
        return cls(tuple(lines), data, first + len(lines))

    @property
    def data(self) -> bytes:
        """The bytes."""
        return "".join(line.text + line.end for line in self.lines).encode("latin-1") + self.rest

    @property
    def codec(self) -> str:
        """How the bytes behind the head are shown and typed: as UTF-8 where they are, else byte by byte."""
        try:
            self.rest.decode()
        except UnicodeDecodeError:
            return "latin-1"
        return "utf-8"

    @property
    def text(self) -> str:
        """Everything as text: the head with a character for each byte, what is behind it by its `codec`."""
        head = "".join(line.text + line.end for line in self.lines)
        return head + self.rest.decode(self.codec)

    @property
    def end(self) -> str:
        """How lines end: as the first one does."""
        return self.lines[0].end or CRLF if self.lines else CRLF

    def change(self, number: int, text: str) -> Head:
        """The same with another text in one line; a number that is not there any more changes nothing."""
        return self._with([one._replace(text=_wire(text)) if one.number == number else one for one in self.lines])

    def delete(self, number: int) -> Head:
        """The same without one line."""
        return self._with([one for one in self.lines if one.number != number])

    def insert(self, text: str, number: int | None = None) -> Head:
        """The same with one line more, after another one, or as the last header field."""
        numbers = [one.number for one in self.lines]
        fields = sum(1 for one in self.lines if one.text)
        place = numbers.index(number) + 1 if number in numbers else fields
        added = Line(self.following, _wire(text), self.end)
        return replace(self._with([*self.lines[:place], added, *self.lines[place:]]), following=self.following + 1)

    def duplicate(self, number: int) -> Head:
        """The same with one line twice."""
        text = next((one.text for one in self.lines if one.number == number), None)
        return self if text is None else self.insert(text, number)

    def with_ends(self, end: str) -> Head:
        """The same with every line ended in one way."""
        return self._with([one._replace(end=end if one.end else "") for one in self.lines])

    def _with(self, lines: list[Line]) -> Head:
        return replace(self, lines=tuple(lines))


def _wire(text: str) -> str:
    """A typed text as one line, a character for each of its bytes: UTF-8 where it is more than ISO 8859-1."""
    line = text.replace("\r", " ").replace("\n", " ")
    try:
        return line.encode("latin-1").decode("latin-1")
    except UnicodeEncodeError:
        return line.encode("utf-8", "replace").decode("latin-1")


def typed(text: str, end: str, before: Head | None = None) -> bytes:
    """The bytes of a head that was typed or pasted as a whole.

    Arguments:
        text: with lines that end in any way.
        end: how they shall end.
        before: the head that it was, behind which line ends and codec are to stay.
    """
    head, empty, rest = text.replace(CRLF, LF).replace("\r", LF).partition(LF + LF)
    rest_end = LF if before is not None and before.rest and CRLF.encode() not in before.rest else end
    codec = "utf-8" if before is None else before.codec
    return _encoded((head + empty).replace(LF, end), "latin-1") + _encoded(rest.replace(LF, rest_end), codec)


def _encoded(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
