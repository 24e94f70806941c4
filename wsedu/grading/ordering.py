"""Lines to put in order: the learner's file gives the order, the lines that it orders are ours, and are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .exercise import Exercise
from .outcome import Outcome
from .players import LocalPlayer, Player
from .steps import Call, Case

VARIABLE = "order"
"""The name, in the learner's file, of the list of letters."""


class OrderPlayer:
    """Plays with the program that comes of the learner's order.

    Arguments:
        lines: the given lines by their letter.
        inner: loads the learner's file, and gives its order.
        given: what stands above the lines in every program, such as imports.
    """

    def __init__(self, lines: Mapping[str, str], inner: Player, given: str = "") -> None:
        self._lines, self._inner, self._given = lines, inner, given
        self._program = LocalPlayer()

    def load(self, source: str, file: str) -> Outcome:
        """Load the learner's file and the program that it orders."""
        loaded = self._inner.load(source, file)
        if not loaded.returned or self._inner.has([VARIABLE]) == [None]:
            return loaded
        order = self._inner.play(Case((Call("get", VARIABLE),), lambda _: None))
        if not order.returned:
            return order
        if type(order.value) is not list or not all(type(letter) is str for letter in order.value):
            return Outcome("not plain", text=type(order.value).__name__)
        if len(order.value) > 2 * len(self._lines):  # the program is run in this process: it must not grow
            return Outcome("not plain", text=f"list ({len(order.value):,})")
        return self._program.load(self._given + program_of(self._lines, order.value), file)

    def has(self, names: Sequence[str]) -> list[bool | None]:
        """Whether the names are there in the learner's file or in its program."""
        both = zip(self._inner.has(names), self._program.has(names), strict=True)
        return [inner if inner is not None else program for inner, program in both]

    def alone(self) -> bool:
        """Whether the learner's file had its process to itself; see `Player`."""
        return self._inner.alone()

    def play(self, case: Case) -> Outcome:
        """Play a case with the program."""
        return self._program.play(case)


def program_of(lines: Mapping[str, str], order: Sequence[str]) -> str:
    """The program of an order; letters that no line has are left out."""
    return "".join(f"{lines[letter]}\n" for letter in order if letter in lines)


def player_for(exercise: Exercise, player: Player) -> Player:
    """The player of an exercise: this one, or one that orders lines with it."""
    if exercise.kind != "order":
        return player
    return OrderPlayer(exercise.checks.LINES, player, getattr(exercise.checks, "GIVEN", ""))
