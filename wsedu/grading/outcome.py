"""What came of something that learner code was asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .runner.wire import same

Kind = Literal["value", "raised", "timeout", "died", "junk", "not plain", "missing"]


USES_REFERENCE = "UsesReference"
"""The first family of what is "raised" by code that imports wsedu or opens a file of it."""


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Arguments:
        kind: it returned (`value`), raised, took too long, ended its process (`died`), said what is no answer
            (`junk`), returned something that is no plain data, or is not there (`missing`).
        value: what it returned, for `value`.
        families: for `raised`: the names of the exception's classes, its own first.
        text: the exception's text, or the type of what is no plain data.
        line: of the learner's file where it was raised, 0 if that is not known.
        at: which call of the case it was, from 0.
    """

    kind: Kind
    value: Any = None
    families: tuple[str, ...] = ()
    text: str = ""
    line: int = 0
    at: int = 0

    @property
    def returned(self) -> bool:
        """Whether it came back with a value."""
        return self.kind == "value"

    @property
    def uses_reference(self) -> bool:
        """Whether the code was seen to use what it must not be made with."""
        return self.kind == "raised" and self.families[:1] == (USES_REFERENCE,)

    def raised(self, family: str) -> bool:
        """Whether it raised an exception of that class or of one derived from it."""
        return self.kind == "raised" and family in self.families

    def like(self, other: Outcome) -> bool:
        """Whether two answers cannot be told apart: equal values, or exceptions of the same class at the same call."""
        if self.kind != other.kind or self.at != other.at:
            return False
        if self.kind == "raised":
            return self.families[:1] == other.families[:1]
        return self.kind != "value" or same(self.value, other.value)
