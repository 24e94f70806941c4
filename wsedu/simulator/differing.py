"""What differs between two runs: the steps that one of them has and the other has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

from ..protocol.steps import Step, TransportOpened
from ..protocol.types import Role
from ..trace.trace import Record, Trace

SAME_TIME = 1e-9
"""Seconds by which two moments of virtual time may differ and still be the same."""


class Differences(NamedTuple):
    """How a fork differs from its original; each is a list of the numbers of steps, in order.

    Arguments:
        gone: steps of the original that do not happen in the fork.
        new: steps of the fork that did not happen in the original.
        moved: steps of the fork that happen as they did, but at another time. Empty if the original is no run in
            virtual time: real time and virtual time cannot be compared.
    """

    gone: tuple[int, ...]
    new: tuple[int, ...]
    moved: tuple[int, ...]


def differences(original: Trace, forked: Trace) -> Differences:
    """What differs between a run and a fork of it, endpoint by endpoint.

    A step is the same if it says the same: its number, the place of its bytes in the stream, and the addresses of
    the endpoints do not count, since a lost byte would make everything behind it another.

    Arguments:
        original: what was forked, in virtual time or recorded on a real socket.
        forked: what `fork` made of it.
    """
    pairs, gone, new = _pair(original.records, forked.records)
    moved = [late.n for early, late in pairs if abs(early.t - late.t) > SAME_TIME] if _same_clock(pairs) else []
    return Differences(tuple(sorted(gone)), tuple(sorted(new)), tuple(sorted(moved)))


def key_of(step: Step) -> str:
    """What a step says, wherever and by whichever world it was made."""
    if isinstance(step, TransportOpened):
        return f"{step.kind} {step.endpoint} {step.tls}"
    span = None if step.span is None else (step.span.direction, step.span.bits)
    return f"{span} {replace(step, span=None, decided_by=None)!r}"


def by_endpoint(records: Iterable[Record]) -> dict[Role | None, list[Record]]:
    """The records of each endpoint, and those of the network, which are of none."""
    lanes: dict[Role | None, list[Record]] = {}
    for record in records:
        lanes.setdefault(record.step.endpoint, []).append(record)
    return lanes


def counterpart(record: Record, records: Iterable[Record], others: Iterable[Record]) -> Record | None:
    """The step of another run that is the same step of the same endpoint, for the same time; None if there is none.

    Arguments:
        record: of the first run.
        records: all of the first run.
        others: all of the other run.
    """
    key, role = key_of(record.step), record.step.endpoint
    before = (one for one in takewhile(lambda one: one.n <= record.n, records) if one.step.endpoint is role)
    times = Counter(key_of(one.step) for one in before)[key]
    same = (one for one in others if one.step.endpoint is role and key_of(one.step) == key)
    return next((one for number, one in enumerate(same, 1) if number == times), None)


def _pair(
    first: Sequence[Record], second: Sequence[Record]
) -> tuple[list[tuple[Record, Record]], list[int], list[int]]:
    """The steps that both have, and the numbers of those that only one has."""
    pairs: list[tuple[Record, Record]] = []
    gone: list[int] = []
    new: list[int] = []
    lanes, others = by_endpoint(first), by_endpoint(second)
    for role in {**lanes, **others}:
        one, other = lanes.get(role, []), others.get(role, [])
        keys, other_keys = [key_of(each.step) for each in one], [key_of(each.step) for each in other]
        for tag, a, b, c, d in SequenceMatcher(None, keys, other_keys, autojunk=False).get_opcodes():
            if tag == "equal":
                pairs += zip(one[a:b], other[c:d], strict=True)
            else:
                gone += [each.n for each in one[a:b]]
                new += [each.n for each in other[c:d]]
    return pairs, gone, new


def _same_clock(pairs: Iterable[tuple[Record, Record]]) -> bool:
    """Whether both runs are of virtual time, where the addresses are always the same."""
    opened = [(one.step, other.step) for one, other in pairs if isinstance(one.step, TransportOpened)]
    return all(
        isinstance(other, TransportOpened) and (one.local, one.remote) == (other.local, other.remote)
        for one, other in opened
        if isinstance(one, TransportOpened)
    )
