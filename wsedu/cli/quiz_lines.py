"""The quiz line by line, for a pipe, a file, a screen reader: a letter and Enter."""

from __future__ import annotations

import sys
from typing import TextIO

from ..explain.catalogue import part_catalogue
from ..views.question import Answer, Question, answered
from ..views.question_told import LETTERS
from .wrapping import wrapped

WIDTH = 78
"""Cells of a line."""


class LineScreen:
    """Asks by lines.

    Arguments:
        language: `en` or `zh`.
        out: where the questions are written.
    """

    def __init__(self, language: str, out: TextIO) -> None:
        self._say, self._out = part_catalogue("quiz", language).say, out

    def __enter__(self) -> LineScreen:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to put back."""

    def ask(self, question: Question, number: int, count: int) -> Answer | None:
        """Ask a question until there is an answer to it; None to end."""
        if number == 1:
            self._write(f"{self._say('quiz.title')}\n{self._say('quiz.head', count=count)}")
        place = self._say("quiz.place", number=number, count=count)
        self._write("\n" + "\n".join(wrapped(f"{place}  {question.ask}", WIDTH)))
        for letter, option in zip(LETTERS, question.options, strict=False):
            first, *rest = wrapped(option, WIDTH - 6)
            self._write("\n".join([f"  {letter}. {first}", *(f"     {line}" for line in rest)]))
        return self._answer(question)

    def _answer(self, question: Question) -> Answer | None:
        letters = LETTERS[: len(question.options)]
        while True:
            self._write(self._say("quiz.prompt", letters=f"{letters[0]}-{letters[-1]}"), end="")
            line = sys.stdin.readline()
            if not sys.stdin.isatty():
                # What was typed is not there to be seen, nor its line end.
                self._write(line.rstrip("\n"))
            typed = line.strip().upper()
            if not line or typed == "Q":
                return None
            if not typed:
                return answered(question, None)
            if len(typed) == 1 and typed in letters:
                return answered(question, letters.index(typed))
            self._write(self._say("quiz.again", letters=", ".join(letters)))

    def _write(self, text: str, end: str = "\n") -> None:
        self._out.write(text + end)
        self._out.flush()
