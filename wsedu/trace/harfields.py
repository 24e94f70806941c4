"""Fields of an HTTP archive, each with its place: whatever is wrong is said by the name of the field."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

Read = TypeVar("Read")

SHOWN = 40
"""Characters of a wrong value that an error shows."""


class WrongFieldError(Exception):
    """A field is not there, or is not what it should be.

    Attributes:
        problem: `missing` or `wrong`.
        name: of the field, such as `request.headers[2].value`.
        found: the value of a wrong one, as JSON.
    """

    def __init__(self, problem: str, name: str, found: str = "") -> None:
        super().__init__(problem, name)
        self.problem = problem
        self.name = name
        self.found = found


class Field(NamedTuple):
    """A value of an archive.

    Arguments:
        name: its place in the entry; empty for the entry itself.
        value: as JSON has it.
    """

    name: str
    value: Any

    def has(self, key: str) -> bool:
        """Whether an object has a field that is not null."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def of(self, key: str) -> Field:
        """A field of an object."""
        if not isinstance(self.value, dict):
            raise self._wrong()
        name = f"{self.name}.{key}" if self.name else key
        if key not in self.value:
            raise WrongFieldError("missing", name)
        return Field(name, self.value[key])

    def items(self) -> Iterator[Field]:
        """The parts of a list."""
        if not isinstance(self.value, list):
            raise self._wrong()
        for number, value in enumerate(self.value):
            yield Field(f"{self.name}[{number}]", value)

    def read(self, reader: Callable[[Any], Read]) -> Read:
        """What a function makes of the value; what it raises means that the value is wrong."""
        try:
            return reader(self.value)
        except (LookupError, TypeError, ValueError, OverflowError):
            raise self._wrong() from None

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise self._wrong()
        return self.value

    def whole(self, among: Sequence[int] | None = None) -> int:
        """A whole number, one of these if they are given."""
        # A bool is an int in Python, not in JSON.
        if type(self.value) is not int or (among is not None and self.value not in among):
            raise self._wrong()
        return self.value

    def number(self) -> float:
        """A number that is finite."""
        if type(self.value) not in (int, float) or not self.read(math.isfinite):
            raise self._wrong()
        return float(self.value)

    def _wrong(self) -> WrongFieldError:
        return WrongFieldError("wrong", self.name or "entry", json.dumps(self.value)[:SHOWN])
