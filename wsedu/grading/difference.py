"""Where an answer differs from a right one: the first byte, character or item, and the field that it lies in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .outcome import Outcome

What = Literal["bytes", "text", "item", "value", "type", "nothing", "should_raise", "raised", "timeout", "died", "junk",
               "not plain", "missing"]  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """How an answer differs.

    Arguments:
        what: the kind of difference; its sentences in the catalogues are `difference.<what>`.
        expected: a right answer, None where there is none to show.
        outcome: the learner's.
        at: the first different byte, character, line or item.
        field: the name of the field of a frame, or of the header of a head, that `at` lies in.
        rule: the key, in the exercise's texts, of what must be so.
        kind: what the bytes are: `frame`, `head` or nothing.
    """

    what: What
    expected: Any = None
    outcome: Outcome | None = None
    at: Any = None
    field: str = ""
    rule: str = ""
    kind: str = ""


def plain_difference(expected: Any, outcome: Outcome, kind: str = "", *, rule: str = "") -> Difference:
    """The difference between a right answer and what came.

    Arguments:
        expected: a right answer; None together with a `rule` says that there is none to show.
        outcome: the learner's.
        kind: what the bytes are: `frame`, `head` or nothing.
        rule: as in `Difference`.
    """
    if not outcome.returned:
        return Difference(outcome.kind, expected, outcome, rule=rule)
    got = outcome.value
    if got is None and expected is not None:
        return Difference("nothing", expected, outcome, rule=rule)
    if expected is not None and type(got) is not type(expected):
        return Difference("type", expected, outcome, rule=rule)
    if isinstance(expected, (bytes, bytearray)):
        at = first_difference(bytes(expected), bytes(got))
        return Difference("bytes", expected, outcome, at, field_at(bytes(expected), at, kind), rule, kind)
    if isinstance(expected, str):
        at = first_difference(expected, got)
        field = header_at(expected, at) if kind == "head" else ""
        return Difference("text", expected, outcome, at, field, rule, kind)
    if isinstance(expected, (list, tuple)):
        return Difference("item", expected, outcome, first_difference(expected, got), rule=rule)
    if isinstance(expected, dict):
        wrong = [key for key in expected if key not in got or got[key] != expected[key]]
        return Difference("item", expected, outcome, (wrong or [next(iter(got), None)])[0], rule=rule)
    return Difference("value", expected, outcome, rule=rule)


def first_difference(expected: Any, got: Any) -> int:
    """Where two sequences first differ: the end of the shorter one if it begins the other."""
    for at, (one, other) in enumerate(zip(expected, got, strict=False)):
        if one != other or type(one) is not type(other):
            return at
    return min(len(expected), len(got))


def field_at(data: bytes, at: int, kind: str) -> str:
    """The name of the field that a byte of a frame, or the header that a byte of a head, lies in."""
    if kind == "head":
        return header_at(data.decode("latin-1"), at)
    if kind != "frame":
        return ""
    from ..protocol.dissection import dissect

    for field in dissect(data[: 1 << 17]).fields:
        if field.first_bit <= 8 * at < field.first_bit + field.bits:
            return field.name
    return ""


def header_at(head: str, at: int) -> str:
    """The name of the header, or `start line`, that a character of a head lies in."""
    line = head[head.rfind("\n", 0, at) + 1 :].partition("\n")[0]
    if at <= head.find("\n"):
        return "start line"
    return line.partition(":")[0] if ":" in line else "end of head"
