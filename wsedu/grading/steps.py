"""What the checks of an exercise are made of: steps of cases, each case some calls and who judges the answer.

A `checks.py` of an exercise has a function `steps(random) -> list[Step]`; `random` is a `random.Random` with the
student's seed. The inputs are made and the answers are judged in the parent; the learner's code sees only arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .difference import Difference, plain_difference
from .outcome import Outcome
from .runner.wire import same

Judge = Callable[[Outcome], "Difference | None"]
"""Looks at an answer; None where it is right."""


@dataclass(frozen=True)
class Call:
    """One thing to ask of the learner's code.

    Arguments:
        do: `call` a function, `make` an object and keep it, call a `method` of the object, `get` a name, or `serve`
            a connection.
        name: of the function, class, method or variable.
        arguments: plain data; a callable among them becomes a function that asks the parent.
        named: arguments by name.
    """

    do: Literal["call", "make", "method", "get", "serve"]
    name: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Calls and what must come of them.

    Arguments:
        calls: in order; the answer is what the last one returns, or, for several methods, the list of all of them.
        judge: says what is wrong.
        normal: what makes answers comparable where several are right, before they are held against a known mistake.
        shown: what the feedback names as the input, by name.
        item: of the answer, if only that is looked at (the answer is a dict).
        talk: for `serve`: speaks with the learner's endpoint over a socket, and returns what was seen.
    """

    calls: tuple[Call, ...]
    judge: Judge
    normal: Callable[[Any], Any] | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    item: Any = None
    talk: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Step:
    """A step that the feedback names.

    Arguments:
        name: the key of its title in the exercise's texts.
        cases: all must be right.
        public: False for one that only `grade` runs.
    """

    name: str
    cases: tuple[Case, ...]
    public: bool = True


def step(name: str, *cases: Case, public: bool = True) -> Step:
    """A step of these cases."""
    return Step(name, cases, public)


# --- Judges ---


def equals(expected: Any, kind: str = "") -> Judge:
    """Right is exactly this value, of exactly this type.

    Arguments:
        expected: plain data.
        kind: what bytes are, so that a difference can be told by field: `frame`, `head`, `close` or nothing.
    """

    def judge(outcome: Outcome) -> Difference | None:
        if outcome.returned and same(outcome.value, expected):
            return None
        return plain_difference(expected, outcome, kind)

    return judge


def refuses(error: str = "ValueError") -> Judge:
    """Right is an exception of this class."""

    def judge(outcome: Outcome) -> Difference | None:
        return None if outcome.raised(error) else Difference("should_raise", expected=error, outcome=outcome)

    return judge


def holds(test: Callable[[Any], bool], rule: str, expected: Any = None, kind: str = "") -> Judge:
    """Right is any value of which `test` is true.

    Arguments:
        test: of the value; what it raises counts as False.
        rule: the key, in the exercise's texts, of what must be so.
        expected: one of the right answers, to show beside the learner's.
        kind: as for `equals`.
    """

    def judge(outcome: Outcome) -> Difference | None:
        if outcome.returned:
            try:
                if test(outcome.value):
                    return None
            except Exception:
                pass
        return plain_difference(expected, outcome, kind, rule=rule)

    return judge


# --- Cases ---


def call(name: str, *arguments: Any, **named: Any) -> Call:
    """A call of a function."""
    return Call("call", name, arguments, named)


def gives(what: Call, expected: Any, *, kind: str = "", normal: Callable[[Any], Any] | None = None) -> Case:
    """A call that must return exactly this."""
    return Case((what,), equals(expected, kind), normal, _shown(what))


def raises(what: Call, error: str = "ValueError") -> Case:
    """A call that must raise this."""
    return Case((what,), refuses(error), None, _shown(what))


def judged(what: Call, judge: Judge, *, normal: Callable[[Any], Any] | None = None) -> Case:
    """A call whose answer has this judge."""
    return Case((what,), judge, normal, _shown(what))


def fed(
    make: str, method: str, pieces: Sequence[Any], judge: Judge, *, normal: Callable[[Any], Any] | None = None
) -> Case:
    """An object is made, and a method called once for each piece; the answer is the list of what it returned."""
    calls = (Call("make", make), *(Call("method", method, (piece,)) for piece in pieces))
    return Case(calls, judge, normal, {"pieces": list(pieces)})


def answered(variable: str, item: Any, expected: Any) -> Case:
    """One item of a dict of answers, which must be exactly this."""
    return Case((Call("get", variable),), equals(expected), None, {"item": item}, item)


def _shown(what: Call) -> dict[str, Any]:
    return {"arguments": [argument for argument in what.arguments if not callable(argument)], **what.named}
