"""What a cell says of an answer: text, and the same in Markdown for a notebook."""

from __future__ import annotations

import re
from typing import Any

from ..explain.catalogue import part_catalogue
from ..views.question_told import PART, Verdict

_BLANKS = re.compile(r"\s+")

_MARKS = {"right": "✔", "wrong": "✘", "open": "·"}


class Told:
    """What is so, beside what was answered.

    Arguments:
        ask: the question.
        verdict: what there is to say.
        language: `en` or `zh`.
    """

    def __init__(self, ask: str, verdict: Verdict, language: str) -> None:
        self.ask, self.verdict, self._language = ask, verdict, language

    def __repr__(self) -> str:
        head = part_catalogue(PART, self._language).say("told.question", ask=self.ask)
        mark = _MARKS[self.verdict.mark]
        first, *rest = self.verdict.lines()
        return "\n".join([head, f"{mark} {first}", *(f"  {line}" for line in rest)])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/markdown": self._markdown()}

    def _markdown(self) -> str:
        first, *rest = self.verdict.lines()
        lines = [f"> *{_safe(self.ask)}*", f"> **{_MARKS[self.verdict.mark]} {_safe(first)}**"]
        return "\n>\n".join([*lines, *(f"> {_safe(line)}" for line in rest)])


def _safe(text: str) -> str:
    """A text that Markdown leaves as it is, but for code between backticks."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return _escaped(text)
    return "`".join(piece if place % 2 else _escaped(piece) for place, piece in enumerate(pieces))


_SIGNS = {ord(sign): f"&#{ord(sign)};" if sign in "<>" else f"\\{sign}" for sign in "\\`*_[]<>#|$~"}
"""What means something in Markdown, and what to write for it."""


def _escaped(text: str) -> str:
    # An address stays a text: nobody is to follow one of an example.
    return _BLANKS.sub(" ", text.translate(_SIGNS)).replace("://", "&#58;//")
