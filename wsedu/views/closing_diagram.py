"""`diagram`: the table of states as nodes and arrows, with places to draw them at (RFC 6455 §4.1, §7.1).

Which states and arrows there are is read from `closing.TRANSITIONS`, the table that runs; only the columns in which
the states stand are chosen here. Rows follow from the arrows: no arrow leads upwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ..protocol.closing import STATES, TRANSITIONS, Happening, Phase
from ..protocol.types import Role

WIDTH = 680.0
NODE = (150.0, 46.0)
"""Width and height of a state, in pixels."""

_ROW = 104.0
_TOP = 36.0
_COLUMNS = {
    Phase.CONNECTING: 290.0,
    Phase.OPEN: 290.0,
    Phase.CLOSE_RECEIVED: 138.0,
    Phase.CLOSE_SENT: 442.0,
    Phase.CLOSE_EXCHANGED: 290.0,
    Phase.FAILED: 602.0,
    Phase.CLOSED: 290.0,
}
"""The middle of each state, from the left."""

_BUS = 14.0
"""Where the arrows run down that pass by the states in between; each a little further in than the one before."""

LABEL = 15.0
"""From one line of a label to the next."""

Point = tuple[float, float]


class Node(NamedTuple):
    """A state.

    Arguments:
        phase: which.
        x: of its middle.
        y: of its middle.
    """

    phase: Phase
    x: float
    y: float


class Edge(NamedTuple):
    """All rows of the table that lead from one state to another.

    Arguments:
        before: where it begins.
        after: where it leads.
        happenings: what moves an endpoint along it, in the order of the table.
        points: its corners, from the beginning to the tip.
        label: where the first line of its text begins or ends, by `anchor`.
        anchor: `start` or `end`.
    """

    before: Phase
    after: Phase
    happenings: tuple[Happening, ...]
    points: tuple[Point, ...]
    label: Point
    anchor: str


class Diagram(NamedTuple):
    """The whole of it.

    Arguments:
        nodes: every state.
        edges: every arrow.
        height: in pixels; the width is `WIDTH`.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    height: float


@cache
def diagram() -> Diagram:
    """The states and arrows of both endpoints' tables, which lead the same ways."""
    ranks = _ranks()
    nodes = {phase: Node(phase, _COLUMNS[phase], _TOP + _ROW * ranks[phase]) for phase in Phase}
    edges = tuple(_edges(nodes))
    return Diagram(tuple(nodes.values()), edges, _TOP + _ROW * max(ranks.values()) + NODE[1] / 2 + 12)


def _arrows() -> dict[tuple[Phase, Phase], tuple[Happening, ...]]:
    """What leads from one state to another, in either role's table."""
    found: dict[tuple[Phase, Phase], list[Happening]] = {}
    for role in Role:
        for (before, happening), row in TRANSITIONS[role].items():
            happenings = found.setdefault((before, row.after), [])
            if happening not in happenings:
                happenings.append(happening)
    return {ends: tuple(happenings) for ends, happenings in found.items()}


def _ranks() -> dict[Phase, int]:
    """The row of each state: one below the lowest of those that lead to it."""
    ranks = dict.fromkeys(Phase, 0)
    for _ in Phase:
        for before, after in _arrows():
            ranks[after] = max(ranks[after], ranks[before] + 1)
    return ranks


def _edges(nodes: dict[Phase, Node]) -> Iterator[Edge]:
    """Every arrow on its way: straight down, around a corner, or outside along the left or the right."""
    arrows = _arrows()
    to_right = [before for before, after in arrows if after is Phase.FAILED]
    to_left = [before for before, after in arrows if after is Phase.CLOSED and before in _LEFT]
    for (before, after), happenings in arrows.items():
        one, other = nodes[before], nodes[after]
        if after is Phase.FAILED:
            shift = 26.0 * (len(to_right) - 1 - 2 * to_right.index(before)) / 2
            points, label, anchor = _by_right(one, other, shift, len(happenings))
        elif after is Phase.CLOSED and before in _LEFT:
            points, label, anchor = _by_left(one, other, to_left.index(before))
        elif before is Phase.FAILED:
            points, label, anchor = _from_right(one, other)
        else:
            points, label, anchor = _down(one, other)
        yield Edge(before, after, happenings, tuple(points), label, anchor)


_LEFT = (Phase.CONNECTING, Phase.OPEN)
"""States whose way to CLOSED passes by others, on the left."""

Way = tuple[list[Point], Point, str]


def _by_right(one: Node, other: Node, shift: float, lines: int) -> Way:
    start, x = one.x + NODE[0] / 2, other.x + shift
    # Where there is little room beside the state, the label stands in lines above the arrow.
    points = [(start, one.y), (x, one.y), (x, other.y - NODE[1] / 2)]
    return points, (start + 8, one.y - 9 - LABEL * (lines - 1)), "start"


def _by_left(one: Node, other: Node, number: int) -> Way:
    x, y = _BUS + 18.0 * number, other.y - 8.0 + 16.0 * (1 - number)
    points = [(one.x - NODE[0] / 2, one.y), (x, one.y), (x, y), (other.x - NODE[0] / 2, y)]
    return points, (x + 8, one.y + 11), "start"


def _from_right(one: Node, other: Node) -> Way:
    points = [(one.x, one.y + NODE[1] / 2), (one.x, other.y), (other.x + NODE[0] / 2, other.y)]
    return points, (one.x - 150, other.y + 11), "start"


def _down(one: Node, other: Node) -> Way:
    """Straight down, or with a corner on the level half way between the two."""
    start, end = one.y + NODE[1] / 2, other.y - NODE[1] / 2
    if one.x == other.x:
        return [(one.x, start), (one.x, end)], (one.x + 8, (start + end) / 2 - 6), "start"
    if other.y - one.y > _ROW:
        # Past what stands between: down first, then in from the side.
        x, level = one.x + 62.0, other.y - 12.0
        return [(x, start), (x, level), (other.x + NODE[0] / 2, level)], (x + 8, level - 46), "start"
    # The end that is nearer to the middle column is near its middle; the label stands outside the other one.
    middle, centre = (start + end) / 2, _COLUMNS[Phase.OPEN]
    x1, x2 = (x + (50.0 if x < centre else -50.0 if x > centre else 0.0) for x in (one.x, other.x))
    outer = max(x1, x2, key=lambda x: abs(x - centre))
    side = 1.0 if outer > centre else -1.0
    x1, x2 = (centre + 30.0 * side if x == centre else x for x in (x1, x2))
    anchor = "start" if side > 0 else "end"
    return [(x1, start), (x1, middle), (x2, middle), (x2, end)], (outer + 8 * side, middle), anchor


def state_of(phase: Phase) -> str:
    """The RFC's name of the state that a phase belongs to, where it is not its own."""
    return "" if STATES[phase].value == phase.value else STATES[phase].value
